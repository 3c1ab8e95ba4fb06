// Rows of premise and hypothesis, and how well entailment is told.

import Gliss
import Learning
import StrictJSON

/// A premise, a hypothesis, and whether the one entails the other.
struct NLIRow {
  let location: RowLocation
  let premise: String
  let hypothesis: String
  let isTrue: Bool

  /// - Parameter entailment: What the row's label is where it does.
  init(_ row: InputRow, entailment: String) throws(RowError) {
    location = row.location
    let fields = try RowFields.object(row.original, at: row.location)
    do throws(FieldError) {
      premise = try fields.string("premise")
      hypothesis = try fields.string("hypothesis")
      isTrue = try fields.string("label") == entailment
    } catch {
      throw RowFields.rowError(error, at: row.location)
    }
  }
}

/// A model's answers to one set: 1 is entailed, 0 is not.
struct NLIScore {
  private let threshold: Float
  private(set) var answers = LabelEvaluation(.single, labelCount: 2)
  private(set) var truncatedCount = 0
  private var table: ScoreTable
  private var calibration: CalibrationError

  init(_ threshold: Float) throws(GlissError) {
    self.threshold = threshold
    table = try ScoreTable(labelCount: 1)
    calibration = try CalibrationError()
  }

  /// - Parameter result: Of one label, the hypothesis.
  mutating func add(_ result: Classification, isTrue: Bool) throws(GlissError) {
    let score = result.scores[0].score
    try answers.add(truth: [isTrue ? 1 : 0], predicted: [score >= threshold ? 1 : 0])
    try table.add(scores: [score], truth: isTrue ? [0] : [])
    try calibration.add(score: score, isRight: isTrue)
    if result.truncated > 0 { truncatedCount += 1 }
  }

  /// The numbers of a line.
  func fields() throws(GlissError) -> [BenchField] {
    let trueCount = answers.counts[1].support
    let frequent = max(trueCount, answers.rowCount - trueCount)
    let best = table.bestThreshold(.micro)
    return [
      .metric("accuracy", "accuracy", answers.accuracy),
      .metric("majority", "majority", Double(frequent) / Double(answers.rowCount)),
      .metric("f1", "F1", answers.counts[1].f1()),
      .metric("macro_f1", "macro-F1", answers.f1(.macro)),
      .metric("best_f1", "best F1", best?.f1),
      .metric("best_threshold", "at", best.map { Double($0.threshold) }),
      .metric("average_precision", "AP", table.averagePrecision(.micro)),
      .metric("ece", "ECE", calibration.value),
      BenchField("entailed_rows", JSON(trueCount)),
    ]
  }
}
