// `gliss classify` at work: rows in, bounded batches through the model, lines out.

import Gliss

/// One run over all inputs. At most a batch of rows is held at a time.
struct ClassifyRun: ~Copyable {
  /// Rows that are scored together.
  private static let batchRowLimit = 256

  private let console: Console
  private let requests: ClassificationRequests
  private let scorer: any TextScorer
  private var rows: RowBatches
  private var writer: ResultWriter
  private var progress: Progress
  private var hasWarned = false

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
    try TokenLimit.check(command.maxTokens, context: scorer.contextLength)
    self.console = console
    requests = ClassificationRequests(
      pipeline: command.pipeline, labels: labels, options: options)
    self.scorer = scorer
    rows = RowBatches(
      command.input.source(of: inputs, console: console), faults: faults,
      rowLimit: Self.batchRowLimit)
    self.writer = writer
    progress = Progress(console: console, total: byteCount.map { .bytes($0) })
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
    try rows.finish()
  }

  private mutating func scoreAll() throws(CommandError) {
    var isMore = true
    while isMore {
      let batch = rows.next(requests.request(for:))
      try score(batch.rows)
      if case .fault = batch.end { progress.finish() }
      isMore = try rows.goOn(behind: batch)
      progress.update(rowCount: rows.rowCount, consumedByteCount: rows.consumedByteCount)
    }
  }

  private mutating func score(
    _ batch: [RowBatch<ClassificationRequest>.Row]
  ) throws(CommandError) {
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
        progress.finish()
        try rows.refuse(row.row, error)
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
}

/// What the options make of a row.
private struct ClassificationRequests {
  let pipeline: PipelineOptions
  let labels: [Label]?
  let options: ClassificationOptions

  func request(for row: InputRow) throws(RowError) -> ClassificationRequest {
    let fields = try ClassificationRow(row)
    guard let labels = try fields.labels(pipeline, at: row.location) ?? labels else {
      throw LabelOptions.missing(at: row.location)
    }
    var options = options
    if let prompt = fields.prompt { options.prompt = prompt }
    if let examples = fields.examples { options.examples = examples }
    if let threshold = fields.threshold { options.threshold = threshold }
    return ClassificationRequest(text: fields.text, labels: labels, options: options)
  }
}
