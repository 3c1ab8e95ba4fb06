/// Owner of 64-byte aligned float memory, zeroed at birth.
///
/// A reference type so that packed weights are shared without copies; whoever holds it decides who
/// writes (weights: nobody after loading; workspaces: one forward pass at a time).
package final class AlignedFloats: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  package let count: Int

  /// - Precondition: `count >= 0`.
  package init(count: Int) {
    let byteCount = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    base = raw.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
    self.count = count
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  package var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }
}

/// A view of rows in somebody else's memory: `count` rows of `columns` floats, `stride` apart.
/// Valid as long as that memory. Concurrent tasks write disjoint parts.
package struct FloatRows: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  package let count: Int
  package let columns: Int
  package let stride: Int

  package init(_ base: UnsafeMutablePointer<Float>, count: Int, columns: Int, stride: Int? = nil) {
    self.base = base
    self.count = count
    self.columns = columns
    self.stride = stride ?? columns
  }

  @inlinable package subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

  /// One row as a buffer.
  package func row(_ index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: self[index], count: columns)
  }

  package func rows(_ range: Range<Int>) -> FloatRows {
    FloatRows(self[range.lowerBound], count: range.count, columns: columns, stride: stride)
  }
}
