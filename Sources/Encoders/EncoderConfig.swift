// Which encoder a checkpoint has: the one place to add another.

package import Kernels
package import Safetensors
package import StrictJSON

/// An encoder by its config.
package enum EncoderConfig: Sendable {
  case modernBERT(ModernBERTConfig)
  case deBERTa(DeBERTaConfig)
  case bert(BERTConfig)

  private static let modernBERT = "modernbert"
  private static let deBERTa = "deberta-v2"
  /// Every `model_type`.
  package static let names = [modernBERT, deBERTa] + BERTConfig.Family.allCases.map(\.rawValue)

  /// Reads the fields of an encoder by their `model_type`.
  ///
  /// - Parameter defaultName: of fields without `model_type`; nil: it must be there.
  package init(_ fields: FieldReader, defaultName: String? = nil) throws(FieldError) {
    let name = try fields.string("model_type", default: defaultName)
    if name == Self.modernBERT {
      self = .modernBERT(try ModernBERTConfig(fields))
    } else if name == Self.deBERTa {
      self = .deBERTa(try DeBERTaConfig(fields))
    } else if let family = BERTConfig.Family(rawValue: name) {
      self = .bert(try BERTConfig(fields, family: family))
    } else {
      throw fields.error(
        "model_type", expected: "one of " + Self.names.map { "\"\($0)\"" }.joined(separator: ", "))
    }
  }

  /// The `model_type`.
  package var name: String {
    switch self {
    case .modernBERT: Self.modernBERT
    case .deBERTa: Self.deBERTa
    case .bert(let config): config.family.rawValue
    }
  }

  /// What the encoder computes in.
  package var precisions: [Precision] {
    switch self {
    case .modernBERT, .bert: Precision.allCases
    case .deBERTa: DeBERTa.precisions
    }
  }

  package var hiddenSize: Int { geometry.hiddenSize }
  /// What transformers calls the encoder inside a model with a head: the prefix of its tensors.
  package var prefix: String {
    switch self {
    case .modernBERT: "model"
    case .deBERTa: "deberta"
    case .bert(let config): config.family == .bert ? "bert" : "roberta"
    }
  }

  /// Longest sequence.
  package var positionLimit: Int { geometry.positionLimit }
  package var layerCount: Int { geometry.layerCount }
  package var headCount: Int { geometry.headCount }
  package var intermediateSize: Int { geometry.intermediateSize }
  /// The layers that precision int8 computes in int8, by their names below the encoder's scope.
  package var linearLayers: [LinearLayer] { geometry.linearLayers }
  /// The vectors of the tokens, by their name below the encoder's scope.
  package var tokenTable: LinearLayer { geometry.tokenTable }

  /// Rows of the token table.
  package var vocabularySize: Int {
    get { geometry.vocabularySize }
    set {
      switch self {
      case .modernBERT(var config):
        config.vocabularySize = newValue
        self = .modernBERT(config)
      case .deBERTa(var config):
        config.vocabularySize = newValue
        self = .deBERTa(config)
      case .bert(var config):
        config.vocabularySize = newValue
        self = .bert(config)
      }
    }
  }

  /// The hidden state that a pass ends with: 0 the embeddings, 1 the first layer's output, and so on,
  /// without the norm behind the last layer. Nil: the encoder's own output.
  package var exitLayer: Int? {
    get {
      switch self {
      case .modernBERT(let config): config.exitLayer
      case .deBERTa(let config): config.exitLayer
      case .bert(let config): config.exitLayer
      }
    }
    set {
      switch self {
      case .modernBERT(var config):
        config.exitLayer = newValue
        self = .modernBERT(config)
      case .deBERTa(var config):
        config.exitLayer = newValue
        self = .deBERTa(config)
      case .bert(var config):
        config.exitLayer = newValue
        self = .bert(config)
      }
    }
  }

  /// Builds the encoder from the tensors under `weights`.
  ///
  /// - Parameters:
  ///   - segmentEmbeddings: of a model that adds some of its own to the tokens.
  ///   - compute: of one of `precisions`.
  package func makeEncoder(
    weights: TensorScope, segmentEmbeddings: [Float]? = nil, compute: Compute
  ) throws(EncoderError) -> any TextEncoder {
    switch self {
    case .modernBERT(let config):
      try ModernBERT.make(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    case .deBERTa(let config):
      try DeBERTa(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    case .bert(let config):
      try BERT.make(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    }
  }

  private var geometry: any EncoderGeometry {
    switch self {
    case .modernBERT(let config): config
    case .deBERTa(let config): config
    case .bert(let config): config
    }
  }
}

/// What every encoder's config tells.
private protocol EncoderGeometry {
  var vocabularySize: Int { get }
  var hiddenSize: Int { get }
  var positionLimit: Int { get }
  var layerCount: Int { get }
  var headCount: Int { get }
  var intermediateSize: Int { get }
  var linearLayers: [LinearLayer] { get }
  var tokenTable: LinearLayer { get }
}

extension ModernBERTConfig: EncoderGeometry {
  var layerCount: Int { layers.count }
}

extension DeBERTaConfig: EncoderGeometry {}
extension BERTConfig: EncoderGeometry {}
