internal import Kernels

/// The memory of a pass on tiles. Grown to the largest batch seen, then reused.
struct TileWorkspace: ~Copyable {
  /// Operands of a block of rows, one set a worker: they stay in its cache between two products.
  struct Scratch: @unchecked Sendable {
    /// Normalised rows.
    let normed: TileRows
    /// The attention's context and the gated rows as their kernels leave them, in bf16.
    let context: TileRows
    let gated: TileRows
    /// The same as the next product reads them: quantised, or the rows above.
    let contextOperand: TileRows
    let gatedOperand: TileRows
  }

  private let config: ModernBERTConfig
  private let operand: TileOperand
  private(set) var batch = TileBatch()
  private var residual = AlignedFloats(count: 0)
  private var output = AlignedFloats(count: 0)
  private var scratch = AlignedBytes(count: 0)
  private var scratchRows = 0
  /// Two layers' queries, keys and values: while one is read, the next is written.
  private(set) var evenHeads: TileHeadMemory
  private(set) var oddHeads: TileHeadMemory

  init(_ config: ModernBERTConfig, operand: TileOperand) {
    self.config = config
    self.operand = operand
    evenHeads = TileHeadMemory(headCount: config.headCount, dimension: config.headDimension)
    oddHeads = TileHeadMemory(headCount: config.headCount, dimension: config.headDimension)
  }

  /// Floats from one row of the residual stream to the next.
  var residualStride: Int { (config.hiddenSize + 31) / 32 * 32 }

  /// Lays out a batch and makes room for it.
  mutating func prepare(_ packed: PackedBatch, blockRows: Int, workers: Int) {
    batch.lay(packed.sequenceOffsets)
    evenHeads.prepare(batch)
    oddHeads.prepare(batch)
    Self.grow(&residual, to: batch.rowCount * residualStride)
    Self.grow(&output, to: packed.tokenCount * config.hiddenSize)
    // Columns that pad an operand stay zero: another layout begins with fresh memory.
    let fits = scratchRows == blockRows
    scratchRows = blockRows
    let bytes = workers * scratchBytes
    if !fits || scratch.count < bytes { scratch = AlignedBytes(count: bytes) }
  }

  /// The residual stream, `[rows, residualStride]`.
  var x: UnsafeMutablePointer<Float> { residual.base }

  /// Final hidden states, `[tokens, hidden]`.
  func output(_ tokens: Int) -> FloatRows {
    FloatRows(output, count: tokens, columns: config.hiddenSize)
  }

  private var contextColumns: Int {
    config.headCount * TileMatrix.headWidth(dimension: config.headDimension)
  }
  private var gatedColumns: Int { (config.intermediateSize + 31) / 32 * 32 }

  /// Bytes of one worker's scratch.
  private var scratchBytes: Int {
    let wide = TileOperand.bf16
    var stride = operand.rowStride(columns: config.hiddenSize)
    stride += wide.rowStride(columns: contextColumns) + wide.rowStride(columns: gatedColumns)
    if operand == .int8 {
      stride +=
        operand.rowStride(columns: contextColumns) + operand.rowStride(columns: gatedColumns)
    }
    return scratchRows * (stride + 3 * 64)
  }

  func scratch(of worker: Int) -> Scratch {
    var next = scratch.base + worker * scratchBytes
    func rows(_ columns: Int, _ operand: TileOperand) -> TileRows {
      let stride = operand.rowStride(columns: columns)
      let start = next
      next += scratchRows * stride
      guard operand == .int8 else { return TileRows(start, stride: stride, scales: nil) }
      let scales = next.assumingMemoryBound(to: Float.self)
      next += scratchRows * 64
      return TileRows(start, stride: stride, scales: scales)
    }
    let normed = rows(config.hiddenSize, operand)
    let context = rows(contextColumns, .bf16)
    let gated = rows(gatedColumns, .bf16)
    return Scratch(
      normed: normed, context: context, gated: gated,
      contextOperand: operand == .int8 ? rows(contextColumns, .int8) : context,
      gatedOperand: operand == .int8 ? rows(gatedColumns, .int8) : gated)
  }

  private static func grow(_ floats: inout AlignedFloats, to count: Int) {
    if floats.count < count { floats = AlignedFloats(count: count) }
  }
}
