// The official pipelines' answers, held against ours with the options that ask for upstream's ways.

import Gliss
import TestSupport
import Testing

@Suite("The official pipelines' answers")
struct PipelineGoldenTests {
  static let tolerance: Float = 1e-5

  @Test("labels, their order, scores and nested results", arguments: try PipelineGolden.all())
  func answers(_ golden: PipelineGolden) throws {
    let model = try Classifier(model: golden.model, options: .init(precision: .f32, threads: 1))
    let results = try model.classify(golden.rows.map { try request($0, golden) })
    for (row, result) in zip(golden.rows, results) {
      let answer = result.selected()
      #expect(answer.map(\.label) == row.found.map(\.label), "\(golden): \(row.text)")
      for (score, expected) in zip(answer, row.found) {
        #expect(abs(score.score - expected.score) <= Self.tolerance, "\(golden): \(score)")
      }
      if golden.rewordsLabels {
        #expect(result.scores.map(\.label) == row.nested.map(\.name))
        for (score, expected) in zip(result.scores, row.nested) {
          #expect(abs(score.score - (expected.score ?? 2)) <= Self.tolerance, "\(golden)")
        }
      } else {
        compare(result.tree, row.nested, golden)
      }
    }
  }

  @Test("the file has every feature that upstream's pipelines have")
  func coverage() throws {
    let goldens = try PipelineGolden.all()
    #expect(goldens.count >= 60)
    let rows = goldens.flatMap(\.rows)
    #expect(goldens.contains { ($0.chunk ?? 0) > 1 && $0.window != nil })
    #expect(rows.contains { $0.nested.contains { $0.children.contains { !$0.children.isEmpty } } })
    #expect(rows.contains { !$0.examples.isEmpty } && rows.contains { $0.prompt != nil })
    #expect(rows.contains(where: \.isSingle) && rows.contains { $0.found.isEmpty })
  }

  private func compare(
    _ tree: [ScoreNode], _ expected: [PipelineGolden.Node], _ golden: PipelineGolden
  ) {
    #expect(tree.map(\.name) == expected.map(\.name), "\(golden)")
    for (node, expected) in zip(tree, expected) {
      if let score = expected.score {
        #expect(abs(node.score - score) <= Self.tolerance, "\(golden): \(node.label)")
      }
      compare(node.children, expected.children, golden)
    }
  }

  private func request(
    _ row: PipelineGolden.Row, _ golden: PipelineGolden
  ) throws -> ClassificationRequest {
    let labels = try describe(try Label.parse(json: row.labels), golden, prefix: "")
    var options = ClassificationOptions(
      mode: row.isSingle ? .singleLabel : .multiLabel,
      // Upstream has no threshold for one choice.
      threshold: row.isSingle ? nil : row.threshold, prompt: row.prompt,
      examples: row.examples.map { Example(text: $0.text, labels: $0.labels) },
      maxTokens: golden.maxTokens,
      phrasing: LabelPhrasing(
        template: golden.template, separator: golden.separator, lowercased: golden.lowercases))
    if golden.maxTokens != nil { options.longText = .truncate }
    if let chunk = golden.chunk {
      options.labelChunks = .count(chunk)
      options.characterWindows =
        golden.window.map {
          CharacterWindows(size: $0.size, overlap: $0.overlap)
        } ?? CharacterWindows()
      options.windowMerge = .maxScore
      options.longText = .truncate
    } else {
      options.selection.keepsLabelOrder = true
    }
    return ClassificationRequest(text: row.text, labels: labels, options: options)
  }

  private func describe(
    _ labels: [Label], _ golden: PipelineGolden, prefix: String
  ) throws -> [Label] {
    try labels.map { label in
      var label = label
      let name = prefix + label.name
      if label.isGroup {
        let children = try describe(label.children, golden, prefix: name + golden.separator)
        return try Label(label.name, children: children)
      }
      label.description = golden.descriptions[name]
      return label
    }
  }
}
