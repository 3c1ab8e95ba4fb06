// What a request must be before it reaches the model. Its labels are checked by `LabelSet`.

extension ClassificationRequest {
  /// - Parameter context: The most tokens of one sequence of the model.
  func validate(context: Int) throws(GlissError) {
    if let threshold = options.threshold, !(0...1).contains(threshold) {
      throw .invalid("threshold", "a number from 0 to 1", "\(threshold)")
    }
    if let maxTokens = options.maxTokens, !(1...context).contains(maxTokens) {
      throw .invalid(
        "maxTokens", "an integer from 1 to the model's context, \(context)", "\(maxTokens)")
    }
    if options.windowOverlap < 0 {
      throw .invalid("windowOverlap", "a non-negative integer", "\(options.windowOverlap)")
    }
    try options.phrasing.validate()
    try options.selection.validate(options.mode)
    try validateWindows()
    if case .count(let count) = options.labelChunks, count < 1 {
      throw .invalid("labelChunks", "a positive number of labels a chunk", "\(count)")
    }
    try validateLabelCount(context: context)
  }

  /// A marker is a token: more labels than tokens need not be tokenized to be refused.
  private func validateLabelCount(context: Int) throws(GlissError) {
    let count = labels.reduce(0) { $0.addingReportingOverflow($1.leafCount).partialValue }
    guard options.labelChunks == .none, count >= context else { return }
    throw GlissError(
      .data,
      "\(count) labels take more than the \(context) tokens of a sequence; they are never "
        + "cut, but can be read in chunks (labelChunks, --label-chunks)",
      field: "labels", expected: "fewer than \(context)", found: "\(count)")
  }

  private func validateWindows() throws(GlissError) {
    if let windows = options.characterWindows {
      if windows.size < 1 {
        throw .invalid("characterWindows.size", "a positive integer", "\(windows.size)")
      }
      if !(0..<windows.size).contains(windows.overlap) {
        throw .invalid(
          "characterWindows.overlap", "an integer from 0 to below the size, \(windows.size)",
          "\(windows.overlap)")
      }
    }
    if options.windowMerge == .maxScore,
      options.characterWindows == nil || options.longText == .window
    {
      throw .invalid(
        "windowMerge", "another merge than max-score without windows of characters",
        "max-score")
    }
  }
}

extension Selection {
  func validate(_ mode: ClassificationMode) throws(GlissError) {
    if minimum < 0 {
      throw .invalid("selection.minimum", "a non-negative integer", "\(minimum)")
    }
    if let maximum, maximum < Swift.max(1, minimum) {
      throw .invalid(
        "selection.maximum", "a positive integer, at least the minimum, \(minimum)", "\(maximum)")
    }
    guard let none else { return }
    if minimum > 0 {
      throw .invalid(
        "selection.minimum", "0 where none of the labels may be the answer", "\(minimum)")
    }
    if case .label = none, mode == .perGroup {
      throw .invalid(
        "selection.none", "a rule, or labels for none in the groups, where each group has a label",
        "one label for none")
    }
  }
}

extension GlissError {
  /// An option that is out of range.
  static func invalid(_ field: String, _ expected: String, _ found: String) -> GlissError {
    GlissError(
      .usage, "\(field) should be \(expected), found \(found)", field: field, expected: expected,
      found: found)
  }
}

extension ClassificationOptions {
  /// What upstream pipelines cut to, and the length the published models were trained at.
  static let usualTokens = 1024

  /// The most tokens of a sequence with as much of a text as is asked for.
  ///
  /// - Parameter context: The most tokens of one sequence of the model.
  func limit(context: Int) -> Int { min(maxTokens ?? longText.usualLimit(context), context) }
}

extension LongText {
  /// The most tokens of a sequence where the options do not say: of a text that is not to be cut all
  /// that the model can read.
  package func usualLimit(_ context: Int) -> Int {
    self == .error ? context : min(context, ClassificationOptions.usualTokens)
  }
}
