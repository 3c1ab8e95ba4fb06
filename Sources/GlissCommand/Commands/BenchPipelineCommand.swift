// `gliss bench pipeline`: texts in, scores out.

import ArgumentParser
import Benchmarking
import Gliss
import StrictJSON

struct BenchPipelineCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "Time whole classifications: texts in, scores out, tokenizing included.",
    discussion: """
        gliss bench pipeline
        gliss bench pipeline --model base --batch 1,8,64 --precision f32,bf16
        gliss bench pipeline --texts mails.txt --labels-file topics.txt --json

      Without --texts, \(Self.sampleCount) built-in texts of 4 to 250 words; without labels, five. \
      All texts are classified round after round, --batch of them in a call: batch 1 says how \
      long one answer takes, a large batch how much gets through. edge, base and large are \
      published shapes with random weights behind the bundled model's tokenizer.

      A row has the time of a call (p50, p95), texts and tokens a second, useful operations a \
      second and their share of the peak measured beside them, as gliss bench encoder has it. \
      Loading is not part of any time; "load_ms" says what it took.
      """
  )

  private static let sampleCount = 256

  @OptionGroup(title: "What runs") var options: BenchOptions

  @Option(
    help: ArgumentHelp(
      "A file of texts, lines or JSON lines {\"text\": ...}; - is standard input.",
      valueName: "file"))
  var texts: String?

  @OptionGroup(title: "Labels") var labels: LabelOptions

  @Option(help: ArgumentHelp("Texts of a call.", valueName: "list"))
  var batch: CommaList<Int> = CommaList([1, 32])

  func validate() throws {
    try batch.check("--batch", from: 1, to: 1 << 20)
    if texts == "-", labels.file == "-" {
      throw ValidationError(
        "standard input can be read once: only one of --texts and --labels-file may be -")
    }
  }

  func run(in console: Console) throws(CommandError) {
    let workload = PipelineBenchmark.Workload(
      texts: try readTexts(console),
      labels: try labels.names(console: console) ?? SampleTexts.labels)
    let engines = try options.engines()
    let models = try options.models()
    var benchmark: PipelineBenchmark
    do {
      benchmark = try PipelineBenchmark(
        workload, models: models, engines: engines, batches: batch.values,
        repetitions: options.repetitions)
    } catch {
      throw CommandError(error)
    }
    var output = BenchOutput(json: options.json, console: console)
    try output.begin(engines)
    while let upcoming = benchmark.upcoming {
      output.announce(upcoming)
      let row: PipelineRow?
      do {
        row = try benchmark.next()
      } catch {
        throw CommandError(error)
      }
      guard let row else { break }
      try output.append(PipelineFields.of(row))
    }
  }

  /// The texts of the file; a bad row ends the run, for a measurement of the others means nothing.
  private func readTexts(_ console: Console) throws(CommandError) -> [String] {
    guard let texts else { return SampleTexts.make(Self.sampleCount, seed: 1) }
    var source = RowSource(
      [texts == "-" ? .standardInput : .file(texts)], format: nil, console: console)
    var found: [String] = []
    while true {
      switch try source.next(waiting: true) {
      case .row(let row):
        do {
          found.append(try RowFields.text(row))
        } catch {
          throw .row(error)
        }
      case .bad(let error, _): throw .row(error)
      case .notReady: continue
      case .end:
        guard !found.isEmpty else {
          throw .malformed(path: texts, "there is no text in it to measure with")
        }
        return found
      }
    }
  }
}

/// What is said of one row.
private enum PipelineFields {
  static func of(_ row: PipelineRow) -> [BenchField] {
    let (timing, peak) = (row.run.timing, row.run.peak)
    return [
      BenchField("geometry", .left("model", 10), row.model),
      BenchField("batch", .right("batch", 5), row.batch),
      BenchField("precision", .left("type", 4), row.engine.precision),
      BenchField("threads", .right("threads", 7), row.engine.threads),
      BenchField("kernels", .left("kernels", 10), row.engine.kernels),
      BenchField("p50_ms", .right("p50 ms", 10), timing.median, places: 3),
      BenchField("p95_ms", .right("p95 ms", 10), timing.quantile(0.95), places: 3),
      BenchField("texts_per_s", .right("texts/s", 7), row.textsPerSecond, places: 1),
      BenchField("tokens_per_s", .right("tokens/s", 8), row.tokensPerSecond, places: 0),
      BenchField("tokens_per_text", .right("tokens/text", 11), row.tokensPerText, places: 1),
      BenchField("gflops", .right("GFLOP/s", 7), row.rate, places: 0),
      BenchField("peak_gflops", .right("peak", 6), peak?.mean, places: 0),
      BenchField("share", .right("share", 6), row.share, places: 3),
      BenchField("best_ms", BenchField.number(timing.best)),
      BenchField("texts", JSON(row.textCount)),
      BenchField("labels", JSON(row.labelCount)),
      BenchField("rounds", JSON(row.rounds)),
      BenchField("calls", JSON(timing.samples.count)),
      BenchField("unit", peak.map { JSON($0.unit) } ?? .null),
      BenchField("peak_low_gflops", BenchField.number(peak?.lowest)),
      BenchField("peak_high_gflops", BenchField.number(peak?.highest)),
      BenchField("read_gb_per_s", BenchField.number(row.run.bandwidth)),
      BenchField("load_ms", BenchField.number(row.loadMilliseconds)),
      BenchField("version", JSON(Version.text)),
    ]
  }
}
