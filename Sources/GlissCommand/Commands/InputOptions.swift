// The options that say where texts come from.

import ArgumentParser

enum OnError: String, CaseIterable, ExpressibleByArgument, Sendable {
  case fail, skip
}

struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read texts from a file; repeat it for more. - is standard input.", valueName: "file"))
  var input: [String] = []

  @Option(
    help: ArgumentHelp(
      "How files and standard input are read: a text a line, or a JSON object a line. Default: by "
        + "the file's extension, else by whether the first line begins with {.",
      valueName: "format"))
  var inputFormat: InputFormat?

  @Option(
    help: ArgumentHelp(
      "On a bad row: fail stops there; skip reports it, goes on, and ends with status 65.",
      valueName: "action"))
  var onError: OnError = .fail

  /// Arguments first, then files; standard input when there is neither.
  func inputs(texts: [String]) -> [RowSource.Input] {
    if texts == ["-"], input.isEmpty { return [.standardInput] }
    let all =
      texts.map { RowSource.Input.text($0) }
      + input.map { $0 == "-" ? .standardInput : .file($0) }
    return all.isEmpty ? [.standardInput] : all
  }
}
