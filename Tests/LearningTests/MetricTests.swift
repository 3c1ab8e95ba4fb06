// What the goldens do not show: refusals, and numbers that can be counted by hand.

import Gliss
import Learning
import Testing

@Suite("Metrics")
struct MetricTests {
  private func refusal(_ body: () throws -> Void) -> GlissError? {
    do {
      try body()
      return nil
    } catch {
      return error as? GlissError
    }
  }

  @Test(
    "a row that cannot be counted is refused by name, and not counted",
    arguments: [
      ([3], [0], LabelKind.single, "truth"), ([-1], [0], .single, "truth"),
      ([0], [0, 1], .single, "predicted"), ([], [0], .single, "truth"),
      ([0, 0], [1], .multiple, "truth"), ([0], [7], .multiple, "predicted"),
    ])
  func rows(_ truth: [Int], _ predicted: [Int], _ kind: LabelKind, _ field: String) throws {
    var evaluation = LabelEvaluation(kind, labelCount: 3)
    let before = evaluation
    let error = try #require(refusal { try evaluation.add(truth: truth, predicted: predicted) })
    #expect(error.field == field && error.item == 0 && error.kind == .usage)
    #expect(evaluation == before)
  }

  @Test("a table refuses rows of another width, numbers that are none and labels that are none")
  func tables() throws {
    var table = try ScoreTable(labelCount: 2)
    #expect(refusal { try table.add(scores: [0.5], truth: []) }?.field == "scores")
    #expect(refusal { try table.add(scores: [0.5, .nan], truth: []) }?.field == "scores")
    #expect(refusal { try table.add(scores: [0.5, 0.5], truth: [2]) }?.field == "truth")
    #expect(table.rowCount == 0 && table.bestThreshold(.micro) == nil)
    #expect(refusal { _ = try ScoreTable(labelCount: 0) }?.field == "labelCount")
    #expect(refusal { _ = try CalibrationError(binCount: 0) }?.field == "binCount")
    var error = try CalibrationError()
    #expect(refusal { try error.add(score: 1.5, isRight: true) }?.field == "score")
    #expect(error.value.isNaN)
    let ranking = refusal { _ = try RankedQuery(scores: ["a": .nan], judgements: [:]) }
    #expect(ranking?.message.contains("document a") == true)
  }

  @Test("means over nothing are not numbers")
  func nothing() {
    let evaluation = LabelEvaluation(.single, labelCount: 2)
    #expect(evaluation.accuracy.isNaN && evaluation.f1(.macro).isNaN)
    #expect(RankingEvaluation().nDCG(at: 10).isNaN)
  }

  @Test("each label has its own best threshold; one that is never true has none")
  func perLabel() throws {
    var table = try ScoreTable(labelCount: 3)
    try table.add(scores: [0.9, 0.2, 0.1], truth: [0, 1])
    try table.add(scores: [0.6, 0.1, 0.1], truth: [0])
    try table.add(scores: [0.3, 0.05, 0.1], truth: [])
    let best = table.bestThresholds()
    #expect(best[0] == BestThreshold(threshold: 0.6, f1: 1))
    #expect(best[1] == BestThreshold(threshold: 0.2, f1: 1))
    #expect(best[2] == nil)
  }

  @Test("reciprocal rank looks at as many places as it is told to")
  func reciprocalRank() throws {
    let query = try RankedQuery(scores: ["a": 3, "b": 2, "c": 1], judgements: ["b": 1])
    #expect(query.documents == ["a", "b", "c"])
    #expect(query.reciprocalRank() == 0.5 && query.reciprocalRank(at: 1) == 0)
    #expect(query.nDCG(at: 0) == 0 && query.recall(at: -1) == 0)
  }

  @Test("scores on the edge of two bins belong to the lower one, 0 to the first")
  func bins() throws {
    var error = try CalibrationError(binCount: 4)
    for score: Float in [0, 0.25, 0.5, 0.75, 1, 0.500_000_1] {
      try error.add(score: score, isRight: true)
    }
    #expect(error.bins.map(\.count) == [2, 1, 2, 1])
  }
}
