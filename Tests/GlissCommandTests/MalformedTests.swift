// Malformed argument sets and rows: exit status, a message with the facts, nothing half written.

import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

/// One malformed run of `gliss classify --labels a --jsonl`, unless it says otherwise.
struct Malformed: CustomTestStringConvertible, Sendable {
  let name: String
  var arguments: [String] = ["classify", "--labels", "a", "--jsonl"]
  var input: [UInt8] = []
  /// Written into a folder; `@name` in an argument is the file's path.
  var files: [String: String] = [:]
  var status = ExitStatus.data
  /// Every one of these is in the message.
  let names: [String]

  var testDescription: String { name }

  static func row(_ name: String, _ row: String, _ names: String...) -> Malformed {
    // A good first line, so that the bad one is number 2 and the format is known.
    Malformed(
      name: name, input: Array("{\"text\":\"good\"}\n\(row)\n".utf8), names: ["stdin:2"] + names)
  }

  static func usage(_ name: String, _ arguments: [String], _ names: String...) -> Malformed {
    Malformed(name: name, arguments: arguments, status: .usage, names: names)
  }

  static func file(
    _ name: String, _ option: String, _ content: String, _ names: String...
  ) -> Malformed {
    Malformed(
      name: name,
      arguments: ["classify", "x", "--jsonl", option, "@file"]
        + (option == "--examples" ? ["--labels", "a"] : []),
      files: ["file": content], names: names)
  }
}

@Suite("Malformed input is refused with the facts")
struct MalformedTests {
  static let rows: [Malformed] = [
    .row("no JSON", "hello", ":1: not JSON", "'h'", "--input-format lines"),
    .row("cut short", "{\"text\":\"x\"", "not JSON", "ends"),
    .row("cut in a string", "{\"text\":\"x", "not JSON"),
    .row("trailing bytes", "{\"text\":\"x\"} {}", ":14: not JSON", "more bytes"),
    .row("trailing comma", "{\"text\":\"x\",}", "not JSON", "'}'"),
    .row("duplicate key", "{\"text\":\"x\",\"text\":\"y\"}", "\"text\" is given twice"),
    .row("duplicate key by escape", "{\"text\":\"x\",\"\\u0074ext\":\"y\"}", "given twice"),
    .row("lone surrogate", "{\"text\":\"\\ud800\"}", "surrogate"),
    .row("bad escape", "{\"text\":\"\\x\"}", "escape"),
    .row("control character", "{\"text\":\"a\u{1}b\"}", "0x01"),
    .row("NaN", "{\"text\":\"x\",\"threshold\":NaN}", "not JSON", "'N'"),
    .row("too deep", "{\"text\":" + String(repeating: "[", count: 500), "nested deeper than 136"),
    .row("an array", "[\"x\"]", "should be an object", "an array of 1"),
    .row("a string", "\"x\"", "should be an object", "found \"x\""),
    .row("null", "null", "should be an object", "found null"),
    .row("no text", "{\"txt\":\"x\"}", "text is missing", "a string"),
    .row("text is null", "{\"text\":null}", "text should be a string", "found null"),
    .row("text is a number", "{\"text\":1}", "text should be a string", "found 1"),
    .row("labels is a string", "{\"text\":\"x\",\"labels\":\"a\"}", "labels", "array", "\"a\""),
    .row("labels is empty", "{\"text\":\"x\",\"labels\":{}}", "labels: the list is empty"),
    .row("a label is a number", "{\"text\":\"x\",\"labels\":[\"a\",2]}", "labels[1]", "found 2"),
    .row("no labels", "{\"text\":\"x\",\"labels\":[]}", "labels: the list is empty"),
    .row("an empty label", "{\"text\":\"x\",\"labels\":[\"a\",\"\"]}", "label 2 is empty"),
    .row("a blank label", "{\"text\":\"x\",\"labels\":[\" \"]}", "label 1 is empty"),
    .row(
      "a label twice", "{\"text\":\"x\",\"labels\":[\"a\",\"b\",\"a\"]}",
      "label 3, \"a\", is the same as label 1"),
    .row("prompt is a list", "{\"text\":\"x\",\"prompt\":[]}", "prompt should be a string"),
    .row(
      "threshold is text", "{\"text\":\"x\",\"threshold\":\"0.5\"}", "threshold", "from 0", "0.5"),
    .row("threshold over 1", "{\"text\":\"x\",\"threshold\":1.5}", "threshold", "found 1.5"),
    .row("threshold under 0", "{\"text\":\"x\",\"threshold\":-1}", "threshold", "found -1"),
    .row("threshold overflows", "{\"text\":\"x\",\"threshold\":1e999}", "64-bit float"),
    .row("examples is text", "{\"text\":\"x\",\"examples\":\"e\"}", "examples", "array"),
    .row("an example is text", "{\"text\":\"x\",\"examples\":[\"e\"]}", "examples[0]", "object"),
    .row(
      "an example has no labels", "{\"text\":\"x\",\"examples\":[{\"text\":\"e\"}]}",
      "examples[0].labels is missing"),
    .row(
      "an example has no text", "{\"text\":\"x\",\"examples\":[{\"labels\":[]}]}",
      "examples[0].text is missing"),
    .row("the model refuses", "{\"text\":\"refuse\"}", "the text was refused"),
    Malformed(
      name: "not UTF-8 in JSON", input: [0x7B, 0x22, 0x74, 0x22, 0x3A, 0x22, 0xFF, 0x22, 0x7D],
      names: ["stdin:1:7", "UTF-8"]),
    Malformed(
      name: "not UTF-8 in a line", input: Array("good\n".utf8) + [0x61, 0xC3, 0x28, 0x0A],
      names: ["stdin:2:2", "not UTF-8"]),
    Malformed(
      name: "an overlong line", input: [UInt8](repeating: 0x61, count: (16 << 20) + 1),
      names: ["stdin:1", "longer than 16777216 bytes"]),
    Malformed(
      name: "no labels anywhere", arguments: ["classify", "--jsonl"],
      input: Array("{\"text\":\"x\"}".utf8), names: ["stdin:1", "no \"labels\"", "--labels"]),
    Malformed(
      name: "lines without labels", arguments: ["classify", "--jsonl"], input: Array("x\n".utf8),
      names: ["stdin:1", "--labels"]),
    Malformed(
      name: "a fault of the engine", arguments: ["classify", "explode", "--labels", "a"],
      status: .internalFault, names: ["argument 1", "not finite"]),
  ]

  static let arguments: [Malformed] = [
    .usage("unknown command", ["clasify"], "'clasify'", "did you mean 'gliss classify'"),
    .usage("help on no command", ["help", "clasify"], "did you mean 'gliss classify'"),
    .usage("help on no subcommand", ["help", "model", "lst"], "did you mean 'gliss model list'"),
    .usage("text for a command", ["what is this"], "no command", "gliss classify"),
    .usage("unknown option", ["classify", "--label-file", "x"], "--label-file", "--labels-file"),
    .usage("an option without a value", ["classify", "x", "--labels"], "--labels"),
    .usage("no labels", ["classify", "x"], "labels are needed", "--labels"),
    .usage("an empty list", ["classify", "x", "--labels", ""], "label 1 is empty"),
    .usage("an empty label", ["classify", "x", "--labels", "a,,b"], "label 2 is empty"),
    .usage(
      "a label twice", ["classify", "x", "--labels", "a,b", "--label", "a"], "label 3", "label 1"),
    .usage("an empty --label", ["classify", "x", "--label", ""], "label 1 is empty"),
    .usage(
      "a threshold of words", ["classify", "x", "--threshold", "half"], "'half'", "--threshold"),
    .usage("a threshold over 1", ["classify", "x", "--threshold", "1.01"], "0 to 1", "1.01"),
    .usage("a threshold of nan", ["classify", "x", "--threshold", "nan"], "0 to 1", "nan"),
    .usage("no top", ["classify", "x", "--top-k", "0"], "--top-k", "positive", "found 0"),
    .usage("top and all", ["classify", "x", "--top-k", "1", "--all"], "--all", "--top-k"),
    .usage("two formats", ["classify", "x", "--json", "--jsonl"], "--json", "--jsonl"),
    .usage("json and csv", ["classify", "x", "--json", "--csv"], "--json", "--csv"),
    .usage("unknown --long", ["classify", "x", "--long", "cut"], "'cut'", "truncate"),
    .usage("unknown precision", ["classify", "x", "--precision", "f16"], "'f16'", "f32"),
    .usage("unknown format", ["classify", "--input-format", "xlsx"], "'xlsx'", "jsonl"),
    .usage("unknown action", ["classify", "--on-error", "halt"], "'halt'", "skip"),
    .usage("no tokens", ["classify", "x", "--max-tokens", "0"], "--max-tokens", "found 0"),
    .usage(
      "tokens beyond Int", ["classify", "x", "--max-tokens", "99999999999999999999"], "99999"),
    .usage(
      "tokens beyond the model's context",
      ["classify", "x", "--labels", "a", "--max-tokens", "513"], "--max-tokens", "512", "513"),
    .usage("no threads", ["classify", "x", "--threads", "0"], "--threads", "1 to 1024"),
    .usage("a negative overlap", ["classify", "x", "--window-overlap=-1"], "overlap", "-1"),
    .usage(
      "standard input twice",
      ["classify", "--labels-file", "-", "--input", "-"], "standard input", "--labels-file"),
    Malformed(
      name: "no such input", arguments: ["classify", "--labels", "a", "--input", "/nowhere/x.txt"],
      status: .missingInput, names: ["/nowhere/x.txt", "no such file"]),
    Malformed(
      name: "a folder as input", arguments: ["classify", "--labels", "a", "--input", "/tmp"],
      status: .missingInput, names: ["/tmp", "folder"]),
    Malformed(
      name: "no such label file", arguments: ["classify", "x", "--labels-file", "/nowhere/l"],
      status: .missingInput, names: ["/nowhere/l"]),
    Malformed(
      name: "no such examples",
      arguments: ["classify", "x", "--labels", "a", "--examples", "/nowhere/e"],
      status: .missingInput, names: ["/nowhere/e"]),
    .file("an empty label file", "--labels-file", "", "@file", "empty"),
    .file("a blank label line", "--labels-file", "a\n\nb\n", "@file:2", "blank"),
    .file("a label twice in a file", "--labels-file", "a\nb\na\n", "@file", "label 3", "label 1"),
    .file("labels as broken JSON", "--labels-file", "[\"a\",\n]", "@file:2:1", "not JSON"),
    .file("labels as numbers", "--labels-file", "[\"a\", 1]", "@file", "labels[1]", "found 1"),
    .file("labels as an empty array", "--labels-file", "[]", "@file", "empty"),
    .file("examples as text", "--examples", "hello", "@file:1:1", "not JSON"),
    .file("examples without text", "--examples", "{\"labels\":[]}", "@file:1", "text is missing"),
    .file("an array of words", "--examples", "[\"a\"]", "@file", "element 1", "object"),
    .file(
      "examples with a label of its own kind", "--examples", "[{\"text\":\"e\",\"labels\":[1]}]",
      "@file", "[0].labels[0]", "found 1"),
  ]

  @Test("rows", arguments: rows)
  func row(_ row: Malformed) throws {
    try check(row)
  }

  @Test("arguments and files", arguments: arguments)
  func argument(_ row: Malformed) throws {
    try check(row)
  }

  private func check(_ row: Malformed) throws {
    let folder = try TemporaryFolder()
    for (name, content) in row.files { try folder.write(name, content) }
    func placed(_ text: String) -> String {
      guard let at = text.firstIndex(of: "@") else { return text }
      return text[..<at] + folder.path + "/" + text[text.index(after: at)...]
    }
    let run = try ToolRun(row.arguments.map(placed), inputBytes: row.input)
    #expect(run.status == row.status, "\(run.error)")
    for name in row.names { #expect(run.error.contains(placed(name)), "\(run.error)") }
    for line in run.lines { #expect((try? JSON(parsing: line)) != nil, "half a line: \(line)") }
    #expect(run.output.isEmpty || run.output.hasSuffix("\n"))
  }

  @Test("what the library refuses keeps its kind", arguments: GlissError.Kind.allCases)
  func loadErrors(_ kind: GlissError.Kind) throws {
    let model = StandInModel(loadError: GlissError(kind, "config.json: hidden_size is missing"))
    let run = try ToolRun(["classify", "x", "--labels", "a"], model: model)
    #expect(run.status.rawValue == kind.rawValue)
    #expect(run.error == "gliss: config.json: hidden_size is missing\n")
    #expect(run.output == "")
  }
}
