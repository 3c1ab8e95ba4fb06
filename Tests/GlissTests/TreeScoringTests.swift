// Scores of labels in groups: sums, softmax, agreement of label and group.

import Gliss
import TestSupport
import Testing

private let json = #"{"a": {"b": ["x", "y"], "c": ["z"]}, "d": ["v", "w"], "e": "u"}"#

private func all(_ nodes: [ScoreNode]) -> [ScoreNode] { nodes + nodes.flatMap { all($0.children) } }

private func sum(_ nodes: [ScoreNode]) -> Float { nodes.reduce(0) { $0 + $1.score } }

@Suite("Scores of labels in groups")
struct TreeScoringTests {
  private func classify(_ options: ClassificationOptions) throws -> Classification {
    try classifier("modern").classify(
      "A night train to the sea.", labels: Label.parse(json: json), options: options)
  }

  @Test("names only: a group's score comes from its labels", arguments: ClassificationMode.allCases)
  func derived(mode: ClassificationMode) throws {
    let result = try classify(.init(mode: mode))
    let leaves = result.scores
    #expect(leaves.map(\.label) == ["a.b.x", "a.b.y", "a.c.z", "d.v", "d.w", "e.u"])
    for node in all(result.tree) where !node.children.isEmpty {
      #expect(node.logit == nil)
      let expected =
        mode == .singleLabel ? sum(node.children) : node.children.map(\.score).max() ?? 0
      #expect(abs(node.score - expected) < 1e-6)
    }
    switch mode {
    case .multiLabel: for leaf in leaves { #expect((leaf.score > 0.5) == (leaf.logit > 0)) }
    case .singleLabel: #expect(abs(leaves.reduce(0) { $0 + $1.score } - 1) < 1e-6)
    case .perGroup:
      #expect(abs(leaves[0].score + leaves[1].score - 1) < 1e-6)
      #expect(leaves[2].score == 1 && leaves[5].score == 1)
      #expect(result.selected().count == 4)
    }
  }

  @Test("softmax of flat labels is the same for one choice and for one a group")
  func flat() throws {
    let model = try classifier("modern")
    let single = try model.classify("x", labels: ["a", "b"], options: .init(mode: .singleLabel))
    let group = try model.classify("x", labels: ["a", "b"], options: .init(mode: .perGroup))
    #expect(single.scores == group.scores)
    #expect(group.tree.map(\.score) == group.scores.map(\.score))
  }

  @Test("scored groups of one choice: the labels of all groups still sum to 1")
  func downwards() throws {
    let result = try classify(.init(mode: .singleLabel, tree: TreeScoring(scoresGroups: true)))
    #expect(abs(result.scores.reduce(0) { $0 + $1.score } - 1) < 1e-6)
    #expect(abs(sum(result.tree) - 1) < 1e-6)
    for node in all(result.tree) where !node.children.isEmpty {
      #expect(node.logit != nil)
      #expect(abs(node.score - sum(node.children)) < 1e-6)
    }
  }

  @Test(
    "scored groups agree with their labels as asked", arguments: TreeConsistency.allCases,
    [ClassificationMode.multiLabel, .perGroup])
  func consistency(rule: TreeConsistency, mode: ClassificationMode) throws {
    let tree = TreeScoring(scoresGroups: true, consistency: rule)
    let free = all(try classify(.init(mode: mode, tree: TreeScoring(scoresGroups: true))).tree)
    let result = try classify(.init(mode: mode, tree: tree))
    let found = all(result.tree)
    #expect(found.map(\.logit) == free.map(\.logit))
    #expect(result.scores.map(\.score) == leaves(result.tree).map(\.score))
    var isBroken = false
    for node in found {
      for child in node.children where child.score > node.score { isBroken = true }
    }
    switch rule {
    case .none: #expect(isBroken, "the model agrees with itself: the test shows nothing")
    case .lowerChildren:
      #expect(!isBroken)
      for (a, b) in zip(found, free) { #expect(a.score <= b.score) }
      #expect(found[0].score == free[0].score)
    case .raiseParents:
      #expect(!isBroken)
      for (a, b) in zip(found, free) { #expect(a.score >= b.score) }
    }
  }

  private func leaves(_ nodes: [ScoreNode]) -> [ScoreNode] {
    nodes.flatMap { $0.children.isEmpty ? [$0] : leaves($0.children) }
  }
}
