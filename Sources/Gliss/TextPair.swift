// What a cross-encoder reads and gives.

/// Two texts that are read together: query and passage, premise and hypothesis.
public struct TextPair: Sendable, Hashable {
  /// The first text; it may be empty.
  public var first: String
  /// The second text; it may be empty.
  public var second: String

  /// Makes a pair.
  public init(_ first: String, _ second: String) {
    self.first = first
    self.second = second
  }
}

/// What happens to a pair that does not fit.
public enum LongPair: String, Sendable, Hashable, CaseIterable {
  /// The call throws, saying how many tokens there are and how many fit.
  case error
  /// The end of the second text is cut; ``PairScore/truncated`` says how many tokens.
  case truncateSecond = "truncate-second"
  /// The end of the first text is cut.
  case truncateFirst = "truncate-first"
}

/// How a pair is scored. The defaults refuse a pair that does not fit.
public struct PairOptions: Sendable, Hashable {
  /// What happens when the pair does not fit.
  public var longPair: LongPair
  /// The most tokens of one sequence, special tokens included, at most the model's context. Nil: the
  /// model's context.
  public var maxTokens: Int?

  /// Makes the default options; set what differs.
  public init(longPair: LongPair = .error, maxTokens: Int? = nil) {
    self.longPair = longPair
    self.maxTokens = maxTokens
  }
}

/// The result of scoring one pair.
public struct PairScore: Sendable, Hashable {
  /// One a label of the model, in the order of ``CrossEncoder/labels``.
  public var logits: [Float]
  /// The logits through the model's own activation.
  public var scores: [Float]
  /// Tokens that were encoded, special tokens included.
  public var tokens: Int
  /// Tokens that were cut.
  public var truncated: Int

  /// Makes a result.
  public init(logits: [Float], scores: [Float], tokens: Int, truncated: Int = 0) {
    self.logits = logits
    self.scores = scores
    self.tokens = tokens
    self.truncated = truncated
  }
}
