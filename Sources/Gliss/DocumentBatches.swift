// Documents of one call on their way through a model that reads a sequence for each, or for each of
// its parts: prepared one by one, packed into batches under a token budget, scored. The best part of
// a document is its score.

internal import GLiClass

/// At most a batch of sequences, and the parts of one document, are held at a time.
struct DocumentBatches<Prepared> {
  private let batchTokens: Int

  init(batchTokens: Int) { self.batchTokens = batchTokens }

  /// One score a document, in order.
  ///
  /// - Parameters:
  ///   - prepare: A document's sequences, at least one, and how many of its tokens are in none.
  ///   - count: Tokens of a sequence.
  ///   - run: The model's number and its score for each sequence.
  /// - Throws: What `prepare` throws with the document's index; what `run` throws as it is.
  func scores(
    of documents: [String],
    prepare: (String) throws(GlissError) -> (parts: [Prepared], truncated: Int),
    count: (Prepared) -> Int,
    run: ([Prepared]) throws(GlissError) -> [(logit: Float, score: Float)]
  ) throws(GlissError) -> [DocumentScore] {
    var results: [DocumentScore] = []
    results.reserveCapacity(documents.count)
    var pending: [(document: Int, part: Prepared)] = []
    var tokens = 0
    func flush() throws(GlissError) {
      for ((document, part), found) in zip(pending, try run(pending.map(\.part))) {
        guard found.logit.isFinite, found.score.isFinite else {
          throw GlissError(
            .software, "document \(document): the model's answer is \(found.logit)",
            expected: "a finite number", found: "\(found.logit)", item: document)
        }
        results[document].add(logit: found.logit, score: found.score, tokens: count(part))
      }
      pending.removeAll(keepingCapacity: true)
      tokens = 0
    }
    for (index, document) in documents.enumerated() {
      let (parts, truncated): ([Prepared], Int)
      do throws(GlissError) {
        (parts, truncated) = try prepare(document)
      } catch {
        throw error.about(item: index)
      }
      results.append(
        DocumentScore(index: index, logit: nil, score: 0, truncated: truncated, windows: 0))
      for part in parts {
        if tokens + count(part) > batchTokens, !pending.isEmpty { try flush() }
        pending.append((index, part))
        tokens += count(part)
      }
    }
    if !pending.isEmpty { try flush() }
    return results
  }
}

extension DocumentScore {
  /// One part more: the best counts, its tokens are added.
  fileprivate mutating func add(logit: Float, score: Float, tokens: Int) {
    if logit > self.logit ?? -.infinity { (self.logit, self.score) = (logit, score) }
    self.tokens += tokens
    windows += 1
  }
}

extension RerankOptions {
  /// The most tokens of a sequence in which `fixed` are not the document's.
  ///
  /// - Parameter context: The most tokens of one sequence of the model.
  /// - Throws: An error about the query where it leaves no room.
  func limit(beside fixed: Int, context: Int) throws(GlissError) -> Int {
    let limit =
      maxDocumentTokens.map { min(context, fixed + $0) } ?? longDocuments.usualLimit(context)
    guard fixed < limit else {
      throw GlissError(
        .data, "the query takes \(fixed) of \(limit) tokens and leaves no room for documents",
        field: "query", expected: "a shorter query", found: "\(fixed) tokens")
    }
    return limit
  }

  /// Which tokens of a document are read together.
  func windows(
    _ count: Int, beside fixed: Int, limit: Int
  ) throws(GlissError) -> WindowPlan {
    let policy: LongTextPolicy =
      switch longDocuments {
      case .error: .error
      case .truncate: .truncate
      case .window: .window(overlap: windowOverlap)
      }
    return try GlissError.of { () throws(GLiClassError) in
      try WindowPlan(textTokens: count, fixedTokens: fixed, limit: limit, policy: policy)
    }
  }

  /// Refuses what only GLiClass models know.
  func refuseForms(of kind: String) throws(GlissError) {
    if form != .queryAsLabel {
      throw .invalid("form", "left out for a \(kind), which has one form", form.rawValue)
    }
    if template != nil {
      throw .invalid("template", "left out for a \(kind)", "a sentence")
    }
    if prompt != nil {
      throw .invalid("prompt", "left out for a \(kind)", "a text")
    }
  }
}
