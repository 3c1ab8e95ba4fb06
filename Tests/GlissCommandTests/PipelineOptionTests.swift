import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss classify reads, scores and chooses labels")
struct PipelineOptionTests {
  private let tree =
    #"{"topic": ["price", {"label": "speed", "description": "d"}], "mood": "glad"}"#

  @Test("every option arrives in the request")
  func options() throws {
    let model = StandInModel()
    let run = try ToolRun(
      [
        "classify", "x", "--labels", "a,b", "--label-template", "It is {}.", "--label-separator",
        "/", "--lowercase-labels", "--lowercase-texts", "--label-threshold", "b=0.75",
        "--min-labels", "1", "--max-labels", "2", "--keep-order", "--score-groups",
        "--consistency", "raise-parents", "--order-average", "4", "--order-seed", "9",
        "--label-chunks", "8", "--window-characters", "100/20", "--window-merge", "max-score",
        "--long", "truncate", "--one-per-group",
      ], model: model)
    #expect(run.status == .success, "\(run.error)")
    let request = try #require(model.requests.first)
    #expect(request.labels == ["a", Label("b", threshold: 0.75)])
    #expect(
      request.options
        == ClassificationOptions(
          mode: .perGroup, longText: .truncate, windowMerge: .maxScore,
          phrasing: LabelPhrasing(template: "It is {}.", separator: "/", lowercased: true),
          selection: Selection(minimum: 1, maximum: 2, keepsLabelOrder: true),
          tree: TreeScoring(scoresGroups: true, consistency: .raiseParents),
          orders: OrderAverage(count: 4, seed: 9), labelChunks: .count(8),
          characterWindows: CharacterWindows(size: 100, overlap: 20), lowercasesText: true))
    for (arguments, none) in [
      (["--none", "other"], NoneOfThese.whenNothingHolds(name: "other")),
      (["--none-label", "none of these"], .label("none of these")),
    ] {
      let model = StandInModel()
      _ = try ToolRun(["classify", "x", "--labels", "a"] + arguments, model: model)
      #expect(try #require(model.requests.first).options.selection == Selection(none: none))
    }
  }

  @Test("trees of labels from a file and from rows")
  func trees() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("tree.json", tree)
    let model = StandInModel()
    let rows = """
      {"text": "t"}
      {"text": "u", "labels": {"g": ["a", "b"], "h": {"i": ["c"]}}}
      {"text": "v", "labels": ["p", {"label": "q", "threshold": 0.25}]}
      """
    let run = try ToolRun(
      ["classify", "--labels-file", file, "--jsonl", "--label-threshold", "topic.price=0.125"],
      input: rows, model: model)
    #expect(run.status == .success, "\(run.error)")
    #expect(
      try model.requests.map { try Label.fullNames($0.labels) } == [
        ["topic.price", "topic.speed", "mood.glad"], ["g.a", "g.b", "h.i.c"], ["p", "q"],
      ])
    #expect(model.requests[0].labels[0].children[0] == Label("price", threshold: 0.125))
    #expect(model.requests[0].labels[0].children[1].description == "d")
    #expect(model.requests[2].labels[1].threshold == 0.25)
  }

  @Test("nested scores as upstream returns them, and with groups")
  func nested() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("tree.json", tree)
    let arguments = [
      "classify", "late and glad", "--labels-file", file, "--jsonl", "--all", "--model",
      try Golden.named("edge").model, "--precision", "f32", "--tree",
    ]
    let scores = try ToolRun(arguments + ["scores"], model: LibraryLoader())
    #expect(scores.status == .success, "\(scores.error)")
    let object = try JSON(parsing: scores.lines[0])
    let flat = try #require(object["scores"]?.array).map { $0["score"] }
    let topic = try #require(object["tree"]?["topic"])
    #expect(topic.object?.keys == ["price", "speed"])
    #expect([topic["price"], topic["speed"], object["tree"]?["mood"]?["glad"]] == flat)
    let nodes = try ToolRun(arguments + ["nodes", "--score-groups"], model: LibraryLoader())
    let first = try #require(JSON(parsing: nodes.lines[0])["tree"]?.array?.first)
    #expect(first.object?.keys == ["name", "label", "logit", "score", "children"])
    #expect(first["children"]?.array?.first?.object?.keys == ["name", "label", "logit", "score"])
  }

  @Test("spread and chunks are in the JSON, and chunks are warned of once")
  func notes() throws {
    let model = try Golden.named("edge").model
    let run = try ToolRun(
      [
        "classify", "one", "two", "--labels", "a,b,c", "--jsonl", "--all", "--model", model,
        "--order-average", "3", "--label-chunks", "2",
      ], model: LibraryLoader())
    #expect(run.status == .success, "\(run.error)")
    for line in run.lines {
      let row = try JSON(parsing: line)
      #expect(row.object?.keys == ["index", "scores", "label_chunks", "tokens", "truncated"])
      #expect(row["label_chunks"]?.int == 2)
      #expect(row["scores"]?.array?.allSatisfy { $0["spread"]?.double != nil } == true)
    }
    #expect(run.error.split(separator: "\n").count { $0.contains("--label-chunks") } == 1)
  }

  @Test("an answer of none is the answer")
  func none() throws {
    let rule = try ToolRun(
      ["classify", "x", "--labels=-2,-1", "--none", "other", "--jsonl"])
    let answer = try #require(JSON(parsing: rule.lines[0])["scores"]?.array)
    #expect(answer.map { $0["label"]?.string } == ["other"])
    let label = try ToolRun(
      [
        "classify", "x", "--labels", "a,b", "--none-label", "neither", "--jsonl", "--all",
        "--model", try Golden.named("edge").model,
      ], model: LibraryLoader())
    let all = try #require(JSON(parsing: label.lines[0])["scores"]?.array)
    #expect(all.map { $0["label"]?.string } == ["a", "b", "neither"])
  }

  @Test(
    "a command line that contradicts itself ends with status 64 before the model is loaded",
    arguments: [
      ["--label-template", "about"], ["--label-template", ""], ["--min-labels", "-1"],
      ["--min-labels", "x"], ["--min-labels", "3", "--top-k", "2"], ["--max-labels", "0"],
      ["--none", "n", "--none-label", "m"], ["--min-labels", "1", "--none", "n"],
      ["--single", "--one-per-group"], ["--one-per-group", "--none-label", "n"],
      ["--order-average", "0"], ["--order-average", "101"], ["--order-average", "1.5"],
      ["--order-seed", "-1"], ["--order-seed", "18446744073709551616"],
      ["--label-chunks", "0"], ["--label-chunks", "many"], ["--label-chunks", "-1"],
      ["--label-threshold", "a"], ["--label-threshold", "=0.5"], ["--label-threshold", "a=nan"],
      ["--label-threshold", "a=2"], ["--label-threshold", "a="], ["--label-threshold", "c=0.5"],
      ["--window-characters", "0"], ["--window-characters", "10/10"],
      ["--window-characters", "10/5/1"], ["--window-characters", "/"],
      ["--window-characters", "99999999999999999999"], ["--window-merge", "max-score"],
      ["--window-merge", "max-score", "--window-characters", "99"], ["--consistency", "none-such"],
      ["--consistency", "raise-parents"], ["--tree", "all"],
    ])
  func usage(arguments: [String]) throws {
    let model = StandInModel()
    let run = try ToolRun(["classify", "x", "--labels", "a,b"] + arguments, model: model)
    #expect(run.status == .usage, "\(arguments): \(run.error)")
    #expect(model.requests.isEmpty && run.output.isEmpty && !run.error.isEmpty)
  }

  @Test(
    "a malformed tree ends with status 65 and its place",
    arguments: [
      #"{"a": []}"#, #"{"a": {"b": 7}}"#, #"{"a": ["b", "b"]}"#, #"[{"label": "a", "x": 1}]"#,
      #"[{"label": "a", "threshold": 7}]"#, #"{"a": "b""#, #"{"a": "b", "a": "c"}"#, "{}", "[]",
      #"[["a"]]"#,
    ])
  func malformed(json: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("tree.json", json)
    let run = try ToolRun(["classify", "x", "--labels-file", file])
    #expect(run.status == .data, "\(json): \(run.error)")
    #expect(run.error.contains("tree.json"))
    guard (try? JSON(parsing: json)) != nil else { return }
    let row = try ToolRun(["classify", "--jsonl"], input: #"{"text": "x", "labels": \#(json)}"#)
    #expect(row.status == .data, "\(json): \(row.error)")
    #expect(row.error.contains("stdin:1"))
  }
}
