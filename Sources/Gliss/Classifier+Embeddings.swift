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
    let batches = ItemBatches<PreparedPrompt>(batchTokens: batchTokens)
    var cache = PromptCache()
    return batches.outcomes(requests) { (request) throws(GlissError) in
      try prepare(request, &cache)
    } count: {
      $0.tokenCount
    } run: { (prompts) throws(GlissError) in
      try GlissError.of { () throws(GLiClassError) in
        // Not read in windows: a prompt is one sequence.
        try engine.embeddings(
          prompts.map { (ids: $0.sequences.first ?? [], labelCount: $0.labelCount) })
      }
    } result: { (index, prompt, found) throws(GlissError) in
      let vectors = found.text + found.labels + [found.logits]
      guard vectors.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        throw GlissError(
          .software, "request \(index): a vector holds a number that is not finite",
          field: "embedding", expected: "finite numbers", found: "another")
      }
      return TextEmbedding(
        text: found.text,
        labels: requests[index].labels.enumerated().map {
          TextEmbedding.Label(label: $1, vector: found.labels[$0], logit: found.logits[$0])
        },
        tokens: prompt.tokenCount, truncated: prompt.truncated)
    }
  }

  private func prepare(
    _ request: EmbeddingRequest, _ cache: inout PromptCache
  ) throws(GlissError) -> PreparedPrompt {
    let options = request.options
    let context = engine.positionLimit
    try request.validate(context: context)
    let input = PromptInput(
      text: request.text, labels: request.labels, task: options.prompt ?? "",
      examples: options.examples.map { ($0.text, $0.labels) },
      matchesControlTokens: options.promptSafety == .rawControlTokens)
    let usual = options.truncates ? ClassificationOptions.usualTokens : context
    return try GlissError.of { () throws(GLiClassError) in
      try engine.prepare(
        input, limit: options.maxTokens ?? usual, policy: options.truncates ? .truncate : .error,
        cache: &cache)
    }
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
