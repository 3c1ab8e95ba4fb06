// How groups of labels are scored, and how a label's score and its group's fit together.

/// How the scores of a label and its group are made to agree.
public enum TreeConsistency: String, Sendable, Hashable, CaseIterable {
  /// Nothing is done; the default, and upstream's way.
  case none
  /// No label or group scores above the group it is in: what is too high comes down.
  case lowerChildren = "lower-children"
  /// No group scores below anything in it: what is too low goes up.
  case raiseParents = "raise-parents"
}

/// How labels in groups are scored. Without groups it changes nothing.
public struct TreeScoring: Sendable, Hashable {
  /// Whether the model scores groups too, each read as a label of its full name. Otherwise, as
  /// upstream does it, groups are names only, and a group's score comes from what is in it: the sum
  /// of its labels for ``ClassificationMode/singleLabel``, else the highest.
  ///
  /// With ``ClassificationMode/singleLabel`` the scores are then a softmax over every group's
  /// members times the group's own score: those of all labels still sum to 1.
  public var scoresGroups: Bool
  /// How the score of a label and of its scored groups are made to agree.
  public var consistency: TreeConsistency

  /// Makes a way of scoring; the default is upstream's.
  public init(scoresGroups: Bool = false, consistency: TreeConsistency = .none) {
    self.scoresGroups = scoresGroups
    self.consistency = consistency
  }
}

/// A label or group of a result, with everything in it.
public struct ScoreNode: Sendable, Hashable {
  /// Its own name.
  public var name: String
  /// Its full name.
  public var label: String
  /// The score in 0...1; see ``TreeScoring/scoresGroups`` for that of a group.
  public var score: Float
  /// The model's logit; nil for a group that the model did not score.
  public var logit: Float?
  /// What is in the group, in the order passed; empty for a label.
  public var children: [ScoreNode]

  /// Makes a node.
  public init(
    name: String, label: String, score: Float, logit: Float? = nil, children: [ScoreNode] = []
  ) {
    self.name = name
    self.label = label
    self.score = score
    self.logit = logit
    self.children = children
  }
}
