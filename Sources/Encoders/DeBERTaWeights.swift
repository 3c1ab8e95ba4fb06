// The tensors of a DeBERTa-v2 encoder, asked for by name and shape and packed for the kernels as they
// are read. Names: transformers modeling_deberta_v2.py.

internal import Kernels
internal import Safetensors

/// Everything a forward pass reads. Immutable, shared between passes.
struct DeBERTaWeights: Sendable {
  let embeddings: PostNormEmbeddings
  let projection: PackedMatrix?  // [hidden, embedding]
  let layers: [PostNormLayer]
  /// The position vectors as each layer projects them: constants of the weights.
  let terms: [RelativeTerms]

  init(
    _ config: DeBERTaConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?,
    _ compute: Compute
  ) throws(SafetensorsError) {
    var reader = MatrixReader(compute: compute)
    let (hidden, width) = (config.hiddenSize, config.embeddingSize)
    embeddings = try PostNormEmbeddings(
      config.embeddings, in: scope.scoped("embeddings"), segments: segmentEmbeddings,
      normWidth: hidden, &reader)
    projection =
      width == hidden
      ? nil
      : try reader.floatMatrix(
        "embed_proj", in: scope.scoped("embeddings"), outputs: hidden, inputs: width,
        hasBias: false)
    let encoder = scope.scoped("encoder")
    let positions = try Self.positionVectors(config, encoder, compute)
    let buckets = config.relative.map {
      RelativePositions($0.rule, limit: config.positionLimit)
    }
    var layers: [PostNormLayer] = []
    var terms: [RelativeTerms] = []
    for index in config.computedLayers {
      let scope = encoder.scoped("layer.\(index)")
      let layer = try PostNormLayer(
        .deBERTa, in: scope, hidden: hidden, intermediate: config.intermediateSize, &reader)
      layers.append(layer)
      terms.append(
        try RelativeTerms(
          config, scope.scoped("attention.self"), layer, positions, buckets, &reader, compute))
    }
    self.layers = layers
    self.terms = terms
  }

  var byteCount: Int {
    embeddings.byteCount + (projection?.byteCount ?? 0)
      + layers.reduce(0) { $0 + $1.byteCount } + terms.reduce(0) { $0 + $1.byteCount }
  }

  /// The relative position vectors, `[2 * span, hidden]`; nil where no score uses them.
  private static func positionVectors(
    _ config: DeBERTaConfig, _ scope: TensorScope, _ compute: Compute
  ) throws(SafetensorsError) -> FloatRows? {
    guard let relative = config.relative, config.scoresQueries || config.scoresKeys else {
      // Upstream has them all the same.
      for name in ["rel_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"] {
        scope.ignore(name)
      }
      return nil
    }
    let (rows, hidden) = (2 * relative.rule.span, config.hiddenSize)
    let floats = AlignedFloats(
      copying: try scope.floats("rel_embeddings.weight", shape: [rows, hidden]))
    let vectors = FloatRows(floats, count: rows, columns: hidden)
    if relative.isNormalized {
      let norm = try NormWeights("LayerNorm", in: scope, size: hidden, hasBias: true)
      compute.layerNorm(
        vectors, weight: norm.weight, bias: norm.bias, eps: Float(config.normEpsilon),
        into: vectors)
    }
    return vectors
  }
}

extension RelativeTerms {
  fileprivate init(
    _ config: DeBERTaConfig, _ scope: TensorScope, _ layer: PostNormLayer,
    _ positions: FloatRows?, _ buckets: RelativePositions?, _ reader: inout MatrixReader,
    _ compute: Compute
  ) throws(SafetensorsError) {
    let hidden = config.hiddenSize
    let shares = config.relative?.sharesProjections ?? false
    var (keys, queries): (RelativeVectors?, RelativeVectors?) = (nil, nil)
    if let positions, config.scoresQueries {
      let matrix = shares ? layer.key : try reader.position("pos_key_proj", in: scope, hidden)
      keys = positions.projected(by: matrix, config, scale: 1, compute)
    }
    if let positions, config.scoresKeys {
      let matrix = shares ? layer.query : try reader.position("pos_query_proj", in: scope, hidden)
      queries = positions.projected(by: matrix, config, scale: config.shape.scale, compute)
    }
    self.init(positions: buckets, keys: keys, queries: queries)
  }
}

extension MatrixReader {
  fileprivate mutating func position(
    _ name: String, in scope: TensorScope, _ hidden: Int
  ) throws(SafetensorsError) -> PackedMatrix {
    try floatMatrix(name, in: scope, outputs: hidden, inputs: hidden, hasBias: true)
  }
}

extension FloatRows {
  fileprivate func projected(
    by matrix: PackedMatrix, _ config: DeBERTaConfig, scale: Float, _ compute: Compute
  ) -> RelativeVectors {
    let rows = FloatRows(
      AlignedFloats(count: count * matrix.resultColumns), count: count,
      columns: matrix.resultColumns)
    compute.multiply(self, by: matrix, into: rows)
    return RelativeVectors(rows, headCount: config.headCount, scale: scale, compute: compute)
  }
}
