// ModernBERT: pre-norm transformer with rotary positions, alternating global and local attention and
// GeGLU. Source: Warner et al., "Smarter, Better, Faster, Longer", 2024; transformers 5.23
// modeling_modernbert.py.

package import Kernels
package import Safetensors
internal import Synchronization

/// A loaded ModernBERT encoder.
package final class ModernBERT: TextEncoder {
  package let config: ModernBERTConfig
  private let weights: ModernBERTWeights
  private let compute: Compute
  private let state: Mutex<State>

  /// What a pass needs beside the weights; passes take turns with it.
  private struct State: ~Copyable {
    var workspace: ModernBERTWorkspace
    var rotary: ModernBERTRotary
  }

  /// - Parameters:
  ///   - weights: the scope of the encoder's tensors (`model.encoder_model.`).
  ///   - segmentEmbeddings: `[segments, hidden]`, added to the token vectors before the embedding
  ///     norm; nil for models without.
  package init(
    config: ModernBERTConfig, weights scope: TensorScope, segmentEmbeddings: [Float]? = nil,
    compute: Compute
  ) throws(EncoderError) {
    self.config = config
    self.compute = compute
    do throws(SafetensorsError) {
      weights = try ModernBERTWeights(
        config, scope, segmentEmbeddings: segmentEmbeddings, compute)
    } catch { throw .weights(error) }
    state = Mutex(
      State(
        workspace: ModernBERTWorkspace(config), rotary: ModernBERTRotary(config)))
  }

  package var hiddenSize: Int { config.hiddenSize }
  package var positionLimit: Int { config.positionLimit }
  package var vocabularySize: Int { config.vocabularySize }
  package var weightByteCount: Int { weights.byteCount }

  package func encode<Result>(
    _ batch: PackedBatch, tap: Tap?, _ body: (FloatRows) throws -> Result
  ) throws -> Result {
    try batch.validate(for: self, segmentCount: weights.embeddings.segmentCount)
    return try state.withLock { state in
      state.rotary.grow(to: batch.longestSequence)
      let selected = batch.prunableRows(layers: weights.layers.count, tap: tap)
      state.workspace.prepare(batch, selected: selected, compute)
      return try body(forward(batch, selected, state.workspace, state.rotary, tap))
    }
  }

  /// x = LN(embeddings); every layer: x += Wo attention(LN x); x += Wo geglu(Wi LN x); LN x.
  private func forward(
    _ batch: PackedBatch, _ selected: [Int]?, _ workspace: borrowing ModernBERTWorkspace,
    _ rotary: ModernBERTRotary, _ tap: Tap?
  ) -> FloatRows {
    let tokens = batch.tokenCount
    let hidden = config.hiddenSize
    var (x, h) = (workspace.x(tokens), workspace.h(tokens))
    var (qkv, gated) = (workspace.qkv(tokens), workspace.gated(tokens))
    let rows = workspace.quantized

    embed(batch, into: x)
    tap?("embeddings", x)
    for (index, layer) in weights.layers.enumerated() {
      let shape = config.attentionShape(config.layers[index])
      let rotary = rotary[config.layers[index]]
      // The last layer reads keys and values of all rows, and computes the selected ones.
      let pruned = index == weights.layers.count - 1 ? selected : nil

      if let norm = layer.attentionNorm { normalize(x, norm, into: h) }
      if layer.attentionNorm == nil, pruned != nil { x.copy(into: h) }
      compute.multiply(
        layer.attentionNorm == nil ? x : h, by: layer.Wqkv, into: qkv,
        columns: pruned.map { _ in hidden..<3 * hidden }, quantizing: rows)
      compute.packKeysAndValues(
        qkv, workspace.plan, rotary: rotary, shape: shape, scratch: workspace.keyValues)
      if let pruned {
        (x, h) = (x.compact(pruned), h.compact(pruned))
        (qkv, gated) = (workspace.qkv(pruned.count), workspace.gated(pruned.count))
        compute.multiply(h, by: layer.Wqkv, into: qkv, columns: 0..<hidden, quantizing: rows)
      }
      compute.attend(
        qkv, workspace.plan, selected: pruned != nil, rotary: rotary, shape: shape,
        scratch: workspace.keyValues, into: h)
      if let tap { compute.tapAttention(tap, index, h, layer.attentionWo) }
      compute.multiply(h, by: layer.attentionWo, into: x, .add, quantizing: rows)

      normalize(x, layer.mlpNorm, into: h)
      compute.multiply(h, by: layer.Wi, into: gated, quantizing: rows)
      compute.multiply(gated, by: layer.mlpWo, into: x, .add, quantizing: rows)
      tap?("layers.\(index).out", x)
    }
    if let norm = weights.finalNorm { normalize(x, norm, into: x) }
    tap?("final_norm", x)
    guard let selected else { return x }
    x = workspace.x(tokens)
    x.spread(selected)
    return x
  }

  private func embed(_ batch: PackedBatch, into x: FloatRows) {
    let embeddings = weights.embeddings
    let table = FloatRows(
      embeddings.tokens, count: config.vocabularySize, columns: config.hiddenSize)
    let segments = embeddings.segments.map {
      FloatRows($0, count: embeddings.segmentCount, columns: config.hiddenSize)
    }
    compute.gather(
      batch.tokenIDs, from: table, segmentIDs: batch.segmentIDs, segments: segments, into: x)
    normalize(x, embeddings.norm, into: x)
  }

  private func normalize(_ x: FloatRows, _ norm: NormWeights, into out: FloatRows) {
    compute.layerNorm(
      x, weight: norm.weight, bias: norm.bias, eps: Float(config.normEpsilon), into: out)
  }
}

extension ModernBERTConfig {
  func attentionShape(_ kind: LayerKind) -> AttentionShape {
    AttentionShape(
      headCount: headCount, headDimension: headDimension, window: kind == .local ? window : nil)
  }
}

extension ModernBERT {
  /// The encoder for the precision of `compute`: on tiles where its kernel set has them, unless in f32.
  package static func make(
    config: ModernBERTConfig, weights: TensorScope, segmentEmbeddings: [Float]? = nil,
    compute: Compute
  ) throws(EncoderError) -> any TextEncoder {
    guard compute.usesTiles else {
      return try ModernBERT(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    }
    return try TileEncoder(
      config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
  }
}
