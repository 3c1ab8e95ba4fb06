/// 64-byte aligned float memory: its own, zeroed at birth, or an area of an arena.
///
/// A reference type so that packed weights are shared without copies; whoever holds it decides who
/// writes (weights: nobody after loading; workspaces: one forward pass at a time).
package final class AlignedFloats: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  package let count: Int
  private let region: MemoryRegion?

  /// - Precondition: `count >= 0`.
  package init(count: Int) {
    let byteCount = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    base = raw.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
    self.count = count
    region = nil
  }

  /// A copy of `values`.
  package convenience init(copying values: some Collection<Float>) {
    self.init(count: values.count)
    _ = buffer.update(from: values)
  }

  /// An area of `region`, `offset` bytes in, whose memory it keeps alive.
  init(_ region: MemoryRegion, at offset: Int, count: Int) {
    base = (region.base + offset).bindMemory(to: Float.self, capacity: count)
    self.count = count
    self.region = region
  }

  deinit { if region == nil { UnsafeMutableRawPointer(base).deallocate() } }

  package var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }
}

/// Rows of floats: `count` rows of `columns`, `stride` apart. Holds on to the memory it views, unless
/// made from a pointer: then it is valid as long as that. Concurrent tasks write disjoint parts.
package struct FloatRows: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  package let count: Int
  package let columns: Int
  package let stride: Int
  private let owner: AlignedFloats?

  /// Rows in `floats`, the first beginning `offset` floats in.
  package init(
    _ floats: AlignedFloats, offset: Int = 0, count: Int, columns: Int, stride: Int? = nil
  ) {
    let stride = stride ?? columns
    precondition(count == 0 || offset + (count - 1) * stride + columns <= floats.count)
    self.init(base: floats.base + offset, count, columns, stride, owner: floats)
  }

  /// Rows at `base`, whose memory the caller keeps alive.
  init(_ base: UnsafeMutablePointer<Float>, count: Int, columns: Int, stride: Int) {
    self.init(base: base, count, columns, stride, owner: nil)
  }

  private init(
    base: UnsafeMutablePointer<Float>, _ count: Int, _ columns: Int, _ stride: Int,
    owner: AlignedFloats?
  ) {
    self.base = base
    self.count = count
    self.columns = columns
    self.stride = stride
    self.owner = owner
  }

  package subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

  /// One row as a buffer.
  package func row(_ index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: self[index], count: columns)
  }

  package func rows(_ range: Range<Int>) -> FloatRows {
    FloatRows(
      base: self[range.lowerBound], range.count, columns, stride, owner: owner)
  }

  /// Copies all rows into `other`, of the same shape.
  package func copy(into other: FloatRows) {
    precondition(other.count == count && other.columns == columns)
    for row in 0..<count { other[row].update(from: self[row], count: columns) }
  }

  /// Moves the rows at `indices` together, in place: row i becomes row indices[i].
  /// - Precondition: `indices` are ascending, none twice.
  package func compact(_ indices: [Int]) -> FloatRows {
    for (target, source) in indices.enumerated() where source != target {
      self[target].update(from: self[source], count: columns)
    }
    return rows(0..<indices.count)
  }

  /// Undoes `compact` for these rows; the others keep whatever they hold.
  package func spread(_ indices: [Int]) {
    for (source, target) in indices.enumerated().reversed() where source != target {
      self[target].update(from: self[source], count: columns)
    }
  }
}
