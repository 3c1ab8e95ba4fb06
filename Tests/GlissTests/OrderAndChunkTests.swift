// Label orders and label chunks: what is averaged, what is cut, and that nothing else changes.

import Gliss
import TestSupport
import Testing

private let labels = ["food", "travel", "sport", "music", "money"]
private let text = "The service was slow and the soup arrived cold."

@Suite("Averaging over label orders")
struct OrderAverageTests {
  @Test("the mean of the orders, their spread, and the same bits for the same seed")
  func mean() throws {
    let model = try classifier("edge")
    // Two labels have two orders, so the mean can be had by hand.
    let two = ["food", "travel"]
    let one = try model.classify(text, labels: two)
    let other = try model.classify(text, labels: two.reversed())
    let mean = try model.classify(text, labels: two, options: .init(orders: .init(count: 5)))
    #expect(mean.orders == 2 && mean.tokens == 2 * one.tokens)
    for (index, score) in mean.scores.enumerated() {
      let pair = [one.scores[index].logit, other.scores[1 - index].logit]
      #expect(score.logit == Float((Double(pair[0]) + Double(pair[1])) / 2))
      #expect(score.spread == abs(pair[0] - pair[1]) && score.spread != 0)
    }
    #expect(one.orders == 1 && one.scores.allSatisfy { $0.spread == nil })
  }

  @Test("seeds: the same gives the same bits on any threads, another gives other orders")
  func seeds() throws {
    let average = { (seed: UInt64, threads: Int) in
      try classifier("edge", .init(threads: threads)).classify(
        text, labels: labels, options: .init(orders: .init(count: 6, seed: seed)))
    }
    let first = try average(7, 1)
    #expect(first.orders == 6)
    #expect(try average(7, 2) == first)
    #expect(try average(8, 1) != first)
    #expect(first.scores.map(\.label) == labels)
  }

  @Test("all orders of three labels are six, whatever the order passed")
  func complete() throws {
    let options = ClassificationOptions(orders: .init(count: 100))
    let three = Array(labels.prefix(3))
    let model = try classifier("modern")
    let result = try model.classify(text, labels: three, options: options)
    #expect(result.orders == 6)
    let reversed = try model.classify(text, labels: three.reversed(), options: options)
    for (a, b) in zip(result.scores, reversed.scores.reversed()) {
      #expect(abs(a.logit - b.logit) <= 1e-6 && a.spread == b.spread)
    }
  }

  @Test("a count outside 1...100 is refused", arguments: [0, -1, 101, Int.max, Int.min])
  func refused(count: Int) throws {
    let error = #expect(throws: GlissError.self) {
      try classifier("edge").classify(
        text, labels: labels, options: .init(orders: .init(count: count)))
    }
    #expect(error?.kind == .usage && error?.field == "orders")
  }
}

@Suite("Labels in chunks")
struct LabelChunkTests {
  private let many = (0..<300).map { "label number \($0)" }

  @Test("each chunk scores as it does alone; softmax is over all")
  func chunks() throws {
    let model = try classifier("edge")
    let result = try model.classify(text, labels: labels, options: .init(labelChunks: .count(2)))
    #expect(result.labelChunks == 3 && result.windows == 1)
    let alone = try [[0, 1], [2, 3], [4]].flatMap { places in
      try model.classify(text, labels: places.map { labels[$0] }).scores
    }
    #expect(result.scores == alone)
    let single = try model.classify(
      text, labels: labels, options: .init(mode: .singleLabel, labelChunks: .count(2)))
    #expect(abs(single.scores.reduce(0) { $0 + $1.score } - 1) < 1e-6)
    #expect(single.scores.map(\.logit) == alone.map(\.logit))
  }

  @Test("labels that fit are read together, with the bits of no chunks")
  func fitting() throws {
    let model = try classifier("edge")
    let whole = try model.classify(text, labels: labels)
    for chunks in [LabelChunks.fit, .count(5), .count(100)] {
      #expect(
        try model.classify(text, labels: labels, options: .init(labelChunks: chunks)) == whole)
    }
  }

  @Test(
    "three hundred labels that do not fit, in few and even chunks", arguments: LongText.allCases)
  func huge(long: LongText) throws {
    let model = try classifier("edge")
    #expect(throws: GlissError.self) { try model.classify(text, labels: many) }
    let result = try model.classify(
      text, labels: many, options: .init(longText: long, labelChunks: .fit))
    #expect(result.scores.map(\.label) == many)
    #expect(result.labelChunks > 1 && result.labelChunks < 30 && result.truncated == 0)
    #expect(result.windows == 1)
    #expect(result.tokens <= result.labelChunks * model.model.contextLength)
  }

  @Test("with windows of a long text, orders and a model of few label slots")
  func together() throws {
    let options = ClassificationOptions(
      longText: .window, maxTokens: 120, windowOverlap: 10, orders: .init(count: 2),
      labelChunks: .fit)
    let long = String(repeating: text + " ", count: 20)
    let result = try classifier("edge").classify(long, labels: many, options: options)
    #expect(result.labelChunks > 5 && result.windows > 2 && result.orders == 2)
    #expect(result.truncated == 0 && result.scores.allSatisfy { $0.spread != nil })
    let slots = try classifier("fixed-slots").classify(
      text, labels: Array(many.prefix(40)), options: .init(labelChunks: .fit))
    #expect(slots.labelChunks == 5)
  }

  @Test("equal sequences of different requests and orders are computed once")
  func once() throws {
    let model = try classifier("edge")
    let options = ClassificationOptions(orders: .init(count: 2), labelChunks: .count(1))
    let request = ClassificationRequest(text: text, labels: ["a", "b"], options: options)
    var run = ClassificationRun([request, request], classifier: model)
    let results = try run.outcomes().map { try $0.get() }
    #expect(run.sequenceCount == 2)
    #expect(results[0] == results[1] && results[0].scores.allSatisfy { $0.spread == 0 })
  }

  @Test("a label longer than a sequence is an error, in chunks too")
  func tooLong() throws {
    let long = String(repeating: "word ", count: 2000)
    let error = #expect(throws: GlissError.self) {
      try classifier("edge").classify(
        text, labels: ["a", long], options: .init(labelChunks: .fit))
    }
    #expect(error?.kind == .data)
    for count in [0, -1, Int.min] {
      let error = #expect(throws: GlissError.self) {
        try classifier("edge").classify(
          text, labels: labels, options: .init(labelChunks: .count(count)))
      }
      #expect(error?.kind == .usage && error?.field == "labelChunks")
    }
  }
}
