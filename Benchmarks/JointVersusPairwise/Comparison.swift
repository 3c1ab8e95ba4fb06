// Both forms of classifying a text by L labels, timed by turns.

import BenchmarkSupport
import Benchmarking
import StrictJSON

/// A joint model and a pairwise one over texts of one length.
struct Comparison {
  let joint: SequenceModel
  let pairs: SequenceModel
  let tokens: Int
  /// That a row may take, about.
  let seconds: Double

  private static let batches = [1, 2, 4, 8, 16, 32]
  /// A batch above this many tokens gains nothing any more.
  private static let tokenLimit = 4608

  func row(labels: Int) throws -> ComparisonRow {
    var candidates =
      try batches { BatchCell(sequences: $0, text: tokens, labels: labels) }.map {
        try Candidate(joint, $0, passesOfText: 1)
      }
      + batches { BatchCell(pairs: $0, text: tokens) }.map {
        try Candidate(pairs, $0, passesOfText: labels)
      }
    try Self.run(&candidates, milliseconds: seconds * 500)
    // The best batch of each form again, the two alone and by turns: machines change their speed.
    var best = [false, true].map { isPair in
      Self.fastest(candidates.filter { $0.cell.isPair == isPair })
    }
    try Self.run(&best, milliseconds: seconds * 500)
    let ratios = zip(best[0].samples, best[1].samples).map { joint, pairs in
      best[1].millisecondsOfText(pairs) / best[0].millisecondsOfText(joint)
    }
    return ComparisonRow(
      labels: labels, joint: try result(of: best[0], labels),
      pairwise: try result(of: best[1], labels), ratio: Timing(ratios).median)
  }

  /// Times candidates by turns, at least three times each; what they have measured before is left out.
  private static func run(_ candidates: inout [Candidate], milliseconds: Double) throws {
    for index in candidates.indices { candidates[index].samples.removeAll() }
    let start = Timing.now()
    repeat {
      for index in candidates.indices { try candidates[index].run() }
    } while Timing.now() - start < milliseconds || candidates[0].samples.count < 3
  }

  private static func fastest(_ candidates: [Candidate]) -> Candidate {
    let fastest = candidates.min { $0.millisecondsOfText < $1.millisecondsOfText }
    guard let fastest else { fatalError("no batch") }
    return fastest
  }

  private func batches(_ cell: (Int) -> BatchCell) -> [BatchCell] {
    Self.batches.map(cell).filter {
      $0.sequences == 1 || $0.sequences * $0.tokens <= Self.tokenLimit
    }
  }

  /// The form at its best batch; one text alone for the latencies.
  private func result(of best: Candidate, _ labels: Int) throws -> FormResult {
    let model = best.cell.isPair ? pairs : joint
    let passes =
      try best.cell.isPair ? calls(labels, best.cell) : [joint.pass(alone(labels), draw: 0)]
    var latencies: [Double] = []
    let start = Timing.now()
    repeat {
      latencies.append(try Timing.of { for pass in passes { _ = try pass() } }.milliseconds)
    } while latencies.count < 3 || Timing.now() - start < seconds * 250
    let sequences = best.cell.isPair ? labels : 1
    return FormResult(
      batch: best.cell.sequences, millisecondsOfText: best.millisecondsOfText,
      latency: Timing(latencies), tokens: sequences * best.cell.tokens,
      operations: model.usefulOperations(tokens: best.cell.tokens) * Double(sequences))
  }

  private func alone(_ labels: Int) -> BatchCell {
    BatchCell(sequences: 1, text: tokens, labels: labels)
  }

  /// All pairs of one text, in calls of the best size.
  private func calls(_ labels: Int, _ best: BatchCell) throws -> [() throws -> [[Float]]] {
    try stride(from: 0, to: labels, by: best.sequences).map { first in
      let count = min(best.sequences, labels - first)
      return try pairs.pass(BatchCell(pairs: count, text: tokens), draw: first)
    }
  }
}

/// A batch of one form, and its times so far.
private struct Candidate {
  let cell: BatchCell
  private let pass: () throws -> [[Float]]
  private let passesOfText: Int
  var samples: [Double] = []

  /// - Parameter passesOfText: Sequences that one text takes.
  init(_ model: SequenceModel, _ cell: BatchCell, passesOfText: Int) throws {
    self.cell = cell
    self.passesOfText = passesOfText
    pass = try model.pass(cell, draw: 0)
    _ = try pass()
  }

  mutating func run() throws {
    samples.append(try Timing.of { _ = try pass() }.milliseconds)
  }

  /// By the median pass.
  var millisecondsOfText: Double { millisecondsOfText(Timing(samples).median) }

  /// By one pass.
  func millisecondsOfText(_ pass: Double) -> Double {
    pass / Double(cell.sequences) * Double(passesOfText)
  }
}

/// What was measured of one form at one label count.
struct FormResult {
  /// Sequences of a pass, at its best.
  let batch: Int
  let millisecondsOfText: Double
  /// Of one text alone.
  let latency: Timing
  /// Of one text, with all its labels.
  let tokens: Int
  let operations: Double

  var textsPerSecond: Double { 1e3 / millisecondsOfText }

  var record: JSON {
    [
      "batch": .integer(batch), "texts_per_s": .number(textsPerSecond),
      "ms_per_text": .number(millisecondsOfText), "p50_ms": .number(latency.median),
      "p95_ms": .number(latency.quantile(0.95)), "tokens": .integer(tokens),
      "gflop": .number(operations / 1e9),
    ]
  }

  var cells: [String] {
    [
      textsPerSecond.rounded(to: 3), "\(batch)", latency.median.rounded(to: 3),
      latency.quantile(0.95).rounded(to: 3), "\(tokens)", (operations / 1e9).rounded(to: 3),
    ]
  }
}

/// Both forms at one label count.
struct ComparisonRow {
  let labels: Int
  let joint: FormResult
  let pairwise: FormResult
  /// How many times as many texts a second the joint form classifies: the median over neighbouring
  /// passes of both.
  let ratio: Double

  /// The same of operations.
  var usefulRatio: Double { pairwise.operations / joint.operations }

  static var header: String {
    let form = ["texts/s", "batch", "p50 ms", "p95 ms", "tokens", "GFLOP"]
    let names =
      ["labels"] + form.map { "joint \($0)" } + form.map { "pairwise \($0)" }
      + ["ratio", "of FLOPs", "share"]
    return line(names) + "\n" + line(names.map { _ in "---" })
  }

  var markdown: String {
    Self.line(
      ["\(labels)"] + joint.cells + pairwise.cells
        + [
          ratio.rounded(to: 3), usefulRatio.rounded(to: 3),
          "\(Int((ratio / usefulRatio * 100).rounded()))%",
        ])
  }

  var record: JSON {
    [
      "labels": .integer(labels), "joint": joint.record, "pairwise": pairwise.record,
      "ratio": .number(ratio), "useful_ratio": .number(usefulRatio),
    ]
  }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }
}

extension Double {
  /// With so many digits that count.
  func rounded(to digits: Int) -> String {
    guard self > 0 else { return "0" }
    var scale = 1.0
    var size = self
    while size >= 10 { (size, scale) = (size / 10, scale / 10) }
    while size < 1 { (size, scale) = (size * 10, scale * 10) }
    for _ in 1..<digits { scale *= 10 }
    let value = (self * scale).rounded() / scale
    return scale <= 1 ? "\(Int(value))" : "\(value)"
  }
}
