// A GLiClass checkpoint's config.json, decoded and validated.
// Fields and defaults: the PyPI package gliclass 0.1.21, config.py. Every field that changes logits
// is honoured or refused; fields that only steer training are not read.

package import Encoders
package import StrictJSON

/// What a checkpoint's config.json says about inference.
package struct GLiClassConfig: Sendable {
  /// The file's path, as errors give it.
  package let file: String
  /// How labels and text meet.
  package let architecture: Architecture
  /// The encoder and its own config.
  package internal(set) var encoder: EncoderConfig
  /// Middle width of the projectors; the scorers' width.
  package let hiddenSize: Int
  /// Ids of `<<LABEL>>`, `<<SEP>>` and `<<EXAMPLE>>`. The vocabulary need not have the last.
  package let classTokenID: Int
  package let textTokenID: Int
  package let exampleTokenID: Int
  /// True: labels come before the text.
  package let labelsFirst: Bool
  package let labelPooling: LabelPooling
  package let textPooling: TextPooling
  /// Whether a label's feature includes its marker (`embed_class_token`).
  package let includesMarker: Bool
  /// Whether the text's features begin at `<<SEP>>` (`extract_text_features`).
  package let extractsText: Bool
  package let scorer: ScorerKind
  /// Of scorer "cross-attn"; nil for the others.
  package let crossAttention: CrossAttention?
  /// Between the two layers of a projector.
  package let projectorActivation: Activation
  /// L2-normalises both sides and multiplies logits by `logit_scale`.
  package let normalizesFeatures: Bool
  package let usesSegmentEmbeddings: Bool
  /// Runs a bidirectional LSTM over the text's tokens before they are pooled.
  package let usesLSTM: Bool
  /// Corrects the logits afterwards; nil: as they are.
  package let calibrator: Calibration?
  /// How many label slots are scored.
  package let labelSlots: LabelSlots
  /// Whether the linear layers are 8-bit integers in the file.
  package internal(set) var isQuantized: Bool

  package enum Architecture: String, Sendable, CaseIterable {
    case uniEncoder = "uni-encoder"
    case biEncoder = "bi-encoder"
    case biEncoderFused = "bi-encoder-fused"
    case encoderDecoder = "encoder-decoder"
    case encoderDecoderCLS = "encoder-decoder-cls"
    case decoderKV = "decoder-kv"
  }

  /// `class_token_pooling`: a label's feature is its first token, or the mean of its span.
  package enum LabelPooling: String, Sendable, CaseIterable {
    case first, average
  }

  /// `pooling_strategy`.
  package enum TextPooling: String, Sendable, CaseIterable {
    case first, last, avg, max, sum, rms, pass
    case absMax = "abs_max"
    case absAvg = "abs_avg"
  }

  /// `scorer_type`.
  package enum ScorerKind: String, Sendable, CaseIterable {
    case simple, mlp, hopfield
    case weightedDot = "weighted-dot"
    case crossAttention = "cross-attn"
    case decoderKV = "decoder-kv"
  }

  /// Sizes of scorer "cross-attn": `scorer_num_heads` and `scorer_mlp_hidden_size`.
  package struct CrossAttention: Sendable, Equatable {
    package let headCount: Int
    package let innerSize: Int
  }

  /// `calibrator_hidden_size`, `calibrator_beta_max` and `calibrator_use_bias`.
  package struct Calibration: Sendable, Equatable {
    package let innerSize: Int
    package let largestFactor: Double
    package let hasBias: Bool
  }

  /// `max_labels_alloc`.
  package enum LabelSlots: Sendable, Equatable {
    /// As many as there are labels ("dynamic").
    case perText
    /// This many, whatever the labels; slots without a label have zero features.
    case fixed(Int)
  }

  /// Decodes the fields of config.json, and refuses what this version does not compute.
  package init(_ fields: FieldReader) throws(GLiClassError) {
    file = fields.file
    architecture = try Self.readArchitecture(fields)
    isQuantized = try QuantizationField.isSet(fields)
    var encoder = try Self.readEncoder(fields)
    do throws(FieldError) {
      if let rows = try fields.optionalInt("vocab_size", in: 1...Self.sizeLimit) {
        encoder.vocabularySize = rows
      }
      encoder.exitLayer = try Self.readHiddenState(fields, layerCount: encoder.layerCount)
      self.encoder = encoder
      hiddenSize =
        try fields.optionalInt("hidden_size", in: 1...Self.sizeLimit) ?? encoder.hiddenSize
      classTokenID = try Self.readToken(
        fields, "class_token_index", default: encoder.vocabularySize)
      textTokenID = try Self.readToken(
        fields, "text_token_index", default: encoder.vocabularySize + 1)
      exampleTokenID = try Self.readToken(
        fields, "example_token_index", default: encoder.vocabularySize + 2)
      labelsFirst = try fields.bool("prompt_first", default: false)
      labelPooling = try fields.choice("class_token_pooling", default: .first)
      textPooling = try fields.choice("pooling_strategy", default: .first)
      includesMarker = try fields.bool("embed_class_token", default: true)
      extractsText = try fields.bool("extract_text_features", default: false)
      scorer = try fields.choice("scorer_type", default: .simple)
      normalizesFeatures = try fields.bool("normalize_features", default: false)
      usesSegmentEmbeddings = try fields.bool("use_segment_embeddings", default: false)
      crossAttention = scorer == .crossAttention ? try Self.readCrossAttention(fields) : nil
      projectorActivation = try fields.choice("projector_hidden_act", default: .gelu)
      usesLSTM = try fields.bool("use_lstm", default: false)
      calibrator = try Self.readCalibration(fields)
      labelSlots = try Self.readLabelSlots(fields)
    } catch {
      throw .field(error)
    }
    try refuseUnsupported(fields)
    try refuseIllegalCombinations()
  }

  /// Sizes above it are refused before anything is multiplied by them.
  static let sizeLimit = 1 << 24
}
