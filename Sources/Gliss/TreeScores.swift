// From logits to scores, groups included.

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The scores of one text, computed in Double and rounded once.
struct TreeScores {
  /// Of the labels, then of the explicit label for none if there is one.
  private(set) var labels: [Float]
  /// Of groups, in order.
  private(set) var groups: [Float]

  /// - Parameter logits: One per target.
  init(_ logits: [Float], _ targets: LabelTargets, _ options: ClassificationOptions) {
    var tree = Builder(logits, targets, options.mode)
    if targets.firstGroupTarget != nil { tree.agree(options.tree.consistency) }
    tree.deriveGroups()
    (labels, groups) = (tree.labels.map { Float($0) }, tree.groups.map { Float($0) })
  }

  /// The highest of each score, and for one choice all divided by their sum: what upstream's
  /// chunking pipeline does with the scores of windows.
  init(highestOf windows: [TreeScores], mode: ClassificationMode) {
    self = windows[0]
    for other in windows.dropFirst() {
      for index in labels.indices { labels[index] = max(labels[index], other.labels[index]) }
      for index in groups.indices { groups[index] = max(groups[index], other.groups[index]) }
    }
    guard mode == .singleLabel, windows.count > 1 else { return }
    let sum = labels.reduce(0.0) { $0 + Double($1) }
    // Softmax scores: the highest of a window is at least 1 / count.
    labels = labels.map { Float(Double($0) / sum) }
    groups = groups.map { Float(Double($0) / sum) }
  }
}

extension TreeScores {
  /// exp(logit) over the sum of all, the highest subtracted first.
  static func softmax(_ logits: [Double]) -> [Double] {
    let highest = logits.max() ?? 0
    let powers = logits.map { exp($0 - highest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}

private struct Builder {
  let set: LabelSet
  let mode: ClassificationMode
  let hasGroupLogits: Bool
  var labels: [Double]
  var groups: [Double]

  init(_ logits: [Float], _ targets: LabelTargets, _ mode: ClassificationMode) {
    (set, self.mode) = (targets.set, mode)
    hasGroupLogits = targets.firstGroupTarget != nil
    let labelCount = targets.firstGroupTarget ?? targets.count
    labels = logits[..<labelCount].map { Double($0) }
    groups =
      hasGroupLogits
      ? logits[labelCount...].map { Double($0) } : Array(repeating: 0, count: set.groups.count)
    switch mode {
    case .multiLabel:
      labels = labels.map(Self.sigmoid)
      if hasGroupLogits { groups = groups.map(Self.sigmoid) }
    case .singleLabel where hasGroupLogits: softmaxDown()
    case .singleLabel: labels = TreeScores.softmax(labels)
    case .perGroup:
      for group in -1..<set.groups.count { softmaxMembers(of: group, times: 1) }
    }
  }

  /// Softmax over each group's members, times the group's own score. A group precedes its members.
  private mutating func softmaxDown() {
    for group in -1..<set.groups.count {
      softmaxMembers(of: group, times: group < 0 ? 1 : groups[group])
    }
  }

  private mutating func softmaxMembers(of group: Int, times factor: Double) {
    var logits: [Double] = []
    for member in set.members(of: group) {
      switch member {
      case .leaf(let leaf): logits.append(labels[leaf])
      case .group(let inner): if hasGroupLogits { logits.append(groups[inner]) }
      }
    }
    // The label for none stands beside the outermost level.
    if group < 0 { logits += labels[set.leaves.count...] }
    var scores = TreeScores.softmax(logits).makeIterator()
    for member in set.members(of: group) {
      switch member {
      case .leaf(let leaf): labels[leaf] = factor * (scores.next() ?? 0)
      case .group(let inner): if hasGroupLogits { groups[inner] = factor * (scores.next() ?? 0) }
      }
    }
    guard group < 0 else { return }
    for none in labels[set.leaves.count...].indices { labels[none] = factor * (scores.next() ?? 0) }
  }

  /// Makes labels and scored groups agree. Groups are in order, each before what is in it.
  mutating func agree(_ rule: TreeConsistency) {
    switch rule {
    case .none: break
    case .lowerChildren:
      for (index, group) in set.groups.enumerated() where group.parent >= 0 {
        groups[index] = min(groups[index], groups[group.parent])
      }
      for (index, leaf) in set.leaves.enumerated() where leaf.parent >= 0 {
        labels[index] = min(labels[index], groups[leaf.parent])
      }
    case .raiseParents: raise()
    }
  }

  /// Scores of groups that the model did not score: the sum or the highest of what is in them.
  mutating func deriveGroups() {
    if !hasGroupLogits { raise() }
  }

  private mutating func raise() {
    let sums = mode == .singleLabel && !hasGroupLogits
    func lift(_ score: Double, _ group: Int) {
      groups[group] = sums ? groups[group] + score : max(groups[group], score)
    }
    for (index, leaf) in set.leaves.enumerated() where leaf.parent >= 0 {
      lift(labels[index], leaf.parent)
    }
    for (index, group) in set.groups.enumerated().reversed() where group.parent >= 0 {
      lift(groups[index], group.parent)
    }
  }

  private static func sigmoid(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }
}
