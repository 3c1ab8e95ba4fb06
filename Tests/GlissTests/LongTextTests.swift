// Texts that do not fit: refused, cut and counted, or read in windows.

import Gliss
import TestSupport
import Testing

/// A text of about `count` tokens.
private func longText(_ count: Int) -> String {
  (0..<count).map { "word\($0 % 7)" }.joined(separator: " ")
}

private let labels = ["food", "travel", "sport"]

@Suite("Nothing is cut silently, labels are never cut")
struct LongTextTests {
  @Test("error: the call throws with both counts")
  func refused() throws {
    let model = try classifier("edge")
    let error = #expect(throws: GlissError.self) {
      try model.classify(longText(2000), labels: labels)
    }
    #expect(error?.kind == .data)
    #expect(error?.field == "text")
    #expect(error?.expected == "at most \(model.model.contextLength) tokens in all")
    #expect(error?.item == 0)
  }

  @Test("truncate: the counts tell what was cut", arguments: ["edge", "text-first", "words"])
  func truncated(name: String) throws {
    let model = try classifier(name)
    let whole = try model.classify(longText(20), labels: labels)
    let options = ClassificationOptions(longText: .truncate, maxTokens: whole.tokens - 5)
    let cut = try model.classify(longText(20), labels: labels, options: options)
    #expect(cut.tokens == whole.tokens - 5)
    #expect(cut.truncated == 5)
    #expect(cut.scores.count == 3)
    #expect(cut.windows == 1)
  }

  @Test("window: every token is read, and the windows' logits merge per label")
  func windows() throws {
    let model = try classifier("edge")
    let text = longText(120)
    let whole = try model.classify(text, labels: labels)
    for merge in [WindowMerge.max, .mean] {
      let options = ClassificationOptions(
        longText: .window, maxTokens: 100, windowOverlap: 10, windowMerge: merge)
      let result = try model.classify(text, labels: labels, options: options)
      #expect(result.windows > 2)
      #expect(result.truncated == 0)
      #expect(result.tokens == result.windows * 100)
      #expect(result.tokens > whole.tokens)
      #expect(result.scores.map(\.label) == labels)
    }
  }

  @Test("max of windows is at least their mean, and differs somewhere")
  func merges() throws {
    let model = try classifier("modern")
    var options = ClassificationOptions(longText: .window, maxTokens: 60, windowOverlap: 8)
    let text = try #require(try Golden.named("modern").rows.first { $0.name == "long" }).text
    let highest = try model.classify(text, labels: labels, options: options)
    options.windowMerge = .mean
    let mean = try model.classify(text, labels: labels, options: options)
    for (one, other) in zip(highest.scores, mean.scores) { #expect(one.logit >= other.logit) }
    #expect(highest.scores != mean.scores)
  }

  @Test("a text that fits is one window with the same bits")
  func fits() throws {
    let model = try classifier("edge")
    let plain = try model.classify("Short.", labels: labels)
    for policy in LongText.allCases {
      let options = ClassificationOptions(longText: policy)
      #expect(try model.classify("Short.", labels: labels, options: options) == plain)
    }
  }

  @Test("labels that leave no room are an error that says how many tokens they take")
  func noRoom() throws {
    let model = try classifier("edge")
    let many = (0..<400).map { "label number \($0)" }
    for policy in LongText.allCases {
      let error = #expect(throws: GlissError.self) {
        try model.classify("text", labels: many, options: .init(longText: policy))
      }
      #expect(error?.kind == .data)
      #expect(error?.message.contains("never cut") == true || policy == .error)
    }
  }

  @Test("windows of one text, batched with others, keep their bits")
  func mixed() throws {
    let model = try classifier("edge", .init(threads: 2, batchTokens: 150))
    let options = ClassificationOptions(longText: .window, maxTokens: 64, windowOverlap: 16)
    let requests = [3, 150, 1, 80].map {
      ClassificationRequest(text: longText($0), labels: labels, options: options)
    }
    let alone = try requests.map { try model.classify([$0])[0] }
    #expect(try model.classify(requests) == alone)
  }
}
