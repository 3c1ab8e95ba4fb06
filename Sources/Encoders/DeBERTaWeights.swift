// The tensors of a DeBERTa-v2 encoder, asked for by name and shape and packed for the kernels as they
// are read. Names: transformers modeling_deberta_v2.py.

internal import Kernels
internal import Safetensors

/// Everything a forward pass reads. Immutable, shared between passes.
struct DeBERTaWeights: Sendable {
  struct Layer: Sendable {
    let query: PackedMatrix  // [hidden, hidden], and so the next three
    let key: PackedMatrix
    let value: PackedMatrix
    let attentionDense: PackedMatrix
    let attentionNorm: NormWeights
    let intermediateDense: PackedMatrix  // [intermediate, hidden]
    let outputDense: PackedMatrix  // [hidden, intermediate]
    let outputNorm: NormWeights
    /// The position vectors as this layer projects them: a constant of the weights.
    let terms: RelativeTerms
    let termByteCount: Int
  }

  let tokenTable: AlignedFloats  // [vocabulary, embedding]
  let segmentTable: AlignedFloats?  // [segments, hidden]
  /// What position i adds to its token, `[positions, embedding]`; nil for nothing.
  let positionTable: AlignedFloats?
  /// What every token's type, 0, adds to it: `[embedding]`.
  let typeRow: AlignedFloats?
  let projection: PackedMatrix?  // [hidden, embedding]
  let embeddingNorm: NormWeights
  let layers: [Layer]

  init(
    _ config: DeBERTaConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?,
    _ compute: Compute
  ) throws(SafetensorsError) {
    var reader = MatrixReader(compute: compute)
    let (hidden, width) = (config.hiddenSize, config.embeddingSize)
    let embeddings = scope.scoped("embeddings")
    // A buffer that old files hold: 0, 1, 2, ...
    embeddings.ignore("position_ids")
    tokenTable = try reader.table(
      "word_embeddings.weight", in: embeddings, rows: config.vocabularySize, columns: width)
    segmentTable = segmentEmbeddings.map(AlignedFloats.init(copying:))
    if let rows = config.positionCount {
      positionTable = try reader.table(
        "position_embeddings.weight", in: embeddings, rows: rows, columns: width)
    } else {
      positionTable = nil
    }
    if config.tokenTypeCount > 0 {
      let types = try embeddings.floats(
        "token_type_embeddings.weight", shape: [config.tokenTypeCount, width])
      typeRow = AlignedFloats(copying: Array(types[..<width]))
    } else {
      typeRow = nil
    }
    projection =
      width == hidden
      ? nil
      : try reader.floatMatrix(
        "embed_proj", in: embeddings, outputs: hidden, inputs: width, hasBias: false)
    embeddingNorm = try NormWeights("LayerNorm", in: embeddings, size: hidden, hasBias: true)
    let encoder = scope.scoped("encoder")
    let positions = try Self.positionVectors(config, encoder, compute)
    let buckets = config.relative.map {
      RelativePositions($0.rule, limit: config.positionLimit)
    }
    var layers: [Layer] = []
    for index in config.computedLayers {
      layers.append(
        try Layer(
          config, encoder.scoped("layer.\(index)"), positions, buckets, &reader, compute))
    }
    self.layers = layers
  }

  var byteCount: Int {
    let tables =
      tokenTable.count + (segmentTable?.count ?? 0) + (positionTable?.count ?? 0)
      + (typeRow?.count ?? 0)
    return tables * MemoryLayout<Float>.stride + (projection?.byteCount ?? 0)
      + layers.reduce(0) { $0 + $1.byteCount }
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

extension DeBERTaWeights.Layer {
  fileprivate init(
    _ config: DeBERTaConfig, _ scope: TensorScope, _ positions: FloatRows?,
    _ buckets: RelativePositions?, _ reader: inout MatrixReader, _ compute: Compute
  ) throws(SafetensorsError) {
    let (hidden, wide) = (config.hiddenSize, config.intermediateSize)
    let attention = scope.scoped("attention")
    let own = attention.scoped("self")
    query = try reader.square("query_proj", in: own, hidden)
    key = try reader.square("key_proj", in: own, hidden)
    value = try reader.square("value_proj", in: own, hidden)
    attentionDense = try reader.square("output.dense", in: attention, hidden)
    attentionNorm = try NormWeights(
      "output.LayerNorm", in: attention, size: hidden, hasBias: true)
    intermediateDense = try reader.matrix(
      "intermediate.dense", in: scope, outputs: wide, inputs: hidden, hasBias: true)
    outputDense = try reader.matrix(
      "output.dense", in: scope, outputs: hidden, inputs: wide, hasBias: true)
    outputNorm = try NormWeights("output.LayerNorm", in: scope, size: hidden, hasBias: true)

    let shares = config.relative?.sharesProjections ?? false
    var (keys, queries): (RelativeVectors?, RelativeVectors?) = (nil, nil)
    if let positions, config.scoresQueries {
      let matrix = shares ? key : try reader.position("pos_key_proj", in: own, hidden)
      keys = positions.projected(by: matrix, config, scale: 1, compute)
    }
    if let positions, config.scoresKeys {
      let matrix = shares ? query : try reader.position("pos_query_proj", in: own, hidden)
      queries = positions.projected(by: matrix, config, scale: config.shape.scale, compute)
    }
    terms = RelativeTerms(positions: buckets, keys: keys, queries: queries)
    termByteCount = (keys?.byteCount ?? 0) + (queries?.byteCount ?? 0)
  }

  fileprivate var byteCount: Int {
    [query, key, value, attentionDense, intermediateDense, outputDense]
      .reduce(termByteCount) { $0 + $1.byteCount }
  }
}

extension MatrixReader {
  fileprivate mutating func square(
    _ name: String, in scope: TensorScope, _ hidden: Int
  ) throws(SafetensorsError) -> PackedMatrix {
    try matrix(name, in: scope, outputs: hidden, inputs: hidden, hasBias: true)
  }

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
