// One text to classify, with all that goes with it.

/// One text with its own labels and options.
public struct ClassificationRequest: Sendable, Hashable {
  /// The text; it may be empty.
  public var text: String
  /// The labels, in the order their scores come back: at least one, none empty, no full name twice.
  /// Canonically equivalent strings are the same name.
  public var labels: [Label]
  /// How this text is classified.
  public var options: ClassificationOptions

  /// Makes a request with labels that are names only.
  public init(
    text: String, labels: [String], options: ClassificationOptions = ClassificationOptions()
  ) {
    self.init(text: text, labels: labels.map { Label($0) }, options: options)
  }

  /// Makes a request with labels that may have descriptions, thresholds and groups.
  public init(
    text: String, labels: [Label], options: ClassificationOptions = ClassificationOptions()
  ) {
    self.text = text
    self.labels = labels
    self.options = options
  }
}
