// Prompts whose labels are tokenized once have the ids of prompts that are tokenized whole.

import GLiClass
import Kernels
import TestSupport
import Testing

@Suite("Labels tokenized once")
struct PromptCacheTests {
  /// Texts whose first and last characters could merge with, or be taken by, what stands beside them.
  private static let texts = [
    "", " ", "a", " a ", "\n\nA line.\n", "naïve", "\u{301}x", "word<<SEP>>", "<<LABEL>> x",
    "  two  spaces  ", "日本語", "\t", "s", "'s",
  ]
  private static let labels = [
    ["a"], ["one", " two ", "thr\u{65}\u{301}e"], ["x", "", " "], ["a"],
  ]

  @Test("every golden model: any text, task and examples, by turns")
  func sameIDs() throws {
    for golden in try Golden.all() {
      let model = try GLiClassModel.golden(golden)
      var cache = PromptCache()
      var generator = SeededGenerator(seed: 11)
      for round in 0..<40 {
        let labels = Self.labels[round / 3 % Self.labels.count]
        var input = PromptInput(
          text: Self.texts.randomElement(using: &generator) ?? "", labels: labels)
        if round % 4 == 1 { input.task = Self.texts.randomElement(using: &generator) ?? "" }
        if model.supportsExamples, round % 5 > 2 {
          input.examples = [(" shown ", ["a", "b"]), ("", [])]
        }
        if let limit = model.labelLimit, labels.count > limit { continue }
        let whole = try model.prepare(input, limit: nil, policy: .error)
        let cached = try model.prepare(input, limit: nil, policy: .error, cache: &cache)
        #expect(cached.sequences == whole.sequences, "\(golden), round \(round)")
      }
    }
  }

  @Test("a text that is cut is cut at the same tokens")
  func truncated() throws {
    let model = try GLiClassModel.golden("edge")
    var cache = PromptCache()
    let text = String(repeating: "words and more ", count: 40)
    let input = PromptInput(text: text, labels: ["a", "b"], task: "Task:")
    for policy in [LongTextPolicy.truncate, .window(overlap: 3)] {
      let whole = try model.prepare(input, limit: 24, policy: policy)
      let cached = try model.prepare(input, limit: 24, policy: policy, cache: &cache)
      #expect(cached.sequences == whole.sequences)
      #expect(cached.truncated == whole.truncated)
    }
  }
}
