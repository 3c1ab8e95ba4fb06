// What is gathered of a labelled set, and what is said of it.

import Gliss
import Learning
import StrictJSON

/// A model's answers to one set.
struct ClassificationScore {
  let labels: SetLabels
  let threshold: Float
  private(set) var evaluation: LabelEvaluation
  private var table: ScoreTable
  private var calibration: CalibrationError
  /// Rows for which each label is true.
  private var truthCounts: [Int]
  /// Row by row: what another precision is compared with.
  private(set) var logits: [Float] = []
  private(set) var decisions: [Int] = []
  private(set) var tokenCount = 0
  private(set) var truncatedCount = 0

  init(_ labels: SetLabels, threshold: Float) throws(GlissError) {
    self.labels = labels
    self.threshold = threshold
    evaluation = LabelEvaluation(labels.kind, labelCount: labels.names.count)
    table = try ScoreTable(labelCount: labels.names.count)
    calibration = try CalibrationError()
    truthCounts = Array(repeating: 0, count: labels.names.count)
  }

  mutating func add(_ result: Classification, truth: [Int]) throws(GlissError) {
    let scores = result.scores
    switch labels.kind {
    case .single:
      // The first of equally good ones, as argmax has it.
      let best = scores.indices.dropFirst().reduce(0) {
        scores[$1].logit > scores[$0].logit ? $1 : $0
      }
      try evaluation.add(truth: truth, predicted: [best])
      try calibration.add(score: scores[best].score, isRight: truth == [best])
      decisions.append(best)
    case .multiple:
      let said = scores.indices.filter { scores[$0].score >= threshold }
      try evaluation.add(truth: truth, predicted: said)
      try table.add(scores: scores.map(\.score), truth: truth)
      let (truths, holding) = (Set(truth), Set(said))
      for label in scores.indices {
        try calibration.add(score: scores[label].score, isRight: truths.contains(label))
        decisions.append(holding.contains(label) ? 1 : 0)
      }
    }
    for label in truth { truthCounts[label] += 1 }
    logits += scores.map(\.logit)
    tokenCount += result.tokens
    if result.truncated > 0 { truncatedCount += 1 }
  }

  /// Macro-F1 of always saying the most frequent label; nil for sets of labels.
  private func majority() throws(GlissError) -> Double? {
    guard labels.kind == .single, let most = truthCounts.max(),
      let label = truthCounts.firstIndex(of: most)
    else { return nil }
    var majority = LabelEvaluation(.single, labelCount: truthCounts.count)
    for (truth, count) in truthCounts.enumerated() {
      for _ in 0..<count { try majority.add(truth: [truth], predicted: [label]) }
    }
    return majority.f1(.macro)
  }

  /// The numbers of a line.
  func fields() throws(GlissError) -> [BenchField] {
    let (macro, micro) = (evaluation.f1(.macro), evaluation.f1(.micro))
    let weighted = evaluation.f1(.weighted)
    let error = calibration.value
    switch labels.kind {
    case .single:
      return [
        .metric("accuracy", "accuracy", evaluation.accuracy),
        .metric("macro_f1", "macro-F1", macro),
        .metric("weighted_f1", "weighted", weighted),
        .metric("ece", "ECE", error),
        .metric("majority_macro_f1", "majority", try majority()),
        .metric("micro_f1", micro), .metric("hamming_loss", evaluation.hammingLoss),
      ]
    case .multiple:
      let (bestMicro, bestMacro) = (table.bestThreshold(.micro), table.bestThreshold(.macro))
      return [
        .metric("micro_f1", "micro-F1", micro),
        .metric("macro_f1", "macro-F1", macro),
        .metric("best_micro_f1", "best micro", bestMicro?.f1),
        .metric("best_micro_threshold", "at", bestMicro.map { Double($0.threshold) }),
        .metric("best_macro_f1", "best macro", bestMacro?.f1),
        .metric("best_macro_threshold", "at", bestMacro.map { Double($0.threshold) }),
        .metric("macro_average_precision", "mAP", table.averagePrecision(.macro)),
        .metric("ece", "ECE", error),
        .metric("weighted_f1", weighted),
        .metric("micro_average_precision", table.averagePrecision(.micro)),
        .metric("subset_accuracy", evaluation.accuracy),
        .metric("hamming_loss", evaluation.hammingLoss),
        .metric("threshold", Double(threshold)),
      ]
    }
  }

  /// A line a label.
  func labelFields(_ set: String, words: [String]) -> [[BenchField]] {
    evaluation.counts.enumerated().map { index, counts in
      [
        BenchField("set", .left("set", 24), set),
        BenchField("label", .left("label", 32), labels.names[index]),
        BenchField("read_as", JSON(words[index])),
        BenchField("support", .right("rows", 6), counts.support),
        BenchField("predicted", .right("said", 6), counts.predictions),
        .metric("precision", "precision", counts.precision()),
        .metric("recall", "recall", counts.recall()),
        .metric("f1", "F1", counts.f1()),
      ]
    }
  }
}
