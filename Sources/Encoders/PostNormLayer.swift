// One layer of a post-norm transformer, as BERT and DeBERTa share it: everything but the attention's
// own scores. Source: Devlin et al., "BERT", 2019; transformers 5.23 modeling_bert.py.

internal import Kernels
internal import Safetensors

/// The weights of a layer. Immutable, shared between passes.
struct PostNormLayer: Sendable {
  /// What the checkpoint calls the layer's projections.
  struct Names: Sendable {
    let query: String
    let key: String
    let value: String

    static let bert = Names(query: "query", key: "key", value: "value")
    static let deBERTa = Names(query: "query_proj", key: "key_proj", value: "value_proj")
  }

  let query: PackedMatrix  // [hidden, hidden], and so the next three
  let key: PackedMatrix
  let value: PackedMatrix
  let attentionDense: PackedMatrix
  let attentionNorm: NormWeights
  let intermediateDense: PackedMatrix  // [intermediate, hidden]
  let outputDense: PackedMatrix  // [hidden, intermediate]
  let outputNorm: NormWeights

  /// - Parameter scope: of `encoder.layer.N`.
  init(
    _ names: Names, in scope: TensorScope, hidden: Int, intermediate: Int,
    _ reader: inout MatrixReader
  ) throws(SafetensorsError) {
    let attention = scope.scoped("attention")
    let own = attention.scoped("self")
    query = try reader.square(names.query, in: own, hidden)
    key = try reader.square(names.key, in: own, hidden)
    value = try reader.square(names.value, in: own, hidden)
    attentionDense = try reader.square("output.dense", in: attention, hidden)
    attentionNorm = try NormWeights(
      "output.LayerNorm", in: attention, size: hidden, hasBias: true)
    intermediateDense = try reader.matrix(
      "intermediate.dense", in: scope, outputs: intermediate, inputs: hidden, hasBias: true)
    outputDense = try reader.matrix(
      "output.dense", in: scope, outputs: hidden, inputs: intermediate, hasBias: true)
    outputNorm = try NormWeights("output.LayerNorm", in: scope, size: hidden, hasBias: true)
  }

  var byteCount: Int {
    [query, key, value, attentionDense, intermediateDense, outputDense]
      .reduce(0) { $0 + $1.byteCount }
  }

  /// The layers that int8 reaches, by name, in a model of `layerCount` of these.
  static func linearLayers(
    _ names: Names, hidden: Int, intermediate: Int, layerCount: Int
  ) -> [LinearLayer] {
    (0..<layerCount).flatMap { index in
      [
        ("attention.self.\(names.query)", hidden, hidden),
        ("attention.self.\(names.key)", hidden, hidden),
        ("attention.self.\(names.value)", hidden, hidden),
        ("attention.output.dense", hidden, hidden),
        ("intermediate.dense", intermediate, hidden), ("output.dense", hidden, intermediate),
      ].map { LinearLayer(name: "encoder.layer.\(index).\($0)", outputs: $1, inputs: $2) }
    }
  }
}

extension MatrixReader {
  fileprivate mutating func square(
    _ name: String, in scope: TensorScope, _ hidden: Int
  ) throws(SafetensorsError) -> PackedMatrix {
    try matrix(name, in: scope, outputs: hidden, inputs: hidden, hasBias: true)
  }
}
