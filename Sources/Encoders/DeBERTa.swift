// DeBERTa-v2 and -v3: post-norm transformer whose attention sees contents and relative positions apart.
// Source: He et al., "DeBERTa", 2021, and "DeBERTaV3", 2021; transformers 5.23 modeling_deberta_v2.py.

package import Kernels
package import Safetensors
internal import Synchronization

/// A loaded DeBERTa-v2 encoder, in f32 or int8.
package final class DeBERTa: TextEncoder {
  package let config: DeBERTaConfig
  private let weights: DeBERTaWeights
  private let compute: Compute
  /// What a pass writes; passes take turns with it.
  private let workspace: Mutex<DeBERTaWorkspace>

  /// What it computes in.
  package static let precisions: [Precision] = [.f32, .int8]

  /// - Parameters: as of `ModernBERT`.
  /// - Precondition: the precision of `compute` is one of `precisions`.
  package init(
    config: DeBERTaConfig, weights scope: TensorScope, segmentEmbeddings: [Float]? = nil,
    compute: Compute
  ) throws(EncoderError) {
    precondition(Self.precisions.contains(compute.precision), "DeBERTa in \(compute.precision)")
    guard segmentEmbeddings == nil || config.embeddingSize == config.hiddenSize else {
      throw .segmentWidth(expected: config.embeddingSize, found: config.hiddenSize)
    }
    self.config = config
    self.compute = compute
    do throws(SafetensorsError) {
      weights = try DeBERTaWeights(
        config, scope, segmentEmbeddings: segmentEmbeddings, compute)
    } catch { throw .weights(error) }
    workspace = Mutex(DeBERTaWorkspace(config))
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
      workspace.prepare(
        batch, selected: selected, positions: weights.terms.first?.positions, compute)
      return try body(forward(batch, selected, workspace, tap))
    }
  }

  private func forward(
    _ batch: PackedBatch, _ selected: [Int]?, _ workspace: borrowing DeBERTaWorkspace, _ tap: Tap?
  ) -> FloatRows {
    let (tokens, shape) = (batch.tokenCount, config.shape)
    let (q, k) = (workspace.rows.part(0, tokens), workspace.rows.part(1, tokens))
    let (plan, scratch, tasks) = (workspace.plan, workspace.rows.keyValues, workspace.tasks)
    let pass = PostNormPass(
      layers: weights.layers, plan: plan.packing, shape: shape.attention, epsilon: epsilon,
      tokens: tokens, selected: selected, tap: tap, compute: compute)
    embed(batch, into: workspace.rows.x(tokens), workspace)
    return pass.run(workspace.rows) { index, selected, context in
      compute.attend(
        q.rows(0..<context.count), keys: k, plan, selected: selected, terms: weights.terms[index],
        shape: shape, scratch: scratch, tasks: tasks, into: context)
    }
  }

  /// x = LN(projection (token + segment + type 0 + position)).
  private func embed(
    _ batch: PackedBatch, into x: FloatRows, _ workspace: borrowing DeBERTaWorkspace
  ) {
    let out = weights.projection == nil ? x : workspace.rows.embedded(x.count)
    weights.embeddings.sum(batch, into: out, compute)
    if let projection = weights.projection { compute.multiply(out, by: projection, into: x) }
    compute.normalize(x, weights.embeddings.norm, epsilon)
  }

  private var epsilon: Float { Float(config.normEpsilon) }
}
