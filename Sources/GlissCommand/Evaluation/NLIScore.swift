// Rows of premise and hypothesis, and how well entailment is told.

import Gliss
import Learning
import StrictJSON

/// A premise, a hypothesis, and whether the one entails the other.
struct NLIRow: MeasuredRow {
  let location: RowLocation
  let premise: String
  let hypothesis: String
  let label: String
  let isTrue: Bool

  var text: String { premise }

  /// - Parameter entailment: What the row's label is where it does.
  init(_ row: InputRow, entailment: String) throws(RowError) {
    location = row.location
    let fields = try RowFields.object(row.original, at: row.location)
    do throws(FieldError) {
      premise = try fields.string("premise")
      hypothesis = try fields.string("hypothesis")
      label = try fields.string("label")
      isTrue = label == entailment
    } catch {
      throw RowFields.rowError(error, at: row.location)
    }
  }
}

/// What a model says of one row.
struct NLIAnswer {
  /// Of entailment.
  let score: Float
  let isTruncated: Bool
  /// The model's own label that it found best, where it has several.
  var best: Int?
}

/// A model's answers to one set: 1 is entailed, 0 is not.
struct NLIScore {
  private let threshold: Float
  /// Of a model that tells more than two labels apart, their names in lower case.
  private let names: [String]
  private var namedAnswers: LabelEvaluation
  /// Whether every row's label is one of the model's.
  private var knowsAllRows: Bool
  private(set) var answers = LabelEvaluation(.single, labelCount: 2)
  private(set) var truncatedCount = 0
  private var table: ScoreTable
  private var calibration: CalibrationError

  /// - Parameter labels: The model's own; fewer than three say no more than entailed and not.
  init(_ threshold: Float, labels: [String]) throws(GlissError) {
    self.threshold = threshold
    names = labels.count > 2 ? labels.map { $0.lowercased() } : []
    namedAnswers = LabelEvaluation(.single, labelCount: names.count)
    knowsAllRows = !names.isEmpty
    table = try ScoreTable(labelCount: 1)
    calibration = try CalibrationError()
  }

  mutating func add(_ answer: NLIAnswer, to row: NLIRow) throws(GlissError) {
    let (score, isTrue) = (answer.score, row.isTrue)
    try answers.add(truth: [isTrue ? 1 : 0], predicted: [score >= threshold ? 1 : 0])
    try table.add(scores: [score], truth: isTrue ? [0] : [])
    try calibration.add(score: score, isRight: isTrue)
    if answer.isTruncated { truncatedCount += 1 }
    if let best = answer.best, let truth = names.firstIndex(of: row.label.lowercased()) {
      try namedAnswers.add(truth: [truth], predicted: [best])
    } else {
      knowsAllRows = false
    }
  }

  /// How all labels of the model are told apart; a dash where the rows have others.
  private func labelFields() -> [BenchField] {
    guard !names.isEmpty else { return [] }
    let found = knowsAllRows ? namedAnswers : nil
    return [
      .metric("label_accuracy", "\(names.count)-way", found?.accuracy),
      .metric("label_macro_f1", "macro-F1", found?.f1(.macro)),
      .metric("label_weighted_f1", found?.f1(.weighted)),
    ]
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
    ] + labelFields()
  }
}
