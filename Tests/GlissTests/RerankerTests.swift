// Documents in order: what is read as what, ties, long and empty documents, very many of them.

import Gliss
import TestSupport
import Testing

private let query = "who pays for shipping"
private let passages = [
  "Shipping is free.", "We open at nine.", "The buyer pays for shipping.", "Refunds take a week.",
]

private func words(_ count: Int) -> String {
  (0..<count).map { "word\($0 % 7)" }.joined(separator: " ")
}

@Suite("Documents are put in order for a query")
struct RerankerTests {
  @Test("the query is the label of every document, whatever else is passed")
  func queryAsLabel() throws {
    let model = try classifier("edge")
    let reranker = Reranker(model)
    let results = try reranker.rerank(query, documents: passages)
    let scores = try model.classify(passages, labels: [query]).map { $0.scores[0] }
    #expect(results.count == passages.count)
    for result in results {
      #expect(result.logit == scores[result.index].logit)
      #expect(result.score == scores[result.index].score)
    }
    let logits = results.map { $0.logit ?? -.infinity }
    #expect(logits == logits.sorted(by: >))
    let best = try reranker.rerank(query, documents: passages, topN: 2)
    #expect(best == Array(results.prefix(2)))
    let alone = try reranker.rerank(query, documents: [passages[2]])
    #expect(alone[0].logit == scores[2].logit)
  }

  @Test("the documents are the labels of the query: as many in one sequence as fit")
  func documentsAsLabels() throws {
    let model = try classifier("edge")
    let reranker = Reranker(model)
    let options = RerankOptions(form: .documentsAsLabels)
    // The same document twice is read once.
    let documents = passages + [passages[1]]
    let results = try reranker.rerank(query, documents: documents, options: options)
    let scores = try model.classify(query, labels: passages).scores
    for result in results {
      #expect(result.logit == scores[result.index == 4 ? 1 : result.index].logit)
    }
    let order = results.map(\.index).filter { $0 == 1 || $0 == 4 }
    #expect(order == [1, 4])
    // More than one sequence has room for.
    let many = (0..<300).map { "passage \($0) " + words(20) }
    let all = try reranker.rerank(query, documents: many, options: options)
    #expect(Set(all.map(\.index)) == Set(0..<300) && all.allSatisfy { $0.logit != nil })
  }

  @Test("ties stay in the order they came, across slices too")
  func ties() throws {
    let reranker = Reranker(try classifier("edge"))
    let documents = Array(repeating: "the same words", count: 600)
    let results = try reranker.rerank(query, documents: documents)
    #expect(results.map(\.index) == Array(0..<600))
  }

  @Test("an empty query is refused by name", arguments: ["", " \n\t"])
  func emptyQuery(_ query: String) throws {
    let reranker = Reranker(try classifier("edge"))
    let error = #expect(throws: GlissError.self) {
      try reranker.rerank(query, documents: passages)
    }
    #expect(error?.kind == .data && error?.field == "query")
    #expect(throws: GlissError.self) { try reranker.rerank(query, documents: []) }
  }

  @Test("an empty document is not read, and comes last", arguments: RerankForm.allCases)
  func emptyDocument(_ form: RerankForm) throws {
    let reranker = Reranker(try classifier("edge"))
    let documents = ["", passages[0], "  ", passages[1]]
    let results = try reranker.rerank(
      query, documents: documents, options: RerankOptions(form: form))
    #expect(results.suffix(2).map(\.index) == [0, 2])
    #expect(results.suffix(2).allSatisfy { $0.logit == nil && $0.score == 0 && $0.tokens == 0 })
    #expect(try reranker.rerank(query, documents: []).isEmpty)
  }

  @Test("a long document is cut and counted, or read in parts, or refused with its place")
  func longDocuments() throws {
    let model = try classifier("edge")
    let reranker = Reranker(model)
    let documents = [passages[0], words(120)]
    for form in RerankForm.allCases {
      var options = RerankOptions(form: form, maxDocumentTokens: 30)
      let cut = try reranker.scores(of: documents, for: query, options: options)
      #expect(cut[0].truncated == 0 && cut[1].truncated > 30, "\(form)")
      options.longDocuments = .window
      let read = try reranker.scores(of: documents, for: query, options: options)
      #expect(read[1].truncated == 0 && read[1].windows > 2, "\(form)")
      #expect((read[1].logit ?? 0) >= (cut[1].logit ?? 0), "\(form)")
      options.longDocuments = .error
      let error = #expect(throws: GlissError.self) {
        try reranker.rerank(query, documents: documents, options: options)
      }
      #expect(error?.kind == .data && error?.item == 1, "\(form) \(error?.message ?? "")")
    }
    // The limit is the document's, whatever the query takes.
    let options = RerankOptions(maxDocumentTokens: 30)
    for text in [query, query + " and who pays for returns"] {
      let short = try reranker.scores(of: [words(1)], for: text, options: options)[0]
      let alone = try model.classify(words(1), labels: [text])
      let empty = try model.classify("", labels: [text])
      let long = try reranker.scores(of: [words(120)], for: text, options: options)[0]
      #expect(short.tokens == alone.tokens)
      #expect(long.tokens == empty.tokens + 30)
    }
  }

  @Test("a document of a mebibyte is cut, or read whole")
  func mebibyte() throws {
    let reranker = Reranker(try classifier("edge"))
    let document = String(repeating: "a few words and more of them ", count: 37_000)
    #expect(document.utf8.count > 1 << 20)
    let cut = try reranker.rerank(query, documents: [document])[0]
    #expect(cut.truncated > 100_000 && cut.tokens <= 1024)
    let read = try reranker.rerank(
      query, documents: [document],
      options: RerankOptions(maxDocumentTokens: 100, longDocuments: .window))[0]
    #expect(read.truncated == 0 && read.windows > 1000)
  }

  @Test("100,000 documents are scored, with progress, and the best come first")
  func manyDocuments() throws {
    let reranker = Reranker(try classifier("edge"))
    let documents = (0..<100_000).map { "document \($0 % 50)" }
    var told: [Int] = []
    let best = try reranker.rerank(query, documents: documents, topN: 3) { told.append($0) }
    #expect(best.map(\.index) == [best[0].index, best[0].index + 50, best[0].index + 100])
    #expect(told.first == Reranker.sliceCount && told.last == 100_000)
    #expect(told == told.sorted())
  }

  @Test("options that do not fit are refused by name")
  func options() throws {
    let reranker = Reranker(try classifier("edge"))
    let cases: [(RerankOptions, String)] = [
      (RerankOptions(maxDocumentTokens: 0), "maxDocumentTokens"),
      (RerankOptions(maxDocumentTokens: 1 << 20), "maxDocumentTokens"),
      (RerankOptions(windowOverlap: -1), "windowOverlap"),
      (RerankOptions(template: "no place"), "template"),
      (RerankOptions(form: .documentsAsLabels, template: "{}"), "template"),
      (RerankOptions(label: "entailment"), "label"),
    ]
    for (options, field) in cases {
      let error = #expect(throws: GlissError.self) {
        try reranker.rerank(query, documents: passages, options: options)
      }
      #expect(error?.field == field, "\(error?.message ?? "")")
    }
    let error = #expect(throws: GlissError.self) {
      try reranker.rerank(query, documents: passages, topN: 0)
    }
    #expect(error?.field == "topN")
    for form in RerankForm.allCases {
      let long = #expect(throws: GlissError.self) {
        try reranker.rerank(words(2000), documents: passages, options: RerankOptions(form: form))
      }
      #expect(long?.field == "query" && long?.kind == .data && long?.item == nil, "\(form)")
    }
  }
}
