// The tensors of a ModernBERT encoder, asked for by name and shape and packed for the kernels as they
// are read. Names: transformers modeling_modernbert.py.

internal import Kernels
internal import Safetensors

extension ModernBERTConfig {
  /// The norm behind the last layer. A pass that ends before it has none, and needs none of the
  /// tensors behind its end.
  func finalNorm(in scope: TensorScope) throws(SafetensorsError) -> NormWeights? {
    guard let exitLayer else {
      return try NormWeights("final_norm", in: scope, size: hiddenSize, hasBias: hasNormBias)
    }
    scope.ignoreAll("final_norm")
    for index in exitLayer..<layers.count { scope.ignoreAll("layers.\(index)") }
    return nil
  }
}

/// Everything a forward pass reads. Immutable, shared between passes.
struct ModernBERTWeights: Sendable {
  struct Layer: Sendable {
    /// nil in layer 0, which reads the normalised embeddings as they are.
    let attentionNorm: NormWeights?
    let Wqkv: PackedMatrix  // [3 * hidden, hidden]: q, k, v
    let attentionWo: PackedMatrix  // [hidden, hidden]
    let mlpNorm: NormWeights
    let Wi: PackedMatrix  // [2 * intermediate, hidden]: inputs, gates
    let mlpWo: PackedMatrix  // [hidden, intermediate]
  }

  let embeddings: EmbeddingWeights
  let layers: [Layer]
  /// nil where a pass ends before it.
  let finalNorm: NormWeights?

  init(
    _ config: ModernBERTConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?,
    _ compute: Compute
  ) throws(SafetensorsError) {
    var reader = MatrixReader(compute: compute)
    embeddings = try EmbeddingWeights(
      config, scope, segmentEmbeddings: segmentEmbeddings, &reader.packer)
    var layers: [Layer] = []
    for index in config.computedLayers {
      layers.append(try Layer(index, config, scope.scoped("layers.\(index)"), &reader))
    }
    self.layers = layers
    finalNorm = try config.finalNorm(in: scope)
  }

  var byteCount: Int {
    layers.reduce(embeddings.byteCount) { sum, layer in
      sum + layer.Wqkv.byteCount + layer.attentionWo.byteCount + layer.Wi.byteCount
        + layer.mlpWo.byteCount
    }
  }
}

extension ModernBERTWeights.Layer {
  fileprivate init(
    _ index: Int, _ config: ModernBERTConfig, _ scope: TensorScope, _ reader: inout MatrixReader
  ) throws(SafetensorsError) {
    let hidden = config.hiddenSize
    let norm = { (name: String) throws(SafetensorsError) in
      try NormWeights(name, in: scope, size: hidden, hasBias: config.hasNormBias)
    }
    attentionNorm = index == 0 ? nil : try norm("attn_norm")
    Wqkv = try reader.matrix(
      "attn.Wqkv", in: scope, outputs: 3 * hidden, inputs: hidden,
      hasBias: config.hasAttentionBias)
    attentionWo = try reader.matrix(
      "attn.Wo", in: scope, outputs: hidden, inputs: hidden, hasBias: config.hasAttentionBias)
    mlpNorm = try norm("mlp_norm")
    Wi = try reader.matrix(
      "mlp.Wi", in: scope, outputs: 2 * config.intermediateSize, inputs: hidden,
      hasBias: config.hasMLPBias, arrangement: .gated)
    mlpWo = try reader.matrix(
      "mlp.Wo", in: scope, outputs: hidden, inputs: config.intermediateSize,
      hasBias: config.hasMLPBias)
  }
}
