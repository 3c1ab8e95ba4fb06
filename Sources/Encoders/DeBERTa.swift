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
      // A tap sees every row of every layer.
      let selected = tap == nil && !weights.layers.isEmpty ? batch.prunableRows : nil
      workspace.prepare(
        batch, selected: selected, positions: weights.layers.first?.terms.positions, compute)
      return try body(forward(batch, selected, workspace, tap))
    }
  }

  /// x = LN(embeddings); every layer: x = LN(x + dense attention(x)); x = LN(x + dense gelu(dense x)).
  private func forward(
    _ batch: PackedBatch, _ selected: [Int]?, _ workspace: borrowing DeBERTaWorkspace, _ tap: Tap?
  ) -> FloatRows {
    let tokens = batch.tokenCount
    let rows = workspace.rows.quantized
    var (x, context) = (workspace.rows.x(tokens), workspace.rows.context(tokens))
    var (q, wide) = (workspace.rows.part(0, tokens), workspace.rows.wide(tokens))
    let (k, v) = (workspace.rows.part(1, tokens), workspace.rows.part(2, tokens))
    let shape = config.shape

    embed(batch, into: x, workspace)
    tap?("embeddings", x)
    for (index, layer) in weights.layers.enumerated() {
      compute.multiply(x, by: layer.common.key, into: k, quantizing: rows)
      compute.multiply(x, by: layer.common.value, into: v, quantizing: rows)
      compute.packKeysAndValues(
        workspace.rows.qkv(tokens), workspace.plan.packing, rotary: nil, shape: shape.attention,
        scratch: workspace.rows.keyValues)
      // The last layer reads keys and values of all rows, and computes the selected ones.
      let pruned = index == weights.layers.count - 1 ? selected : nil
      if let pruned {
        x = x.compact(pruned)
        context = workspace.rows.context(pruned.count)
        (q, wide) = (workspace.rows.part(0, pruned.count), workspace.rows.wide(pruned.count))
      }
      compute.multiply(x, by: layer.common.query, into: q, quantizing: rows)
      compute.attend(
        q, keys: k, workspace.plan, selected: pruned != nil, terms: layer.terms, shape: shape,
        scratch: workspace.rows.keyValues, tasks: workspace.tasks, into: context)
      if let tap { compute.tapAttention(tap, index, context, layer.common.attentionDense) }
      compute.finish(
        layer.common, x, context: context, wide: wide, epsilon: epsilon, quantizing: rows)
      tap?("layers.\(index).out", x)
    }
    guard let selected else { return x }
    x = workspace.rows.x(tokens)
    x.spread(selected)
    return x
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
