/// Owner of 64-byte aligned memory, zeroed at birth: operands of the tile unit, whose element type varies.
///
/// Whoever holds it decides who writes, as with `AlignedFloats`.
package final class AlignedBytes: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let count: Int

  /// - Precondition: `count >= 0`.
  package init(count: Int) {
    base = .allocate(byteCount: max(count, 64), alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 64))
    self.count = count
  }

  deinit { base.deallocate() }
}
