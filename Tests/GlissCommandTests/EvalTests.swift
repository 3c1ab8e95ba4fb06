// `gliss eval`: what is read, what is counted, what is refused.

import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss eval")
struct EvalTests {
  /// The stand-in says a label where the text contains it.
  static let rows = """
    {"text": "a red apple", "labels": ["red"]}
    {"text": "a blue sky", "labels": ["blue"]}

    {"text": "a red blue thing", "label": "blue"}
    {"text": "grass", "labels": ["green"], "note": 1}
    """

  private func json(_ run: ToolRun) throws -> [JSON] {
    try run.lines.map { try JSON(parsing: Array($0.utf8)) }
  }

  @Test("one choice: all names of the set are asked, in byte order, and counted")
  func single() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("colours.jsonl", Self.rows)
    let model = StandInModel()
    let run = try ToolRun(["eval", "classify", path, "--json"], model: model)
    #expect(run.status == .success, "\(run.error)")
    let line = try #require(try json(run).first)
    #expect(line["set"]?.string == "colours" && line["rows"]?.int == 4)
    #expect(model.requests.allSatisfy { $0.labels.map(\.name) == ["blue", "green", "red"] })
    #expect(model.requests.allSatisfy { $0.options.mode == .singleLabel })
    // Right: red, blue, and blue before red in "red blue"; of "grass" all are -1, the first is blue.
    #expect(line["accuracy"]?.double == 0.75)
    // blue: 2 of 3 said are true, all found, F1 0.8; green 0; red 1.
    #expect(abs((line["macro_f1"]?.double ?? 0) - 0.6) < 1e-12)
    #expect(line["majority_macro_f1"]?.double == (2.0 * 2 / 6) / 3)
    let table = try ToolRun(["eval", "classify", path, path, "--per-label"])
    #expect(table.output.contains("macro-F1") && table.output.contains("green"))
    #expect(table.output.contains("2 sets"))
  }

  @Test("sets of labels: a threshold, the best one, names that are left out")
  func multiple() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "many.jsonl",
      """
      {"text": "red and blue", "labels": ["red", "blue"]}
      {"text": "red", "labels": ["red"]}
      {"text": "nothing", "labels": ["none"]}
      """)
    let model = StandInModel()
    let run = try ToolRun(
      ["eval", "classify", path, "--ignore-label", "none", "--json"], model: model)
    let line = try #require(try json(run).first)
    #expect(model.requests.first?.labels.map(\.name) == ["blue", "red"])
    #expect(model.requests.first?.options.mode == .multiLabel)
    #expect(line["micro_f1"]?.double == 1 && line["subset_accuracy"]?.double == 1)
    #expect(line["hamming_loss"]?.double == 0 && line["best_macro_f1"]?.double == 1)
    let strict = try ToolRun(
      ["eval", "classify", path, "--ignore-label", "none", "--threshold", "0.9", "--json"])
    #expect(try json(strict).first?["micro_f1"]?.double == 0)
  }

  @Test("newsgroups are spelled out; other names by a file")
  func names() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "20.jsonl",
      """
      {"text": "a", "labels": ["sci.med"]}
      {"text": "b", "labels": ["rec.autos"]}
      """)
    let model = StandInModel()
    _ = try ToolRun(["eval", "classify", path], model: model)
    #expect(model.requests.first?.labels.map(\.name) == ["cars", "medicine"])
    let table = try folder.write("names.json", "{\"sci.med\": \"doctors\"}")
    let other = StandInModel()
    _ = try ToolRun(["eval", "classify", path, "--label-names", table], model: other)
    #expect(other.requests.first?.labels.map(\.name) == ["rec.autos", "doctors"])
    let same = try folder.write("same.json", "{\"sci.med\": \"x\", \"rec.autos\": \"x\"}")
    let run = try ToolRun(["eval", "classify", path, "--label-names", same])
    #expect(run.status == .data && run.error.contains("given twice"), "\(run.error)")
  }

  @Test("--limit takes the first rows, and the labels of all")
  func limit() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("colours.jsonl", Self.rows)
    let model = StandInModel()
    let run = try ToolRun(
      ["eval", "classify", path, "--limit", "2", "--json", "--template", "It is {}."], model: model)
    #expect(try json(run).first?["rows"]?.int == 2)
    #expect(model.requests.count == 2 && model.requests[0].labels.count == 3)
    #expect(model.requests[0].options.phrasing.template == "It is {}.")
  }

  @Test("several precisions are compared with the first")
  func precisions() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("colours.jsonl", Self.rows)
    let run = try ToolRun(["eval", "classify", path, "--precision", "f32,int8", "--json"])
    let lines = try json(run)
    #expect(lines.map { $0["precision"]?.string } == ["f32", "int8"])
    #expect(lines.last?["flipped"]?.int == 0)
    #expect(lines.last?["largest_logit_difference"]?.double == 0)
  }

  @Test(
    "a set that is none is refused, with its line",
    arguments: [
      ("{\"text\": \"a\"}", ":1: labels is missing"),
      ("{\"text\": 3, \"labels\": [\"a\"]}", ":1: text should be a string"),
      ("{\"text\": \"a\", \"labels\": [\"a\"]}\n{\"text\"", ":2:8: not JSON"),
      ("{\"text\": \"a\", \"labels\": [\"a\", \"a\"]}", ":1: the label \"a\" is there twice"),
      ("{\"text\": \"a\", \"labels\": []}", "no row has a label"),
      ("", "no row has a label"), ("plain text", ":1:1: not JSON"),
    ])
  func malformed(_ text: String, _ expected: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("set.jsonl", text)
    let run = try ToolRun(["eval", "classify", path])
    #expect(run.status == .data && run.error.contains(expected), "\(run.error)")
    #expect(run.output.isEmpty)
  }

  @Test("bytes that are not UTF-8, cut gzip, a folder and a missing file are refused by name")
  func files() throws {
    let folder = try TemporaryFolder()
    let bad = try folder.write(
      "bad.jsonl", Array("{\"text\": \"".utf8) + [0xFF] + Array("\", \"labels\": [\"a\"]}".utf8))
    #expect(try ToolRun(["eval", "classify", bad]).status == .data)
    let packed = gzip(Array(Self.rows.utf8))
    let whole = try folder.write("set.jsonl.gz", packed)
    #expect(try ToolRun(["eval", "classify", whole]).status == .success)
    let cut = try folder.write("cut.jsonl.gz", Array(packed.dropLast(12)))
    let run = try ToolRun(["eval", "classify", cut])
    #expect(run.status == .data && run.error.contains("ends early"), "\(run.error)")
    #expect(try ToolRun(["eval", "classify", folder.path("none")]).status == .missingInput)
    #expect(try ToolRun(["eval", "classify", folder.path]).status == .missingInput)
    #expect(try ToolRun(["eval", "nli", folder.path("none")]).status == .missingInput)
  }

  @Test("labels of standard input have to be given, and rows have to have them")
  func standardInput() throws {
    let refused = try ToolRun(["eval", "classify", "-"], input: Self.rows)
    #expect(refused.status == .usage && refused.error.contains("--labels-file"))
    let run = try ToolRun(
      ["eval", "classify", "-", "--labels", "red,blue,green", "--json"], input: Self.rows)
    #expect(try json(run).first?["rows"]?.int == 4, "\(run.error)")
    let other = try ToolRun(
      ["eval", "classify", "-", "--labels", "red,bleu"], input: Self.rows)
    #expect(other.error.contains("\"blue\" is none of the 2 labels; did you mean \"bleu\"?"))
    let two = try ToolRun(
      ["eval", "classify", "-", "--single", "--labels", "a,b"],
      input: "{\"text\": \"a\", \"labels\": [\"a\", \"b\"]}")
    #expect(two.status == .data && two.error.contains("exactly one"), "\(two.error)")
  }

  @Test("what the model refuses is named with its row")
  func refusals() throws {
    let run = try ToolRun(
      ["eval", "classify", "-", "--labels", "a,b"],
      input: "{\"text\": \"x\", \"label\": \"a\"}\n{\"text\": \"refuse\", \"label\": \"a\"}")
    #expect(run.status == .data && run.error.contains("stdin:2: the text was refused"))
  }

  @Test("entailment: the hypothesis is the label")
  func entailment() throws {
    let model = StandInModel()
    let run = try ToolRun(
      ["eval", "nli", "-", "--json"],
      input: """
        {"premise": "cats sleep", "hypothesis": "sleep", "label": "entailment"}
        {"premise": "cats sleep", "hypothesis": "run", "label": "contradiction"}
        {"premise": "dogs", "hypothesis": "dogs", "label": "neutral"}
        """, model: model)
    let line = try #require(try json(run).first)
    #expect(model.requests.map { $0.labels.map(\.name) } == [["sleep"], ["run"], ["dogs"]])
    #expect(line["accuracy"]?.double == 2.0 / 3 && line["majority"]?.double == 2.0 / 3)
    let bad = try ToolRun(["eval", "nli", "-"], input: "{\"premise\": \"a\", \"label\": \"b\"}")
    #expect(bad.status == .data && bad.error.contains("stdin:1: hypothesis is missing"))
  }
}
