internal import Kernels

/// Operands of a block of rows, one set a worker: they stay in its cache between two products.
struct TileScratch: @unchecked Sendable {
  /// One worker's.
  struct Rows {
    /// Normalised rows.
    let normed: TileRows
    /// The attention's context and the gated rows as their kernels leave them, in bf16.
    let context: TileRows
    let gated: TileRows
    /// The same as the next product reads them: quantised, or the rows above.
    let contextOperand: TileRows
    let gatedOperand: TileRows
  }

  let capacity: Int
  let workers: Int
  private let memory: AlignedBytes
  private let operand: TileOperand
  private let columns: (hidden: Int, context: Int, gated: Int)

  /// Zeroed memory for operands of `capacity` rows: the columns that pad an operand are never written.
  init(capacity: Int, workers: Int, _ shape: TileShape, _ operand: TileOperand) {
    self.capacity = capacity
    self.workers = workers
    self.operand = operand
    columns = (
      shape.hiddenSize,
      shape.headCount * TileMatrix.headWidth(dimension: shape.headDimension),
      (shape.intermediateSize + 31) / 32 * 32
    )
    memory = AlignedBytes(
      count: workers * Self.byteCount(columns, operand, capacity: capacity))
  }

  /// Bytes of one worker's rows.
  private static func byteCount(
    _ columns: (hidden: Int, context: Int, gated: Int), _ operand: TileOperand, capacity: Int
  ) -> Int {
    var bytes = byteCount(columns.hidden, operand, capacity)
    bytes += byteCount(columns.context, .bf16, capacity) + byteCount(columns.gated, .bf16, capacity)
    guard operand == .int8 else { return bytes }
    return bytes + byteCount(columns.context, .int8, capacity)
      + byteCount(columns.gated, .int8, capacity)
  }

  /// Rows of an operand; int8: and a scale for each, up to a cache line's end.
  private static func byteCount(_ columns: Int, _ operand: TileOperand, _ capacity: Int) -> Int {
    let scales = operand == .int8 ? (4 * capacity + 63) / 64 * 64 : 0
    return capacity * operand.rowStride(columns: columns) + scales
  }

  func rows(of worker: Int) -> Rows {
    var next =
      memory.base + worker * Self.byteCount(columns, operand, capacity: capacity)
    let normed = take(columns.hidden, operand, &next)
    let context = take(columns.context, .bf16, &next)
    let gated = take(columns.gated, .bf16, &next)
    return Rows(
      normed: normed, context: context, gated: gated,
      contextOperand: operand == .int8 ? take(columns.context, .int8, &next) : context,
      gatedOperand: operand == .int8 ? take(columns.gated, .int8, &next) : gated)
  }

  private func take(
    _ columns: Int, _ operand: TileOperand, _ next: inout UnsafeMutableRawPointer
  ) -> TileRows {
    let stride = operand.rowStride(columns: columns)
    let start = next
    next += Self.byteCount(columns, operand, capacity)
    guard operand == .int8 else { return TileRows(start, stride: stride, scales: nil) }
    let scales = (start + capacity * stride).assumingMemoryBound(to: Float.self)
    return TileRows(start, stride: stride, scales: scales)
  }
}
