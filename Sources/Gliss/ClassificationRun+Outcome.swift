// From the logits of a request's sequences to its result.

extension ClassificationRun {
  func outcome(_ index: Int) -> Result<Classification, GlissError> {
    do throws(GlissError) {
      return .success(try result(index))
    } catch {
      var error = error
      error.item = index
      return .failure(error)
    }
  }

  private func result(_ index: Int) throws(GlissError) -> Classification {
    let item = items[index]
    if let error = item.error { throw error }
    guard let targets = item.targets, let first = item.passes.first else {
      throw GlissError(.software, "request \(index) was not prepared")
    }
    let options = requests[index].options
    let merged = MergedLogits(
      try logits(item, targets, index) { rows, label in options.windowMerge.merged(rows, label) })
    var scores = TreeScores(merged.logits, targets, options)
    if options.windowMerge == .maxScore {
      var windows: [TreeScores] = []
      for window in first.windows.indices {
        let mean = MergedLogits(try logits(item, targets, index) { $0[window][$1] })
        windows.append(TreeScores(mean.logits, targets, options))
      }
      scores = TreeScores(highestOf: windows, mode: options.mode)
    }
    return Classification(
      scores: targets.set.leaves.enumerated().map { leaf, label in
        LabelScore(
          label: label.label, logit: merged.logits[leaf], score: scores.labels[leaf],
          groups: label.groups, threshold: label.threshold, spread: merged.spread?[leaf])
      },
      none: targets.noneTarget.map { target in
        LabelScore(
          label: options.selection.none?.name ?? "", logit: merged.logits[target],
          score: scores.labels[target], spread: merged.spread?[target])
      },
      tokens: item.tokens, truncated: item.truncated,
      windows: item.passes.reduce(1) { max($0, $1.windows.count) },
      labelChunks: item.passes.count { $0.order == 0 }, orders: item.orderCount,
      mode: options.mode, threshold: options.threshold, selection: options.selection,
      tree: targets.set.groups.isEmpty ? [] : nodes(of: -1, targets, merged.logits, scores))
  }

  /// Logits by order and target.
  ///
  /// - Parameter pick: The logit of a label, from the rows of all windows and its place in a row.
  private func logits(
    _ item: Item, _ targets: LabelTargets, _ index: Int,
    _ pick: (_ rows: [[Float]], _ label: Int) -> Float
  ) throws(GlissError) -> [[Float]] {
    var logits = Array(
      repeating: Array(repeating: Float.nan, count: targets.count), count: item.orderCount)
    for pass in item.passes {
      var windows: [[Float]] = []
      for window in pass.windows { windows.append(try rows[window].get()) }
      for (label, target) in pass.targets.enumerated() {
        for row in windows where !row[label].isFinite {
          let name = targets.name(of: target)
          throw GlissError(
            .software,
            "request \(index): the logit of label \(GlissError.quoted(name)) is \(row[label])",
            field: GlissError.excerpt(name), expected: "a finite logit", found: "\(row[label])")
        }
        logits[pass.order][target] = pick(windows, label)
      }
    }
    return logits
  }

  /// Recursion is as deep as the tree, at most `Label.depthLimit`.
  private func nodes(
    of group: Int, _ targets: LabelTargets, _ logits: [Float], _ scores: TreeScores
  ) -> [ScoreNode] {
    targets.set.members(of: group).map { member in
      switch member {
      case .leaf(let index):
        let leaf = targets.set.leaves[index]
        return ScoreNode(
          name: leaf.name, label: leaf.label, score: scores.labels[index], logit: logits[index])
      case .group(let index):
        let group = targets.set.groups[index]
        return ScoreNode(
          name: group.name, label: group.label, score: scores.groups[index],
          logit: targets.firstGroupTarget.map { logits[$0 + index] },
          children: nodes(of: index, targets, logits, scores))
      }
    }
  }
}

extension LabelTargets {
  /// What errors call a target.
  fileprivate func name(of target: Int) -> String {
    if target < set.leaves.count { return set.leaves[target].label }
    if let firstGroupTarget, target >= firstGroupTarget {
      return set.groups[target - firstGroupTarget].label
    }
    return "none of these"
  }
}
