// The result of classifying one text.

/// One label's result.
public struct LabelScore: Sendable, Hashable {
  /// The label as it was passed.
  public var label: String
  /// The model's final logit, before sigmoid or softmax; of several windows, the merged one.
  public var logit: Float
  /// The score in 0...1: sigmoid of the logit, or softmax over the labels.
  public var score: Float

  /// Makes a label's result.
  public init(label: String, logit: Float, score: Float) {
    self.label = label
    self.logit = logit
    self.score = score
  }
}

/// The result of classifying one text: every label's logit and score.
public struct Classification: Sendable, Hashable {
  /// All labels, in the order they were passed.
  public var scores: [LabelScore]
  /// Tokens that were encoded, special tokens included, summed over windows.
  public var tokens: Int
  /// Text tokens that were cut; 0 unless the text was truncated.
  public var truncated: Int
  /// Sequences that were encoded for this text: 1 unless it was read in windows.
  public var windows: Int
  /// How the logits became scores.
  public var mode: ClassificationMode
  /// The threshold the request carried, if any.
  public var threshold: Float?

  /// Makes a result.
  public init(
    scores: [LabelScore], tokens: Int, truncated: Int = 0, windows: Int = 1,
    mode: ClassificationMode = .multiLabel, threshold: Float? = nil
  ) {
    self.scores = scores
    self.tokens = tokens
    self.truncated = truncated
    self.windows = windows
    self.mode = mode
    self.threshold = threshold
  }

  /// The labels that hold, highest score first, ties in label order.
  ///
  /// - Parameters:
  ///   - threshold: Scores at or above it are selected. Nil: the request's own threshold; without
  ///     one, 0.5 for multi-label, and for single-label the best label (or the best `topK`)
  ///     whatever its score.
  ///   - topK: The most labels to return; nil: no limit.
  public func selected(threshold: Float? = nil, topK: Int? = nil) -> [LabelScore] {
    let ranked = ranked()
    let limit = max(0, topK ?? (mode == .singleLabel && bar(threshold) == nil ? 1 : ranked.count))
    guard let bar = bar(threshold) else { return Array(ranked.prefix(limit)) }
    return Array(ranked.lazy.filter { $0.score >= bar }.prefix(limit))
  }

  /// All labels, highest score first, ties in label order.
  public func ranked() -> [LabelScore] {
    // Logits, not scores: distinct logits may round to the same score.
    scores.enumerated()
      .sorted {
        $0.element.logit != $1.element.logit
          ? $0.element.logit > $1.element.logit : $0.offset < $1.offset
      }
      .map(\.element)
  }

  private func bar(_ threshold: Float?) -> Float? {
    threshold ?? self.threshold ?? (mode == .multiLabel ? 0.5 : nil)
  }
}
