// BERT: post-norm transformer with absolute positions and token types; RoBERTa and XLM-RoBERTa are BERT
// with other positions. Source: Devlin et al., "BERT", 2019; transformers 5.23 modeling_bert.py and
// modeling_xlm_roberta.py.

package import Kernels
package import Safetensors
internal import Synchronization

/// A loaded BERT encoder, in f32, or in int8 where there is no tile unit.
///
/// Without segment embeddings, the batch's segment ids are token types; without ids all are 0.
package final class BERT: TextEncoder {
  package let config: BERTConfig
  private let weights: BERTWeights
  private let compute: Compute
  /// What a pass writes; passes take turns with it.
  private let workspace: Mutex<BERTWorkspace>

  /// - Parameters: as of `ModernBERT`.
  /// - Precondition: the precision of `compute` is f32 or int8.
  package init(
    config: BERTConfig, weights scope: TensorScope, segmentEmbeddings: [Float]? = nil,
    compute: Compute
  ) throws(EncoderError) {
    precondition(compute.precision != .bf16, "BERT in bf16 without tiles")
    self.config = config
    self.compute = compute
    do throws(SafetensorsError) {
      weights = try BERTWeights(config, scope, segmentEmbeddings: segmentEmbeddings, compute)
    } catch { throw .weights(error) }
    workspace = Mutex(BERTWorkspace(config))
  }

  package var hiddenSize: Int { config.hiddenSize }
  package var positionLimit: Int { config.positionLimit }
  package var vocabularySize: Int { config.vocabularySize }
  package var weightByteCount: Int { weights.byteCount }

  package func encode<Result>(
    _ batch: PackedBatch, tap: Tap?, _ body: (FloatRows) throws -> Result
  ) throws -> Result {
    try batch.validate(for: self, segmentCount: weights.embeddings.segmentCount(batch))
    return try workspace.withLock { workspace in
      let selected = batch.prunableRows(layers: weights.layers.count, tap: tap)
      workspace.prepare(batch, selected: selected, compute)
      return try body(forward(batch, selected, workspace, tap))
    }
  }

  private func forward(
    _ batch: PackedBatch, _ selected: [Int]?, _ workspace: borrowing BERTWorkspace, _ tap: Tap?
  ) -> FloatRows {
    let (tokens, shape) = (batch.tokenCount, config.attentionShape)
    let (qkv, scratch) = (workspace.rows.qkv(tokens), workspace.rows.keyValues)
    let plan = workspace.plan
    let pass = PostNormPass(
      layers: weights.layers, plan: plan, shape: shape, epsilon: Float(config.normEpsilon),
      tokens: tokens, selected: selected, tap: tap, compute: compute)
    let x = workspace.rows.x(tokens)
    weights.embeddings.sum(batch, into: x, compute)
    compute.normalize(x, weights.embeddings.norm, pass.epsilon)
    return pass.run(workspace.rows) { _, selected, context in
      compute.attend(
        qkv.rows(0..<context.count), plan, selected: selected, rotary: nil, shape: shape,
        scratch: scratch, into: context)
    }
  }
}

extension BERT {
  /// As of `ModernBERT`: on tiles where the kernel set has them, unless in f32.
  package static func make(
    config: BERTConfig, weights: TensorScope, segmentEmbeddings: [Float]? = nil, compute: Compute
  ) throws(EncoderError) -> any TextEncoder {
    guard compute.usesTiles else {
      return try BERT(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    }
    return try TileEncoder(
      config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
  }
}

extension BERTConfig {
  /// Marks what lies behind the end of a pass: nothing here reads it.
  func ignoreUnread(in scope: TensorScope) {
    for index in computedLayers.upperBound..<layerCount {
      scope.ignoreAll("encoder.layer.\(index)")
    }
    // Behind the last layer, for who classifies sequences.
    scope.ignoreAll("pooler")
  }

  var attentionShape: AttentionShape {
    AttentionShape(headCount: headCount, headDimension: headDimension, window: nil)
  }
}

/// Everything a forward pass reads. Immutable, shared between passes.
/// Names: transformers modeling_bert.py.
struct BERTWeights: Sendable {
  let embeddings: PostNormEmbeddings
  let layers: [PostNormLayer]

  init(
    _ config: BERTConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?, _ compute: Compute
  ) throws(SafetensorsError) {
    var reader = MatrixReader(compute: compute)
    embeddings = try PostNormEmbeddings(
      config.embeddings, in: scope.scoped("embeddings"), segments: segmentEmbeddings,
      normWidth: config.hiddenSize, &reader)
    let encoder = scope.scoped("encoder")
    var layers: [PostNormLayer] = []
    for index in config.computedLayers {
      layers.append(
        try PostNormLayer(
          .bert, in: encoder.scoped("layer.\(index)"), hidden: config.hiddenSize,
          intermediate: config.intermediateSize, &reader))
    }
    self.layers = layers
    config.ignoreUnread(in: scope)
  }

  var byteCount: Int { layers.reduce(embeddings.byteCount) { $0 + $1.byteCount } }
}

/// What a forward pass writes. Grown to the largest batch seen, then reused: a pass of a size seen
/// before allocates none of it.
struct BERTWorkspace: ~Copyable {
  private let shape: AttentionShape
  private(set) var rows: PostNormRows
  private(set) var plan = AttentionPlan()

  init(_ config: BERTConfig) {
    shape = config.attentionShape
    rows = PostNormRows(
      hidden: config.hiddenSize, intermediate: config.intermediateSize,
      embedding: config.hiddenSize)
  }

  /// Plans the attention of a batch, whose last layer computes `selected` rows alone (nil: all), and
  /// makes room for its rows.
  mutating func prepare(_ batch: PackedBatch, selected: [Int]?, _ compute: Compute) {
    compute.plan(&plan, offsets: batch.sequenceOffsets, shape: shape)
    if let selected {
      plan.select(selected, offsets: batch.sequenceOffsets, window: shape.window)
    }
    rows.prepare(tokens: batch.tokenCount, keyValueCount: plan.scratchCount)
  }
}
