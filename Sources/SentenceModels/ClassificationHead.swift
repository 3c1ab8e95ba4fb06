// What makes logits of a sequence's hidden states. Source: transformers 5.23, modeling_modernbert.py,
// modeling_bert.py, modeling_xlm_roberta.py and modeling_deberta_v2.py, ...ForSequenceClassification.

internal import Encoders
internal import Kernels
internal import Safetensors
internal import StrictJSON

/// Which of a sequence's rows a head reads, and how.
enum SentencePooling: Sendable {
  /// The first token.
  case first
  /// The mean over all tokens, special ones included.
  case mean

  /// Rows that are read of a sequence, which has one at least; nil: all.
  var rows: [Int]? { self == .first ? [0] : nil }

  /// out: one row a sequence.
  func pool(_ hidden: FloatRows, _ batch: PackedBatch, into out: FloatRows) {
    for sequence in 0..<batch.sequenceCount {
      let rows = batch.rows(of: sequence)
      switch self {
      case .first: out[sequence].update(from: hidden[rows.lowerBound], count: hidden.columns)
      case .mean: Encoders.mean(of: hidden, rows, into: out[sequence])
      }
    }
  }
}

/// What a head is made of: logits = classifier(norm(activation(dense(pooled)))).
struct HeadConfig: Sendable {
  let pooling: SentencePooling
  let dense: String
  let hasDenseBias: Bool
  let activation: Activation
  let norm: Norm?
  let output: String
  let width: Int
  let labelCount: Int

  struct Norm: Sendable {
    let name: String
    let hasBias: Bool
    let epsilon: Double
  }

  init(
    _ fields: FieldReader, _ encoder: EncoderConfig, labelCount: Int
  ) throws(FieldError) {
    width = encoder.hiddenSize
    self.labelCount = labelCount
    switch encoder {
    case .modernBERT(let config):
      pooling = try fields.choice("classifier_pooling", default: Pooling.cls).pooling
      dense = "head.dense"
      hasDenseBias = try fields.bool("classifier_bias", default: false)
      activation = try fields.choice("classifier_activation", default: .gelu)
      norm = Norm(name: "head.norm", hasBias: config.hasNormBias, epsilon: config.normEpsilon)
      output = "classifier"
    case .bert(let config):
      let isBERT = config.family == .bert
      pooling = .first
      dense = isBERT ? "\(encoder.prefix).pooler.dense" : "classifier.dense"
      hasDenseBias = true
      activation = .hyperbolicTangent
      norm = nil
      output = isBERT ? "classifier" : "classifier.out_proj"
    case .deBERTa:
      pooling = .first
      dense = "pooler.dense"
      hasDenseBias = true
      activation = try fields.choice("pooler_hidden_act", default: .gelu)
      norm = nil
      output = "classifier"
      guard try fields.int("pooler_hidden_size", default: width, in: 1...(1 << 16)) == width else {
        throw fields.error("pooler_hidden_size", expected: "\(width), as hidden_size")
      }
    }
  }

  /// `classifier_pooling`.
  private enum Pooling: String, CaseIterable {
    case cls, mean

    var pooling: SentencePooling { self == .cls ? .first : .mean }
  }
}

/// The weights of a head.
struct ClassificationHead: Sendable {
  private let dense: Linear
  private let activation: Activation
  private let norm: HeadNorm?
  private let output: Linear

  /// - Parameter weights: all of the checkpoint's.
  init(
    _ config: HeadConfig, _ weights: TensorScope, compute: Compute
  ) throws(SafetensorsError) {
    dense = try Linear(
      weights, config.dense, inputs: config.width, outputs: config.width,
      hasBias: config.hasDenseBias, compute: compute)
    activation = config.activation
    norm = try config.norm.map { (norm) throws(SafetensorsError) in
      try HeadNorm(
        weights, norm.name, width: config.width, hasBias: norm.hasBias, epsilon: norm.epsilon)
    }
    output = try Linear(
      weights, config.output, inputs: config.width, outputs: config.labelCount,
      compute: compute)
  }

  /// One row of logits a row of `pooled`.
  func logits(_ pooled: FloatRows, compute: Compute) -> FloatRows {
    var x = dense.apply(pooled, compute: compute)
    activation.apply(x, compute: compute)
    if let norm { x = norm.apply(x, compute: compute) }
    return output.apply(x, compute: compute)
  }
}
