// Reranking with a GLiClass model: the query as a label, or the documents as labels.

internal import GLiClass

struct GLiClassScorer: DocumentScorer {
  let classifier: Classifier

  var contextLength: Int { classifier.engine.positionLimit }
  var precision: Precision { classifier.model.precision }
  /// A passage of a few sentences.
  private static let usualDocumentTokens = 256

  func scores(
    of documents: [String], for query: String, options: RerankOptions
  ) throws(GlissError) -> [DocumentScore] {
    guard options.label == nil else {
      throw .invalid("label", "nothing for a GLiClass model, whose label is the query", "a name")
    }
    return switch options.form {
    case .queryAsLabel: try asTexts(documents, query, options)
    case .documentsAsLabels: try asLabels(documents, query, options)
    }
  }

  // MARK: The query as a label

  private func asTexts(
    _ documents: [String], _ query: String, _ options: RerankOptions
  ) throws(GlissError) -> [DocumentScore] {
    let phrasing = LabelPhrasing(template: options.template)
    let request = ClassificationOptions(
      prompt: options.prompt, longText: options.longDocuments,
      maxTokens: try limit(query, phrasing, options), windowOverlap: options.windowOverlap,
      phrasing: phrasing)
    let results = try classifier.classify(
      documents.map {
        ClassificationRequest(text: $0, labels: [Label(query)], options: request)
      })
    return results.enumerated().map { index, result in
      DocumentScore(
        index: index, logit: result.scores[0].logit, score: result.scores[0].score,
        tokens: result.tokens, truncated: result.truncated, windows: result.windows)
    }
  }

  /// The tokens of a sequence with the query and as much of a document as is asked for.
  private func limit(
    _ query: String, _ phrasing: LabelPhrasing, _ options: RerankOptions
  ) throws(GlissError) -> Int {
    let input = PromptInput(text: "", labels: [], task: options.prompt ?? "")
    let phrases = try phrasing.phrases([(label: query, description: nil)])
    let fixed = try GlissError.of { () throws(GLiClassError) in
      try classifier.engine.tokenCount(around: input)
        + classifier.engine.tokenCounts(ofLabels: phrases, input).reduce(0, +)
    }
    return try options.limit(beside: fixed, context: contextLength)
  }

  // MARK: The documents as labels

  /// A part of a document, read as a label.
  private struct Part {
    let document: Int
    let text: String
    let tokens: Int
  }

  private func asLabels(
    _ documents: [String], _ query: String, _ options: RerankOptions
  ) throws(GlissError) -> [DocumentScore] {
    guard options.template == nil else {
      throw .invalid("template", "nothing where documents are labels", "a sentence")
    }
    let input = PromptInput(text: query, labels: [], task: options.prompt ?? "")
    let fixed = try GlissError.of { () throws(GLiClassError) in
      try classifier.engine.tokenCount(around: input) + classifier.engine.tokenCount(ofText: input)
    }
    let room = contextLength - fixed
    // A part may have a few tokens more by itself than it had in its document, and has a marker.
    let slack = 8
    guard room > 2 * slack else {
      throw GlissError(
        .data,
        "the query takes \(fixed) of \(contextLength) tokens and leaves no room for documents",
        field: "query", expected: "a shorter query", found: "\(fixed) tokens")
    }
    let size = min(options.maxDocumentTokens ?? Self.usualDocumentTokens, room - slack)
    var results: [DocumentScore] = []
    var parts: [Part] = []
    for (index, document) in documents.enumerated() {
      let (own, score) = try cut(document, index, size, input, options)
      parts += own
      results.append(score)
    }
    let packs = pack(parts, room: room)
    let requests = packs.map { pack in
      ClassificationRequest(
        text: query, labels: pack.labels.map { Label($0) },
        options: ClassificationOptions(
          prompt: options.prompt, longText: .error, maxTokens: contextLength))
    }
    let answers: [Classification]
    do throws(GlissError) {
      answers = try classifier.classify(requests)
    } catch {
      // A request is no document.
      throw error.about(item: nil)
    }
    for (pack, answer) in zip(packs, answers) {
      for (part, label) in pack.places {
        let (score, document) = (answer.scores[label], parts[part].document)
        guard score.logit > results[document].logit ?? -.infinity else { continue }
        results[document].logit = score.logit
        results[document].score = score.score
      }
    }
    return results
  }

  /// The parts of one document, and its result before it has a score.
  private func cut(
    _ document: String, _ index: Int, _ size: Int, _ input: PromptInput, _ options: RerankOptions
  ) throws(GlissError) -> (parts: [Part], score: DocumentScore) {
    let engine = classifier.engine
    let pieces = try GlissError.of { () throws(GLiClassError) in
      try engine.pieces(of: document, tokens: size, overlap: options.windowOverlap)
    }
    if options.longDocuments == .error, pieces.restCount > 0 {
      throw GlissError(
        .data, "the document has \(pieces.tokenCount) tokens, the limit is \(size)",
        field: "documents", expected: "at most \(size) tokens", found: "\(pieces.tokenCount)",
        item: index)
    }
    let texts = (options.longDocuments == .window ? pieces.texts : Array(pieces.texts.prefix(1)))
      .filter { !$0.allSatisfy(\.isWhitespace) }
    let counts = try GlissError.of { () throws(GLiClassError) in
      try engine.tokenCounts(ofLabels: texts, input)
    }
    let parts = zip(texts, counts).map { Part(document: index, text: $0, tokens: $1) }
    return (
      parts,
      DocumentScore(
        index: index, logit: nil, score: 0, tokens: counts.reduce(0, +),
        truncated: options.longDocuments == .window ? 0 : pieces.restCount, windows: parts.count)
    )
  }

  /// Parts that are read in one sequence: the labels, and which label each part is. Parts with the
  /// same text are one label.
  private struct Pack {
    var labels: [String] = []
    var places: [(part: Int, label: Int)] = []
    var known: [String: Int] = [:]
    var tokens = 0
  }

  private func pack(_ parts: [Part], room: Int) -> [Pack] {
    let most = classifier.engine.labelLimit ?? .max
    var packs: [Pack] = []
    var pack = Pack()
    for (index, part) in parts.enumerated() {
      if let label = pack.known[part.text] {
        pack.places.append((index, label))
        continue
      }
      let isFull = pack.tokens + part.tokens > room || pack.labels.count == most
      if isFull, !pack.labels.isEmpty {
        packs.append(pack)
        pack = Pack()
      }
      pack.known[part.text] = pack.labels.count
      pack.places.append((index, pack.labels.count))
      pack.labels.append(part.text)
      pack.tokens += part.tokens
    }
    return pack.labels.isEmpty ? packs : packs + [pack]
  }
}
