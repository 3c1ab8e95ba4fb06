#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Memory for the weights of a model: areas cut off large regions, which the system may back with huge
/// pages. A base model's 600 MB are 150,000 page faults otherwise, and every small page that a pass
/// streams through is one more to translate.
///
/// Areas are not set to zero beyond what the system does; a region lives as long as an area of it.
package final class WeightArena {
  private var region: MemoryRegion?
  private var used = 0
  private let regionByteCount: Int

  /// - Parameter regionByteCount: of a region: many, so that little is lost at its end; 0 gives every
  ///   area a region of its own.
  package init(regionByteCount: Int = 32 << 20) { self.regionByteCount = regionByteCount }

  /// `count` floats, aligned to 64 bytes.
  package func floats(_ count: Int) -> AlignedFloats {
    let (region, offset) = take(count * MemoryLayout<Float>.stride)
    return AlignedFloats(region, at: offset, count: count)
  }

  /// `count` bytes, aligned to 64.
  package func bytes(_ count: Int) -> AlignedBytes {
    let (region, offset) = take(count)
    return AlignedBytes(region, at: offset, count: count)
  }

  private func take(_ byteCount: Int) -> (MemoryRegion, offset: Int) {
    let rounded = (max(byteCount, 1) + 63) / 64 * 64
    if let region, region.byteCount - used >= rounded {
      defer { used += rounded }
      return (region, used)
    }
    let region = MemoryRegion(byteCount: max(rounded, regionByteCount))
    // An area that fills a region of its own leaves the current one for the next areas.
    if region.byteCount > rounded || self.region == nil { (self.region, used) = (region, rounded) }
    return (region, 0)
  }
}

/// The memory behind the areas of an arena.
final class MemoryRegion: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  /// What a huge page is on the machines we know.
  private static let hugePageByteCount = 2 << 20

  init(byteCount: Int) {
    let isLarge = byteCount >= 4 * Self.hugePageByteCount
    base = .allocate(
      byteCount: byteCount, alignment: isLarge ? Self.hugePageByteCount : 64)
    #if os(Linux)
      // A hint: where it is refused, pages are small.
      if isLarge { _ = madvise(base, byteCount, MADV_HUGEPAGE) }
    #endif
    self.byteCount = byteCount
  }

  deinit { base.deallocate() }
}
