// How two texts become one sequence: the tokenizer's template, and whether its types are used.

internal import Encoders
internal import StrictJSON
internal import Tokenization

struct PairLayout: Sendable {
  let template: PairTemplate
  let hasTypes: Bool

  /// tokenizer_config.json, where it is there, may say in `model_input_names` that the model is given
  /// no types: then all are 0.
  init(
    _ folder: SentenceModelFolder, _ encoder: EncoderConfig, _ parts: SentenceModelParts
  ) throws(SentenceModelError) {
    guard let template = parts.tokenizer.pairTemplate else {
      throw .noPairTemplate(file: parts.tokenizerFile)
    }
    let fields = try folder.optionalFields("tokenizer_config.json")
    let inputs = try SentenceModelError.decoding { () throws(FieldError) -> [String]? in
      guard let fields, !fields.isAbsent("model_input_names") else { return nil }
      return try fields.strings("model_input_names")
    }
    let rows = encoder.tokenTypeCount
    hasTypes = rows > 0 && inputs?.contains("token_type_ids") ?? true
    let highest = template.assemble([0], [0]).types.max() ?? 0
    if hasTypes, Int(highest) >= rows {
      throw .tokenType(file: parts.tokenizerFile, highest: Int(highest), rows: rows)
    }
    self.template = template
  }
}
