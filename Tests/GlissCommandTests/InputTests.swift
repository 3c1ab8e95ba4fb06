import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss classify reads")
struct InputTests {
  private func texts(_ arguments: [String], _ input: [UInt8] = []) throws -> [String] {
    let model = StandInModel()
    let run = try ToolRun(
      ["classify", "--labels", "a", "--jsonl"] + arguments, inputBytes: input, model: model)
    #expect(run.status == .success, "\(run.error)")
    #expect(run.lines.count == model.requests.count)
    return model.requests.map(\.text)
  }

  @Test("lines with CRLF, a byte order mark, blank lines, and no newline at the end")
  func lines() throws {
    #expect(
      try texts([], Array("\u{FEFF}one\r\n\r\ntwo\n\u{FEFF}x".utf8)) == [
        "one", "", "two", "\u{FEFF}x",
      ])
    #expect(try texts([], []) == [])
    #expect(try texts([], Array("\n".utf8)) == [""])
  }

  @Test("JSON lines by their first byte, by extension, and when told")
  func jsonLines() throws {
    let rows = "{\"text\":\"one\"}\r\n\n   \n {\"text\":\"two\"}\n"
    #expect(try texts([], Array(rows.utf8)) == ["one", "two"])
    #expect(try texts([], Array("\u{FEFF}\(rows)".utf8)) == ["one", "two"])
    #expect(try texts(["--input-format", "lines"], Array("{\"text\"\n".utf8)) == ["{\"text\""])
    let folder = try TemporaryFolder()
    let json = try folder.write("rows.JSONL", rows)
    let text = try folder.write("rows.txt", "{\"text\":\"kept\"}\n")
    #expect(
      try texts(["--input", json, "--input", text]) == ["one", "two", "{\"text\":\"kept\"}"])
  }

  @Test("arguments, then files in order, - for standard input")
  func order() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write("first", "f1\nf2")
    let second = try folder.write("second", "{\"text\":\"s1\"}")
    let found = try texts(
      ["a1", "a2", "--input", first, "--input", "-", "--input", second], Array("i1\n".utf8))
    #expect(found == ["a1", "a2", "f1", "f2", "i1", "s1"])
    #expect(try texts(["-"], Array("only\n".utf8)) == ["only"])
    #expect(try texts(["--", "--labels", "-x"]) == ["--labels", "-x"])
  }

  @Test("labels from all three options, in order")
  func labels() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.write("labels", "\u{FEFF}e\r\n f g \nh\n\n")
    let array = try folder.write("labels.json", " [\"e, 1\", \"f\"]\n")
    for (path, tail) in [(plain, ["e", "f g", "h"]), (array, ["e, 1", "f"])] {
      let model = StandInModel()
      let run = try ToolRun(
        [
          "classify", "x", "--label", "c, d", "--labels", " a ,b", "--label", "d",
          "--labels-file", path,
        ], model: model)
      #expect(run.status == .success, "\(run.error)")
      #expect(model.requests[0].labels.map(\.name) == ["a", "b", "c, d", "d"] + tail)
    }
  }

  @Test("examples as JSON lines and as an array")
  func examples() throws {
    let folder = try TemporaryFolder()
    let lines = "{\"text\":\"e\",\"labels\":[\"a\"]}\n\n{\"text\":\"f\",\"labels\":[]}\n"
    let array = "[{\"text\":\"e\",\"labels\":[\"a\"]}, {\"text\":\"f\",\"labels\":[]}]"
    for content in [lines, array] {
      let model = StandInModel()
      let path = try folder.write("examples", content)
      let run = try ToolRun(
        ["classify", "x", "--labels", "a", "--examples", path], model: model)
      #expect(run.status == .success, "\(run.error)")
      let examples = try #require(model.requests.first).options.examples
      #expect(examples.map(\.text) == ["e", "f"])
      #expect(examples.map(\.labels) == [["a"], []])
    }
  }

  @Test("long streams in bounded batches, in order")
  func batches() throws {
    let model = StandInModel()
    let rows = (0..<1000).map { "row \($0)" }
    let run = try ToolRun(
      ["classify", "--labels", "a", "--jsonl"], input: rows.joined(separator: "\n"), model: model)
    #expect(model.requests.map(\.text) == rows)
    #expect(model.largestBatch <= 256)
    #expect(try run.lines.map { try JSON(parsing: $0)["index"]?.int } == Array(0..<1000))
  }

  @Test("with --on-error skip every good row, its own index, and status 65")
  func skipping() throws {
    let rows = "{\"text\":\"a\"}\nnot json\n{\"text\":\"refuse\"}\n{\"text\":7}\n{\"text\":\"b\"}\n"
    let run = try ToolRun(
      ["classify", "--labels", "a", "--jsonl", "--on-error", "skip"], input: rows)
    #expect(run.status == .data)
    #expect(try run.lines.map { try JSON(parsing: $0)["index"]?.int } == [0, 4])
    #expect(run.error.contains("skipped stdin:2:2: not JSON"))
    #expect(run.error.contains("skipped stdin:3: the text was refused"))
    #expect(run.error.contains("skipped stdin:4: text should be a string, found 7"))
    #expect(run.error.contains("skipped 3 of 5 rows"))
  }

  @Test("with --on-error fail every row before the bad one")
  func failing() throws {
    let rows = (0..<10).map { "{\"text\":\"\($0)\"}" } + ["{\"text\":"] + ["{\"text\":\"after\"}"]
    let run = try ToolRun(
      ["classify", "--labels", "a", "--jsonl"], input: rows.joined(separator: "\n"))
    #expect(run.status == .data)
    #expect(run.lines.count == 10)
    #expect(run.output.hasSuffix("}\n"))
    #expect(run.error.contains("stdin:11:9: not JSON"))
  }
}
