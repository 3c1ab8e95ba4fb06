#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Memory for the weights of a model: areas cut off large regions, which the system may back with huge
/// pages. A base model's 600 MB are 150,000 page faults otherwise.
///
/// Areas are not set to zero beyond what the system does; a region lives as long as an area of it.
package final class FloatArena {
  private var region: FloatRegion?
  private var used = 0
  private let regionCount: Int

  /// - Parameter regionCount: Floats of a region: many, so that little is lost at its end; 0 gives
  ///   every area a region of its own.
  package init(regionCount: Int = 8 << 20) { self.regionCount = regionCount }

  /// An area of `count` floats, aligned to 64 bytes.
  package func take(_ count: Int) -> AlignedFloats {
    let rounded = (max(count, 1) + 15) / 16 * 16
    if let region, region.count - used >= rounded {
      defer { used += rounded }
      return AlignedFloats(region, at: used, count: count)
    }
    let region = FloatRegion(count: max(rounded, regionCount))
    // An area that fills a region of its own leaves the current one for the next areas.
    if region.count > rounded || self.region == nil { (self.region, used) = (region, rounded) }
    return AlignedFloats(region, at: 0, count: count)
  }
}

/// The memory behind the areas of an arena.
final class FloatRegion: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int

  /// What a huge page is on the machines we know.
  private static let hugePageByteCount = 2 << 20

  init(count: Int) {
    let byteCount = count * MemoryLayout<Float>.stride
    let isLarge = byteCount >= 4 * Self.hugePageByteCount
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: byteCount, alignment: isLarge ? Self.hugePageByteCount : 64)
    #if os(Linux)
      // A hint: where it is refused, pages are small.
      if isLarge { _ = madvise(raw, byteCount, MADV_HUGEPAGE) }
    #endif
    base = raw.bindMemory(to: Float.self, capacity: count)
    self.count = count
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}
