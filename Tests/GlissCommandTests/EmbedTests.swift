// `gliss embed`: the official package's vectors, a line a text.

import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss embed")
struct EmbedTests {
  private static func floats(_ json: JSON?) throws -> [Double] {
    try #require(json?.array).map { try #require($0.double) }
  }

  private static func distance(_ found: [Double], _ expected: [Float]) -> Double {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - Double($1.1)) / max(1, abs($1.0))) }
  }

  private static func row(_ row: Golden.Row) -> String {
    let fields: JSON = [
      "text": JSON(row.text), "labels": .array(row.labels.map { JSON($0) }),
      "prompt": JSON(row.prompt),
    ]
    return fields.serialized() + "\n"
  }

  @Test("gives upstream's vectors", arguments: ["simple-avg", "avg-normalized", "lstm"])
  func upstream(name: String) throws {
    let golden = try Golden.named(name)
    let row = try #require(golden.rows.first { !$0.textEmbedding.isEmpty })
    let run = try ToolRun(
      ["embed", "--model", golden.model, "--precision", "f32"], input: Self.row(row))
    #expect(run.status == .success && run.error.isEmpty, "\(run.error)")
    let line = try #require(JSON(parsing: Array(run.output.utf8)).object)
    #expect(try Self.distance(Self.floats(line["text"]), row.textEmbedding[0]) < 1e-5)
    let labels = try #require(line["labels"]?.array)
    #expect(labels.compactMap { $0.object?["label"]?.string } == row.labels)
    for (index, label) in labels.enumerated() {
      let vector = try Self.floats(label.object?["vector"])
      #expect(Self.distance(vector, row.labelEmbeddings[index]) < 1e-5)
      let logit = try #require(label.object?["logit"]?.double)
      #expect(Self.distance([logit], [row.logits[index]]) < 1e-5)
    }
  }

  @Test("gives a vector a token where a model pools nothing")
  func tokens() throws {
    let golden = try Golden.named("multilang")
    let row = golden.rows[0]
    let run = try ToolRun(
      ["embed", "--model", golden.model, "--precision", "f32", "--text-only"],
      input: Self.row(row))
    let line = try #require(JSON(parsing: Array(run.output.utf8)).object)
    let vectors = try #require(line["text"]?.array)
    #expect(vectors.count == row.textEmbedding.count)
    for (vector, expected) in zip(vectors, row.textEmbedding) {
      #expect(try Self.distance(Self.floats(vector), expected) < 1e-5)
    }
    #expect(line["labels"] == nil)
  }

  @Test("skips a bad row and goes on, and refuses a text that does not fit")
  func badRows() throws {
    let golden = try Golden.named("simple-avg")
    let long = String(repeating: "a b ", count: 600)
    let run = try ToolRun(
      [
        "embed", "--model", golden.model, "--labels", "a,b", "--on-error", "skip",
        "--input-format", "lines", "--labels-only",
      ], input: "one\n\(long)\ntwo\n")
    #expect(run.status == .data)
    #expect(run.lines.count == 2 && run.lines[1].hasPrefix("{\"index\":2,\"labels\":[{"))
    #expect(run.error.contains("tokens, at most 512 fit"))
    let cut = try ToolRun(
      ["embed", "--model", golden.model, "--labels", "a,b", "--truncate", long])
    #expect(cut.status == .success && !cut.output.contains("\"truncated\":0"))
  }

  @Test("writes the rows before an input that cannot be read on")
  func brokenInput() throws {
    let golden = try Golden.named("simple-avg")
    let rows = gzip(Array("one\ntwo\nthree\n".utf8))
    let run = try ToolRun(
      ["embed", "--model", golden.model, "--labels", "a,b", "--text-only"],
      inputBytes: rows.dropLast(4) + [0, 0, 0, 0])
    #expect(run.status == .data, "\(run.error)")
    #expect(run.lines.count >= 2 && run.lines.allSatisfy { $0.hasPrefix("{\"index\":") })
    #expect(run.error.contains("gzip"), "\(run.error)")
  }

  @Test("needs labels, and something to show")
  func usage() throws {
    #expect(try ToolRun(["embed", "text"]).status == .usage)
    let nothing = ["embed", "text", "--labels", "a", "--labels-only", "--text-only"]
    #expect(try ToolRun(nothing).status == .usage)
    let golden = try Golden.named("simple-avg")
    let long = try ToolRun(
      ["embed", "text", "--labels", "a", "--model", golden.model, "--max-tokens", "513"])
    #expect(long.status == .usage && long.error.contains("context, 512, found 513"))
  }
}
