// `gliss embed` at work: rows in, bounded batches through the model, lines of vectors out.

import Gliss

/// One run over all inputs. At most a batch of rows is held at a time.
struct EmbedRun: ~Copyable {
  /// Rows that are embedded together, if they have arrived.
  private static let batchRowLimit = 16

  private let command: EmbedCommand
  private let classifier: Classifier
  private let requests: EmbeddingRequests
  private var rows: RowBatches
  private var output: OutputStream

  /// Reads labels and checks the inputs before the model is loaded.
  init(_ command: EmbedCommand, console: Console) throws(CommandError) {
    let inputs = command.input.inputs(texts: command.texts)
    let labels = try command.labels.names(console: console)
    if labels == nil { try LabelOptions.checkUnneeded(by: inputs) }
    _ = try InputCheck.totalByteCount(of: inputs, console: console)
    let choice = try console.completed(command.engine.choice)
    let faults = try RowFaults(command.input, console: console)
    let classifier: Classifier
    do throws(GlissError) {
      classifier = try Classifier(model: choice.model, options: choice.options)
    } catch {
      throw CommandError(error)
    }
    try TokenLimit.check(command.maxTokens, context: classifier.model.contextLength)
    self.command = command
    self.classifier = classifier
    requests = EmbeddingRequests(command: command, labels: labels)
    rows = RowBatches(
      command.input.source(of: inputs, console: console), faults: faults,
      rowLimit: Self.batchRowLimit)
    output = OutputStream(console.output)
  }

  mutating func run() throws(CommandError) {
    var isMore = true
    while isMore {
      let batch = rows.next(requests.request(for:))
      try embed(batch.rows)
      isMore = try rows.goOn(behind: batch)
    }
    try rows.finish()
  }

  private mutating func embed(_ batch: [RowBatch<EmbeddingRequest>.Row]) throws(CommandError) {
    for (row, outcome) in zip(batch, classifier.embeddings(of: batch.map(\.request))) {
      switch outcome {
      case .success(let embedding): append(embedding, index: row.index)
      case .failure(let error):
        // What precedes a bad row is written before it is reported.
        try output.flush()
        try rows.refuse(row.row, error)
      }
    }
    try output.flush()
  }

  private mutating func append(_ embedding: TextEmbedding, index: Int) {
    let command = command
    output.append { bytes in
      bytes.append(UInt8(ascii: "{"))
      JSONText.appendKey("index", to: &bytes)
      JSONText.append(index, to: &bytes)
      if !command.labelsOnly {
        JSONText.appendKey("text", to: &bytes)
        if embedding.text.count == 1 {
          Self.append(embedding.text[0], to: &bytes)
        } else {
          JSONText.appendArray(embedding.text, to: &bytes) { Self.append($0, to: &$1) }
        }
      }
      if !command.textOnly {
        JSONText.appendKey("labels", to: &bytes)
        JSONText.appendArray(embedding.labels, to: &bytes) { Self.append($0, to: &$1) }
      }
      JSONText.appendKey("tokens", to: &bytes)
      JSONText.append(embedding.tokens, to: &bytes)
      JSONText.appendKey("truncated", to: &bytes)
      JSONText.append(embedding.truncated, to: &bytes)
      bytes.append(contentsOf: "}\n".utf8)
    }
  }

  private static func append(_ label: TextEmbedding.Label, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    JSONText.appendKey("label", to: &bytes)
    JSONText.append(label.label, to: &bytes)
    JSONText.appendKey("vector", to: &bytes)
    append(label.vector, to: &bytes)
    JSONText.appendKey("logit", to: &bytes)
    JSONText.append(label.logit, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  private static func append(_ vector: [Float], to bytes: inout [UInt8]) {
    JSONText.appendArray(vector, to: &bytes) { JSONText.append($0, to: &$1) }
  }
}

/// What the options make of a row.
private struct EmbeddingRequests {
  let command: EmbedCommand
  let labels: [String]?

  func request(for row: InputRow) throws(RowError) -> EmbeddingRequest {
    let fields = try ClassificationRow(row)
    guard let labels = try fields.labelNames(at: row.location) ?? labels else {
      throw LabelOptions.missing(at: row.location)
    }
    return EmbeddingRequest(
      text: fields.text, labels: labels,
      options: EmbeddingOptions(
        prompt: fields.prompt ?? command.prompt, examples: fields.examples ?? [],
        truncates: command.truncate, maxTokens: command.maxTokens))
  }
}
