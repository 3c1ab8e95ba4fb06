// Classifying with models that only compare texts: what `gliss eval` measures them by.

import Gliss
import TestSupport
import Testing

private let options = Classifier.Options(threads: 1)
private let texts = ["The harbour was quiet.", "Prices rose in March.", ""]
private let names = ["money", "boats"]
private let sentences = ["It is about money.", "It is about boats."]

private func folder(_ name: String) -> String { "\(Golden.folder)/sentences/\(name)" }

private func requests(_ mode: ClassificationMode) -> [ClassificationRequest] {
  texts.map { text in
    ClassificationRequest(
      text: text, labels: names.map { Label($0) },
      options: ClassificationOptions(
        mode: mode, phrasing: LabelPhrasing(template: "It is about {}.")))
  }
}

@Suite("Models that compare texts are measured as classifiers")
struct SimilarityTests {
  @Test("a sentence encoder: the cosine of text and label in its template")
  func cosines() throws {
    let encoder = try SentenceEncoder(model: folder("minilm"), options: options)
    let classifier = SimilarityClassifier(encoder)
    let vectors = try encoder.embed(texts).map(\.vector)
    let labels = try encoder.embed(sentences).map(\.vector)
    for mode in [ClassificationMode.multiLabel, .singleLabel] {
      let results = try classifier.outcomes(of: requests(mode)).map { try $0.get() }
      for (result, vector) in zip(results, vectors) {
        #expect(result.scores.map(\.label) == names)
        #expect(
          result.scores.map(\.logit) == labels.map { SentenceEncoder.cosine($0, vector) })
        if mode == .singleLabel {
          #expect(abs(result.scores.reduce(0) { $0 + $1.score } - 1) < 1e-6)
        } else {
          #expect(result.scores.map(\.score) == result.scores.map { max(0, $0.logit) })
        }
      }
    }
  }

  @Test("a cross-encoder with one output: that of the label before the text")
  func pairs() throws {
    // Its config says Identity.
    let encoder = try CrossEncoder(model: folder("bert-rerank"), options: options)
    let classifier = try #require(SimilarityClassifier(encoder))
    let results = classifier.outcomes(of: requests(.multiLabel))
    for (text, result) in zip(texts, results) {
      let expected = try encoder.score(sentences.map { TextPair($0, text) })
      let scores = try result.get().scores
      #expect(scores.map(\.logit) == expected.map { $0.logits[0] })
      let logits = expected.map { $0.logits[0] }
      #expect(scores.map(\.score) == CrossEncoder.Activation.sigmoid.scores(logits))
      #expect(try result.get().tokens == expected.reduce(0) { $0 + $1.tokens })
    }
    let several = try CrossEncoder(model: folder("bert-nli"), options: options)
    #expect(SimilarityClassifier(several) == nil)
  }

  @Test("a long text is cut, a bad request fails alone")
  func errors() throws {
    let long = String(repeating: "the harbour was quiet ", count: 2000)
    for classifier in [
      SimilarityClassifier(try SentenceEncoder(model: folder("minilm"), options: options)),
      try #require(
        SimilarityClassifier(try CrossEncoder(model: folder("bert-rerank"), options: options))),
    ] {
      let outcomes = classifier.outcomes(of: [
        ClassificationRequest(text: long, labels: ["a"]),
        ClassificationRequest(text: "b", labels: [Label]()),
        ClassificationRequest(
          text: long, labels: ["a"], options: ClassificationOptions(maxTokens: 20)),
      ])
      #expect(try outcomes[0].get().truncated > 1000)
      let error = #expect(throws: GlissError.self) { try outcomes[1].get() }
      #expect(error?.item == 1 && error?.field == "labels")
      #expect(try outcomes[2].get().tokens == 20)
    }
  }

  @Test("an NLI model's softmax over its labels, for premise and hypothesis as they are")
  func judging() throws {
    let classifier = try EntailmentClassifier(model: folder("bert-nli"), options: options)
    let pairs = texts.map { TextPair($0, "It is quiet.") }
    let logits = try classifier.encoder.score(pairs).map(\.logits)
    for (outcome, logits) in zip(classifier.judge(pairs), logits) {
      let found = try outcome.get()
      #expect(found.logits == logits && logits[found.best] == logits.max())
      #expect(abs(found.scores.reduce(0, +) - 1) < 1e-6)
      #expect(found.scores.indices.max { found.scores[$0] < found.scores[$1] } == found.best)
    }
  }
}
