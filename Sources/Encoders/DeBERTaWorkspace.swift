internal import Kernels

/// The rows a forward pass writes. Grown to the largest batch seen, then reused: a pass of a size
/// seen before allocates none of them.
struct DeBERTaWorkspace: ~Copyable {
  private let config: DeBERTaConfig
  private var residual = AlignedFloats(count: 0)
  private var narrow = AlignedFloats(count: 0)
  private var broad = AlignedFloats(count: 0)
  private(set) var keyValues = AlignedFloats(count: 0)
  private(set) var tasks = AlignedFloats(count: 0)
  private(set) var plan = RelativeAttentionPlan()
  /// Rows on their way into an int8 product.
  let quantized = QuantizedRows()

  init(_ config: DeBERTaConfig) { self.config = config }

  /// Plans the attention of a batch, whose last layer computes `selected` rows alone (nil: all), and
  /// makes room for its rows.
  mutating func prepare(
    _ batch: PackedBatch, selected: [Int]?, positions: RelativePositions?, _ compute: Compute
  ) {
    let tokens = batch.tokenCount
    compute.plan(
      &plan, offsets: batch.sequenceOffsets, shape: config.shape, positions: positions)
    if let selected { plan.select(selected, offsets: batch.sequenceOffsets) }
    Self.grow(&residual, to: tokens * config.hiddenSize)
    Self.grow(&narrow, to: tokens * config.hiddenSize)
    Self.grow(
      &broad,
      to: tokens * max(3 * config.hiddenSize, config.intermediateSize, config.embeddingSize))
    Self.grow(&keyValues, to: plan.packing.scratchCount)
    Self.grow(&tasks, to: plan.taskFloatCount * compute.pool.threadCount)
  }

  /// x: the residual stream, `[tokens, hidden]`.
  func x(_ tokens: Int) -> FloatRows { rows(residual, tokens, config.hiddenSize) }
  /// The attention's context: `[tokens, hidden]`.
  func context(_ tokens: Int) -> FloatRows { rows(narrow, tokens, config.hiddenSize) }
  /// `[tokens, 3 * hidden]`; shares its memory with `wide` and `embedded`.
  func qkv(_ tokens: Int) -> FloatRows { rows(broad, tokens, 3 * config.hiddenSize) }
  /// One of q, k and v: `[tokens, hidden]`, in the columns of `qkv`.
  func part(_ index: Int, _ tokens: Int) -> FloatRows {
    FloatRows(
      broad, offset: index * config.hiddenSize, count: tokens, columns: config.hiddenSize,
      stride: 3 * config.hiddenSize)
  }
  /// `[tokens, intermediate]`.
  func wide(_ tokens: Int) -> FloatRows { rows(broad, tokens, config.intermediateSize) }
  /// Tokens before the projection: `[tokens, embedding]`.
  func embedded(_ tokens: Int) -> FloatRows { rows(broad, tokens, config.embeddingSize) }

  private func rows(_ floats: AlignedFloats, _ count: Int, _ columns: Int) -> FloatRows {
    FloatRows(floats, count: count, columns: columns)
  }

  private static func grow(_ floats: inout AlignedFloats, to count: Int) {
    if floats.count < count { floats = AlignedFloats(count: count) }
  }
}
