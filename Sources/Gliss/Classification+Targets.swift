// A result, from logits and scores of its targets.

extension Classification {
  /// - Parameters:
  ///   - logits: One per target.
  ///   - options: Of the request.
  init(
    _ targets: LabelTargets, _ logits: MergedLogits, _ scores: TreeScores, tokens: Int,
    truncated: Int, windows: Int, labelChunks: Int, orders: Int, _ options: ClassificationOptions
  ) {
    self.init(
      scores: targets.set.leaves.enumerated().map { leaf, label in
        LabelScore(
          label: label.label, logit: logits.logits[leaf], score: scores.labels[leaf],
          groups: label.groups, threshold: label.threshold, spread: logits.spread?[leaf])
      },
      none: targets.noneTarget.map { target in
        LabelScore(
          label: options.selection.none?.name ?? "", logit: logits.logits[target],
          score: scores.labels[target], spread: logits.spread?[target])
      },
      tokens: tokens, truncated: truncated, windows: windows, labelChunks: labelChunks,
      orders: orders, mode: options.mode, threshold: options.threshold,
      selection: options.selection,
      tree: targets.set.groups.isEmpty ? [] : targets.nodes(of: -1, logits.logits, scores))
  }
}

extension LabelTargets {
  /// Labels and groups in a group with their scores. Recursion is as deep as the tree, at most
  /// `Label.depthLimit`.
  fileprivate func nodes(
    of group: Int, _ logits: [Float], _ scores: TreeScores
  ) -> [ScoreNode] {
    set.members(of: group).map { member in
      switch member {
      case .leaf(let index):
        let leaf = set.leaves[index]
        return ScoreNode(
          name: leaf.name, label: leaf.label, score: scores.labels[index], logit: logits[index])
      case .group(let index):
        let group = set.groups[index]
        return ScoreNode(
          name: group.name, label: group.label, score: scores.groups[index],
          logit: firstGroupTarget.map { logits[$0 + index] },
          children: nodes(of: index, logits, scores))
      }
    }
  }

  /// The error of a logit that is not finite.
  func notFinite(_ logit: Float, of target: Int, request index: Int) -> GlissError {
    let name = name(of: target)
    return GlissError(
      .software, "request \(index): the logit of label \(GlissError.quoted(name)) is \(logit)",
      field: GlissError.excerpt(name), expected: "a finite logit", found: "\(logit)")
  }

  /// What errors call a target.
  private func name(of target: Int) -> String {
    if target < set.leaves.count { return set.leaves[target].label }
    if let firstGroupTarget, target >= firstGroupTarget {
      return set.groups[target - firstGroupTarget].label
    }
    return "none of these"
  }
}
