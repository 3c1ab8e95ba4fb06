// The formats `gliss classify` reads besides lines and JSON lines, and those it writes.

import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("Formats of gliss classify")
struct FormatTests {
  private func texts(_ arguments: [String], _ input: [UInt8]) throws -> [String] {
    let model = StandInModel()
    let run = try ToolRun(
      ["classify", "--labels", "a", "--jsonl"] + arguments, inputBytes: input, model: model)
    #expect(run.status == .success, "\(run.error)")
    return model.requests.map(\.text)
  }

  @Test("csv: the column by name, by number, the only one; quoted line ends; no header")
  func csv() throws {
    let rows = Array("\u{FEFF}id,text,note\r\n1,\"two\nlines, \"\"quoted\"\"\",x\r\n\r\n2,,y".utf8)
    #expect(try texts(["--input-format", "csv"], rows) == ["two\nlines, \"quoted\"", ""])
    #expect(
      try texts(["--input-format", "csv", "--text-column", "note"], rows) == ["x", "y"])
    #expect(try texts(["--input-format", "csv", "--text-column", "1"], rows) == ["1", "2"])
    #expect(try texts(["--input-format", "csv"], Array("review\na\nb\n".utf8)) == ["a", "b"])
    #expect(
      try texts(
        ["--input-format", "csv", "--no-header", "--text-column", "2"], Array("1,a\n2,b\n".utf8))
        == ["a", "b"])
    #expect(
      try texts(
        ["--input-format", "csv", "--delimiter", ";"], Array("id;text\n1;\"a;b\"\n".utf8))
        == ["a;b"])
    #expect(try texts(["--input-format", "csv"], []) == [])
    #expect(try texts(["--input-format", "csv"], Array("text\n".utf8)) == [])
  }

  @Test("tsv, with quotes and with quotes as they stand")
  func tsv() throws {
    let rows = Array("label\ttext\n1\t\"a\tb\"\n".utf8)
    #expect(try texts(["--input-format", "tsv"], rows) == ["a\tb"])
    let raw = Array("label\ttext\n1\tsays \"no\"\n0\t\"yes\n".utf8)
    #expect(
      try texts(["--input-format", "tsv", "--no-quotes"], raw) == ["says \"no\"", "\"yes"])
  }

  @Test("fastText: labels before the text are no text")
  func fastText() throws {
    let rows = "__label__a __label__b  one two\nthree __label__c\n__label__d\n"
    #expect(
      try texts(["--input-format", "fasttext"], Array(rows.utf8))
        == ["one two", "three __label__c", ""])
    #expect(try texts([], Array(rows.utf8)) == ["one two", "three __label__c", ""])
  }

  @Test("JSON lines whose text is in another field")
  func textField() throws {
    let rows = Array("{\"body\":\"one\",\"text\":1}\n".utf8)
    #expect(try texts(["--text-column", "body"], rows) == ["one"])
  }

  @Test("files by their endings, packed or not")
  func endings() throws {
    let folder = try TemporaryFolder()
    let csv = Array("text,n\nc,1\n".utf8)
    let files = [
      try folder.write("a.CSV", csv), try folder.write("b.csv.gz", gzip(csv)),
      try folder.write("c.tsv", "text\tn\nt\t1\n"), try folder.write("d.ft", "__label__x f\n"),
      try folder.write("e.txt.gz", gzip(Array("{\"text\":\"z\"}\n".utf8))),
      try folder.write("f.jsonl.gz", gzip(Array("{\"text\":\"z\"}\n".utf8))),
    ]
    let found = try texts(files.flatMap { ["--input", $0] }, [])
    #expect(found == ["c", "c", "t", "f", "{\"text\":\"z\"}", "z"])
  }

  @Test("gzip in pieces, of several members, with zeros behind them, of nothing")
  func packed() throws {
    let lines = (0..<20_000).map { "line \($0 &* 2_654_435_761 % 1_000_003)" }
    let all = Array((lines.joined(separator: "\n") + "\n").utf8)
    #expect(try texts([], gzip(all)) == lines)
    let members = gzip(Array(all[..<1000])) + gzip([]) + gzip(Array(all[1000...]))
    #expect(try texts([], members + [0, 0, 0]) == lines)
    #expect(try texts([], gzip([])) == [])
    #expect(try texts([], gzip(Array("\u{FEFF}one\r\n".utf8))) == ["one"])
    let folder = try TemporaryFolder()
    let labels = try folder.write("labels", gzip(Array("x\ny\n".utf8)))
    let model = StandInModel()
    _ = try ToolRun(["classify", "t", "--labels-file", labels], model: model)
    #expect(model.requests.first?.labels == ["x", "y"])
  }

  static let awkward = ["plain", "a,b", "say \"x\"", "two\nlines", "tab\there", "=1+1", " ", "é\r"]

  @Test("csv and tsv that read back to the same texts", arguments: ["csv", "tsv"])
  func cells(_ format: String) throws {
    let rows = Self.awkward.map {
      JSON.object(JSONObject([(key: "text", value: JSON($0))])).serialized()
    }
    let run = try ToolRun(
      [
        "classify", "--label", "1,\"", "--label=-1", "--all", "--logits", "--output-format",
        format,
      ], input: rows.joined(separator: "\n"))
    #expect(run.status == .success, "\(run.error)")
    #expect(run.error == "")
    let input = Array(run.output.utf8)
    let twice = Self.awkward.flatMap { [$0, $0] }
    #expect(try texts(["--input-format", format], input) == twice)
    #expect(
      try texts(["--input-format", format, "--text-column", "label"], input).prefix(2)
        == ["1,\"", "-1"])
    let logits = try texts(["--input-format", format, "--text-column", "logit"], input)
    #expect(Set(logits) == ["-1.0"])
    #expect(
      try texts(["--input-format", format, "--text-column", "index"], input).prefix(3)
        == ["0", "0", "1"])
  }

  @Test("a text without a label keeps its line in csv, and dashes in a table")
  func noLabel() throws {
    let csv = try ToolRun(["classify", "x", "y", "--labels", "y", "--output-format", "csv"])
    #expect(csv.output == "index,text,label,score\n0,x,,\n1,y,y,0.7310586\n")
    let table = try ToolRun(["classify", "x", "y", "--labels", "y", "--output-format", "table"])
    #expect(table.lines.count == 3)
    #expect(table.lines[1].split(separator: " ") == ["0", "-", "-", "x"])
    #expect(table.lines[2].split(separator: " ") == ["1", "0.7311", "y", "y"])
  }

  @Test("a table keeps its columns, whatever the texts and labels are")
  func table() throws {
    let run = try ToolRun(
      [
        "classify", "日本語\u{1B}[1m", String(repeating: "long ", count: 99), "--labels",
        "短い,a label that is quite long and goes on and on", "--all", "--output-format", "table",
        "--logits",
      ], environment: ["COLUMNS": "100"])
    #expect(run.status == .success, "\(run.error)")
    #expect(!run.output.contains("\u{1B}"))
    #expect(run.lines.allSatisfy { DisplayWidth.of($0) <= 100 })
    #expect(run.lines.count == 5)
  }
}
