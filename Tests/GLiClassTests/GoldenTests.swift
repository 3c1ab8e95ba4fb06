// The goldens: what the official package computed for tiny checkpoints, held against ours.
// Made by tools/goldens/make.py; Tests/Goldens/manifest.json says with which versions.

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
  @Test("ids are the same, logits within 1e-5", arguments: try Golden.all())
  func logits(golden: Golden) throws {
    let model = try GLiClassModel.golden(golden)
    #expect(model.weights.unused.isEmpty)
    #expect(model.supportsExamples == !golden.refusesExamples)
    for row in golden.rows {
      if golden.refusesExamples && !row.examples.isEmpty {
        #expect(throws: GLiClassError.self) {
          try model.prepare(row.input, limit: nil, policy: .error)
        }
        continue
      }
      let prompt = try model.prepare(row.input, limit: nil, policy: .error)
      #expect(prompt.sequences == [row.ids], "\(row.name)")
      #expect(prompt.tokenCount == row.ids.count)
      try expectLogits(of: model, row)
    }
  }

  @Test(
    "every kernel set agrees", arguments: ["edge", "modern", "instruct", "words"],
    KernelSet.available.map(\.name))
  func kernelSets(name: String, kernels: String) throws {
    let golden = try Golden.named(name)
    let model = try GLiClassModel.golden(golden, kernels: kernels)
    for row in golden.rows { try expectLogits(of: model, row) }
  }

  private func expectLogits(of model: GLiClassModel, _ row: Golden.Row) throws {
    let logits = try model.logits([(row.ids, row.labels.count)])[0]
    #expect(logits.count == row.logits.count)
    for (label, (found, expected)) in zip(logits, row.logits).enumerated() {
      #expect(
        abs(found - expected) <= 1e-5 * max(1, abs(expected)),
        "\(row.name), label \(label): \(found), the official package has \(expected)")
    }
  }

  @Test(
    "a row alone is the row in any batch, order and thread count, bit for bit",
    arguments: ["edge", "modern", "instruct", "normalized", "fixed-slots"],
    KernelSet.batchInvariant.map(\.name))
  func batchInvariance(name: String, kernels: String) throws {
    let golden = try Golden.named(name)
    let rows = golden.rows.map { (ids: $0.ids, labelCount: $0.labels.count) }
    let model = try GLiClassModel.golden(golden, kernels: kernels)
    let alone = try rows.map { try model.logits([$0])[0].map(\.bitPattern) }
    var random = SplitMix64(seed: 7)
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
