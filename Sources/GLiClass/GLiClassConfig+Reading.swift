// The fields of config.json that need more than a type: alternatives, defaults and refusals.

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

  /// Refuses what gliclass 0.1.21 computes (or crashes on) and this version does not.
  func refuseUnsupported(_ fields: FieldReader) throws(GLiClassError) {
    let flags = ["squeeze_layers", "use_lstm", "use_calibrator", "multimodal"]
    let (set, layer) = try GLiClassError.decoding { () throws(FieldError) in
      guard try fields.string("projector_hidden_act", default: "gelu") == "gelu" else {
        throw fields.error("projector_hidden_act", expected: "\"gelu\"")
      }
      var set: String?
      for name in flags where try fields.bool(name, default: false) { set = set ?? name }
      return (set, try fields.int("encoder_layer_id", default: -1))
    }
    if let set {
      throw .unsupported(file: file, field: set, expected: "false", found: "true")
    }
    guard layer == -1 else {
      throw .unsupported(
        file: file, field: "encoder_layer_id", expected: "-1", found: "\(layer)")
    }
    guard scorer != .mlp || hiddenSize == encoder.hiddenSize else {
      throw .field(
        FieldError(
          file: file, field: "hidden_size",
          expected: "\(encoder.hiddenSize) as in encoder_config, for scorer \"mlp\"",
          found: "\(hiddenSize)"))
    }
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
