// Which values go together. gliclass 0.1.21 checks few of them when it loads a model and fails in its
// first forward pass; here the folder is refused, with the field, before a weight is read.

internal import Encoders
internal import StrictJSON

extension GLiClassConfig {
  /// Refuses what gliclass 0.1.21 crashes on whatever else the config says.
  func refuseUnsupported(_ fields: FieldReader) throws(GLiClassError) {
    for name in ["squeeze_layers", "multimodal"] {
      let isSet = try GLiClassError.decoding { () throws(FieldError) in
        try fields.bool(name, default: false)
      }
      if isSet {
        throw .unsupported(file: file, field: name, expected: "false", found: "true")
      }
    }
    guard scorer != .decoderKV else {
      throw .unsupported(
        file: file, field: "scorer_type", expected: "a scorer of uni-encoders",
        found: scorer.rawValue)
    }
  }

  /// Refuses combinations of values that upstream has no arithmetic for.
  func refuseIllegalCombinations() throws(GLiClassError) {
    try checkPooling()
    try checkWidths()
    guard usesLSTM else { return }
    guard !(extractsText && scorer == .crossAttention) else {
      throw refusal(
        "use_lstm", "true",
        "false where extract_text_features is true and scorer_type \"cross-attn\": the LSTM's "
          + "rows and the text's mask differ in length")
    }
  }

  /// Only cross-attn takes a row a token, and it takes nothing else.
  private func checkPooling() throws(GLiClassError) {
    let passes = textPooling == .pass
    guard passes == (scorer == .crossAttention) else {
      throw refusal(
        "pooling_strategy", "\"\(textPooling.rawValue)\"",
        passes
          ? "any other than \"pass\" with scorer_type \"\(scorer.rawValue)\""
          : "\"pass\" with scorer_type \"cross-attn\"")
    }
    guard !passes || calibrator == nil else {
      throw refusal(
        "use_calibrator", "true",
        "false with pooling_strategy \"pass\": the calibrator takes one vector a text")
    }
  }

  private func checkWidths() throws(GLiClassError) {
    let width = encoder.hiddenSize
    if scorer != .simple || usesLSTM {
      guard hiddenSize == width else {
        throw refusal(
          "hidden_size", "\(hiddenSize)",
          "\(width) as in encoder_config, for "
            + (scorer != .simple ? "scorer \"\(scorer.rawValue)\"" : "use_lstm"))
      }
    }
    if usesLSTM, !width.isMultiple(of: 2) {
      throw refusal("hidden_size", "\(width)", "an even number, for use_lstm")
    }
    if let crossAttention, !width.isMultiple(of: crossAttention.headCount) {
      throw refusal(
        "scorer_num_heads", "\(crossAttention.headCount)", "a divisor of hidden_size \(width)")
    }
  }

  private func refusal(_ field: String, _ found: String, _ expected: String) -> GLiClassError {
    .field(FieldError(file: file, field: field, expected: expected, found: found))
  }
}
