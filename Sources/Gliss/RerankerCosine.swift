// Reranking with a sentence encoder: the cosine of the query's vector and each document's.

internal import GLiClass
internal import SentenceModels

struct CosineScorer: DocumentScorer {
  let encoder: SentenceEncoder

  var contextLength: Int { encoder.engine.positionLimit }
  var precision: Precision { encoder.model.precision }

  func scores(
    of documents: [String], for query: String, options: RerankOptions
  ) throws(GlissError) -> [DocumentScore] {
    try options.refuseForms(of: "sentence encoder")
    guard options.label == nil else {
      throw .invalid(
        "label", "left out for a sentence encoder, whose only output is a cosine", "a name")
    }
    let engine = encoder.engine
    let target = try vector(of: query)
    let batches = DocumentBatches<PreparedSentence>(batchTokens: encoder.batchTokens)
    return try batches.scores(of: documents) { (document) throws(GlissError) in
      let sentence = try GlissError.of { () throws(SentenceModelError) in
        try engine.tokenize(document, prompt: engine.prompts.document)
      }
      let fixed = sentence.fixedTokenCount
      let limit =
        options.maxDocumentTokens.map { min(contextLength, fixed + $0) } ?? encoder.usualTokens
      let windows = try options.windows(sentence.textTokenCount, beside: fixed, limit: limit)
      return (windows.ranges.map { sentence.part($0) }, windows.truncated)
    } count: {
      $0.ids.count
    } run: { (sentences) throws(GlissError) in
      let vectors = try GlissError.of { () throws(SentenceModelError) in
        try engine.vectors(sentences)
      }
      return vectors.map { vector in
        let cosine = SentenceEncoder.cosine(target, vector)
        return (cosine, cosine)
      }
    }
  }

  /// A query is never cut, and its errors are about no document.
  private func vector(of query: String) throws(GlissError) -> [Float] {
    do throws(GlissError) {
      let options = SentenceOptions(prompt: encoder.engine.prompts.query ?? "", truncates: false)
      return try encoder.embed([query], options: options)[0].vector
    } catch {
      var error = error
      (error.item, error.field) = (nil, "query")
      throw error
    }
  }
}
