// Which labels are the answer: how many at least and at most, and what it means when none holds.

/// What to answer when no label fits. ``Classification/selected(threshold:topK:)`` explains where
/// it comes in.
public enum NoneOfThese: Sendable, Hashable {
  /// A rule: when no label reaches its threshold, this name is the answer. Its score is 1 minus the
  /// highest score; the model never sees it.
  case whenNothingHolds(name: String)
  /// A label of its own that the model reads last, as it is given (no template), and that competes
  /// with the others: it is the answer when its score is the highest of all, or when no other label
  /// reaches its threshold; otherwise it is no part of the answer.
  case label(String)

  /// The name in the answer.
  public var name: String {
    switch self {
    case .whenNothingHolds(let name), .label(let name): name
    }
  }
}

/// Which labels of a text are the answer, beyond the thresholds.
public struct Selection: Sendable, Hashable {
  /// The fewest labels: when fewer reach their threshold, the next best come too.
  public var minimum: Int
  /// The most labels; nil: no limit.
  public var maximum: Int?
  /// What to answer when no label fits; nil: nothing, the answer is empty.
  public var none: NoneOfThese?
  /// Whether the answer is in the order the labels were passed, as upstream's multi-label answer
  /// is; otherwise the highest score is first.
  public var keepsLabelOrder: Bool

  /// Makes a selection; the default adds nothing to the thresholds.
  public init(
    minimum: Int = 0, maximum: Int? = nil, none: NoneOfThese? = nil, keepsLabelOrder: Bool = false
  ) {
    self.minimum = minimum
    self.maximum = maximum
    self.none = none
    self.keepsLabelOrder = keepsLabelOrder
  }
}
