// The public face of cross-encoders, sentence encoders and NLI models, on the goldens' tiny models.

import Gliss
import TestSupport
import Testing

@Suite("Cross-encoders, sentence encoders and NLI models")
struct SentenceModelTests {
  private static let options = Classifier.Options(precision: .f32, threads: 2, batchTokens: 64)

  private static func folder(_ name: String) -> String { "\(Golden.folder)/sentences/\(name)" }

  private static func golden(_ name: String) throws -> ClassifierGolden {
    try #require(ClassifierGolden.all().first { $0.name == name })
  }

  private static func crossEncoder(_ name: String) throws -> CrossEncoder {
    try CrossEncoder(model: folder(name), options: options)
  }

  @Test("pairs keep their order over many batches, and what was cut is counted")
  func pairs() throws {
    let golden = try Self.golden("bert-rerank")
    let encoder = try Self.crossEncoder("bert-rerank")
    let whole = golden.pairs.filter { $0.limit == nil }
    let scores = try encoder.score(whole.map { TextPair($0.first, $0.second) })
    for (score, pair) in zip(scores, whole) {
      #expect(abs(score.logits[0] - pair.logits[0]) < 1e-5)
      #expect(score.scores == score.logits, "its config says Identity")
      #expect(score.tokens == pair.ids.count && score.truncated == 0)
    }
    for pair in golden.pairs where pair.limit != nil {
      let options = PairOptions(
        longPair: pair.cut == "first" ? .truncateFirst : .truncateSecond, maxTokens: pair.limit)
      let score = try encoder.score([TextPair(pair.first, pair.second)], options: options)[0]
      #expect(score.truncated == pair.truncated && score.tokens == pair.limit)
    }
  }

  @Test(
    "the model's own activation",
    arguments: [
      ("bert-rerank", CrossEncoder.Activation.identity), ("modern-rerank", .sigmoid),
      ("xlm-roberta", .sigmoid), ("bert-nli", .identity),
    ])
  func activation(name: String, expected: CrossEncoder.Activation) throws {
    let encoder = try Self.crossEncoder(name)
    #expect(encoder.activation == expected)
    #expect(encoder.labels == (try Self.golden(name).labels))
    #expect(CrossEncoder.Activation.sigmoid.scores([0]) == [0.5])
    #expect(encoder.model.precision == .f32 && encoder.model.unusedTensors.isEmpty)
  }

  @Test("a pair that does not fit fails alone, with its index and the count")
  func longPair() throws {
    let encoder = try Self.crossEncoder("xlm-roberta")
    let long = String(repeating: "harbour ", count: 100)
    let outcomes = encoder.outcomes(of: [TextPair("a", "b"), TextPair("a", long), TextPair("", "")])
    #expect(try outcomes[0].get().tokens > 0 && outcomes[2].get().tokens == 4)
    let error = try #require(throws: GlissError.self) { try outcomes[1].get() }
    #expect(error.item == 1 && error.kind == .data && error.expected == "at most 64 tokens in all")
    let query = try #require(throws: GlissError.self) {
      _ = try encoder.score([TextPair(long, "a")], options: PairOptions(longPair: .truncateSecond))
    }
    #expect(query.message.contains("leaves no room"))
    let limit = try #require(throws: GlissError.self) {
      _ = try encoder.score([TextPair("a", "b")], options: PairOptions(maxTokens: 65))
    }
    #expect(limit.kind == .usage && limit.field == "maxTokens")
  }

  @Test("vectors, what was cut, and cosines")
  func sentences() throws {
    for golden in try EncoderGolden.all() {
      let encoder = try SentenceEncoder(model: golden.folder, options: Self.options)
      let found = try encoder.embed(golden.rows.map(\.text))
      #expect(encoder.vectorSize == golden.rows[0].vector.count)
      for (found, row) in zip(found, golden.rows) {
        #expect(found.tokens == row.ids.count)
        #expect(SentenceEncoder.cosine(found.vector, row.vector) > 0.999999)
      }
      #expect((found.last?.truncated ?? 0 > 0) == (["minilm", "xlm-cls"].contains(golden.name)))
    }
    let encoder = try SentenceEncoder(model: Self.folder("minilm"), options: Self.options)
    let long = String(repeating: "the harbour was quiet ", count: 10)
    let error = try #require(throws: GlissError.self) {
      _ = try encoder.embed([long], options: SentenceOptions(truncates: false))
    }
    #expect(error.item == 0 && error.message.contains("at most 16 fit"))
    let wider = SentenceOptions(maxTokens: 400, truncates: false)
    #expect(try encoder.embed([long], options: wider)[0].truncated == 0)
    #expect(SentenceEncoder.cosine([0, 0], [1, 0]) == 0)
    #expect(SentenceEncoder.cosine([3, 4], [3, 4]) == 1)
  }

  @Test("a prompt of the folder is put before every text, unless another is asked for")
  func prompts() throws {
    let encoder = try SentenceEncoder(model: Self.folder("modern-cls"), options: Self.options)
    #expect(encoder.prompt == "query: ")
    let own = try encoder.embed(["boats"])[0]
    #expect(try encoder.embed(["query: boats"], options: SentenceOptions(prompt: ""))[0] == own)
    #expect(try encoder.embed(["boats"], options: SentenceOptions(prompt: ""))[0] != own)
  }

  @Test("NLI scores are those of transformers' zero-shot pipeline")
  func entailment() throws {
    var worst = 0.0
    var count = 0
    for golden in try ClassifierGolden.all() where !golden.answers.isEmpty {
      let classifier = try EntailmentClassifier(model: golden.folder, options: Self.options)
      for answer in golden.answers {
        let options = ClassificationOptions(
          mode: answer.isMultiLabel ? .multiLabel : .singleLabel,
          phrasing: LabelPhrasing(template: answer.template))
        let found = try classifier.classify([
          ClassificationRequest(text: answer.text, labels: answer.labels, options: options)
        ])[0]
        #expect(found.scores.map(\.label) == answer.labels)
        for (score, expected) in zip(found.scores, answer.scores) {
          worst = max(worst, abs(Double(score.score) - expected))
          count += 1
        }
      }
    }
    #expect(worst <= 2e-6)
    #expect(count >= 40)
    print("zero-shot pipeline: \(count) scores, max |delta| \(worst)")
  }

  @Test("one label alone is held against its contradiction, as upstream has it")
  func oneLabel() throws {
    let classifier = try EntailmentClassifier(model: Self.folder("bert-nli"), options: Self.options)
    let options = ClassificationOptions(
      mode: .singleLabel, phrasing: LabelPhrasing(template: "It is {}."))
    let result = try classifier.classify([
      ClassificationRequest(text: "Prices rose.", labels: ["money"], options: options)
    ])[0]
    #expect(result.scores[0].score > 0 && result.scores[0].score < 1)
    #expect(result.mode == .singleLabel)
  }

  @Test("a long premise is cut or read in windows, label by label; hypotheses are whole")
  func longPremise() throws {
    let classifier = try EntailmentClassifier(
      model: Self.folder("roberta-nli"), options: Self.options)
    let text = String(repeating: "The harbour was quiet. ", count: 40)
    func request(_ how: LongText) -> ClassificationRequest {
      ClassificationRequest(
        text: text, labels: ["sport", "the weather of the coast"],
        options: ClassificationOptions(
          longText: how, maxTokens: 60, windowOverlap: 5,
          phrasing: LabelPhrasing(template: "It is about {}.")))
    }
    let cut = try classifier.classify([request(.truncate)])[0]
    #expect(cut.truncated > 100 && cut.windows == 1 && cut.tokens == 120)
    let windows = try classifier.classify([request(.window)])[0]
    #expect(windows.truncated == 0 && windows.windows > 3)
    let outcomes = classifier.outcomes(of: [request(.error), request(.truncate)])
    #expect(throws: GlissError.self) { try outcomes[0].get() }
    #expect(try outcomes[1].get() == cut)
  }

  @Test("a model without entailment is refused with the labels it has")
  func noEntailment() throws {
    let error = try #require(throws: GlissError.self) {
      _ = try EntailmentClassifier(model: Self.folder("bert-rerank"), options: Self.options)
    }
    #expect(error.kind == .unavailable && error.field == "id2label")
    #expect(error.found == "\"LABEL_0\"")
  }

  @Test("what only a joint model has is refused by name")
  func refusals() throws {
    let classifier = try EntailmentClassifier(model: Self.folder("bert-nli"), options: Self.options)
    func message(_ change: (inout ClassificationOptions) -> Void) throws -> String {
      var options = ClassificationOptions(phrasing: LabelPhrasing(template: "It is {}."))
      change(&options)
      let error = try #require(throws: GlissError.self) {
        _ = try classifier.classify([
          ClassificationRequest(text: "x", labels: ["a"], options: options)
        ])
      }
      #expect(error.item == 0)
      return error.field ?? ""
    }
    #expect(try message { $0.phrasing.template = nil } == "template")
    #expect(try message { $0.phrasing.template = "no place" } == "template")
    #expect(try message { $0.prompt = "Choose" } == "prompt")
    #expect(try message { $0.examples = [Example(text: "a", labels: ["a"])] } == "examples")
    #expect(try message { $0.orders = OrderAverage(count: 2) } == "orders")
    #expect(try message { $0.characterWindows = CharacterWindows() } == "characterWindows")
    #expect(try message { $0.promptSafety = .rawControlTokens } == "promptSafety")
  }

  @Test("the kind of a folder is told from its config")
  func kinds() throws {
    #expect(try ModelKind(model: Self.folder("bert-nli")) == .crossEncoder)
    #expect(try ModelKind(model: Self.folder("minilm")) == .sentenceEncoder)
    #expect(try ModelKind(model: Golden.named("modern").model) == .gliClass)
    #expect(throws: GlissError.self) { try ModelKind(model: Self.folder("nothing")) }
  }
}
