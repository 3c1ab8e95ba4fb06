// The goldens: what the official package computed for tiny checkpoints, held against ours.
// Made by tools/goldens/make.py; Tests/Goldens/manifest.json says with which versions.

import Encoders
import GLiClass
import Kernels
import TestSupport
import Testing

extension Golden.Row {
  var input: PromptInput {
    PromptInput(
      text: text, labels: labels, task: prompt, examples: examples,
      matchesControlTokens: matchesControlTokens)
  }
}

extension GLiClassModel {
  /// A golden's model.
  static func golden(
    _ golden: Golden, kernels: String? = nil, threads: Int = 1
  ) throws -> GLiClassModel {
    try GLiClassModel(
      folder: golden.model, compute: Compute(kernels: kernels, threads: threads))
  }

  static func golden(_ name: String) throws -> GLiClassModel { try golden(Golden.named(name)) }
}

@Suite("The official package's numbers")
struct GoldenTests {
  /// |delta logit| <= tolerance x max(1, |logit|). The rows' own float32 noise is at most 3e-6.
  static let tolerance: Float = 1e-5

  @Test("ids are the same, logits within 1e-5", arguments: KernelSet.available.map(\.name))
  func logits(kernels: String) throws {
    let goldens = try Golden.all()
    #expect(goldens.count >= 140)
    for golden in goldens {
      let model = try GLiClassModel.golden(golden, kernels: kernels)
      #expect(model.weights.unused.isEmpty)
      var worst: Float = 0
      for row in golden.rows {
        let prompt = try model.prepare(row.input, limit: nil, policy: .error)
        #expect(prompt.sequences == [row.ids], "\(golden), \(row.name)")
        #expect(prompt.tokenCount == row.ids.count)
        let found = try model.logits([(row.ids, row.labels.count)])[0]
        worst = max(worst, Self.distance(found, row.logits))
      }
      #expect(worst <= Self.tolerance, "\(golden) with \(kernels): \(golden.why)")
      print("golden \(golden) \(kernels): max |delta| \(worst)")
    }
  }

  @Test("label slots without a label are scored as zero vectors")
  func missingSlots() throws {
    var rows = 0
    for golden in try Golden.all() {
      let model = try GLiClassModel.golden(golden)
      for row in golden.rows where !row.missingSlotLogits.isEmpty {
        let expected = row.logits + row.missingSlotLogits
        let found = try model.logits([(row.ids, expected.count)])[0]
        #expect(Self.distance(found, expected) <= Self.tolerance, "\(golden), \(row.name)")
        rows += 1
      }
    }
    #expect(rows > 5)
  }

  @Test("text and label vectors are upstream's embeddings")
  func embeddings() throws {
    var rows = 0
    for golden in try Golden.all() {
      let model = try GLiClassModel.golden(golden)
      for row in golden.rows where !row.textEmbedding.isEmpty {
        let found = try model.embeddings([(row.ids, row.labels.count)])[0]
        try #require(found.text.count == row.textEmbedding.count, "\(golden)")
        try #require(found.labels.count == row.labelEmbeddings.count, "\(golden)")
        for (vector, expected) in zip(
          found.text + found.labels, row.textEmbedding + row.labelEmbeddings)
        {
          #expect(Self.distance(vector, expected) <= Self.tolerance, "\(golden), \(row.name)")
        }
        let logits = try model.logits([(row.ids, row.labels.count)])[0]
        #expect(found.logits == logits)
        rows += 1
      }
    }
    #expect(rows >= 7)
  }

  @Test("examples are refused where the vocabulary has no <<EXAMPLE>>")
  func refusesExamples() throws {
    let goldens = try Golden.all()
    #expect(goldens.contains { $0.refusesExamples })
    for golden in goldens {
      let model = try GLiClassModel.golden(golden)
      #expect(model.supportsExamples == !golden.refusesExamples)
      guard golden.refusesExamples else { continue }
      #expect(throws: GLiClassError.self) {
        try model.prepare(
          PromptInput(text: "a", labels: ["b"], examples: [(text: "c", labels: ["d"])]),
          limit: nil, policy: .error)
      }
    }
  }

  /// The largest |delta| in units of max(1, |logit|); infinite when anything is not a number.
  static func distance(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    var worst: Float = 0
    for (a, b) in zip(found, expected) {
      let delta = abs(a - b) / max(1, abs(b))
      guard delta.isFinite else { return .infinity }
      worst = max(worst, delta)
    }
    return worst
  }

  @Test(
    "a row alone is the row in any batch, order and thread count, bit for bit",
    arguments: [
      "edge", "modern", "instruct", "normalized", "fixed-slots", "deberta", "deberta-reach",
      "mlp-avg", "extract-max",
      "weighted-dot-rms", "hopfield-fixed-slots", "multilang", "lstm-extract-avg",
      "calibrator-bias", "hidden-state-1",
    ],
    KernelSet.batchInvariant.map(\.name))
  func batchInvariance(name: String, kernels: String) throws {
    let golden = try Golden.named(name)
    let rows = golden.rows.map { (ids: $0.ids, labelCount: $0.labels.count) }
    let model = try GLiClassModel.golden(golden, kernels: kernels)
    let alone = try rows.map { try model.logits([$0])[0].map(\.bitPattern) }
    var random = SeededGenerator(seed: 7)
    for threads in [1, 2, 3] {
      let model = try GLiClassModel.golden(golden, kernels: kernels, threads: threads)
      for round in 0..<4 {
        let order = rows.indices.shuffled(using: &random)
        let batch = round == 0 ? order : Array(order.prefix(1 + round * 2))
        let found = try model.logits(batch.map { rows[$0] })
        for (row, index) in zip(found, batch) {
          #expect(row.map(\.bitPattern) == alone[index], "threads \(threads), batch \(batch)")
        }
      }
    }
  }
}
