// `gliss bench encoder`: the forward pass alone.

import ArgumentParser
import Benchmarking
import Gliss
import StrictJSON

struct BenchEncoderCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoder",
    abstract: "Time the forward pass: token ids in, hidden states out.",
    discussion: """
        gliss bench encoder --model edge
        gliss bench encoder --model base --tokens 64,128,512 --batch 1,8
        gliss bench encoder --model edge --precision f32,bf16 --threads 1,2
        gliss bench encoder --model ./my-checkpoint --kernels avx2,scalar --json

      Lists run in every combination, a row each. edge (10 layers of 384), base (22 of 768) and \
      large (28 of 1024) are published ModernBERT shapes with random weights made in memory: \
      speed does not depend on what a model has learned.

      A row has the median and the best time, the spread (median / best), tokens and useful \
      operations a second, the peak, and the share of it. Useful are linear layers, and attention \
      over the keys a token may see; a multiplication and an addition are two operations. The \
      peak is that of the unit the precision runs on (f32: vector multiply-adds; bf16: AMX; int8: \
      AMX or VNNI), measured on the same threads before, after and every 200 ms during the row, \
      and averaged: virtual machines change their speed within seconds. read GB/s is how fast \
      all threads read a buffer of 64 MiB, before and after the row.

      Compare rows of one run only, with nothing else running. A precision or kernel set that \
      this machine cannot run ends the command with status 69 before anything is measured.
      """
  )

  @OptionGroup(title: "What runs") var options: BenchOptions

  @Option(help: ArgumentHelp("Tokens of a sequence.", valueName: "list"))
  var tokens: CommaList<Int> = CommaList([128, 512])

  @Option(help: ArgumentHelp("Sequences that are encoded together.", valueName: "list"))
  var batch: CommaList<Int> = CommaList([1])

  func validate() throws {
    try tokens.check("--tokens", from: 1, to: 1 << 20)
    try batch.check("--batch", from: 1, to: 1 << 20)
  }

  func run(in console: Console) throws(CommandError) {
    let engines = try options.engines()
    let models = try options.models()
    var benchmark: EncoderBenchmark
    do {
      benchmark = try EncoderBenchmark(
        models: models, engines: engines, tokens: tokens.values, batches: batch.values,
        repetitions: options.repetitions)
    } catch {
      throw CommandError(error)
    }
    var output = BenchOutput(json: options.json, console: console)
    try output.begin(engines)
    while let upcoming = benchmark.upcoming {
      output.announce(upcoming)
      let row: EncoderRow?
      do {
        row = try benchmark.next()
      } catch {
        throw CommandError(error)
      }
      guard let row else { break }
      try output.append(EncoderFields.of(row))
    }
  }
}

/// What is said of one row.
private enum EncoderFields {
  static func of(_ row: EncoderRow) -> [BenchField] {
    let (timing, peak) = (row.timing, row.run.peak)
    return [
      BenchField("geometry", .left("model", 13), row.geometry),
      BenchField("batch", .right("batch", 5), row.batch),
      BenchField("tokens", .right("tokens", 6), row.tokens),
      BenchField("precision", .left("type", 4), row.engine.precision),
      BenchField("threads", .right("threads", 7), row.engine.threads),
      BenchField("kernels", .left("kernels", 10), row.engine.kernels),
      BenchField("median_ms", .right("median ms", 10), timing.median, places: 3),
      BenchField("best_ms", .right("best ms", 10), timing.best, places: 3),
      BenchField("spread", .right("spread", 6), timing.spread, places: 2),
      BenchField("tokens_per_s", .right("tokens/s", 8), row.tokensPerSecond, places: 0),
      BenchField("gflops", .right("GFLOP/s", 7), row.rate, places: 0),
      BenchField("peak_gflops", .right("peak", 6), peak?.mean, places: 0),
      BenchField("share", .right("share", 6), row.share, places: 3),
      BenchField("read_gb_per_s", .right("read GB/s", 9), row.run.bandwidth, places: 1),
      BenchField("unit", peak.map { JSON($0.unit) } ?? .null),
      BenchField("peak_low_gflops", BenchField.number(peak?.lowest)),
      BenchField("peak_high_gflops", BenchField.number(peak?.highest)),
      BenchField("gflop", BenchField.number(row.gigaOperations)),
      BenchField("repetitions", JSON(timing.samples.count)),
      BenchField("samples_ms", JSON(timing.samples.map(BenchField.number))),
      BenchField("load_ms", BenchField.number(row.loadMilliseconds)),
      BenchField("weight_bytes", JSON(row.weightByteCount)),
      BenchField("version", JSON(Version.text)),
    ]
  }
}
