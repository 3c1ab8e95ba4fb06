// What a request must be before it reaches the model.

extension ClassificationRequest {
  /// - Parameter context: The most tokens of one sequence of the model.
  func validate(context: Int) throws(GlissError) {
    try validateLabels()
    if let threshold = options.threshold, !(0...1).contains(threshold) {
      throw Self.invalid("threshold", "a number from 0 to 1", "\(threshold)")
    }
    if let maxTokens = options.maxTokens, !(1...context).contains(maxTokens) {
      throw Self.invalid(
        "maxTokens", "an integer from 1 to the model's context, \(context)", "\(maxTokens)")
    }
    if options.windowOverlap < 0 {
      throw Self.invalid("windowOverlap", "a non-negative integer", "\(options.windowOverlap)")
    }
  }

  private func validateLabels() throws(GlissError) {
    guard !labels.isEmpty else {
      throw GlissError(
        .data, "the list of labels is empty", field: "labels", expected: "at least one label",
        found: "none")
    }
    var seen: Set<String> = []
    for (index, label) in labels.enumerated() {
      guard !label.isEmpty else {
        throw GlissError(
          .data, "label \(index + 1) of \(labels.count) is empty", field: "labels[\(index)]",
          expected: "a label", found: "\"\"")
      }
      guard seen.insert(label).inserted else {
        throw GlissError(
          .data, "the label \"\(label)\" is given twice", field: "labels[\(index)]",
          expected: "a label that is not in the list yet", found: label)
      }
    }
  }

  private static func invalid(_ field: String, _ expected: String, _ found: String) -> GlissError {
    GlissError(
      .usage, "\(field) should be \(expected), found \(found)", field: field, expected: expected,
      found: found)
  }
}

extension ClassificationOptions {
  /// What upstream pipelines cut to, and the length the published models were trained at.
  static let usualTokens = 1024
}
