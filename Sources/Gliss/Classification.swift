// The result of classifying one text.

/// One label's result.
public struct LabelScore: Sendable, Hashable {
  /// The label's full name.
  public var label: String
  /// The model's final logit, before sigmoid or softmax; of several windows, chunks or orders, the
  /// merged one.
  public var logit: Float
  /// The score in 0...1: sigmoid of the logit, or softmax over the labels.
  public var score: Float
  /// The names of the groups it is in, outermost first; empty outside groups.
  public var groups: [String]
  /// The label's own threshold, if it or a group it is in has one.
  public var threshold: Float?
  /// Its highest logit minus its lowest over the label orders; nil unless there were several.
  public var spread: Float?

  /// Makes a label's result.
  public init(
    label: String, logit: Float, score: Float, groups: [String] = [], threshold: Float? = nil,
    spread: Float? = nil
  ) {
    self.label = label
    self.logit = logit
    self.score = score
    self.groups = groups
    self.threshold = threshold
    self.spread = spread
  }
}

/// The result of classifying one text: every label's logit and score.
public struct Classification: Sendable, Hashable {
  /// All labels, in the order they were passed; groups are in ``tree``.
  public var scores: [LabelScore]
  /// The explicit label for none, if the request has one (``NoneOfThese/label(_:)``).
  public var none: LabelScore?
  /// Tokens that were encoded, special tokens included, summed over windows, chunks and orders.
  public var tokens: Int
  /// Text tokens that at least one label was scored without; 0 unless the text was cut.
  public var truncated: Int
  /// Windows the text was read in: 1 unless it was too long for one.
  public var windows: Int
  /// Chunks the labels were read in; if more than 1, scores of labels of different chunks compare
  /// only roughly.
  public var labelChunks: Int
  /// Label orders the logits are the mean of.
  public var orders: Int
  /// How the logits became scores.
  public var mode: ClassificationMode
  /// The threshold the request carried, if any.
  public var threshold: Float?
  /// The selection the request carried.
  public var selection: Selection
  private var nested: [ScoreNode]

  /// Makes a result.
  public init(
    scores: [LabelScore], none: LabelScore? = nil, tokens: Int, truncated: Int = 0,
    windows: Int = 1, labelChunks: Int = 1, orders: Int = 1,
    mode: ClassificationMode = .multiLabel, threshold: Float? = nil,
    selection: Selection = Selection(), tree: [ScoreNode] = []
  ) {
    self.scores = scores
    self.none = none
    self.tokens = tokens
    self.truncated = truncated
    self.windows = windows
    self.labelChunks = labelChunks
    self.orders = orders
    self.mode = mode
    self.threshold = threshold
    self.selection = selection
    nested = tree
  }

  /// Labels and groups with their scores, nested as they were passed.
  public var tree: [ScoreNode] {
    guard nested.isEmpty else { return nested }
    return scores.map {
      ScoreNode(name: $0.label, label: $0.label, score: $0.score, logit: $0.logit)
    }
  }
}
