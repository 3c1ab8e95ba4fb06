// `gliss rerank` at work: documents in slices through the model, the best of them out.

import Gliss
import StrictJSON

struct RerankRun: ~Copyable {
  private let command: RerankCommand
  private let console: Console
  private let reranker: Reranker
  private var source: RowSource
  private var output: OutputStream
  private var faults: RowFaults
  private var progress: Progress
  private var ranking: Ranking
  private var truncatedCount = 0

  /// A document that is ready to be scored.
  private struct Document {
    let row: InputRow
    let index: Int
    let text: String
    let identifier: JSON?
  }

  init(_ command: RerankCommand, console: Console) throws(CommandError) {
    var input = command.input
    input.input = command.documents + input.input
    let inputs = input.inputs(texts: command.texts)
    let byteCount = try InputCheck.totalByteCount(of: inputs, console: console)
    let choice = try console.completed(command.engine.choice)
    let faults = try RowFaults(input, console: console)
    let reranker = try CommandError.wrapping { () throws(GlissError) in
      try Reranker(model: choice.model, options: choice.options)
    }
    self.command = command
    self.console = console
    self.reranker = reranker
    source = input.source(of: inputs, console: console)
    output = OutputStream(console.output)
    self.faults = faults
    let isArguments = inputs.allSatisfy { if case .text = $0 { true } else { false } }
    progress = Progress(
      console: console,
      total: isArguments ? .rows(inputs.count) : byteCount.map { .bytes($0) },
      resultsComeLast: true)
    ranking = Ranking(limit: command.topN)
  }

  mutating func run() throws(CommandError) {
    let failure: CommandError?
    do {
      try scoreAll()
      failure = nil
    } catch {
      failure = error
    }
    progress.finish()
    if let failure { throw failure }
    try write()
    if truncatedCount > 0 {
      console.report(
        "gliss: \(truncatedCount) of \(faults.rowCount) documents were cut (--max-doc-tokens); "
          + "--chunk reads them whole")
    }
    try faults.finish()
  }

  /// Slices are the library's, so that a stream of documents is scored as a list of them is.
  private mutating func scoreAll() throws(CommandError) {
    var slice: [Document] = []
    var byteCount = 0
    var isAtEnd = false
    while !isAtEnd {
      switch try source.next(waiting: true) {
      case .end: isAtEnd = true
      case .notReady: continue
      case .bad(let error, let original):
        faults.countRow()
        try faults.handle(error, original: original)
      case .row(let row):
        let index = faults.countRow()
        do {
          let document = try Self.document(row, index)
          slice.append(document)
          byteCount += document.text.utf8.count
        } catch {
          try faults.handle(error, original: row.original)
        }
      }
      if isAtEnd || Reranker.isSlice(ofCount: slice.count, byteCount: byteCount) {
        try score(slice)
        slice.removeAll()
        byteCount = 0
        progress.update(
          rowCount: faults.rowCount, consumedByteCount: source.consumedByteCount)
      }
    }
  }

  private static func document(_ row: InputRow, _ index: Int) throws(RowError) -> Document {
    guard case .json(let bytes) = row.content else {
      return Document(row: row, index: index, text: try RowFields.text(row), identifier: nil)
    }
    let fields = try RowFields.object(bytes, at: row.location)
    do throws(FieldError) {
      let text = try RowFields.text(fields, row.textField)
      let identifier = fields.value("id") ?? fields.value("_id")
      switch identifier {
      case nil, .null?, .string?, .integer?, .bigInteger?: break
      default: throw fields.error("id", expected: "a string or an integer")
      }
      return Document(row: row, index: index, text: text, identifier: identifier)
    } catch {
      throw RowFields.rowError(error, at: row.location)
    }
  }

  /// A document that the model refuses is a bad row; the others of its slice are scored again.
  private mutating func score(_ slice: [Document]) throws(CommandError) {
    var slice = slice
    while true {
      let scores: [DocumentScore]
      do throws(GlissError) {
        scores = try reranker.scores(
          of: slice.map(\.text), for: command.query, options: command.options)
      } catch {
        guard let item = error.item, slice.indices.contains(item) else {
          throw CommandError(error)
        }
        let row = slice.remove(at: item).row
        try faults.handle(
          RowError(row.location, error.message, status: ExitStatus(error)), original: row.original)
        continue
      }
      for (document, score) in zip(slice, scores) {
        if score.truncated > 0 { truncatedCount += 1 }
        var score = score
        score.index = document.index
        ranking.add(score, kept(document))
      }
      return
    }
  }

  /// As much of a document as is shown.
  private func kept(_ document: Document) -> Ranking.Shown {
    if command.noText { return Ranking.Shown(text: "", identifier: document.identifier) }
    let isWhole = command.json || command.jsonl
    return Ranking.Shown(
      text: isWhole ? document.text : String(document.text.unicodeScalars.prefix(400)),
      identifier: document.identifier)
  }

  private mutating func write() throws(CommandError) {
    let results = ranking.best()
    let terminal = Terminal(console.output, environment: console.environment)
    let command = command
    if command.json { output.append("[") }
    for (place, result) in results.enumerated() {
      output.append { bytes in
        if command.json { bytes.append(contentsOf: (place == 0 ? "\n  " : ",\n  ").utf8) }
        if command.json || command.jsonl {
          Self.object(result, rank: place + 1, command, to: &bytes)
          if command.jsonl { bytes.append(UInt8(ascii: "\n")) }
        } else if terminal.isInteractive {
          Self.line(result, terminal, command, to: &bytes)
        } else {
          let text = VisibleText.oneLine(result.shown.text)
          let fields = "\(result.score.index)\t\(Self.number(result.score, command))\t\(text)\n"
          bytes.append(contentsOf: fields.utf8)
        }
      }
      if output.byteCount > 1 << 16 { try output.flush() }
    }
    if command.json { output.append(results.isEmpty ? "]\n" : "\n]\n") }
    try output.flush()
  }

  private static func number(_ score: DocumentScore, _ command: RerankCommand) -> String {
    guard command.rawScores else { return ScoreBars.decimal(score.score, places: 4) }
    return score.logit.map { ScoreBars.decimal($0, places: 4) } ?? "-"
  }

  /// A line of a terminal: place, score, document.
  private static func line(
    _ result: Ranking.Result, _ terminal: Terminal, _ command: RerankCommand,
    to bytes: inout [UInt8]
  ) {
    let score = number(result.score, command)
    let head = String(repeating: " ", count: max(0, 8 - score.utf8.count)) + score
    let text = VisibleText.oneLine(result.shown.text)
    let body = DisplayWidth.clipped(
      text.isEmpty ? "(empty document)" : text, to: max(16, terminal.columns - 10))
    bytes.append(contentsOf: "\(terminal.styled(head, .green))  \(body)\n".utf8)
  }

  private static func object(
    _ result: Ranking.Result, rank: Int, _ command: RerankCommand, to bytes: inout [UInt8]
  ) {
    let score = result.score
    bytes.append(UInt8(ascii: "{"))
    JSONText.appendKey("rank", to: &bytes)
    JSONText.append(rank, to: &bytes)
    JSONText.appendKey("index", to: &bytes)
    JSONText.append(score.index, to: &bytes)
    if let identifier = result.shown.identifier {
      JSONText.appendKey("id", to: &bytes)
      identifier.write(to: &bytes)
    }
    JSONText.appendKey("score", to: &bytes)
    switch (command.rawScores, score.logit) {
    case (false, _): JSONText.append(score.score, to: &bytes)
    case (true, let logit?): JSONText.append(logit, to: &bytes)
    case (true, nil): bytes.append(contentsOf: "null".utf8)
    }
    if !command.noText {
      JSONText.appendKey("text", to: &bytes)
      JSONText.append(result.shown.text, to: &bytes)
    }
    JSONText.appendKey("tokens", to: &bytes)
    JSONText.append(score.tokens, to: &bytes)
    JSONText.appendKey("truncated", to: &bytes)
    JSONText.append(score.truncated, to: &bytes)
    JSONText.appendKey("windows", to: &bytes)
    JSONText.append(score.windows, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}

/// The best documents so far, with what is shown of them.
private struct Ranking {
  struct Shown {
    let text: String
    let identifier: JSON?
  }

  struct Result {
    let score: DocumentScore
    let shown: Shown
  }

  private let limit: Int?
  private var results: [Result] = []

  init(limit: Int?) { self.limit = limit }

  /// With a limit, what cannot be among the best is dropped now and then: memory is that of a few
  /// thousand documents, however many there are.
  mutating func add(_ score: DocumentScore, _ shown: Shown) {
    results.append(Result(score: score, shown: shown))
    if let limit, results.count >= 4096, results.count / 2 > limit { results = best() }
  }

  func best() -> [Result] {
    let sorted = results.sorted { DocumentScore.isAhead($0.score, of: $1.score) }
    return Array(sorted.prefix(limit ?? .max))
  }
}
