// The options that say where texts come from, and what becomes of rows that are none.

import ArgumentParser

/// What a bad row does to the run.
enum OnError: String, CaseIterable, ExpressibleByArgument, Sendable {
  case stop, skip, quarantine

  /// `fail` is an older name of `stop`.
  init?(argument: String) {
    self.init(rawValue: argument == "fail" ? "stop" : argument)
  }
}

struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read texts from a file; repeat it for more. - is standard input. gzip is unpacked.",
      valueName: "file"), completion: .file())
  var input: [String] = []

  @Option(
    help: ArgumentHelp(
      "How files and standard input are read: a text a line, a JSON object a line, columns with a "
        + "header, or fastText's labelled lines. Default: by the file's extension, else by what "
        + "the first line begins with: { for JSON, __label__ for fastText.",
      valueName: "format"))
  var inputFormat: InputFormat?

  @OptionGroup var columns: ColumnOptions

  @Option(
    help: ArgumentHelp(
      "On a bad row: stop there; skip it, say so and go on; or quarantine it, which puts it into "
        + "the file named next: --on-error quarantine FILE. Rows left out make status 65.",
      valueName: "action"))
  var onError: OnError = .stop

  @Option(
    help: ArgumentHelp(
      "The file for bad rows: JSON lines of where, why and what they are. It goes with "
        + "--on-error quarantine.", valueName: "file"), completion: .file())
  var quarantine: String?

  func validate() throws {
    if onError == .quarantine, quarantine == nil {
      throw ValidationError("--on-error quarantine needs a file: --on-error quarantine FILE")
    }
    if quarantine != nil, onError != .quarantine {
      throw ValidationError(
        "--quarantine goes with --on-error quarantine, found --on-error \(onError.rawValue)")
    }
    guard let inputFormat else { return }
    if columns.name != nil, inputFormat == .lines || inputFormat == .fasttext {
      throw ValidationError(
        "--text-column names a column or field, and \(inputFormat.rawValue) has none")
    }
    if columns.noHeader || columns.noQuotes, inputFormat.delimiter == nil {
      throw ValidationError(
        "--no-header and --no-quotes are about csv and tsv, found --input-format "
          + inputFormat.rawValue)
    }
    if columns.delimiter != nil, inputFormat != .csv {
      throw ValidationError(
        "--delimiter is about csv, found --input-format \(inputFormat.rawValue)")
    }
  }

  /// Arguments first, then files; standard input when there is neither.
  func inputs(texts: [String]) -> [RowSource.Input] {
    if texts == ["-"], input.isEmpty { return [.standardInput] }
    let all =
      texts.map { RowSource.Input.text($0) }
      + input.map { $0 == "-" ? .standardInput : .file($0) }
    return all.isEmpty ? [.standardInput] : all
  }

  /// The rows of the arguments, of the files and of standard input.
  func source(of inputs: [RowSource.Input], console: Console) -> RowSource {
    RowSource(inputs, format: inputFormat, columns: columns.choice, console: console)
  }

  /// `--on-error quarantine FILE` as the parser takes it: FILE is the value of another option.
  static func spelledOut(_ arguments: [String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    guard !arguments[..<end].contains(where: { $0.hasPrefix("--quarantine") }),
      let option = arguments[..<end].firstIndex(of: "--on-error"), option + 2 < end,
      arguments[option + 1] == OnError.quarantine.rawValue, !arguments[option + 2].hasPrefix("-")
    else { return arguments }
    var arguments = arguments
    arguments.insert("--quarantine", at: option + 2)
    return arguments
  }
}
