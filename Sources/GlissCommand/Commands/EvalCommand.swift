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
  @OptionGroup var machine: MachineOptions

  @Option(
    help: ArgumentHelp(
      "The arithmetic: auto, f32, bf16 or int8. Of several, separated by commas, each is measured, "
        + "and compared with the first. Default: GLISS_PRECISION, else auto.", valueName: "list"))
  var precision: CommaList<Precision> = CommaList([])

  @Option(
    help: ArgumentHelp("Only the first rows or queries of each set.", valueName: "count"))
  var limit: Int?

  @Flag(help: "One JSON object a line for each set, with every number.")
  var json = false

  func validate() throws {
    if let limit, limit < 1 {
      throw ValidationError("--limit should be a positive integer, found \(limit)")
    }
  }

  /// What there is to do for a set.
  ///
  /// - Parameter path: A file; `-` is standard input.
  func total(of path: String, console: Console) throws(CommandError) -> Progress.Total? {
    if let limit { return .rows(limit) }
    let source: RowSource.Input = path == "-" ? .standardInput : .file(path)
    return try InputCheck.totalByteCount(of: [source], console: console).map { .bytes($0) }
  }

  /// The models to load, one a precision.
  var choices: [ModelChoice] {
    precision.values.isEmpty ? [machine.choice(nil)] : precision.values.map { machine.choice($0) }
  }
}
