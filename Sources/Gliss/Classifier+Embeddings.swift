// Texts and labels as vectors.

internal import GLiClass

extension Classifier {
  /// Embeds one text with its labels.
  ///
  /// - Parameters:
  ///   - text: The text; it may be empty.
  ///   - labels: At least one label, none empty, none twice.
  ///   - options: How they are embedded.
  public func embed(
    _ text: String, labels: [String], options: EmbeddingOptions = EmbeddingOptions()
  ) throws(GlissError) -> TextEmbedding {
    try embed([EmbeddingRequest(text: text, labels: labels, options: options)])[0]
  }

  /// Embeds texts that each have their own labels and options, in order.
  ///
  /// - Throws: The first bad request's error, with its index in ``GlissError/item``; nothing is
  ///   returned then. ``embeddings(of:)`` returns results and errors side by side.
  public func embed(_ requests: [EmbeddingRequest]) throws(GlissError) -> [TextEmbedding] {
    try embeddings(of: requests).values()
  }

  /// Embeds requests that fail one by one: a bad one does not stop the others.
  ///
  /// - Returns: One outcome per request, in order.
  public func embeddings(
    of requests: [EmbeddingRequest]
  ) -> [Result<TextEmbedding, GlissError>] {
    var run = EmbeddingRun(requests, engine: engine, batchTokens: batchTokens)
    return run.outcomes()
  }
}

/// The requests of one call, packed into batches under the token budget.
private struct EmbeddingRun {
  private let requests: [EmbeddingRequest]
  private let engine: GLiClassModel
  private let batchTokens: Int
  private var results: [Result<TextEmbedding, GlissError>?]
  private var pending: [(index: Int, prompt: PreparedPrompt)] = []
  private var pendingTokens = 0
  private var cache = PromptCache()

  init(_ requests: [EmbeddingRequest], engine: GLiClassModel, batchTokens: Int) {
    self.requests = requests
    self.engine = engine
    self.batchTokens = batchTokens
    results = Array(repeating: nil, count: requests.count)
  }

  mutating func outcomes() -> [Result<TextEmbedding, GlissError>] {
    for (index, request) in requests.enumerated() {
      do throws(GlissError) {
        let prompt = try prepare(request)
        if pendingTokens + prompt.tokenCount > batchTokens { flush() }
        pending.append((index, prompt))
        pendingTokens += prompt.tokenCount
      } catch {
        fail(index, error)
      }
    }
    flush()
    return results.enumerated().map { index, result in
      result ?? .failure(GlissError(.software, "request \(index) was not embedded", item: index))
    }
  }

  private mutating func fail(_ index: Int, _ error: GlissError) {
    var error = error
    error.item = index
    results[index] = .failure(error)
  }

  private mutating func prepare(
    _ request: EmbeddingRequest
  ) throws(GlissError) -> PreparedPrompt {
    let options = request.options
    let context = engine.positionLimit
    try request.validate(context: context)
    let input = PromptInput(
      text: request.text, labels: request.labels, task: options.prompt ?? "",
      examples: options.examples.map { ($0.text, $0.labels) },
      matchesControlTokens: options.promptSafety == .rawControlTokens)
    let usual = options.truncates ? ClassificationOptions.usualTokens : context
    do throws(GLiClassError) {
      return try engine.prepare(
        input, limit: options.maxTokens ?? usual, policy: options.truncates ? .truncate : .error,
        cache: &cache)
    } catch {
      throw GlissError(error)
    }
  }

  private mutating func flush() {
    // Not read in windows: a prompt is one sequence.
    let sequences = pending.map {
      (ids: $0.prompt.sequences.first ?? [], labelCount: $0.prompt.labelCount)
    }
    do throws(GLiClassError) {
      for ((index, prompt), found) in zip(pending, try engine.embeddings(sequences)) {
        let vectors = found.text + found.labels + [found.logits]
        guard vectors.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
          fail(
            index,
            GlissError(
              .software, "request \(index): a vector holds a number that is not finite",
              field: "embedding", expected: "finite numbers", found: "another"))
          continue
        }
        results[index] = .success(
          TextEmbedding(
            text: found.text,
            labels: requests[index].labels.enumerated().map {
              TextEmbedding.Label(
                label: $1, vector: found.labels[$0], logit: found.logits[$0])
            },
            tokens: prompt.tokenCount, truncated: prompt.truncated))
      }
    } catch {
      for (index, _) in pending { fail(index, GlissError(error)) }
    }
    pending.removeAll(keepingCapacity: true)
    pendingTokens = 0
  }
}

extension EmbeddingRequest {
  /// - Parameter context: The most tokens of one sequence of the model.
  fileprivate func validate(context: Int) throws(GlissError) {
    // Labels obey the rules of a classification.
    try ClassificationRequest(text: text, labels: labels).validate(context: context)
    if let maxTokens = options.maxTokens, !(1...context).contains(maxTokens) {
      throw GlissError(
        .usage,
        "maxTokens should be an integer from 1 to the model's context, \(context), "
          + "found \(maxTokens)",
        field: "maxTokens", expected: "1 to \(context)", found: "\(maxTokens)")
    }
  }
}
