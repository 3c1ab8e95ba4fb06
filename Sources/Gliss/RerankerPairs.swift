// Reranking with a cross-encoder: query and document in one sequence, one pass a document.

internal import GLiClass
internal import SentenceModels

struct PairScorer: DocumentScorer {
  let encoder: CrossEncoder

  var contextLength: Int { encoder.engine.positionLimit }
  var precision: Precision { encoder.model.precision }

  func scores(
    of documents: [String], for query: String, options: RerankOptions
  ) throws(GlissError) -> [DocumentScore] {
    try options.refuseForms(of: "cross-encoder")
    let place = try place(of: options.label)
    let (engine, activation) = (encoder.engine, encoder.activation)
    let first = try GlissError.of { () throws(SentenceModelError) in
      try engine.parts.tokens(of: query)
    }
    let fixed = first.count + engine.fixedTokenCount
    let limit = try options.limit(beside: fixed, context: contextLength)
    let batches = DocumentBatches<PreparedPair>(batchTokens: encoder.batchTokens)
    return try batches.scores(of: documents) { (document) throws(GlissError) in
      let second = try GlissError.of { () throws(SentenceModelError) in
        try engine.parts.tokens(of: document)
      }
      let windows = try options.windows(second.count, beside: fixed, limit: limit)
      let parts = try GlissError.of { () throws(SentenceModelError) in
        try windows.ranges.map { (range) throws(SentenceModelError) in
          try engine.prepare(first, Array(second[range]), limit: nil, cutting: .neither)
        }
      }
      return (parts, windows.truncated)
    } count: {
      $0.ids.count
    } run: { (pairs) throws(GlissError) in
      let logits = try GlissError.of { () throws(SentenceModelError) in try engine.logits(pairs) }
      return logits.map { ($0[place], activation.scores([$0[place]])[0]) }
    }
  }

  /// The output that counts.
  private func place(of label: String?) throws(GlissError) -> Int {
    let labels = encoder.labels
    if label == nil, labels.count == 1 { return 0 }
    let list = labels.prefix(20).map { GlissError.quoted($0) }.joined(separator: ", ")
    guard let label else {
      throw GlissError(
        .usage,
        "\(encoder.model.name) has \(labels.count) outputs, \(list): say which one counts (label, "
          + "--label)", field: "label", expected: "one of \(list)", found: "none")
    }
    let found =
      labels.firstIndex(of: label)
      ?? labels.firstIndex { $0.lowercased() == label.lowercased() }
    guard let found else {
      throw GlissError(
        .usage,
        "\(encoder.model.name) has no output \(GlissError.quoted(label)); it has \(list)",
        field: "label", expected: "one of \(list)", found: GlissError.excerpt(label))
    }
    return found
  }
}
