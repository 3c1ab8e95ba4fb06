// The parts of a model folder, each checked against the config.

internal import Encoders
internal import Kernels
internal import Safetensors
internal import Tokenization

extension GLiClassModel {
  /// What comes out of the weights.
  struct Parts {
    let head: Head
    let encoder: any TextEncoder
    let weights: WeightSummary

    init(
      _ origin: WeightOrigin, _ config: GLiClassConfig, _ compute: Compute
    ) throws(GLiClassError) {
      let tensors = try origin.tensors()
      head = try Head(config, tensors, compute: compute)
      encoder = try makeEncoder(config, tensors.scoped("model"), compute)
      weights = WeightSummary(tensors)
    }
  }

  static func loadTokenizer(_ file: String) throws(GLiClassError) -> Tokenizer {
    do throws(TokenizerError) {
      return try Tokenizer(path: file)
    } catch {
      throw .tokenizer(error)
    }
  }

  /// The tokenizer with the prompt's own tokens as control tokens, whatever the file calls them.
  static func guarding(
    _ prompts: PromptLayout, _ tokenizer: Tokenizer
  ) throws(GLiClassError) -> Tokenizer {
    do throws(TokenizerError) {
      return try tokenizer.addingControlTokens(
        [prompts.label, prompts.separator] + (prompts.example.map { [$0] } ?? []))
    } catch {
      throw .tokenizer(error)
    }
  }

  static func makeEncoder(
    _ config: GLiClassConfig, _ model: TensorScope, _ compute: Compute
  ) throws(GLiClassError) -> any TextEncoder {
    let segments = try GLiClassError.loading { () throws(SafetensorsError) -> [Float]? in
      guard config.usesSegmentEmbeddings else { return nil }
      return try model.floats(
        "segment_embeddings.weight", shape: [3, config.encoder.hiddenSize])
    }
    do throws(EncoderError) {
      return try config.encoder.makeEncoder(
        weights: model.scoped("encoder_model"), segmentEmbeddings: segments, compute: compute)
    } catch {
      throw .encoder(error)
    }
  }
}

extension PromptLayout {
  /// The control tokens where config and tokenizer agree on them.
  init(_ config: GLiClassConfig, _ tokenizer: Tokenizer, file: String) throws(GLiClassError) {
    let rows = config.encoder.vocabularySize
    guard tokenizer.vocabularyCount <= rows else {
      throw .vocabulary(file: file, highestID: tokenizer.vocabularyCount - 1, rows: rows)
    }
    func find(_ token: String, _ field: String, _ expected: Int) throws(GLiClassError) -> Int32 {
      let found = tokenizer.id(of: token)
      guard let found, Int(found) == expected else {
        throw .token(
          file: file, token: token, expected: "id \(expected) (\(field) of config.json)",
          found: found.map { "id \($0)" } ?? "no such token")
      }
      return found
    }
    let example = tokenizer.id(of: "<<EXAMPLE>>")
    if example != nil, config.usesSegmentEmbeddings {
      // The segment rule looks for the config's id, the prompt holds the tokenizer's.
      _ = try find("<<EXAMPLE>>", "example_token_index", config.exampleTokenID)
    }
    self.init(
      label: try find("<<LABEL>>", "class_token_index", config.classTokenID),
      separator: try find("<<SEP>>", "text_token_index", config.textTokenID), example: example,
      labelsFirst: config.labelsFirst)
  }
}

extension GLiClassError {
  /// Runs a reading of tensors whose errors become `.checkpoint`.
  static func loading<Value>(
    _ body: () throws(SafetensorsError) -> Value
  ) throws(GLiClassError) -> Value {
    do throws(SafetensorsError) { return try body() } catch { throw .checkpoint(error) }
  }
}
