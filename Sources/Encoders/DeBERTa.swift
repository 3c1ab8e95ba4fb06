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
    try batch.validate(
      for: self, segmentCount: (weights.segmentTable?.count ?? 0) / config.hiddenSize)
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
    var (x, context) = (workspace.x(tokens), workspace.context(tokens))
    var (q, wide) = (workspace.part(0, tokens), workspace.wide(tokens))
    let (k, v) = (workspace.part(1, tokens), workspace.part(2, tokens))
    let rows = workspace.quantized
    let shape = config.shape

    embed(batch, into: x, workspace)
    tap?("embeddings", x)
    for (index, layer) in weights.layers.enumerated() {
      compute.multiply(x, by: layer.key, into: k, quantizing: rows)
      compute.multiply(x, by: layer.value, into: v, quantizing: rows)
      compute.packKeysAndValues(
        workspace.qkv(tokens), workspace.plan.packing, rotary: nil, shape: shape.attention,
        scratch: workspace.keyValues)
      // The last layer reads keys and values of all rows, and computes the selected ones.
      let pruned = index == weights.layers.count - 1 ? selected : nil
      if let pruned {
        x = x.compact(pruned)
        (context, q) = (workspace.context(pruned.count), workspace.part(0, pruned.count))
        wide = workspace.wide(pruned.count)
      }
      compute.multiply(x, by: layer.query, into: q, quantizing: rows)
      compute.attend(
        q, keys: k, workspace.plan, selected: pruned != nil, terms: layer.terms, shape: shape,
        scratch: workspace.keyValues, tasks: workspace.tasks, into: context)
      if let tap { tapAttention(tap, index, context, layer.attentionDense) }
      compute.multiply(context, by: layer.attentionDense, into: x, .add, quantizing: rows)
      normalize(x, layer.attentionNorm)

      compute.multiply(x, by: layer.intermediateDense, into: wide, quantizing: rows)
      compute.gelu(wide)
      compute.multiply(wide, by: layer.outputDense, into: x, .add, quantizing: rows)
      normalize(x, layer.outputNorm)
      tap?("layers.\(index).out", x)
    }
    guard let selected else { return x }
    x = workspace.x(tokens)
    x.spread(selected)
    return x
  }

  /// x = LN(projection (token + segment + position + type 0)).
  private func embed(
    _ batch: PackedBatch, into x: FloatRows, _ workspace: borrowing DeBERTaWorkspace
  ) {
    let width = config.embeddingSize
    let out = weights.projection == nil ? x : workspace.embedded(x.count)
    let segments = weights.segmentTable.map {
      FloatRows($0, count: $0.count / width, columns: width)
    }
    compute.gather(
      batch.tokenIDs, from: FloatRows(weights.tokenTable, count: vocabularySize, columns: width),
      segmentIDs: batch.segmentIDs, segments: segments, into: out)
    if let table = weights.positionTable {
      compute.addByPosition(
        FloatRows(table, count: positionLimit, columns: width), offsets: batch.sequenceOffsets,
        into: out)
    }
    if let row = weights.typeRow {
      // Stride 0: the same row for every position.
      compute.addByPosition(
        FloatRows(row, count: positionLimit, columns: width, stride: 0),
        offsets: batch.sequenceOffsets, into: out)
    }
    if let projection = weights.projection { compute.multiply(out, by: projection, into: x) }
    normalize(x, weights.embeddingNorm)
  }

  private func normalize(_ x: FloatRows, _ norm: NormWeights) {
    compute.layerNorm(
      x, weight: norm.weight, bias: norm.bias, eps: Float(config.normEpsilon), into: x)
  }

  /// The attention's own output, which the fused residual add otherwise never shows.
  private func tapAttention(
    _ tap: Tap, _ index: Int, _ context: FloatRows, _ dense: PackedMatrix
  ) {
    let out = FloatRows(
      AlignedFloats(count: context.count * context.columns), count: context.count,
      columns: context.columns)
    compute.multiply(context, by: dense, into: out)
    tap("layers.\(index).attn.out", out)
  }
}
