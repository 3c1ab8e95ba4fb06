// The metrics against those of scikit-learn and pytrec_eval on the same answers.
// Goldens: Tests/Goldens/metrics.json, made by tools/eval/goldens.py; the file says with which versions.

import Learning
import StrictJSON
import TestSupport
import Testing

@Suite("Metrics equal scikit-learn's and pytrec_eval's")
struct MetricGoldenTests {
  static let bound = 1e-12

  static func goldens() throws -> JSON {
    try JSON(parsing: readBytes("\(Golden.folder)/metrics.json"))
  }

  static func cases(_ name: String) throws -> [JSON] {
    try #require(try goldens()[name]?.array)
  }

  /// `null` is not a number.
  func expectEqual(_ found: Double, _ expected: JSON?, _ what: String) {
    if expected?.isNull == true {
      #expect(found.isNaN, "\(what)")
    } else {
      let value = expected?.double ?? .infinity
      #expect(abs(found - value) <= Self.bound, "\(what): \(found), expected \(value)")
    }
  }

  func integers(_ json: JSON?) -> [[Int]] {
    (json?.array ?? []).map { ($0.array ?? []).compactMap(\.int) }
  }

  func floats(_ json: JSON?) -> [[Float]] {
    (json?.array ?? []).map { ($0.array ?? []).compactMap { $0.double.map { Float($0) } } }
  }

  @Test("answers: accuracy, hamming loss, precision, recall and F1", arguments: LabelKind.allCases)
  func answers(_ kind: LabelKind) throws {
    let cases = try Self.cases(kind == .single ? "single" : "multiple")
    #expect(cases.count >= 4)
    for (index, golden) in cases.enumerated() {
      var evaluation = LabelEvaluation(kind, labelCount: try #require(golden["labels"]?.int))
      let truths = integers(golden["truth"])
      for (truth, predicted) in zip(truths, integers(golden["predicted"])) {
        try evaluation.add(truth: truth, predicted: predicted)
      }
      #expect(evaluation.rowCount == truths.count && !truths.isEmpty)
      let place = "\(kind) \(index)"
      expectEqual(evaluation.accuracy, golden["accuracy"], "\(place) accuracy")
      expectEqual(evaluation.hammingLoss, golden["hamming"], "\(place) hamming")
      for average in LabelAverage.allCases {
        for zero in ZeroDivision.allCases {
          let values = try #require(golden["averages"]?["\(average) \(zero)"]?.array)
          let what = "\(place) \(average) \(zero)"
          expectEqual(evaluation.precision(average, zeroDivision: zero), values[0], what)
          expectEqual(evaluation.recall(average, zeroDivision: zero), values[1], what)
          expectEqual(evaluation.f1(average, zeroDivision: zero), values[2], what)
        }
      }
    }
  }

  @Test("scores: average precision, best thresholds, calibration error")
  func scores() throws {
    for (index, golden) in try Self.cases("multiple").enumerated() {
      let labelCount = try #require(golden["labels"]?.int)
      var table = try ScoreTable(labelCount: labelCount)
      var error = try CalibrationError(binCount: 10)
      for (scores, truth) in zip(floats(golden["scores"]), integers(golden["truth"])) {
        try table.add(scores: scores, truth: truth)
        for (label, score) in scores.enumerated() {
          try error.add(score: score, isRight: truth.contains(label))
        }
      }
      expectEqual(error.value, golden["calibration_error"], "\(index) calibration")
      for average in LabelAverage.allCases {
        let name = average.rawValue
        expectEqual(
          table.averagePrecision(average), golden["average_precision"]?[name], "\(index) \(name)")
        let best = try #require(table.bestThreshold(average))
        let expected = try #require(golden["best"]?[name]?.array)
        #expect(best.threshold == expected[0].double.map { Float($0) }, "\(index) \(name)")
        expectEqual(best.f1, expected[1], "\(index) \(name) best F1")
      }
      // At 0.5 the table gives the answers of the file.
      var answers = LabelEvaluation(.multiple, labelCount: labelCount)
      for (truth, said) in zip(integers(golden["truth"]), integers(golden["predicted"])) {
        try answers.add(truth: truth, predicted: said)
      }
      #expect(table.evaluation(threshold: 0.5) == answers)
    }
  }

  @Test("rankings: nDCG, recall, reciprocal rank and average precision, ties and empty queries too")
  func rankings() throws {
    let golden = try #require(try Self.goldens()["ranking"])
    let places = try #require(golden["cutoffs"]?.array)
    let cutoffs = places.compactMap(\.int)
    var evaluation = RankingEvaluation()
    let queries = try #require(golden["queries"]?.array)
    for query in queries {
      let name = try #require(query["name"]?.string)
      var scores: [String: Float] = [:]
      for member in try #require(query["scores"]?.object?.members) {
        scores[member.key] = Float(try #require(member.value.double))
      }
      var judgements: [String: Int] = [:]
      for member in try #require(query["judgements"]?.object?.members) {
        let relevance = try #require(member.value.int)
        judgements[member.key] = relevance
      }
      let ranked = try RankedQuery(scores: scores, judgements: judgements)
      for (place, k) in cutoffs.enumerated() {
        expectEqual(ranked.nDCG(at: k), query["ndcg"]?.array?[place], "\(name) ndcg \(k)")
        expectEqual(ranked.recall(at: k), query["recall"]?.array?[place], "\(name) recall \(k)")
      }
      expectEqual(ranked.reciprocalRank(), query["reciprocal_rank"], "\(name) rr")
      expectEqual(ranked.averagePrecision, query["average_precision"], "\(name) ap")
      evaluation.add(ranked)
    }
    #expect(evaluation.queries.contains { $0.documents.isEmpty })
    #expect(evaluation.queries.contains { $0.idealGains.isEmpty })
    let mean = golden["mean"]
    expectEqual(evaluation.nDCG(at: 10), mean?["ndcg_cut_10"], "mean ndcg")
    expectEqual(evaluation.recall(at: 10), mean?["recall_10"], "mean recall")
    expectEqual(evaluation.reciprocalRank(), mean?["recip_rank"], "mean rr")
    expectEqual(evaluation.averagePrecision, mean?["map"], "mean ap")
  }
}
