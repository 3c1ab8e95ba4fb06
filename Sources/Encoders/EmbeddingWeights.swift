// What the first rows of a ModernBERT encoder are made of, and the norms of all its layers.

internal import Kernels
internal import Safetensors

/// Weight and bias of a LayerNorm; the epsilon is the config's.
struct NormWeights: Sendable {
  let weight: AlignedFloats
  let bias: AlignedFloats?

  init(_ name: String, in scope: TensorScope, size: Int, hasBias: Bool) throws(SafetensorsError) {
    weight = AlignedFloats(copying: try scope.floats("\(name).weight", shape: [size]))
    bias =
      hasBias ? AlignedFloats(copying: try scope.floats("\(name).bias", shape: [size])) : nil
  }
}

/// The tables of token and segment vectors, and the norm of their sum.
struct EmbeddingWeights: Sendable {
  let tokens: AlignedFloats  // [vocabulary, hidden]
  let segments: AlignedFloats?  // [segments, hidden]
  let norm: NormWeights
  let hidden: Int

  init(
    _ config: ModernBERTConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?,
    _ packer: inout WeightPacker
  ) throws(SafetensorsError) {
    let (name, hidden) = ("embeddings.tok_embeddings.weight", config.hiddenSize)
    tokens = try packer.table(
      rows: config.vocabularySize, columns: hidden,
      scope.rowReader(name, shape: [config.vocabularySize, hidden]))
    segments = segmentEmbeddings.map(AlignedFloats.init(copying:))
    norm = try NormWeights(
      "embeddings.norm", in: scope, size: hidden, hasBias: config.hasNormBias)
    self.hidden = hidden
  }

  var segmentCount: Int { (segments?.count ?? 0) / hidden }
  var byteCount: Int { (tokens.count + (segments?.count ?? 0)) * MemoryLayout<Float>.stride }
}
