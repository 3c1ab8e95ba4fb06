// The options that say where results go, and in which form.

import ArgumentParser

struct OutputOptions: ParsableArguments {
  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      "Write to a file instead of standard output. It appears whole, when the run is through, or "
        + "not at all.", valueName: "file"), completion: .file())
  var path: String?

  /// The file, or nil for standard output. It may be none of the files that are read or written.
  func file(besides input: InputOptions) throws(CommandError) -> OutputFile? {
    guard let path, path != "-" else { return nil }
    if let read = input.input.first(where: { OutputFile.isSame($0, path) }) {
      throw .usage("--output and --input name the same file, \(read)")
    }
    if let quarantine = input.quarantine, OutputFile.isSame(quarantine, path) {
      throw .usage("--output and --quarantine name the same file, \(path)")
    }
    return try OutputFile(path)
  }

  func stream(_ file: OutputFile?, console: Console) -> OutputStream {
    file.map { OutputStream($0.descriptor, name: $0.path) } ?? OutputStream(console.output)
  }
}

/// How classified texts are written.
enum ResultFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// For a person at a terminal.
  case bars
  /// `label TAB score TAB label TAB score ...`, a line a text.
  case pairs
  /// Columns in line, a line a label.
  case table
  /// RFC 4180, a line a label.
  case csv, tsv
  case json, jsonl
}

struct ResultOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How results are written. Default: bars at a terminal, else pairs: a line of label, tab, "
        + "score, tab, ... for each text. csv, tsv and table have a line a label.",
      valueName: "format"))
  var outputFormat: ResultFormat?

  @Flag(help: "One JSON array of results; short for --output-format json.")
  var json = false

  @Flag(help: "One JSON object a line; short for --output-format jsonl.")
  var jsonl = false

  @Flag(help: "Comma-separated cells with a header; short for --output-format csv.")
  var csv = false

  @OptionGroup var place: OutputOptions

  func validate() throws {
    let formats =
      (outputFormat.map { ["--output-format \($0.rawValue)"] } ?? [])
      + (json ? ["--json"] : []) + (jsonl ? ["--jsonl"] : [])
      + (csv ? ["--csv"] : [])
    if formats.count > 1 {
      throw ValidationError("\(formats.joined(separator: " and ")) are two formats: give one")
    }
  }

  /// - Parameter isInteractive: whether results go to a person.
  func format(isInteractive: Bool) -> ResultFormat {
    if json { return .json }
    if jsonl { return .jsonl }
    if csv { return .csv }
    return outputFormat ?? (isInteractive ? .bars : .pairs)
  }
}
