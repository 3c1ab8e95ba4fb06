// `gliss bench`: its subcommands, and the options they share.

import ArgumentParser
import Benchmarking
import Gliss

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast models run here, as a share of what the machine can do.",
    subcommands: [BenchEncoderCommand.self, BenchPipelineCommand.self])
}

/// The options that say what runs and how often. Lists are separated by commas, and every
/// combination runs.
struct BenchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "edge, base, large, deberta-base or deberta-large: a published shape with random weights; or "
        + "a model folder, or a name in the Hugging Face cache. Repeat it for several. Default: "
        + "GLISS_MODEL, else the bundled model.", valueName: "model"))
  var model: [String] = []

  @Option(
    help: ArgumentHelp(
      "Of f32, bf16, int8 and auto, which is the fastest that stays close to f32. "
        + "GLISS_PRECISION is not read.", valueName: "list"))
  var precision: CommaList<Precision> = CommaList([.auto])

  @Option(
    help: ArgumentHelp(
      "Threads that compute. Default: one a core; GLISS_THREADS is not read.", valueName: "list"))
  var threads: CommaList<Int> = CommaList([])

  @Option(
    help: ArgumentHelp(
      "Kernel sets; gliss doctor lists them. Default: GLISS_KERNELS, else the best.",
      valueName: "list"))
  var kernels: CommaList<String> = CommaList([])

  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp(
      "Timed runs a row. Default: as many as fit into a second, from 5 to 100.",
      valueName: "count"))
  var repetitions: Int?

  @Flag(help: "One JSON object a row.")
  var json = false

  func validate() throws {
    try threads.check("--threads", from: 1, to: 1024)
    if let repetitions, !(1...100_000).contains(repetitions) {
      throw ValidationError("--repeat should be from 1 to 100000, found \(repetitions)")
    }
  }

  func models() throws(CommandError) -> [BenchmarkModel] {
    do {
      if model.isEmpty { return [try BenchmarkModel(nil)] }
      return try model.map { (name) throws(GlissError) in try BenchmarkModel(name) }
    } catch {
      throw CommandError(error)
    }
  }

  func engines() throws(CommandError) -> [EngineChoice] {
    do {
      return try EngineChoice.all(
        kernels: kernels.values, precisions: precision.values, threads: threads.values)
    } catch {
      throw CommandError(error)
    }
  }
}
