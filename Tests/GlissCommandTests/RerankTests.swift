// `gliss rerank`: documents from everywhere, in order, and bad ones by name.

import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss rerank")
struct RerankTests {
  static let model = ["--model", "\(Golden.folder)/models/edge"]
  static let query = ["rerank", "--query", "who pays for shipping"] + model

  @Test("documents from arguments, files and JSON rows; the same order every way")
  func inputs() throws {
    let folder = try TemporaryFolder()
    let texts = ["Shipping is free.", "We open at nine.", "The buyer pays."]
    let lines = try folder.write("docs.txt", texts.joined(separator: "\n"))
    let rows = texts.enumerated().map { "{\"id\": \"d\($0)\", \"text\": \"\($1)\"}\n" }.joined()
    let fromArguments = try ToolRun(Self.query + texts)
    let fromFile = try ToolRun(Self.query + ["--documents", lines])
    #expect(fromArguments.status == .success, "\(fromArguments.error)")
    #expect(fromArguments.lines.count == 3 && fromArguments.output == fromFile.output)
    let run = try ToolRun(Self.query + ["--jsonl"], input: rows)
    let found = try run.lines.map { try JSON(parsing: Array($0.utf8)) }
    #expect(found.map { $0["rank"]?.int } == [1, 2, 3])
    let indices = found.compactMap { $0["index"]?.int }
    #expect(fromArguments.lines.map { Int($0.prefix(1)) } == indices)
    for row in found {
      let index = try #require(row["index"]?.int)
      #expect(row["id"]?.string == "d\(index)" && row["text"]?.string == texts[index])
    }
    let best = try ToolRun(Self.query + ["--top-n", "1", "--json", "--no-text"], input: rows)
    let array = try #require(try JSON(parsing: Array(best.output.utf8)).array)
    #expect(array.count == 1 && array[0]["index"]?.int == indices[0] && array[0]["text"] == nil)
  }

  @Test("--raw-scores gives logits, and none for an empty document")
  func rawScores() throws {
    let rows = "{\"text\": \"\"}\n{\"text\": \"the buyer\"}\n"
    let scored = try ToolRun(Self.query + ["--jsonl"], input: rows)
    let raw = try ToolRun(Self.query + ["--jsonl", "--raw-scores"], input: rows)
    let last = try JSON(parsing: Array(try #require(raw.lines.last).utf8))
    #expect(last["index"]?.int == 0 && last["score"]?.isNull == true)
    #expect(try JSON(parsing: Array(scored.lines[1].utf8))["score"]?.double == 0)
    let logit = try #require(try JSON(parsing: Array(raw.lines[0].utf8))["score"]?.double)
    let score = try #require(try JSON(parsing: Array(scored.lines[0].utf8))["score"]?.double)
    #expect((logit > 0) == (score > 0.5))
  }

  @Test("cut documents are told, and read in parts with --chunk")
  func longDocuments() throws {
    let long = (0..<200).map { "word\($0 % 9)" }.joined(separator: " ")
    let cut = try ToolRun(Self.query + ["--max-doc-tokens", "20", long, "short"])
    #expect(cut.status == .success && cut.error.contains("1 of 2 documents were cut"))
    let read = try ToolRun(Self.query + ["--max-doc-tokens", "20", "--chunk", long, "short"])
    #expect(read.status == .success && read.error.isEmpty, "\(read.error)")
    let joint = try ToolRun(Self.query + ["--form", "documents-as-labels", long, "short"])
    #expect(joint.status == .success && joint.lines.count == 2, "\(joint.error)")
  }

  @Test("a document that is none is named, left out or set aside")
  func badRows() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("docs.txt", Array("good\nbad ".utf8) + [0xFF, 0x0A])
    let stopped = try ToolRun(Self.query + ["--documents", path])
    #expect(stopped.status == .data)
    #expect(stopped.error.contains("docs.txt:2:5: the line is not UTF-8"))
    let skipped = try ToolRun(Self.query + ["--documents", path, "--on-error", "skip"])
    #expect(skipped.status == .data && skipped.lines.count == 1)
    let rows = "{\"text\": \"a\"}\n{\"txt\": \"b\"}\n{\"text\": \"c\", \"id\": [1]}\n"
    let bad = try ToolRun(Self.query + ["--jsonl", "--on-error", "skip"], input: rows)
    #expect(bad.status == .data && bad.lines.count == 1)
    #expect(bad.error.contains("stdin:2") && bad.error.contains("stdin:3: id should be"))
  }

  @Test(
    "a command line that means nothing is refused",
    arguments: [
      ["rerank", "a"], ["rerank", "--query", " ", "a"], ["rerank", "--query", "a", "--top-n", "0"],
      ["rerank", "--query", "a", "--template", "none", "b"],
      ["rerank", "--query", "a", "--json", "--jsonl", "b"],
      ["rerank", "--query", "a", "--max-doc-tokens", "0", "b"],
      ["rerank", "--query", "a", "--documents", "-", "--input", "-"],
    ])
  func usage(_ arguments: [String]) throws {
    #expect(try ToolRun(arguments).status == .usage)
  }

  @Test("files that are not there, and labels of models that have none, are refused by name")
  func missing() throws {
    let none = try ToolRun(Self.query + ["--documents", "/nowhere/docs.txt"])
    #expect(none.status == .missingInput && none.error.contains("/nowhere/docs.txt"))
    let label = try ToolRun(Self.query + ["--label", "entailment", "a"])
    #expect(label.status == .usage && label.error.contains("label should be nothing"))
  }

  @Test("a run is reranked and measured beside itself")
  func retrieval() throws {
    let folder = try TemporaryFolder()
    let corpus = try folder.write(
      "corpus.jsonl",
      """
      {"_id": "d1", "title": "Shipping", "text": "The buyer pays."}
      {"_id": "d2", "title": "", "text": "We open at nine."}
      {"_id": "d3", "text": ""}
      """)
    let queries = try folder.write("queries.jsonl", "{\"_id\": \"q\", \"text\": \"who pays\"}")
    let run = try folder.write("a.run", "q Q0 d2 1 2 x\nq Q0 d1 2 1 x\nq Q0 d3 3 0.5 x\n")
    let qrels = try folder.write("qrels.tsv", "q\td1\t1\n")
    let arguments =
      ["eval", "retrieval", "--run", run, "--qrels", qrels, "--queries", queries, "--json"]
      + Self.model
    let output = folder.path("new.run")
    let found = try ToolRun(arguments + ["--corpus", corpus, "--output", output])
    #expect(found.status == .success, "\(found.error)")
    let lines = try found.lines.map { try JSON(parsing: Array($0.utf8)) }
    #expect(lines.count == 2 && lines[0]["mrr"]?.double == 0.5)
    #expect(lines[1]["documents"]?.int == 3 && (lines[1]["mrr"]?.double ?? 0) >= 0.5)
    let written = String(decoding: try readBytes(output), as: UTF8.self).split(separator: "\n")
    #expect(written.count == 3 && written[2].hasPrefix("q Q0 d3 3 "))
    let short = try folder.write("short.jsonl", "{\"_id\": \"d1\", \"text\": \"a\"}")
    let missing = try ToolRun(arguments + ["--corpus", short])
    #expect(missing.status == .data && missing.error.contains("no row named \"d2\""))
    #expect(try ToolRun(arguments).status == .usage)
  }
}
