// `gliss eval`: its subcommands, and the options they share.

import ArgumentParser
import Gliss

struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measure how good a model's answers are on labelled data.",
    subcommands: [EvalClassifyCommand.self, EvalNLICommand.self, EvalRetrievalCommand.self])
}

/// The options that say which model is measured, on how much, and how it is told.
struct EvalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A model folder, or a name in the Hugging Face cache. Default: GLISS_MODEL, else the bundled "
        + "model.", valueName: "model"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The arithmetic: auto, f32, bf16 or int8. Of several, separated by commas, each is measured, "
        + "and compared with the first.", valueName: "list"))
  var precision: CommaList<Precision> = CommaList([])

  @Option(help: ArgumentHelp("Threads that compute. Default: one a core.", valueName: "count"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The kernel set; gliss doctor lists them. Default: GLISS_KERNELS, else the best.",
      valueName: "name"))
  var kernels: String?

  @Option(
    help: ArgumentHelp("Only the first rows or queries of each set.", valueName: "count"))
  var limit: Int?

  @Flag(help: "One JSON object a line for each set, with every number.")
  var json = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads should be from 1 to 1024, found \(threads)")
    }
    if let limit, limit < 1 {
      throw ValidationError("--limit should be a positive integer, found \(limit)")
    }
  }

  /// The models to load, one a precision.
  var choices: [ModelChoice] {
    (precision.values.isEmpty ? [nil] : precision.values.map { $0 }).map { precision in
      ModelChoice(
        model: model,
        options: Classifier.Options(
          precision: precision ?? .auto, kernels: kernels, threads: threads),
        namesPrecision: precision != nil)
    }
  }
}
