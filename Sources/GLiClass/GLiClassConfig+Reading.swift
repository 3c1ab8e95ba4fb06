// The fields of config.json that need more than a type: alternatives, defaults and bounds.

internal import Encoders
internal import StrictJSON

extension GLiClassConfig {
  static func readArchitecture(_ fields: FieldReader) throws(GLiClassError) -> Architecture {
    let architecture = try GLiClassError.decoding { () throws(FieldError) -> Architecture in
      guard try fields.string("model_type", default: "GLiClass") == "GLiClass" else {
        throw fields.error("model_type", expected: "\"GLiClass\"")
      }
      return try fields.choice("architecture_type", default: .uniEncoder)
    }
    guard architecture == .uniEncoder else {
      throw .unsupported(
        file: fields.file, field: "architecture_type", expected: "uni-encoder",
        found: architecture.rawValue)
    }
    return architecture
  }

  static func readEncoder(_ fields: FieldReader) throws(GLiClassError) -> EncoderConfig {
    try GLiClassError.decoding { () throws(FieldError) in
      // Upstream's default for a config without model_type.
      try EncoderConfig(fields.object("encoder_config"), defaultName: "deberta-v2")
    }
  }

  /// A token's id; missing, `null` and -1 mean `default`.
  static func readToken(
    _ fields: FieldReader, _ name: String, default: Int
  ) throws(FieldError) -> Int {
    let id = try fields.int(name, default: -1, in: -1...sizeLimit)
    return id == -1 ? `default` : id
  }

  /// "dynamic", "fixed" (the count is `max_num_classes`) or a count.
  static func readLabelSlots(_ fields: FieldReader) throws(FieldError) -> LabelSlots {
    let classes = try fields.int("max_num_classes", default: 25, in: 1...sizeLimit)
    let expected = "\"dynamic\", \"fixed\" or a count from 1 to \(slotLimit)"
    switch fields.value("max_labels_alloc") {
    case nil, .string("dynamic")?: return .perText
    case .string("fixed")?:
      guard classes <= slotLimit else {
        throw fields.error("max_num_classes", expected: "at most \(slotLimit) fixed slots")
      }
      return .fixed(classes)
    case .integer(let count)? where (1...slotLimit).contains(count): return .fixed(count)
    default: throw fields.error("max_labels_alloc", expected: expected)
    }
  }

  /// Fixed label slots of one text: every one is a row of memory in every sequence of a batch.
  /// Published models have 25.
  static let slotLimit = 1024

  static func readCrossAttention(_ fields: FieldReader) throws(FieldError) -> CrossAttention {
    CrossAttention(
      headCount: try fields.int("scorer_num_heads", default: 16, in: 1...sizeLimit),
      innerSize: try fields.int("scorer_mlp_hidden_size", default: 1024, in: 2...sizeLimit))
  }

  static func readCalibration(_ fields: FieldReader) throws(FieldError) -> Calibration? {
    guard try fields.bool("use_calibrator", default: false) else { return nil }
    return Calibration(
      innerSize: try fields.int("calibrator_hidden_size", default: 256, in: 1...sizeLimit),
      largestFactor: try fields.double("calibrator_beta_max", default: 3),
      hasBias: try fields.bool("calibrator_use_bias", default: false))
  }

  /// `encoder_layer_id` indexes the embeddings and the layers' outputs as Python does: below zero
  /// from the end. Nil is the last of them, the encoder's own output.
  static func readHiddenState(
    _ fields: FieldReader, layerCount: Int
  ) throws(FieldError) -> Int? {
    let id = try fields.int(
      "encoder_layer_id", default: -1, in: -(layerCount + 1)...layerCount)
    let index = id < 0 ? layerCount + 1 + id : id
    return index == layerCount ? nil : index
  }
}

extension GLiClassError {
  /// Runs a reading of fields whose errors become `.field`.
  static func decoding<Value>(
    _ body: () throws(FieldError) -> Value
  ) throws(GLiClassError) -> Value {
    do throws(FieldError) { return try body() } catch { throw .field(error) }
  }
}
