// One call's requests on their way through the model: checked, tokenized, packed into batches under
// a token budget and scored. `ClassificationRun+Outcome.swift` makes results of the logits.

internal import GLiClass

/// The requests of one call. Batches cross request boundaries; outcomes keep the requests' order.
package struct ClassificationRun {
  let requests: [ClassificationRequest]
  private let classifier: Classifier
  private(set) var items: [Item]
  /// Of the request before: often the next one's too.
  private var plan: LabelPlan?
  /// What is scored, in order. The same ids with as many labels are scored once.
  private var sequences: [Sequence] = []
  private var indices: [Sequence: Int] = [:]
  /// Of every sequence that has been scored.
  private(set) var rows: [Result<[Float], GlissError>] = []
  private var pendingTokens = 0

  private struct Sequence: Hashable {
    var ids: [Int32]
    var labelCount: Int
  }

  /// What is known of one request so far.
  struct Item {
    var targets: LabelTargets?
    var orderCount = 1
    var passes: [Pass] = []
    var tokens = 0
    var truncated = 0
    var error: GlissError?
  }

  /// Labels read together, through all windows of the text.
  struct Pass {
    /// What the logits of a row belong to.
    let targets: [Int]
    let order: Int
    /// The sequence of every window, in order.
    var windows: [Int] = []
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
        try prepare(index)
      } catch {
        items[index].error = error.about(item: index)
      }
    }
    flush()
    return requests.indices.map(outcome)
  }

  private mutating func prepare(_ index: Int) throws(GlissError) {
    let request = requests[index]
    let model = classifier.engine
    let options = request.options
    try request.validate(context: model.positionLimit)
    var plan = try takePlan(for: request)
    defer { self.plan = plan }
    let limit = options.limit(context: model.positionLimit)
    var input = PromptInput(
      text: options.lowercasesText ? request.text.lowercased() : request.text, labels: [],
      task: options.prompt ?? "", examples: options.examples.map { ($0.text, $0.labels) },
      matchesControlTokens: options.promptSafety == .rawControlTokens)
    let isChunked = try plan.readsChunks(input, model, limit: limit)
    let pieces = try pieces(of: &input, options, model, index)
    items[index].targets = plan.targets
    items[index].orderCount = plan.orderCount
    let unread = items[index].truncated
    for number in (isChunked ? plan.chunked : plan.whole).indices {
      let (targets, order) = plan.targets(of: number, chunked: isChunked)
      input.labels = plan.phrases(of: number, chunked: isChunked)
      var pass = Pass(targets: targets, order: order)
      var truncated = unread
      for piece in pieces {
        input.text = piece
        let prompt = try GlissError.of { () throws(GLiClassError) in
          try plan.prepare(
            number, chunked: isChunked, input, model, limit: limit, LongTextPolicy(options))
        }
        truncated += prompt.truncated
        items[index].tokens += prompt.tokenCount
        for ids in prompt.sequences {
          pass.windows.append(enqueue(ids, labelCount: targets.count))
        }
      }
      items[index].passes.append(pass)
      items[index].truncated = max(items[index].truncated, truncated)
    }
  }

  private mutating func takePlan(
    for request: ClassificationRequest
  ) throws(GlissError) -> LabelPlan {
    guard let plan, plan.serves(request) else { return try LabelPlan(request) }
    // Not two owners: its caches are changed in place.
    self.plan = nil
    return plan
  }

  /// The windows of characters to read, one without them. Counts what is not read as truncated.
  private mutating func pieces(
    of input: inout PromptInput, _ options: ClassificationOptions, _ model: GLiClassModel,
    _ index: Int
  ) throws(GlissError) -> [String] {
    guard let windows = options.characterWindows else { return [input.text] }
    guard options.windowMerge == .first else { return windows.pieces(of: input.text) }
    let first = String(input.text.unicodeScalars.prefix(windows.size))
    input.text = String(input.text.unicodeScalars.dropFirst(windows.size))
    if !input.text.isEmpty {
      items[index].truncated = try GlissError.of { () throws(GLiClassError) in
        try model.tokenCount(ofText: input)
      }
    }
    return [first]
  }

  private mutating func enqueue(_ ids: [Int32], labelCount: Int) -> Int {
    let sequence = Sequence(ids: ids, labelCount: labelCount)
    if let index = indices[sequence] { return index }
    if pendingTokens + ids.count > classifier.batchTokens { flush() }
    let index = sequences.count
    indices[sequence] = index
    sequences.append(sequence)
    pendingTokens += ids.count
    return index
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
}

extension LongTextPolicy {
  /// Of windows only the first is read where only the first counts.
  init(_ options: ClassificationOptions) {
    self =
      switch options.longText {
      case .error: .error
      case .truncate: .truncate
      case .window where options.windowMerge == .first: .truncate
      case .window: .window(overlap: options.windowOverlap)
      }
  }
}

extension CharacterWindows {
  /// Windows of `size` Unicode scalars, the last as long as what is left.
  func pieces(of text: String) -> [String] {
    var pieces: [String] = []
    let scalars = text.unicodeScalars
    var start = scalars.startIndex
    while true {
      guard let end = scalars.index(start, offsetBy: size, limitedBy: scalars.endIndex),
        end < scalars.endIndex
      else {
        pieces.append(String(scalars[start...]))
        return pieces
      }
      pieces.append(String(scalars[start..<end]))
      start = scalars.index(end, offsetBy: -overlap)
    }
  }
}
