// Which labels are the answer: thresholds of labels, least and most, none of them.

import Gliss
import Testing

private func result(
  _ scores: [(String, Float)], mode: ClassificationMode = .multiLabel, threshold: Float? = nil,
  selection: Selection = Selection(), none: Float? = nil, own: [String: Float] = [:]
) -> Classification {
  let score = { (label: String, score: Float) in
    var path = label.split(separator: ".").map(String.init)
    path.removeLast()
    return LabelScore(
      label: label, logit: score * 8 - 4, score: score, groups: path, threshold: own[label])
  }
  return Classification(
    scores: scores.map { score($0.0, $0.1) }, none: none.map { score("none", $0) }, tokens: 9,
    mode: mode, threshold: threshold, selection: selection)
}

private let four: [(String, Float)] = [("a", 0.2), ("b", 0.9), ("c", 0.6), ("d", 0.4)]

@Suite("The answer")
struct SelectionTests {
  @Test("a label's own threshold goes before the request's, an argument before both")
  func ownThresholds() {
    let own: [String: Float] = ["a": 0.1, "b": 0.95]
    #expect(result(four, own: own).selected().map(\.label) == ["c", "a"])
    #expect(result(four, threshold: 0.3, own: own).selected().map(\.label) == ["c", "d", "a"])
    #expect(
      result(four, own: own).selected(threshold: 0.5).map(\.label) == ["b", "c"])
    #expect(result(four, mode: .singleLabel, own: own).selected().isEmpty)
    #expect(result(four, mode: .singleLabel, own: ["b": 0.9]).selected().map(\.label) == ["b"])
  }

  @Test("at least and at most")
  func counts() {
    #expect(result(four, selection: .init(minimum: 3)).selected().map(\.label) == ["b", "c", "d"])
    #expect(result(four, selection: .init(minimum: 9)).selected().count == 4)
    #expect(result(four, selection: .init(maximum: 1)).selected().map(\.label) == ["b"])
    #expect(
      result(four, selection: .init(minimum: 1, maximum: 3)).selected().map(\.label) == ["b", "c"])
    #expect(result(four, threshold: 0, selection: .init(maximum: 3)).selected(topK: 2).count == 2)
    #expect(
      result(four, mode: .singleLabel, selection: .init(minimum: 2)).selected().map(\.label) == [
        "b", "c",
      ])
  }

  @Test("in label order, when asked for")
  func order() {
    let kept = result(four, threshold: 0.3, selection: .init(maximum: 3, keepsLabelOrder: true))
    #expect(kept.selected().map(\.label) == ["b", "c", "d"])
    #expect(kept.selected(topK: 2).map(\.label) == ["b", "c"])
  }

  @Test("a rule for none: its score is what the best label lacks")
  func noneRule() throws {
    let none = Selection(none: .whenNothingHolds(name: "other"))
    #expect(result(four, selection: none).selected().map(\.label) == ["b", "c"])
    let answer = result(four, threshold: 0.95, selection: none).selected()
    let other = try #require(answer.first)
    #expect(answer.count == 1 && other.label == "other")
    #expect(abs(other.score - 0.1) < 1e-6 && abs(other.logit - -2.1972246) < 1e-5)
    #expect(
      result(four, mode: .singleLabel, threshold: 0.95, selection: none).selected().map(\.label)
        == ["other"])
    #expect(result(four, mode: .singleLabel, selection: none).selected().map(\.label) == ["b"])
    #expect(result(four, threshold: 1, selection: none).selected(topK: 0).isEmpty)
    for score: Float in [0, .leastNonzeroMagnitude, 0.99999994] {
      let logit = result([("a", score)], threshold: 1, selection: none).selected()[0].logit
      #expect(logit.isFinite)
    }
  }

  @Test("a label for none competes: highest, or the only one that is left")
  func noneLabel() {
    let none = Selection(none: .label("none"))
    #expect(result(four, selection: none, none: 0.95).selected().map(\.label) == ["none"])
    #expect(result(four, selection: none, none: 0.9).selected().map(\.label) == ["b", "c"])
    #expect(result(four, selection: none, none: 0.1).selected().map(\.label) == ["b", "c"])
    #expect(
      result(four, threshold: 0.95, selection: none, none: 0.1).selected().map(\.label) == ["none"])
    #expect(
      result(four, mode: .singleLabel, selection: none, none: 0.95).selected().map(\.label) == [
        "none"
      ])
    #expect(result(four, selection: none, none: 0.95).ranked().count == 4)
  }

  @Test("one label of every group")
  func perGroup() {
    let tree: [(String, Float)] = [
      ("g.a", 0.3), ("g.b", 0.7), ("h.i.c", 1), ("d", 0.4), ("e", 0.6),
    ]
    #expect(result(tree, mode: .perGroup).selected().map(\.label) == ["h.i.c", "g.b", "e"])
    #expect(
      result(tree, mode: .perGroup, threshold: 0.65).selected().map(\.label) == ["h.i.c", "g.b"])
  }
}
