// Which encoder a checkpoint has: the one place to add another.

package import Encoders
internal import Kernels
internal import Safetensors
internal import StrictJSON

/// The encoder inside a GLiClass checkpoint.
package enum EncoderConfig: Sendable {
  case modernBERT(ModernBERTConfig)

  /// Reads `encoder_config` by its `model_type`.
  init(_ fields: FieldReader) throws(GLiClassError) {
    do throws(FieldError) {
      let inner = try fields.object("encoder_config")
      // Upstream's default for a config without model_type.
      let type = try inner.string("model_type", default: "deberta-v2")
      guard type == "modernbert" else {
        throw inner.error("model_type", expected: "\"modernbert\"")
      }
      self = .modernBERT(try ModernBERTConfig(inner))
    } catch {
      throw .field(error)
    }
  }

  /// The `model_type`.
  package var name: String { "modernbert" }

  package var hiddenSize: Int {
    switch self {
    case .modernBERT(let config): config.hiddenSize
    }
  }

  /// Rows of the token table. GLiClass's own `vocab_size`, where given, replaces the encoder's.
  package var vocabularySize: Int {
    get {
      switch self {
      case .modernBERT(let config): config.vocabularySize
      }
    }
    set {
      switch self {
      case .modernBERT(var config):
        config.vocabularySize = newValue
        self = .modernBERT(config)
      }
    }
  }

  /// Longest sequence.
  package var positionLimit: Int {
    switch self {
    case .modernBERT(let config): config.positionLimit
    }
  }

  package var layerCount: Int {
    switch self {
    case .modernBERT(let config): config.layers.count
    }
  }

  package var headCount: Int {
    switch self {
    case .modernBERT(let config): config.headCount
    }
  }

  package var intermediateSize: Int {
    switch self {
    case .modernBERT(let config): config.intermediateSize
    }
  }

  /// The layers that precision int8 computes in int8, below `encoder_model`.
  var linearLayers: [LinearLayer] {
    switch self {
    case .modernBERT(let config): config.linearLayers
    }
  }

  /// Builds the encoder from the tensors under `weights`.
  func makeEncoder(
    weights: TensorScope, segmentEmbeddings: [Float]?, compute: Compute
  ) throws(EncoderError) -> any TextEncoder {
    switch self {
    case .modernBERT(let config):
      try ModernBERT.make(
        config: config, weights: weights, segmentEmbeddings: segmentEmbeddings, compute: compute)
    }
  }
}
