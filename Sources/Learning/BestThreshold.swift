// The threshold from which on labels should hold, given what was true.

/// A threshold and how good it is.
public struct BestThreshold: Sendable, Hashable {
  /// Scores at or above it hold.
  public var threshold: Float
  /// F1 with it.
  public var f1: Double

  /// Makes a threshold.
  public init(threshold: Float, f1: Double) {
    self.threshold = threshold
    self.f1 = f1
  }
}

extension ScoreTable {
  /// The one threshold with the best F1 on this table. Every score is tried; of equally good ones the
  /// highest is taken. Nil without rows.
  ///
  /// It is chosen on the very rows that it is then judged by, so its F1 is a bound: what a
  /// threshold that is tuned on other rows can reach at most.
  ///
  /// - Parameter average: ``LabelAverage/weighted`` weighs by rows for which a label is true.
  public func bestThreshold(_ average: LabelAverage) -> BestThreshold? {
    var counts = Array(repeating: LabelCounts(), count: labelCount)
    for (cell, isTrue) in truths.enumerated() where isTrue {
      counts[cell % labelCount].falseNegatives += 1
    }
    let weights = counts.map { average == .weighted ? Double($0.support) : 1 }
    let total = weights.reduce(0, +)
    var all = counts.reduce(LabelCounts(), +)
    var sum = 0.0
    var best: BestThreshold?
    for step in ScoreSteps(scores, truths) {
      for cell in step.cells {
        let label = cell % labelCount
        let before = counts[label].f1()
        counts[label].say(isTrue: truths[cell])
        all.say(isTrue: truths[cell])
        sum += weights[label] * (counts[label].f1() - before)
      }
      let f1 = average == .micro ? all.f1() : total > 0 ? sum / total : 0
      // What the sum has gathered of rounding is no improvement.
      if best.map({ f1 > $0.f1 + 1e-12 }) ?? true {
        best = BestThreshold(threshold: step.score, f1: f1)
      }
    }
    guard let threshold = best?.threshold else { return nil }
    return BestThreshold(threshold: threshold, f1: f1(average, threshold: threshold))
  }

  /// The best threshold of each label by itself; nil for one that is never true.
  public func bestThresholds() -> [BestThreshold?] {
    columns.map { $0.truths.contains(true) ? $0.bestThreshold(.micro) : nil }
  }

  /// The answers at a threshold.
  public func evaluation(threshold: Float) -> LabelEvaluation {
    var evaluation = LabelEvaluation(.multiple, labelCount: labelCount)
    for row in 0..<rowCount {
      let cells = row * labelCount..<(row + 1) * labelCount
      evaluation.add(truths[cells], scores[cells].map { $0 >= threshold }[...])
    }
    return evaluation
  }

  private func f1(_ average: LabelAverage, threshold: Float) -> Double {
    evaluation(threshold: threshold).f1(average)
  }
}

extension LabelCounts {
  /// The label is said of one row more.
  fileprivate mutating func say(isTrue: Bool) {
    if isTrue {
      truePositives += 1
      falseNegatives -= 1
    } else {
      falsePositives += 1
    }
  }
}
