// `gliss eval retrieval`: runs and judgements, as trec_eval and BEIR write them.

import GlissCommand
import StrictJSON
import TestSupport
import Testing

private let goodRun = """
  q1 Q0 d1 1 3.5 x
  q1 Q0 d2 2 2.5 x
  q2 Q0 d3 1 1 x
  q3 Q0 d9 1 1 x
  """

@Suite("gliss eval retrieval")
struct EvalRetrievalTests {
  private func measure(_ run: String, _ qrels: String, _ options: [String] = []) throws -> ToolRun {
    let folder = try TemporaryFolder()
    let arguments = [
      "eval", "retrieval", "--run", try folder.write("a.run", run), "--qrels",
      try folder.write("qrels.tsv", qrels),
    ]
    return try ToolRun(arguments + options)
  }

  @Test(
    "judgements of BEIR, with a header or without, and of trec_eval",
    arguments: [
      "query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td3\t1\nq4\td1\t1\n",
      "q1\td2\t1\nq2\td3\t1\nq4\td1\t1\n", "q1 0 d2 1\nq2 0 d3 1\n\nq4 0 d1 1\n",
    ])
  func judgements(_ qrels: String) throws {
    let found = try measure(goodRun, qrels, ["--json", "--cutoffs", "1,10"])
    #expect(found.status == .success, "\(found.error)")
    let line = try JSON(parsing: Array(found.lines[0].utf8))
    #expect(line["queries"]?.int == 2 && line["missing"]?.int == 1)
    #expect(line["mrr"]?.double == 0.75 && line["ndcg_at_1"]?.double == 0.5)
    #expect(line["recall_at_10"]?.double == 1)
    let first = try measure(goodRun, qrels, ["--limit", "1"])
    #expect(first.lines.count == 2 && first.lines[1].contains("0.5000"), "\(first.output)")
  }

  @Test(
    "rows that are none are refused with their line",
    arguments: [
      ("q1 Q0 d1 1 x", "q d 1", "a.run:1: the row should be query, Q0"),
      ("q1 Q0 d1 1 high x", "q d 1", "a.run:1: the score should be a number"),
      ("q1 Q0 d1 1 nan x", "q d 1", "a.run:1: the score should be a number"),
      ("q1 Q0 d1 1 1 x\nq1 Q0 d1 2 0 x", "q d 1", "a.run:2: document \"d1\""),
      ("", "q d 1", "there is no result in it"), (goodRun, "", "there is no judgement in it"),
      (goodRun, "q d", "qrels.tsv:1: the row should be query, document"),
      (goodRun, "q d x", "qrels.tsv:1: the relevance should be an integer"),
      (goodRun, "q d 1\nq d 0", "qrels.tsv:2: document \"d\" of query \"q\" is judged twice"),
    ])
  func malformed(_ run: String, _ qrels: String, _ expected: String) throws {
    let found = try measure(run, qrels)
    #expect(found.status == .data && found.error.contains(expected), "\(found.error)")
  }
}
