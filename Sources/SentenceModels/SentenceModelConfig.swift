// The config.json of a model that reads sentences alone or in pairs, and its other JSON files.
// Source: transformers 5.23, configuration_utils.py; sentence-transformers 6.2, cross_encoder/model.py.

package import Encoders
internal import Safetensors
internal import StrictJSON

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What becomes of a cross-encoder's logits.
package enum ScoreActivation: String, Sendable, CaseIterable {
  case identity, sigmoid

  /// By the Python class that a config names.
  fileprivate init?(path: String) {
    switch path.split(separator: ".").last {
    case "Identity"?: self = .identity
    case "Sigmoid"?: self = .sigmoid
    default: return nil
    }
  }
}

/// A sequence classifier's config.json.
package struct ClassifierConfig: Sendable {
  package let file: String
  /// The class that wrote the checkpoint, such as `BertForSequenceClassification`.
  package let architecture: String
  package let encoder: EncoderConfig
  /// The names of the logits, in order: `id2label`.
  package let labels: [String]
  package let activation: ScoreActivation
  let head: HeadConfig

  /// Logits of one sequence: above any published classifier.
  private static let labelLimit = 1 << 16

  init(_ fields: FieldReader) throws(SentenceModelError) {
    file = fields.file
    let encoder = try SentenceModelError.decoding { () throws(FieldError) in
      try EncoderConfig(fields)
    }
    self.encoder = encoder
    architecture = try Self.architecture(fields, encoder)
    let labels = try SentenceModelError.decoding { () throws(FieldError) in
      try Self.labels(fields)
    }
    self.labels = labels
    activation = try Self.activation(fields, labelCount: labels.count)
    head = try SentenceModelError.decoding { () throws(FieldError) in
      try HeadConfig(fields, encoder, labelCount: labels.count)
    }
  }

  private static func architecture(
    _ fields: FieldReader, _ encoder: EncoderConfig
  ) throws(SentenceModelError) -> String {
    let expected = encoder.classifierName
    let found = try SentenceModelError.decoding { () throws(FieldError) in
      try fields.strings("architectures")
    }
    guard found == [expected] else {
      throw .unsupported(
        file: fields.file, field: "architectures", expected: expected,
        found: found.isEmpty ? "empty" : found.joined(separator: ", "))
    }
    return expected
  }

  /// `id2label`, `{"0": "contradiction", ...}`; without it `num_labels` of LABEL_0, LABEL_1, ...,
  /// and without either two.
  private static func labels(_ fields: FieldReader) throws(FieldError) -> [String] {
    guard let names = try fields.optionalObject("id2label") else {
      let count = try fields.int("num_labels", default: 2, in: 1...labelLimit)
      return (0..<count).map { "LABEL_\($0)" }
    }
    guard (1...labelLimit).contains(names.object.count) else {
      throw fields.error("id2label", expected: "1 to \(labelLimit) labels")
    }
    var labels: [String] = []
    for index in 0..<names.object.count { labels.append(try names.string("\(index)")) }
    return labels
  }

  /// Where sentence-transformers keeps it, now and before version 4; without it sigmoid of one logit
  /// and nothing of several.
  private static func activation(
    _ fields: FieldReader, labelCount: Int
  ) throws(SentenceModelError) -> ScoreActivation {
    let older = "sbert_ce_default_activation_function"
    let (field, path) = try SentenceModelError.decoding { () throws(FieldError) in
      let own = try fields.optionalObject("sentence_transformers")
      if let own, let path = try own.optionalString("activation_fn") {
        return (own.fieldPath("activation_fn"), Optional(path))
      }
      return (older, try fields.optionalString(older))
    }
    guard let path else { return labelCount == 1 ? .sigmoid : .identity }
    guard let activation = ScoreActivation(path: path) else {
      throw .unsupported(
        file: fields.file, field: field,
        expected: "torch.nn.modules.linear.Identity or torch.nn.modules.activation.Sigmoid",
        found: path)
    }
    return activation
  }
}

extension EncoderConfig {
  /// The class of transformers that puts a classifier behind it.
  var classifierName: String {
    let name =
      switch self {
      case .modernBERT: "ModernBert"
      case .deBERTa: "DebertaV2"
      case .bert(let config):
        switch config.family {
        case .bert: "Bert"
        case .roBERTa: "Roberta"
        case .xlmRoBERTa: "XLMRoberta"
        }
      }
    return name + "ForSequenceClassification"
  }

  /// Vectors of token types that the encoder has; 0: it takes no types.
  var tokenTypeCount: Int {
    switch self {
    case .modernBERT: 0
    case .deBERTa(let config): config.tokenTypeCount
    // Tokenizers of RoBERTa give none, whatever their template says: all are 0.
    case .bert(let config): config.family == .bert ? config.tokenTypeCount : 0
    }
  }
}

/// The folder of a sentence model.
struct SentenceModelFolder {
  let path: String

  func fields(_ name: String) throws(SentenceModelError) -> FieldReader {
    try SentenceModelError.reading { () throws(JSONFileError) in
      try JSONFile.fields(at: "\(path)/\(name)")
    }
  }

  /// The fields of a file that need not be there.
  func optionalFields(_ name: String) throws(SentenceModelError) -> FieldReader? {
    has(name) ? try fields(name) : nil
  }

  func has(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }
}
