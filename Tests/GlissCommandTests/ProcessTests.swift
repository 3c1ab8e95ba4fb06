import StrictJSON
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The built binary", .timeLimit(.minutes(2)))
struct ProcessTests {
  static let tokenizer = "\(Golden.folder)/models/edge/tokenizer.json"
  static let tokenize = ["tokenize", "--tokenizer", tokenizer, "--jsonl"]

  @Test("says what it can do when it is called alone")
  func alone() throws {
    let run = try ToolProcess.run([])
    #expect(run.end == .status(0))
    #expect(run.error == "")
    for word in ["gliss classify", "SUBCOMMANDS", "tokenize", "doctor", "Exit status"] {
      #expect(run.output.contains(word))
    }
    #expect(try ToolProcess.run(["--version"]).output == "0.1.0\n")
  }

  @Test(
    "explains every command, with examples",
    arguments: [
      ["classify"], ["tokenize"], ["model", "show"], ["bench", "encoder"], ["bench", "pipeline"],
      ["doctor"],
    ])
  func help(_ command: [String]) throws {
    let run = try ToolProcess.run(command + ["--help"])
    #expect(run.end == .status(0))
    #expect(run.output.contains("  gliss \(command.joined(separator: " "))"))
    #expect(try ToolProcess.run(["help"] + command).output == run.output)
  }

  @Test(
    "ends with the status of the error's kind, and says nothing on standard output",
    arguments: [
      (["clasify"], 64, "did you mean 'gliss classify'"),
      (["tokenize", "x", "--nonsense"], 64, "--nonsense"),
      (["tokenize", "x", "--tokenizer", "/nowhere.json"], 66, "/nowhere.json"),
      (["tokenize", "x", "--model", "/nowhere"], 66, "/nowhere"),
      (["model", "show", "/nowhere/at/all"], 66, "/nowhere/at/all"),
      (["classify", "x", "--labels", "a", "--model", "/nowhere"], 66, "/nowhere"),
      (
        [
          "classify", "x", "--labels", "a", "--model", "\(Golden.folder)/models/edge", "--kernels",
          "abacus",
        ], 64, "abacus"
      ),
      (["classify", "x", "--labels", "a,a"], 64, "label 2"),
      (["tokenize", "x", "--tokenizer", "\(Golden.folder)/manifest.json"], 65, "manifest.json"),
    ] as [([String], Int32, String)])
  func statuses(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let run = try ToolProcess.run(arguments)
    #expect(run.end == .status(status))
    #expect(run.output == "")
    #expect(run.error.contains(message), "\(run.error)")
  }

  @Test("finds its model, and knows what everyday texts are about")
  func bundledModel() throws {
    let texts = [
      "sports": "The goalkeeper saved two penalties and the team won the championship.",
      "food": "Simmer the onions in butter, then add the stock and a bay leaf.",
      "politics": "The senate passed the budget bill after a long debate.",
    ]
    for (topic, text) in texts {
      let run = try ToolProcess.run(
        ["classify", text, "--labels", "food,politics,sports,health", "--single", "--jsonl"])
      #expect(run.end == .status(0), "\(run.error)")
      let best = try JSON(parsing: run.output)["scores"]?.array?.first?["label"]?.string
      #expect(best == topic)
    }
  }

  @Test("tokenizes rows to ids, tokens and offsets")
  func tokens() throws {
    let run = try ToolProcess.run(
      Self.tokenize, input: "{\"text\":\"some text\"}\n{\"text\":\"\"}\n")
    #expect(run.end == .status(0), "\(run.error)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      let row = try JSON(parsing: String(line))
      #expect(row.object?.keys == ["ids", "tokens", "offsets"])
      let count = try #require(row["ids"]?.array?.count)
      #expect(row["tokens"]?.array?.count == count)
      #expect(row["offsets"]?.array?.allSatisfy { $0.array?.count == 2 } == true)
    }
  }

  @Test("answers a line before the next one comes")
  func interactive() throws {
    let process = try ToolProcess(Self.tokenize)
    for word in ["one", "two", "three"] {
      process.write("\(word)\n")
      #expect(try process.readLine().hasPrefix("{\"ids\":["))
    }
    process.closeInput()
    #expect(process.end() == .status(0))
    #expect(process.readError() == "")
  }

  @Test("an interruption ends it by the signal, without a word, after whole lines")
  func interruption() throws {
    let process = try ToolProcess(Self.tokenize)
    process.write("one\ntwo\n")
    _ = try process.readLine()
    _ = try process.readLine()
    process.interrupt()
    #expect(process.end() == .signal(SIGINT))
    #expect(process.readError() == "")
    let rest = process.readOutput()
    #expect(rest.isEmpty || rest.hasSuffix("\n"))
  }

  @Test("a closed pipe ends it without a word")
  func closedPipe() throws {
    let process = try ToolProcess(Self.tokenize)
    process.write("one\n")
    _ = try process.readLine()
    process.closeOutput()
    process.write("two\n")
    process.closeInput()
    let end = process.end()
    #expect(end == .signal(SIGPIPE) || end == .status(0))
    #expect(process.readError() == "")
  }

  @Test("a full disk is an error of its own kind")
  func fullDisk() throws {
    guard access("/dev/full", W_OK) == 0 else { return }
    let process = try ToolProcess(Self.tokenize + ["x"], outputPath: "/dev/full")
    process.closeInput()
    #expect(process.end() == .status(74))
    #expect(process.readError().contains("standard output: writing failed"))
  }

  @Test("rows before a bad one are written, whole")
  func badRow() throws {
    let rows = (0..<500).map { "{\"text\":\"row \($0)\"}" } + ["{\"text\":", "{\"text\":\"x\"}"]
    let input = rows.joined(separator: "\n") + "\n"
    let run = try ToolProcess.run(Self.tokenize, input: input)
    #expect(run.end == .status(65))
    #expect(run.error.contains("stdin:501:9"))
    #expect(run.output.split(separator: "\n").count == 500)
    #expect(run.output.hasSuffix("}\n"))
    let skipping = try ToolProcess.run(Self.tokenize + ["--on-error", "skip"], input: input)
    #expect(skipping.end == .status(65))
    #expect(skipping.error.contains("skipped 1 of 502 rows"))
    #expect(skipping.output.split(separator: "\n").count == 501)
  }
}
