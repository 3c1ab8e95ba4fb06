// The tool's contract end to end: the rows of the goldens through `gliss classify`.

import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss classify on the goldens")
struct GoldenTests {
  @Test(
    "writes upstream's logits for JSON rows, and counts its tokens",
    arguments: try Golden.all().filter {
      ["edge", "modern", "instruct", "words"].contains($0.name)
    })
  func logits(_ golden: Golden) throws {
    let rows = golden.rows.filter { !$0.matchesControlTokens }
    let run = try ToolRun(
      [
        "classify", "--model", golden.model, "--jsonl", "--all", "--logits", "--long", "error",
        "--precision", "f32",
      ],
      input: rows.map { Self.row($0) + "\n" }.joined(), model: LibraryLoader())
    #expect(run.status == .success, "\(run.error)")
    #expect(run.lines.count == rows.count)
    for (line, row) in zip(run.lines, rows) {
      let found = try JSON(parsing: line)
      let scores = try #require(found["scores"]?.array)
      #expect(scores.compactMap { $0["label"]?.string } == row.labels)
      #expect(found["tokens"]?.int == row.ids.count, "\(row.name)")
      for (score, wanted) in zip(scores, row.logits) {
        let logit = Float(try #require(score["logit"]?.double))
        #expect(abs(logit - wanted) <= 1e-5 * max(1, abs(wanted)), "\(row.name)")
      }
    }
  }

  @Test("writes the same bytes with one thread and with two, row by row and together")
  func sameBytes() throws {
    let golden = try Golden.named("edge")
    let rows = golden.rows.filter { !$0.matchesControlTokens }.map { Self.row($0) }
    let arguments = ["classify", "--model", golden.model, "--jsonl", "--all", "--logits"]
    let together = try ToolRun(
      arguments + ["--threads", "1"], input: rows.joined(separator: "\n"), model: LibraryLoader())
    #expect(together.status == .success, "\(together.error)")
    for (index, row) in rows.enumerated() {
      let alone = try ToolRun(
        arguments + ["--threads", "2"], input: row, model: LibraryLoader())
      let line = together.lines[index].replacing("{\"index\":\(index),", with: "{\"index\":0,")
      #expect(alone.lines == [line])
    }
  }

  @Test("shows what a checkpoint is, for people and for programs")
  func show() throws {
    let golden = try Golden.named("edge")
    let text = try ToolRun(["model", "show", golden.model])
    #expect(text.status == .success, "\(text.error)")
    #expect(text.output.contains("uni-encoder"))
    let json = try JSON(parsing: ToolRun(["model", "show", golden.model, "--json"]).output)
    #expect(json["architecture"]?.string == "uni-encoder")
    #expect(json["encoder"]?.string == "modernbert")
    #expect(try #require(json["parameters"]?.int) > 0)
    #expect(json["files"]?.array?.contains { $0["name"]?.string == "config.json" } == true)
  }

  private static func row(_ row: Golden.Row) -> String {
    var fields: [JSONObject.Member] = [
      (key: "text", value: JSON(row.text)),
      (key: "labels", value: JSON(row.labels.map { JSON($0) })),
    ]
    if !row.prompt.isEmpty { fields.append((key: "prompt", value: JSON(row.prompt))) }
    if !row.examples.isEmpty {
      let examples = row.examples.map { example -> JSON in
        ["text": JSON(example.text), "labels": JSON(example.labels.map { JSON($0) })]
      }
      fields.append((key: "examples", value: JSON(examples)))
    }
    return JSON.object(JSONObject(fields)).serialized()
  }
}
