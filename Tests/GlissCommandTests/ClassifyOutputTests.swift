import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss classify writes")
struct ClassifyOutputTests {
  @Test("the machine contract: a line a row, labels in order, floats that read back")
  func contract() throws {
    let run = try ToolRun(
      ["classify", "--labels", "0.1,-3.7,2.5", "--jsonl", "--all", "--logits"],
      input: "one\n\nthree\n")
    #expect(run.status == .success)
    #expect(run.error == "")
    #expect(run.lines.count == 3)
    for (index, line) in run.lines.enumerated() {
      let row = try JSON(parsing: line)
      #expect(row.object?.keys == ["index", "scores", "tokens", "truncated"])
      #expect(row["index"]?.int == index)
      #expect(row["truncated"]?.int == 0)
      let scores = try #require(row["scores"]?.array)
      #expect(scores.map { $0["label"]?.string } == ["0.1", "-3.7", "2.5"])
      for (score, logit) in zip(scores, [Float(0.1), -3.7, 2.5]) {
        #expect(score.object?.keys == ["label", "logit", "score"])
        #expect(score["logit"]?.double.map { Float($0) } == logit)
        #expect((0...1).contains(try #require(score["score"]?.double)))
      }
    }
    #expect(try JSON(parsing: run.lines[1])["tokens"]?.int == 2, "the empty text is scored")
  }

  @Test("every float so that it reads back to the same bits")
  func floats() throws {
    let seed: UInt64 = 7
    var generator = SeededGenerator(seed: seed)
    let labels =
      (0..<200).map { _ in
        let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
        return (value.isFinite ? value : 0).description
      } + ["1e-45", "3.4028235e+38", "-0.0", "16777217"]
    let wanted = Set(labels).sorted()
    var arguments = ["classify", "x", "--jsonl", "--all", "--logits"]
    for label in wanted { arguments.append("--label=\(label)") }
    let run = try ToolRun(arguments)
    let line = try #require(run.lines.first)
    let scores = try #require(JSON(parsing: line)["scores"]?.array)
    for (label, score) in zip(wanted, scores) {
      let found = try #require(score["logit"]?.double)
      #expect(Float(found).bitPattern == Float(label)?.bitPattern, "\(label), seed \(seed)")
    }
  }

  @Test("labels at or above the threshold, highest first, ties in label order")
  func selection() throws {
    let run = try ToolRun(["classify", "x", "--labels", "0,-1,2,0.0,3", "--jsonl"])
    let scores = try #require(JSON(parsing: run.lines[0])["scores"]?.array)
    #expect(scores.map { $0["label"]?.string } == ["3", "2", "0", "0.0"])
    #expect(scores.allSatisfy { $0.object?.keys == ["label", "score"] })
    let few = try ToolRun(["classify", "x", "--labels", "0,-1,2,0.0,3", "--jsonl", "--top-k", "2"])
    #expect(
      try JSON(parsing: few.lines[0])["scores"]?.array?.map { $0["label"]?.string } == ["3", "2"])
    let high = try ToolRun(["classify", "x", "--labels", "0,1", "--jsonl", "--threshold", "0.9"])
    #expect(try JSON(parsing: high.lines[0])["scores"]?.array?.isEmpty == true)
  }

  @Test("an array with --json, closed even after a bad row")
  func array() throws {
    let run = try ToolRun(["classify", "a", "b", "--labels", "a", "--json"])
    #expect(try JSON(parsing: run.output).array?.count == 2)
    #expect(try JSON(parsing: ToolRun(["classify", "--json", "--labels", "a"]).output) == [])
    let broken = try ToolRun(["classify", "a", "refuse", "--labels", "a", "--json"])
    #expect(broken.status == .data)
    #expect(try JSON(parsing: broken.output).array?.count == 1)
  }

  @Test("tab-separated lines to a pipe, whatever is in a label")
  func table() throws {
    let run = try ToolRun(["classify", "x", "y", "--label", "2", "--label", "1\t\u{1B}[31m"])
    #expect(run.output == "2\t0.8808\n2\t0.8808\n")
    let all = try ToolRun(["classify", "x", "--label", "p\tq\u{1B}[1m", "--all"])
    #expect(all.output == "p q\u{FFFD}[1m\t0.2689\n")
  }

  @Test("bars when colour is forced, without control characters of the text")
  func bars() throws {
    let run = try ToolRun(
      ["classify", "bad \u{1B}]0;title\u{7} text", "--labels", "2,-2", "--all"],
      environment: ["FORCE_COLOR": "1", "COLUMNS": "60"])
    #expect(run.output.contains("█"))
    #expect(run.output.contains("\u{1B}[32m"))
    #expect(!run.output.contains("\u{7}"))
    #expect(!run.output.contains("\u{1B}]"))
    let plain = try ToolRun(
      ["classify", "x", "--labels", "2"],
      environment: ["FORCE_COLOR": "1", "NO_COLOR": "1", "LC_ALL": "C"])
    #expect(!plain.output.contains("\u{1B}"))
    #expect(plain.output.contains("####"))
  }

  @Test("what rows set for themselves goes before the options")
  func rowFields() throws {
    let model = StandInModel()
    let row = """
      {"text":"t","labels":["x","y"],"prompt":"p","threshold":0.25,\
      "examples":[{"text":"e","labels":["x"]}],"id":7,"label":"gold"}
      {"text":"u"}
      {"text":"v","labels":null,"prompt":null,"examples":null,"threshold":null}
      """
    let run = try ToolRun(
      [
        "classify", "--labels", "a", "--prompt", "q", "--threshold", "0.75", "--long", "truncate",
        "--max-tokens", "64", "--raw-control-tokens", "--single", "--jsonl",
      ], input: row, model: model)
    #expect(run.status == .success, "\(run.error)")
    let requests = model.requests
    #expect(requests.map(\.text) == ["t", "u", "v"])
    #expect(requests[0].labels == ["x", "y"])
    #expect(requests[0].options.prompt == "p")
    #expect(requests[0].options.threshold == 0.25)
    #expect(requests[0].options.examples == [Example(text: "e", labels: ["x"])])
    for request in requests.dropFirst() {
      #expect(request.labels == ["a"])
      #expect(request.options.prompt == "q")
      #expect(request.options.threshold == 0.75)
      #expect(request.options.examples.isEmpty)
    }
    for request in requests {
      #expect(request.options.longText == .truncate)
      #expect(request.options.maxTokens == 64)
      #expect(request.options.mode == .singleLabel)
      #expect(request.options.promptSafety == .rawControlTokens)
    }
  }

  @Test("the defaults of the tool: windows, safe prompt, threshold of the library")
  func defaults() throws {
    let model = StandInModel()
    _ = try ToolRun(["classify", "x", "--labels", "a"], model: model)
    let options = try #require(model.requests.first).options
    #expect(options == ClassificationOptions(longText: .window))
    #expect(model.choice?.model == nil)
    #expect(model.choice?.options == Classifier.Options())
  }
}
