// From the logits of a request's sequences to its result.

extension ClassificationRun {
  func outcome(_ index: Int) -> Result<Classification, GlissError> {
    do throws(GlissError) {
      return .success(try result(index))
    } catch {
      return .failure(error.about(item: index))
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
      targets, merged, scores, tokens: item.tokens, truncated: item.truncated,
      windows: item.passes.reduce(1) { max($0, $1.windows.count) },
      labelChunks: item.passes.count { $0.order == 0 }, orders: item.orderCount, options)
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
          throw targets.notFinite(row[label], of: target, request: index)
        }
        logits[pass.order][target] = pick(windows, label)
      }
    }
    return logits
  }
}
