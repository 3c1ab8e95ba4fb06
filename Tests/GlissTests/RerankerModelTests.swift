// Reranking with cross-encoders and sentence encoders: the models' own numbers, in order.

import Gliss
import TestSupport
import Testing

private let documents = [
  "Bees beat their wings very fast.", "The bank opens at nine.", "Birds fly south in winter.",
]
private let query = "how do bees fly?"
private let options = Classifier.Options(precision: .f32, threads: 1)

private func crossEncoder(_ name: String) throws -> CrossEncoder {
  let golden = try #require(try ClassifierGolden.all().first { $0.name == name })
  return try CrossEncoder(model: golden.folder, options: options)
}

private func sentenceEncoder(_ name: String) throws -> SentenceEncoder {
  let golden = try #require(try EncoderGolden.all().first { $0.name == name })
  return try SentenceEncoder(model: golden.folder, options: options)
}

private func words(_ count: Int) -> String {
  (0..<count).map { "word\($0 % 7)" }.joined(separator: " ")
}

@Suite("Documents are put in order by cross-encoders and sentence encoders")
struct RerankerModelTests {
  @Test(
    "a cross-encoder's logits and scores, best first", arguments: ["bert-rerank", "modern-rerank"])
  func pairs(_ name: String) throws {
    let encoder = try crossEncoder(name)
    let results = try Reranker(encoder).rerank(query, documents: documents + [""])
    let scores = try encoder.score(documents.map { TextPair(query, $0) })
    #expect(
      results.count == 4 && results[3] == DocumentScore(index: 3, logit: nil, score: 0, windows: 0))
    for result in results.prefix(3) {
      #expect(result.logit == scores[result.index].logits[0])
      #expect(result.score == scores[result.index].scores[0])
    }
    let logits = results.prefix(3).compactMap(\.logit)
    #expect(logits == logits.sorted(by: >))
  }

  @Test("a head with several outputs needs the name of one, and says which it has")
  func labels() throws {
    let encoder = try crossEncoder("bert-nli")
    let reranker = Reranker(encoder)
    #expect(encoder.labels.count > 1)
    for label in [nil, "no such output"] {
      let error = #expect(throws: GlissError.self) {
        try reranker.rerank(query, documents: documents, options: RerankOptions(label: label))
      }
      #expect(error?.field == "label" && error?.kind == .usage)
      for name in encoder.labels { #expect(error?.message.contains(name) == true) }
    }
    let scores = try encoder.score(documents.map { TextPair(query, $0) })
    for (place, label) in encoder.labels.enumerated() {
      let found = try reranker.scores(
        of: documents, for: query, options: RerankOptions(label: label.uppercased()))
      #expect(found.map(\.logit) == scores.map { $0.logits[place] })
    }
  }

  @Test("a sentence encoder's cosines, best first", arguments: ["minilm"])
  func cosines(_ name: String) throws {
    let encoder = try sentenceEncoder(name)
    let results = try Reranker(encoder).rerank(query, documents: documents)
    let target = try encoder.embed([query])[0].vector
    let vectors = try encoder.embed(documents).map(\.vector)
    for result in results {
      #expect(result.logit == SentenceEncoder.cosine(target, vectors[result.index]))
      #expect(result.score == result.logit)
    }
    let logits = results.compactMap(\.logit)
    #expect(logits.count == 3 && logits == logits.sorted(by: >))
  }

  @Test(
    "long documents are cut and counted, or read in parts, or refused", arguments: [true, false])
  func longDocuments(_ isPair: Bool) throws {
    let reranker =
      isPair ? Reranker(try crossEncoder("bert-rerank")) : Reranker(try sentenceEncoder("minilm"))
    let texts = [documents[0], words(300)]
    var options = RerankOptions(maxDocumentTokens: 60, windowOverlap: 10)
    let cut = try reranker.scores(of: texts, for: query, options: options)
    #expect(cut[0].truncated == 0 && cut[1].truncated >= 240 && cut[1].windows == 1)
    options.longDocuments = .window
    let read = try reranker.scores(of: texts, for: query, options: options)
    #expect(read[1].truncated == 0 && read[1].windows > 3)
    #expect(read[0] == cut[0] && read[1].tokens > cut[1].tokens)
    // The best part counts, and the first is what is left after cutting.
    #expect(read[1].logit ?? -.infinity >= cut[1].logit ?? .infinity)
    options.longDocuments = .error
    let error = #expect(throws: GlissError.self) {
      try reranker.rerank(query, documents: texts, options: options)
    }
    #expect(error?.kind == .data && error?.item == 1, "\(error?.message ?? "")")
  }

  @Test(
    "what is cut is the document's end alone, to the token",
    arguments: ["bert-rerank", "xlm-roberta"])
  func cutPairs(_ name: String) throws {
    let golden = try #require(try ClassifierGolden.all().first { $0.name == name })
    let encoder = try crossEncoder(name)
    let cut = golden.pairs.filter { $0.cut == "second" }
    #expect(!cut.isEmpty)
    for pair in cut {
      let query = try encoder.score([TextPair(pair.first, "")])[0].tokens
      let limit = try #require(pair.limit)
      let found = try Reranker(encoder).scores(
        of: [pair.second], for: pair.first,
        options: RerankOptions(maxDocumentTokens: limit - query))
      #expect(found[0].truncated == pair.truncated && found[0].tokens == limit)
      #expect(abs((found[0].logit ?? .infinity) - pair.logits[0]) < 1e-5)
    }
  }

  @Test("a document of a mebibyte is cut, or read whole", arguments: [true, false])
  func mebibyte(_ isPair: Bool) throws {
    let reranker =
      isPair ? Reranker(try crossEncoder("bert-rerank")) : Reranker(try sentenceEncoder("minilm"))
    let document = String(repeating: "a few words and more of them ", count: 37_000)
    let cut = try reranker.rerank(query, documents: [document])[0]
    #expect(cut.truncated > 100_000 && cut.tokens <= 512 && cut.windows == 1)
    let read = try reranker.rerank(
      query, documents: [document],
      options: RerankOptions(maxDocumentTokens: 200, longDocuments: .window))[0]
    #expect(read.truncated == 0 && read.windows > 1000)
  }

  @Test(
    "100,000 documents are scored, with progress, and the best come first",
    arguments: [true, false])
  func manyDocuments(_ isPair: Bool) throws {
    let reranker =
      isPair ? Reranker(try crossEncoder("bert-rerank")) : Reranker(try sentenceEncoder("minilm"))
    // Few tokens: every one is read, though it came before.
    let documents = (0..<100_000).map { "\($0 % 50)" }
    let scores = try reranker.scores(of: Array(documents.prefix(50)), for: "7")
    let first = try #require(scores.min { DocumentScore.isAhead($0, of: $1) }).index
    var told: [Int] = []
    let best = try reranker.rerank("7", documents: documents, topN: 3) { told.append($0) }
    #expect(best.map(\.index) == [first, first + 50, first + 100])
    #expect(told.first == Reranker.sliceCount && told.last == 100_000)
    #expect(told == told.sorted())
  }

  @Test("a folder's own prompts stand before query and documents")
  func prompts() throws {
    let encoder = try sentenceEncoder("modern-cls")
    let results = try Reranker(encoder).scores(of: documents, for: query)
    let target = try encoder.embed([query], options: SentenceOptions(prompt: "query: "))[0].vector
    let vectors = try encoder.embed(documents, options: SentenceOptions(prompt: "passage: "))
    #expect(
      results.map(\.logit) == vectors.map { SentenceEncoder.cosine(target, $0.vector) })
    #expect(results.map(\.tokens) == vectors.map(\.tokens))
  }

  @Test("what only GLiClass models know is refused by name", arguments: [true, false])
  func refusals(_ isPair: Bool) throws {
    let reranker =
      isPair ? Reranker(try crossEncoder("bert-rerank")) : Reranker(try sentenceEncoder("minilm"))
    let cases: [(RerankOptions, String)] = [
      (RerankOptions(form: .documentsAsLabels), "form"),
      (RerankOptions(template: "{}"), "template"),
      (RerankOptions(prompt: "a"), "prompt"), (RerankOptions(label: "none of these"), "label"),
    ]
    for (options, field) in cases {
      let error = #expect(throws: GlissError.self) {
        try reranker.rerank(query, documents: documents, options: options)
      }
      #expect(error?.field == field, "\(error?.message ?? "")")
    }
    let error = #expect(throws: GlissError.self) {
      try reranker.rerank(words(2000), documents: documents)
    }
    #expect(error?.kind == .data && error?.field == "query", "\(error?.message ?? "")")
  }

  @Test("a folder's config says which kind of reranker it is")
  func kinds() throws {
    for name in ["bert-rerank", "minilm"] {
      let folder = "\(Golden.folder)/sentences/\(name)"
      let results = try Reranker(model: folder, options: options).rerank(
        query, documents: documents)
      #expect(results.count == 3)
    }
  }
}
