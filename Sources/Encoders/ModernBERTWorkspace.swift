internal import Kernels

/// The rows a forward pass writes. Grown to the largest batch seen, then reused: a pass of a size
/// seen before allocates none of them.
struct ModernBERTWorkspace: ~Copyable {
  private let config: ModernBERTConfig
  private var residual: AlignedFloats
  private var normed: AlignedFloats
  private var wide: AlignedFloats
  private(set) var keyValues: AlignedFloats
  private(set) var plan = AttentionPlan()
  /// Rows on their way into an int8 product.
  let quantized = QuantizedRows()

  init(_ config: ModernBERTConfig) {
    self.config = config
    residual = AlignedFloats(count: 0)
    normed = AlignedFloats(count: 0)
    wide = AlignedFloats(count: 0)
    keyValues = AlignedFloats(count: 0)
  }

  /// Plans the attention of a batch, whose last layer computes `selected` rows alone (nil: all), and
  /// makes room for its rows.
  mutating func prepare(_ batch: PackedBatch, selected: [Int]?, _ compute: Compute) {
    let tokens = batch.tokenCount
    let hidden = config.hiddenSize
    compute.plan(
      &plan, offsets: batch.sequenceOffsets, shape: config.attentionShape(.global))
    if let selected, let last = config.computedLayers.last {
      let shape = config.attentionShape(config.layers[last])
      plan.select(selected, offsets: batch.sequenceOffsets, window: shape.window)
    }
    Self.grow(&residual, to: tokens * hidden)
    Self.grow(&normed, to: tokens * hidden)
    Self.grow(&wide, to: tokens * max(3 * hidden, config.intermediateSize))
    Self.grow(&keyValues, to: plan.scratchCount)
  }

  /// x: the residual stream, `[tokens, hidden]`.
  func x(_ tokens: Int) -> FloatRows { rows(residual, tokens, config.hiddenSize) }
  /// Normalised rows, and the attention's context after them: `[tokens, hidden]`.
  func h(_ tokens: Int) -> FloatRows { rows(normed, tokens, config.hiddenSize) }
  /// `[tokens, 3 * hidden]`; shares its memory with `gated`.
  func qkv(_ tokens: Int) -> FloatRows { rows(wide, tokens, 3 * config.hiddenSize) }
  /// `[tokens, intermediate]`.
  func gated(_ tokens: Int) -> FloatRows { rows(wide, tokens, config.intermediateSize) }

  private func rows(_ floats: AlignedFloats, _ count: Int, _ columns: Int) -> FloatRows {
    FloatRows(floats, count: count, columns: columns)
  }

  private static func grow(_ floats: inout AlignedFloats, to count: Int) {
    if floats.count < count { floats = AlignedFloats(count: count) }
  }
}
