// From scores to the answer: thresholds, the least and the most labels, none of them.

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

extension Classification {
  /// All labels, highest score first, ties in label order.
  public func ranked() -> [LabelScore] { order().map { scores[$0] } }

  /// The answer: the labels that hold, highest score first, ties in label order.
  ///
  /// 1. A label holds if its score is at or above its bar: the argument if given, else its own
  ///    threshold, else the request's, else 0.5 for ``ClassificationMode/multiLabel`` and none for
  ///    the other modes. Of those modes ``ClassificationMode/perGroup`` looks at the best label of
  ///    every group, and ``ClassificationMode/singleLabel`` at the best label (or the best `topK`),
  ///    or at all where the argument or the request gives a threshold.
  /// 2. Fewer than ``Selection/minimum``: the next best come too. More than ``Selection/maximum`` or
  ///    `topK`: the best remain.
  /// 3. ``Selection/none`` is the answer alone if nothing holds; an explicit label for none also if
  ///    its score is higher than that of every label.
  ///
  /// - Parameters:
  ///   - threshold: Replaces every threshold.
  ///   - topK: The most labels to return; nil: ``Selection/maximum``.
  public func selected(threshold: Float? = nil, topK: Int? = nil) -> [LabelScore] {
    let ranking = order()
    if let none, case .label? = selection.none, let best = ranking.first,
      isAhead(none, of: scores[best])
    {
      return [none]
    }
    let most = max(0, min(topK ?? .max, selection.maximum ?? .max))
    var held = holding(ranking, threshold, topK)
    if held.count < selection.minimum {
      let known = Set(held)
      held += ranking.lazy.filter { !known.contains($0) }.prefix(selection.minimum - held.count)
    }
    held = Array(held.prefix(most))
    guard !held.isEmpty || most == 0 else { return noneOfThese(ranking) }
    if selection.keepsLabelOrder { held.sort() }
    return held.map { scores[$0] }
  }

  /// Indices of the labels that reach their bars, best first.
  private func holding(_ ranking: [Int], _ argument: Float?, _ topK: Int?) -> [Int] {
    let common = argument ?? threshold
    let candidates =
      switch mode {
      case .singleLabel where common == nil: Array(ranking.prefix(max(0, topK ?? 1)))
      case .perGroup: bestOfGroups(ranking)
      case .multiLabel, .singleLabel: ranking
      }
    let usual: Float? = mode == .multiLabel ? 0.5 : nil
    return candidates.filter { index in
      guard let bar = argument ?? scores[index].threshold ?? threshold ?? usual else { return true }
      return scores[index].score >= bar
    }
  }

  private func bestOfGroups(_ ranking: [Int]) -> [Int] {
    var seen: Set<[String]> = []
    return ranking.filter { seen.insert(scores[$0].groups).inserted }
  }

  private func noneOfThese(_ ranking: [Int]) -> [LabelScore] {
    switch selection.none {
    case nil: return []
    case .label: return none.map { [$0] } ?? []
    case .whenNothingHolds(let name):
      let best = Double(ranking.first.map { scores[$0].score } ?? 0)
      // Its log-odds, finite as every logit is.
      let held = min(max(best, Double(Float.leastNormalMagnitude)), 1 - Double(Float.ulpOfOne))
      return [
        LabelScore(label: name, logit: Float(log1p(-held) - log(held)), score: Float(1 - best))
      ]
    }
  }

  private func order() -> [Int] {
    scores.indices.sorted {
      isAhead(scores[$0], of: scores[$1]) || (!isAhead(scores[$1], of: scores[$0]) && $0 < $1)
    }
  }

  /// By score, then by logit: distinct logits may round to the same score.
  private func isAhead(_ one: LabelScore, of other: LabelScore) -> Bool {
    one.score != other.score ? one.score > other.score : one.logit > other.logit
  }
}
