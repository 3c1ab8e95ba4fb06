/// 64-byte aligned memory for elements whose type varies (operands of the tile unit): its own, zeroed at
/// birth, or an area of an arena.
///
/// Whoever holds it decides who writes, as with `AlignedFloats`.
package final class AlignedBytes: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let count: Int
  private let region: MemoryRegion?

  /// - Precondition: `count >= 0`.
  package init(count: Int) {
    base = .allocate(byteCount: max(count, 64), alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 64))
    self.count = count
    region = nil
  }

  /// An area of `region`, `offset` bytes in, whose memory it keeps alive.
  init(_ region: MemoryRegion, at offset: Int, count: Int) {
    base = region.base + offset
    self.count = count
    self.region = region
  }

  deinit { if region == nil { base.deallocate() } }
}
