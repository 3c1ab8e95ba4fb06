// `gliss eval` with every kind of model: cosines, rerankers, NLI models.

import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss eval with every kind of model")
struct EvalModelTests {
  private static func model(_ name: String) -> [String] {
    ["--model", "\(Golden.folder)/sentences/\(name)", "--threads", "1"]
  }

  private func lines(
    _ arguments: [String], _ input: String, environment: [String: String] = [:]
  ) throws -> [JSON] {
    let run = try ToolRun(
      ["eval"] + arguments + ["--json"], input: input, environment: environment,
      model: LibraryLoader())
    #expect(run.status == .success, "\(run.error)")
    return try run.lines.map { try JSON(parsing: Array($0.utf8)) }
  }

  @Test(
    "classification by cosine, by a reranker, by entailment",
    arguments: ["minilm", "bert-rerank", "bert-nli"])
  func classify(_ name: String) throws {
    let rows = """
      {"text": "The harbour was quiet.", "label": "boats"}
      {"text": "Prices rose in March.", "label": "money"}
      """
    let found = try lines(
      ["classify", "-", "--labels", "boats,money", "--template", "It is about {}."]
        + ["--precision", "f32"] + Self.model(name), rows)
    let line = try #require(found.first)
    #expect(line["rows"]?.int == 2 && line["precision"]?.string == "f32")
    let answers = try Self.scorer(name).outcomes(
      of: ["The harbour was quiet.", "Prices rose in March."].map {
        ClassificationRequest(
          text: $0, labels: ["boats", "money"],
          options: ClassificationOptions(
            mode: .singleLabel, phrasing: LabelPhrasing(template: "It is about {}.")))
      }
    ).map { try $0.get() }
    let best = answers.map { $0.scores[0].logit >= $0.scores[1].logit ? "boats" : "money" }
    let rightCount = zip(best, ["boats", "money"]).count { $0 == $1 }
    #expect(line["accuracy"]?.double == Double(rightCount) / 2)
    #expect(line["tokens"]?.int == answers.reduce(0) { $0 + $1.tokens })
  }

  /// What the tool should measure of each kind.
  private static func scorer(_ name: String) throws -> any TextScorer {
    let folder = "\(Golden.folder)/sentences/\(name)"
    let options = Classifier.Options(precision: .f32, threads: 1)
    switch name {
    case "minilm": return SimilarityClassifier(try SentenceEncoder(model: folder, options: options))
    case "bert-rerank":
      let encoder = try CrossEncoder(model: folder, options: options)
      return try #require(SimilarityClassifier(encoder))
    default: return try EntailmentClassifier(model: folder, options: options)
    }
  }

  @Test("an NLI model's three labels, where the rows have them")
  func threeWay() throws {
    let texts = [
      ("The harbour was quiet.", "The boats lay still."), ("Prices rose.", "It is money."),
      ("The film is long.", "The story is thin."), ("a", "b"),
    ]
    let encoder = try CrossEncoder(
      model: "\(Golden.folder)/sentences/bert-nli", options: Classifier.Options(threads: 1))
    let best = try encoder.score(texts.map { TextPair($0, $1) }).map { score in
      encoder.labels[score.logits.indices.max { score.logits[$0] < score.logits[$1] } ?? 0]
    }
    // Three rows are as the model has it, in other letters; of the last it says something else.
    let other = encoder.labels.first { $0 != best[3] } ?? ""
    let labels = best.prefix(3).map { $0.uppercased() } + [other]
    func rows(_ labels: [String]) -> String {
      zip(texts, labels).map { pair, label in
        "{\"premise\": \"\(pair.0)\", \"hypothesis\": \"\(pair.1)\", \"label\": \"\(label)\"}\n"
      }.joined()
    }
    let found = try lines(["nli", "-"] + Self.model("bert-nli"), rows(labels))
    #expect(found.first?["label_accuracy"]?.double == 0.75)
    let strange = try lines(["nli", "-"] + Self.model("bert-nli"), rows(["a", "b", "c", "d"]))
    #expect(strange.first?["label_accuracy"]?.isNull == true)
    #expect(strange.first?["accuracy"]?.double != nil)
    for name in ["bert-binary", "minilm", "bert-rerank"] {
      let two = try lines(["nli", "-"] + Self.model(name), rows(labels))
      #expect(two.first?["label_accuracy"] == nil && two.first?["accuracy"] != nil, "\(name)")
    }
  }

  @Test("an NLI model needs a template to classify, and a label for entailment")
  func refusals() throws {
    let row = "{\"text\": \"a\", \"label\": \"b\"}"
    let arguments = ["eval", "classify", "-", "--labels", "b,c"]
    let bare = try ToolRun(
      arguments + Self.model("bert-nli"), input: row, model: LibraryLoader())
    #expect(bare.status == .usage && bare.error.contains("template"), "\(bare.error)")
    let other = try ToolRun(
      ["classify", "--labels", "b,c", "--template", "{}", "a"] + Self.model("bert-rerank"),
      model: LibraryLoader())
    #expect(other.status == .unavailable && other.error.contains("LABEL_0"), "\(other.error)")
  }

  @Test(
    "a limit beyond the model's context is the option's fault, not a row's",
    arguments: [["classify", "-", "--labels", "a,b"], ["nli", "-"]])
  func limitBeyondContext(_ arguments: [String]) throws {
    let run = try ToolRun(
      ["eval"] + arguments + ["--max-tokens", "1000000"] + Self.model("minilm"),
      input: "not a row of any kind", model: LibraryLoader())
    #expect(run.status == .usage, "\(run.error)")
    #expect(run.error.hasPrefix("gliss: --max-tokens"), "\(run.error)")
  }

  @Test(
    "a run is reranked by every kind of model", arguments: ["minilm", "bert-rerank", "bert-nli"])
  func retrieval(_ name: String) throws {
    let folder = try TemporaryFolder()
    let files = [
      "--run", try folder.write("a.run", "q Q0 d2 1 2 x\nq Q0 d1 2 1 x\n"),
      "--qrels", try folder.write("qrels.tsv", "q\td1\t1\n"),
      "--corpus",
      try folder.write(
        "corpus.jsonl",
        "{\"_id\": \"d1\", \"text\": \"a\"}\n{\"_id\": \"d2\", \"text\": \"b\"}\n"),
      "--queries", try folder.write("queries.jsonl", "{\"_id\": \"q\", \"text\": \"a\"}"),
    ]
    let label = name == "bert-nli" ? ["--label", "entailment"] : []
    let found = try lines(
      ["retrieval"] + files + Self.model(name) + label, "",
      environment: ["GLISS_PRECISION": "int8"])
    #expect(found.count == 2 && found[1]["documents"]?.int == 2)
    #expect(found.last?["precision"]?.string == "int8")
  }
}
