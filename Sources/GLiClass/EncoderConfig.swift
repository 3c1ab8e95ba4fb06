// Which encoder a checkpoint has: the one place to add another.

package import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON

/// The encoder inside a GLiClass checkpoint.
package enum EncoderConfig: Sendable {
  case modernBERT(ModernBERTConfig)
  case deBERTa(DeBERTaConfig)

  /// Reads `encoder_config` by its `model_type`.
  init(_ fields: FieldReader) throws(GLiClassError) {
    do throws(FieldError) {
      let inner = try fields.object("encoder_config")
      // Upstream's default for a config without model_type.
      switch try inner.string("model_type", default: "deberta-v2") {
      case "modernbert": self = .modernBERT(try ModernBERTConfig(inner))
      case "deberta-v2": self = .deBERTa(try DeBERTaConfig(inner))
      default: throw inner.error("model_type", expected: "\"modernbert\" or \"deberta-v2\"")
      }
    } catch {
      throw .field(error)
    }
  }

  /// The `model_type`.
  package var name: String {
    switch self {
    case .modernBERT: "modernbert"
    case .deBERTa: "deberta-v2"
    }
  }

  /// What the encoder computes in.
  package var precisions: [Precision] {
    switch self {
    case .modernBERT: Precision.allCases
    case .deBERTa: DeBERTa.precisions
    }
  }

  package var hiddenSize: Int { geometry.hiddenSize }
  /// Longest sequence.
  package var positionLimit: Int { geometry.positionLimit }
  package var layerCount: Int { geometry.layerCount }
  package var headCount: Int { geometry.headCount }
  package var intermediateSize: Int { geometry.intermediateSize }
  /// The layers that precision int8 computes in int8, below `encoder_model`.
  var linearLayers: [LinearLayer] { geometry.linearLayers }

  /// Rows of the token table. GLiClass's own `vocab_size`, where given, replaces the encoder's.
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
      }
    }
  }

  /// Builds the encoder from the tensors under `weights`.
  ///
  /// - Parameter compute: of a precision that `choosing(for:)` gave.
  func makeEncoder(
    weights: TensorScope, segmentEmbeddings: [Float]?, compute: Compute
  ) throws(EncoderError) -> any TextEncoder {
    switch self {
    case .modernBERT(let config):
      try ModernBERT.make(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    case .deBERTa(let config):
      try DeBERTa(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    }
  }

  /// `compute` in a precision of this encoder: its own, or f32 where that was left open.
  func choosing(for compute: Compute) throws(GLiClassError) -> Compute {
    guard let compute = compute.computing(in: precisions) else {
      throw .precision(
        encoder: name, expected: precisions.map(\.rawValue), found: compute.precision.rawValue)
    }
    return compute
  }

  private var geometry: any EncoderGeometry {
    switch self {
    case .modernBERT(let config): config
    case .deBERTa(let config): config
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
}

extension ModernBERTConfig: EncoderGeometry {
  var layerCount: Int { layers.count }
}

extension DeBERTaConfig: EncoderGeometry {}
