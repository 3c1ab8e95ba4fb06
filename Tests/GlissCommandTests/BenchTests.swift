import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss bench", .serialized)
struct BenchTests {
  static let model = "\(Golden.folder)/models/edge"
  static let small = ["bench", "encoder", "--model", model, "--repeat", "2", "--kernels", "scalar"]

  @Test("writes one JSON object a row, with the keys that programs rely on")
  func json() throws {
    let run = try ToolRun(
      Self.small + [
        "--json", "--tokens", "4, 12", "--batch", "1,3", "--threads", "1,2", "--precision", "f32",
      ])
    #expect(run.status == .success, "\(run.error)")
    #expect(run.error == "")
    #expect(run.lines.count == 8)
    for line in run.lines {
      let row = try JSON(parsing: line)
      #expect(row["geometry"]?.string == Self.model)
      #expect(row["precision"]?.string == "f32")
      #expect(row["kernels"]?.string == "scalar")
      for key in ["tokens", "batch", "threads", "repetitions", "weight_bytes"] {
        #expect(try #require(row[key]?.int, "\(key)") > 0)
      }
      for key in [
        "median_ms", "best_ms", "spread", "tokens_per_s", "gflop", "gflops", "peak_gflops",
        "peak_low_gflops", "peak_high_gflops", "share", "read_gb_per_s", "load_ms",
      ] {
        #expect(try #require(row[key]?.double, "\(key)") > 0, "\(key)")
      }
      #expect(row["samples_ms"]?.array?.count == 2)
      #expect(row["unit"]?.string == "scalar-f32")
    }
    let first = try JSON(parsing: run.lines[0])
    #expect((first["threads"]?.int, first["tokens"]?.int, first["batch"]?.int) == (1, 4, 1))
  }

  @Test("draws a table under the machine's own figures")
  func table() throws {
    let run = try ToolRun(Self.small + ["--tokens", "4", "--threads", "1"])
    #expect(run.status == .success, "\(run.error)")
    #expect(run.output.contains("Machine"))
    #expect(run.output.contains("scalar-f32"))
    let title = try #require(run.lines.firstIndex { $0.hasPrefix("model") })
    #expect(run.lines.count == title + 2)
    #expect(run.lines[title].contains("median ms"))
    #expect(run.lines[title + 1].contains("f32"))
  }

  @Test(
    "refuses what cannot run, before anything does",
    arguments: [
      (["--tokens", "0"], 64, "--tokens"), (["--tokens", "8,,9"], 64, "8,,9"),
      (["--tokens", "many"], 64, "many"), (["--batch", "0"], 64, "--batch"),
      (["--threads", "2000"], 64, "--threads"), (["--repeat", "0"], 64, "--repeat"),
      (["--precision", "f64"], 64, "f64"), (["--kernels", "abacus"], 64, "abacus"),
      (["--precision", "bf16"], 69, "bf16"), (["--tokens", "1000000"], 64, "1000000"),
      (["--model", "/nowhere/at/all"], 66, "/nowhere/at/all"),
    ] as [([String], Int32, String)])
  func refusals(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let kernels = arguments[0] == "--kernels" ? [] : ["--kernels", "scalar"]
    let model = arguments[0] == "--model" ? [] : ["--model", "base"]
    let run = try ToolRun(
      ["bench", "encoder", "--repeat", "1"] + kernels + model + arguments)
    #expect(run.status.rawValue == status, "\(run.error)")
    #expect(run.output == "")
    #expect(run.error.contains(message), "\(run.error)")
  }

  @Test("classifies given texts round after round, and says what calls take")
  func pipeline() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "texts.jsonl", Array("{\"text\": \"A sunny day\"}\n{\"text\": \"\"}\n{\"text\": \"x\"}".utf8))
    let run = try ToolRun([
      "bench", "pipeline", "--model", Self.model, "--repeat", "2", "--kernels", "scalar",
      "--precision", "f32", "--threads", "1", "--texts", folder.path("texts.jsonl"), "--labels",
      "a,b", "--batch", "1,2,9", "--json",
    ])
    #expect(run.status == .success, "\(run.error)")
    let rows = try run.lines.map { try JSON(parsing: $0) }
    #expect(rows.map { $0["batch"]?.int } == [1, 2, 9])
    #expect(rows.map { $0["calls"]?.int } == [6, 4, 2])
    for row in rows {
      #expect((row["texts"]?.int, row["labels"]?.int, row["rounds"]?.int) == (3, 2, 2))
      for key in [
        "p50_ms", "p95_ms", "texts_per_s", "tokens_per_s", "tokens_per_text", "gflops",
        "peak_gflops", "share", "load_ms",
      ] {
        #expect(try #require(row[key]?.double, "\(key)") > 0, "\(key)")
      }
      #expect(try #require(row["p95_ms"]?.double) >= #require(row["p50_ms"]?.double))
    }
    #expect(Set(rows.map { $0["tokens_per_text"]?.double }).count == 1)
  }

  @Test(
    "refuses texts and labels that cannot be measured with",
    arguments: [
      (["--texts", "/nowhere.txt"], 66, "/nowhere.txt"), (["--texts", "-"], 65, "no text"),
      (["--labels", "a,a"], 64, "label 2"), (["--batch", "0"], 64, "--batch"),
      (["--texts", "-", "--labels-file", "-"], 64, "once"),
      (["--precision", "bf16", "--kernels", "scalar"], 69, "bf16"),
    ] as [([String], Int32, String)])
  func pipelineRefusals(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let run = try ToolRun(["bench", "pipeline", "--model", Self.model] + arguments)
    #expect(run.status.rawValue == status, "\(run.error)")
    #expect(run.output == "")
    #expect(run.error.contains(message), "\(run.error)")
  }
}
