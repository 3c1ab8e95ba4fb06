// One call's requests on their way through the model: checked, tokenized, packed into batches under
// a token budget, scored, merged over windows, turned into results.

internal import GLiClass

/// The requests of one call. Batches cross request boundaries; outcomes keep the requests' order.
package struct ClassificationRun {
  private let requests: [ClassificationRequest]
  private let classifier: Classifier
  private var items: [Item]
  private var prompts = PromptCache()
  /// What is scored, in order. The same ids with as many labels are scored once.
  private var sequences: [Sequence] = []
  private var indices: [Sequence: Int] = [:]
  /// Of every sequence that has been scored.
  private var rows: [Result<[Float], GlissError>] = []
  private var pendingTokens = 0

  private struct Sequence: Hashable {
    var ids: [Int32]
    var labelCount: Int
  }

  /// What is known of one request so far.
  private struct Item {
    var prompt: PreparedPrompt?
    /// The sequence of every window, in order.
    var windows: [Int] = []
    var error: GlissError?
  }

  package init(_ requests: [ClassificationRequest], classifier: Classifier) {
    self.requests = requests
    self.classifier = classifier
    items = Array(repeating: Item(), count: requests.count)
  }

  /// Sequences that the encoder has seen.
  package var sequenceCount: Int { rows.count }

  package mutating func outcomes() -> [Result<Classification, GlissError>] {
    for index in requests.indices {
      do throws(GlissError) {
        let prompt = try prepare(requests[index])
        items[index].prompt = prompt
        for ids in prompt.sequences { enqueue(ids, item: index) }
      } catch {
        var error = error
        error.item = index
        items[index].error = error
      }
    }
    flush()
    return requests.indices.map(outcome)
  }

  private mutating func prepare(
    _ request: ClassificationRequest
  ) throws(GlissError) -> PreparedPrompt {
    let model = classifier.engine
    let options = request.options
    try request.validate(context: model.positionLimit)
    let input = PromptInput(
      text: request.text, labels: request.labels, task: options.prompt ?? "",
      examples: options.examples.map { ($0.text, $0.labels) },
      matchesControlTokens: options.promptSafety == .rawControlTokens)
    let policy: LongTextPolicy =
      switch options.longText {
      case .error: .error
      case .truncate: .truncate
      case .window: .window(overlap: options.windowOverlap)
      }
    let usual = options.longText == .error ? model.positionLimit : ClassificationOptions.usualTokens
    do throws(GLiClassError) {
      return try model.prepare(
        input, limit: options.maxTokens ?? usual, policy: policy, cache: &prompts)
    } catch {
      throw GlissError(error)
    }
  }

  private mutating func enqueue(_ ids: [Int32], item: Int) {
    let sequence = Sequence(ids: ids, labelCount: requests[item].labels.count)
    if let index = indices[sequence] {
      items[item].windows.append(index)
      return
    }
    if pendingTokens + ids.count > classifier.batchTokens { flush() }
    indices[sequence] = sequences.count
    items[item].windows.append(sequences.count)
    sequences.append(sequence)
    pendingTokens += ids.count
  }

  /// Scores what is pending. An error of the pass is an error of every request in it.
  private mutating func flush() {
    let pending = sequences[rows.count...]
    do throws(GLiClassError) {
      rows += try classifier.engine.logits(
        pending.map { (ids: $0.ids, labelCount: $0.labelCount) }
      ).map { .success($0) }
    } catch {
      rows += pending.map { _ in .failure(GlissError(error)) }
    }
    pendingTokens = 0
  }

  private func outcome(_ index: Int) -> Result<Classification, GlissError> {
    let item = items[index]
    guard item.error == nil, let prompt = item.prompt else {
      return .failure(item.error ?? GlissError(.software, "request \(index) was not prepared"))
    }
    var windows: [[Float]] = []
    for window in item.windows {
      switch rows[window] {
      case .success(let row): windows.append(row)
      case .failure(var error):
        error.item = index
        return .failure(error)
      }
    }
    let request = requests[index]
    for row in windows {
      for (label, logit) in zip(request.labels, row) where !logit.isFinite {
        return .failure(
          GlissError(
            .software, "request \(index): the logit of label \"\(label)\" is \(logit)",
            field: label, expected: "a finite logit", found: "\(logit)", item: index))
      }
    }
    let logits = merged(windows, request.options.windowMerge)
    let scores = request.options.mode.scores(logits)
    return .success(
      Classification(
        scores: zip(request.labels, zip(logits, scores)).map {
          LabelScore(label: $0, logit: $1.0, score: $1.1)
        },
        tokens: prompt.tokenCount, truncated: prompt.truncated, windows: windows.count,
        mode: request.options.mode, threshold: request.options.threshold))
  }

  private func merged(_ rows: [[Float]], _ merge: WindowMerge) -> [Float] {
    guard let first = rows.first, rows.count > 1 else { return rows.first ?? [] }
    return first.indices.map { label in
      switch merge {
      case .max: rows.reduce(first[label]) { Swift.max($0, $1[label]) }
      case .mean: Float(rows.reduce(0.0) { $0 + Double($1[label]) } / Double(rows.count))
      }
    }
  }
}
