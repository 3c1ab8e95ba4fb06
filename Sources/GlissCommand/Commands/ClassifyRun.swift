// `gliss classify` at work: rows in, bounded batches through the model, lines out.

import Gliss

/// One run over all inputs. At most a batch of rows is held at a time.
struct ClassifyRun: ~Copyable {
  /// What is scored together: enough short texts to fill the model's own batches, few enough that
  /// results keep coming.
  private static let batchRowLimit = 256
  private static let batchByteLimit = 1 << 16

  private let console: Console
  private let command: ClassifyCommand
  private let options: ClassificationOptions
  private let labels: [Label]?
  private let scorer: any TextScorer
  private var source: RowSource
  private var writer: ResultWriter
  private var progress: Progress
  private var faults: RowFaults
  private var hasWarned = false

  /// A row that is ready to be scored.
  private struct Pending {
    let index: Int
    let row: InputRow
    let request: ClassificationRequest
  }

  /// Rows that are scored together, and what stopped their gathering.
  private struct Batch {
    var rows: [Pending] = []
    var end: End?

    enum End {
      case input
      /// A bad row behind them, as it stood.
      case fault(RowError, original: [UInt8]?)
      /// The input cannot be read on.
      case failure(CommandError)
    }
  }

  /// Reads labels and examples and checks the inputs before the model is loaded.
  init(_ command: ClassifyCommand, console: Console) throws(CommandError) {
    let inputs = command.input.inputs(texts: command.texts)
    let labels = try command.labels(console: console)
    let options = try command.options(console: console)
    if labels == nil { try LabelOptions.checkUnneeded(by: inputs) }
    let byteCount = try InputCheck.totalByteCount(of: inputs, console: console)
    let faults = try RowFaults(command.input, console: console)
    let writer = try ResultWriter(command, labels: labels ?? [], console: console)
    let scorer = try console.load(command.engine.choice)
    self.command = command
    self.console = console
    self.labels = labels
    self.options = options
    self.scorer = scorer
    source = command.input.source(of: inputs, console: console)
    self.writer = writer
    progress = Progress(console: console, totalByteCount: byteCount)
    self.faults = faults
    if inputs == [.standardInput], Console.isTerminal(console.input) {
      console.report("Type a text and press Return; Ctrl-D ends.")
    }
  }

  mutating func run() throws(CommandError) {
    let failure: CommandError?
    do {
      try writer.begin()
      try scoreAll()
      failure = nil
    } catch {
      failure = error
    }
    progress.finish()
    // An array that was begun is closed whatever happened: what was written stays readable.
    if case .outputClosed? = failure {} else { try writer.end() }
    if let failure { throw failure }
    try writer.commit()
    try faults.finish()
  }

  private mutating func scoreAll() throws(CommandError) {
    while true {
      let batch = nextBatch()
      try score(batch.rows)
      switch batch.end {
      case .input: return
      case .fault(let fault, let original): try handle(fault, original: original)
      case .failure(let error): throw error
      case nil: break
      }
      progress.update(rowCount: faults.rowCount, consumedByteCount: source.consumedByteCount)
    }
  }

  /// Rows that have arrived, up to a batch. Waits only for the first: a text typed at a terminal or
  /// trickling through a pipe is answered at once. A bad row ends the batch.
  private mutating func nextBatch() -> Batch {
    var batch = Batch()
    var byteCount = 0
    while batch.rows.count < Self.batchRowLimit, byteCount < Self.batchByteLimit {
      let event: RowSource.Event
      do {
        event = try source.next(waiting: batch.rows.isEmpty)
      } catch {
        batch.end = .failure(error)
        return batch
      }
      switch event {
      case .end: batch.end = .input
      case .notReady: return batch
      case .bad(let error, let original):
        faults.countRow()
        batch.end = .fault(error, original: original)
      case .row(let row):
        let index = faults.countRow()
        do {
          let request = try request(for: row)
          batch.rows.append(Pending(index: index, row: row, request: request))
          byteCount += request.text.utf8.count
        } catch {
          batch.end = .fault(error, original: row.original)
        }
      }
      if batch.end != nil { return batch }
    }
    return batch
  }

  private func request(for row: InputRow) throws(RowError) -> ClassificationRequest {
    let fields = try ClassificationRow(row)
    guard let labels = try fields.labels(command.pipeline, at: row.location) ?? labels else {
      throw LabelOptions.missing(at: row.location)
    }
    var options = options
    if let prompt = fields.prompt { options.prompt = prompt }
    if let examples = fields.examples { options.examples = examples }
    if let threshold = fields.threshold { options.threshold = threshold }
    return ClassificationRequest(text: fields.text, labels: labels, options: options)
  }

  private mutating func score(_ batch: [Pending]) throws(CommandError) {
    guard !batch.isEmpty else { return }
    let outcomes = scorer.outcomes(of: batch.map(\.request))
    for (row, outcome) in zip(batch, outcomes) {
      switch outcome {
      case .success(let result):
        warn(of: result)
        writer.append(result, index: row.index, text: row.request.text)
      case .failure(let error):
        // What precedes a bad row is written before it is reported.
        try writer.flush()
        try handle(RowError(row.row.location, error), original: row.row.original)
      }
    }
    try writer.flush()
  }

  /// Says once that scores of different chunks of labels were put side by side.
  private mutating func warn(of result: Classification) {
    guard result.labelChunks > 1, !hasWarned else { return }
    hasWarned = true
    progress.finish()
    console.report(
      "gliss: the labels are read in \(result.labelChunks) chunks (--label-chunks); scores of labels "
        + "in different chunks compare only roughly")
  }

  private mutating func handle(_ fault: RowError, original: [UInt8]?) throws(CommandError) {
    progress.finish()
    try faults.handle(fault, original: original)
  }
}
