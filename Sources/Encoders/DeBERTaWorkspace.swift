internal import Kernels

/// What a forward pass writes. Grown to the largest batch seen, then reused: a pass of a size seen
/// before allocates none of it.
struct DeBERTaWorkspace: ~Copyable {
  private let shape: RelativeShape
  private(set) var rows: PostNormRows
  private(set) var tasks = AlignedFloats(count: 0)
  private(set) var plan = RelativeAttentionPlan()

  init(_ config: DeBERTaConfig) {
    shape = config.shape
    rows = PostNormRows(
      hidden: config.hiddenSize, intermediate: config.intermediateSize,
      embedding: config.embeddingSize)
  }

  /// Plans the attention of a batch, whose last layer computes `selected` rows alone (nil: all), and
  /// makes room for its rows.
  mutating func prepare(
    _ batch: PackedBatch, selected: [Int]?, positions: RelativePositions?, _ compute: Compute
  ) {
    compute.plan(&plan, offsets: batch.sequenceOffsets, shape: shape, positions: positions)
    if let selected { plan.select(selected, offsets: batch.sequenceOffsets) }
    rows.prepare(tokens: batch.tokenCount, keyValueCount: plan.packing.scratchCount)
    PostNormRows.grow(&tasks, to: plan.taskFloatCount * compute.pool.threadCount)
  }
}
