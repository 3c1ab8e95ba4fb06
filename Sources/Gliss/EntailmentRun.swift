// One call's requests on their way through an NLI model: a pair for every label and window, packed into
// batches under a token budget.

internal import GLiClass
internal import SentenceModels

/// The requests of one call. Batches cross request boundaries; outcomes keep the requests' order.
struct EntailmentRun {
  private let requests: [ClassificationRequest]
  private let classifier: EntailmentClassifier
  private let engine: CrossEncoderModel
  private var items: [Item]
  /// Of the request before: often the next one's too. Its hypotheses' tokens are in target order.
  private var plan: (labels: LabelPlan, hypotheses: [[Int32]])?
  private var pending: [PreparedPair] = []
  private var pendingTokens = 0
  /// Of every pair that has been scored.
  private var rows: [Result<Row, GlissError>] = []

  private struct Row {
    let entailment: Float
    let contradiction: Float
  }

  /// What is known of one request so far.
  private struct Item {
    var targets: LabelTargets?
    /// Of every target: the rows of its windows.
    var windows: [Range<Int>] = []
    var tokens = 0
    var truncated = 0
    var error: GlissError?
  }

  init(_ requests: [ClassificationRequest], classifier: EntailmentClassifier) {
    self.requests = requests
    self.classifier = classifier
    engine = classifier.encoder.engine
    items = Array(repeating: Item(), count: requests.count)
  }

  mutating func outcomes() -> [Result<Classification, GlissError>] {
    for index in requests.indices {
      do throws(GlissError) {
        try prepare(index)
      } catch {
        items[index].error = error
      }
    }
    flush()
    return requests.indices.map { index in
      do throws(GlissError) {
        return .success(try result(index))
      } catch {
        return .failure(error.about(item: index))
      }
    }
  }

  private mutating func prepare(_ index: Int) throws(GlissError) {
    let request = requests[index]
    let options = request.options
    try request.validate(context: engine.positionLimit)
    try options.validateForEntailment()
    let (labels, hypotheses) = try takePlan(for: request)
    let targets = labels.targets
    let limit = options.limit(context: engine.positionLimit)
    let premise = try tokens(options.lowercasesText ? request.text.lowercased() : request.text)
    for hypothesis in hypotheses {
      let windows = try windowPlan(premise.count, beside: hypothesis.count, limit, options)
      let first = rows.count + pending.count
      for range in windows.ranges {
        let count = try enqueue(Array(premise[range]), hypothesis)
        items[index].tokens += count
      }
      items[index].windows.append(first..<first + windows.ranges.count)
      items[index].truncated = max(items[index].truncated, windows.truncated)
    }
    items[index].targets = targets
  }

  private mutating func takePlan(
    for request: ClassificationRequest
  ) throws(GlissError) -> (labels: LabelPlan, hypotheses: [[Int32]]) {
    if let plan, plan.labels.serves(request) { return plan }
    let labels = try LabelPlan(request)
    var hypotheses = [[Int32]](repeating: [], count: labels.targets.count)
    // One order, and so one pass of all targets.
    for (target, phrase) in zip(
      labels.targets(of: 0, chunked: false).targets, labels.phrases(of: 0, chunked: false))
    {
      hypotheses[target] = try tokens(phrase)
    }
    plan = (labels, hypotheses)
    return (labels, hypotheses)
  }

  private func tokens(_ text: String) throws(GlissError) -> [Int32] {
    try GlissError.of { () throws(SentenceModelError) in try engine.parts.tokens(of: text) }
  }

  private func windowPlan(
    _ premise: Int, beside hypothesis: Int, _ limit: Int, _ options: ClassificationOptions
  ) throws(GlissError) -> WindowPlan {
    try GlissError.of { () throws(GLiClassError) in
      try WindowPlan(
        textTokens: premise, fixedTokens: hypothesis + engine.fixedTokenCount, limit: limit,
        policy: LongTextPolicy(options))
    }
  }

  /// - Returns: The pair's tokens.
  private mutating func enqueue(
    _ premise: [Int32], _ hypothesis: [Int32]
  ) throws(GlissError) -> Int {
    let pair = try GlissError.of { () throws(SentenceModelError) in
      try engine.prepare(premise, hypothesis, limit: nil, cutting: .neither)
    }
    if pendingTokens + pair.ids.count > classifier.encoder.batchTokens { flush() }
    pending.append(pair)
    pendingTokens += pair.ids.count
    return pair.ids.count
  }

  /// Scores what is pending. An error of the pass is an error of every request in it.
  private mutating func flush() {
    let (entailment, contradiction) = (classifier.entailment, classifier.contradiction)
    do throws(SentenceModelError) {
      rows += try engine.logits(pending).map {
        .success(Row(entailment: $0[entailment], contradiction: $0[contradiction]))
      }
    } catch {
      rows += pending.map { _ in .failure(GlissError(error)) }
    }
    pending.removeAll(keepingCapacity: true)
    pendingTokens = 0
  }

  private func result(_ index: Int) throws(GlissError) -> Classification {
    let item = items[index]
    if let error = item.error { throw error }
    guard let targets = item.targets else {
      throw GlissError(.software, "request \(index) was not prepared")
    }
    var options = requests[index].options
    // As upstream: one label alone is held against its contradiction, not against other labels.
    if options.mode == .singleLabel, targets.count == 1 { options.mode = .multiLabel }
    var logits: [Float] = []
    for (target, windows) in item.windows.enumerated() {
      var found: [[Float]] = []
      for window in windows {
        let row = try rows[window].get()
        let logit =
          options.mode == .multiLabel ? row.entailment - row.contradiction : row.entailment
        guard logit.isFinite else { throw targets.notFinite(logit, of: target, request: index) }
        found.append([logit])
      }
      logits.append(options.windowMerge.merged(found, 0))
    }
    let merged = MergedLogits([logits])
    return Classification(
      targets, merged, TreeScores(merged.logits, targets, options),
      tokens: item.tokens, truncated: item.truncated,
      windows: item.windows.reduce(1) { max($0, $1.count) }, labelChunks: 1, orders: 1,
      requests[index].options)
  }
}

extension ClassificationOptions {
  /// Refuses what only a model that reads labels together can do.
  fileprivate func validateForEntailment() throws(GlissError) {
    if phrasing.template == nil {
      throw .invalid("template", "a sentence with {} for the label, for a model of pairs", "none")
    }
    let refused: [(Bool, String)] = [
      (prompt?.isEmpty == false, "prompt"), (!examples.isEmpty, "examples"),
      (orders.count > 1, "orders"), (characterWindows != nil, "characterWindows"),
      (promptSafety == .rawControlTokens, "promptSafety"),
    ]
    for (isSet, field) in refused where isSet {
      throw GlissError(
        .unavailable, "\(field): a model that reads each label in a pair of its own has none",
        field: field, expected: "nothing", found: "one")
    }
  }
}
