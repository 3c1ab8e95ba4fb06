// The public library: what callers get, and what they are refused.

import Gliss
import TestSupport
import Testing

/// A classifier on a golden's model.
func classifier(
  _ golden: String, _ options: Classifier.Options = Classifier.Options(threads: 1)
) throws -> Classifier {
  try Classifier(model: Golden.named(golden).model, options: options)
}

private func request(_ row: Golden.Row) -> ClassificationRequest {
  ClassificationRequest(
    text: row.text, labels: row.labels,
    options: ClassificationOptions(
      prompt: row.prompt, examples: row.examples.map { Example(text: $0.text, labels: $0.labels) },
      promptSafety: row.matchesControlTokens ? .rawControlTokens : .safe))
}

@Suite("A classifier gives upstream's numbers as values")
struct ClassifierTests {
  @Test("logits, scores and token counts of the goldens", arguments: ["edge", "modern", "words"])
  func goldens(name: String) throws {
    let rows = try Golden.named(name).rows
    let results = try classifier(name, .init(precision: .f32, threads: 1))
      .classify(rows.map(request))
    #expect(results.count == rows.count)
    for (row, result) in zip(rows, results) {
      #expect(result.scores.map(\.label) == row.labels)
      #expect(result.tokens == row.ids.count)
      #expect(result.truncated == 0)
      #expect(result.windows == 1)
      for (score, expected) in zip(result.scores, row.logits) {
        #expect(abs(score.logit - expected) <= 1e-5 * max(1, abs(expected)), "\(row.name)")
        #expect((0...1).contains(score.score))
        #expect((score.score > 0.5) == (score.logit > 0))
      }
    }
  }

  @Test("scores of one label sum to 1, and the best one is selected")
  func singleLabel() throws {
    let model = try classifier("edge")
    let options = ClassificationOptions(mode: .singleLabel)
    let result = try model.classify("A night train.", labels: ["a", "b", "c"], options: options)
    #expect(abs(result.scores.reduce(0) { $0 + $1.score } - 1) < 1e-6)
    #expect(result.selected() == [result.ranked()[0]])
    #expect(result.selected(topK: 2) == Array(result.ranked().prefix(2)))
    #expect(result.selected(threshold: 1).isEmpty)
  }

  @Test("the same text with the same labels is computed once a call")
  func duplicates() throws {
    let model = try classifier("edge")
    let texts = ["one", "two", "one", "one", "three", "two"]
    let requests =
      texts.map { ClassificationRequest(text: $0, labels: ["a", "b"]) }
      + [ClassificationRequest(text: "one", labels: ["b", "a"])]
    var run = ClassificationRun(requests, classifier: model)
    let results = try run.outcomes().map { try $0.get() }
    #expect(run.sequenceCount == 4)
    #expect(results == (try requests.map { try model.classify([$0])[0] }))
  }

  @Test("a text alone is the text in any batch, bit for bit")
  func batches() throws {
    let rows = try Golden.named("instruct").rows
    let alone = try rows.map { try classifier("instruct").classify([request($0)])[0] }
    for (threads, budget) in [(1, 1), (2, 200), (3, 100_000)] {
      let model = try classifier("instruct", .init(threads: threads, batchTokens: budget))
      #expect(try model.classify(rows.map(request)) == alone)
      #expect(try model.classify(rows.reversed().map(request)) == alone.reversed())
    }
  }

  @Test("one classifier on many threads")
  func concurrent() async throws {
    let model = try classifier("edge", .init(threads: 2))
    let expected = try model.classify("The soup was cold.", labels: ["food", "travel"])
    try await withThrowingTaskGroup(of: Classification.self) { group in
      for _ in 0..<8 {
        group.addTask { try model.classify("The soup was cold.", labels: ["food", "travel"]) }
      }
      for try await result in group { #expect(result == expected) }
    }
  }

  @Test("a model describes itself")
  func info() throws {
    let model = try classifier("edge").model
    #expect(model.origin == .path)
    #expect(model.architecture == "uni-encoder")
    #expect(model.encoder == "modernbert")
    #expect(model.scorer == "mlp")
    #expect(model.labelsFirst)
    #expect(model.supportsExamples)
    #expect(model.unusedTensors.isEmpty)
    #expect(model.tensorTypes["F32"].map { $0 > 10 } == true)
    #expect(model.files.contains { $0.name == "model.safetensors" && $0.byteCount > 100_000 })
    // Every parameter is one of the file's 4-byte floats; the rest is its header.
    let weights = try #require(model.files.first { $0.name == "model.safetensors" }).byteCount
    #expect((1...8192).contains(weights - 4 * model.parameterCount))
    #expect(try classifier("fixed-slots").model.labelLimit == 9)
  }

  @Test("the machine report names what a classifier runs on")
  func machine() throws {
    let report = try MachineReport(options: .init(kernels: "scalar", threads: 1))
    #expect(report.chosen == "scalar")
    #expect(report.threads == 1)
    #expect(report.kernelSets.contains { $0.name == "scalar" && $0.isSupported })
    #expect(report.kernelSets.last?.name == "openblas")
    #expect(try classifier("edge", .init(kernels: "scalar")).model.kernels == "scalar")
  }
}

@Suite("Results as values")
struct ClassificationTests {
  private let result = Classification(
    scores: [
      LabelScore(label: "a", logit: 1, score: 0.73),
      LabelScore(label: "b", logit: 2, score: 0.88),
      LabelScore(label: "c", logit: -1, score: 0.27),
      LabelScore(label: "d", logit: 1, score: 0.73),
    ], tokens: 9)

  @Test("selected: at or above the threshold, highest first, ties in label order")
  func selected() {
    #expect(result.selected().map(\.label) == ["b", "a", "d"])
    #expect(result.selected(threshold: 0.73).map(\.label) == ["b", "a", "d"])
    #expect(result.selected(threshold: 0.8).map(\.label) == ["b"])
    #expect(result.selected(threshold: 0).map(\.label) == ["b", "a", "d", "c"])
    #expect(result.selected(topK: 2).map(\.label) == ["b", "a"])
    #expect(result.selected(topK: 0).isEmpty)
    #expect(result.selected(topK: -1).isEmpty)
    #expect(result.ranked().map(\.label) == ["b", "a", "d", "c"])
  }

  @Test("the request's threshold is the default")
  func ownThreshold() {
    var result = result
    result.threshold = 0.2
    #expect(result.selected().count == 4)
    #expect(result.selected(threshold: 0.8).count == 1)
    result.mode = .singleLabel
    result.threshold = 0.8
    #expect(result.selected().map(\.label) == ["b"])
    result.threshold = nil
    #expect(result.selected().map(\.label) == ["b"])
  }
}
