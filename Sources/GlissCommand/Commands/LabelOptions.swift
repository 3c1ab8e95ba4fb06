// The options that say which labels texts are scored against.

import ArgumentParser

struct LabelOptions: ParsableArguments {
  @Option(
    name: .customLong("labels"),
    help: ArgumentHelp("Labels, separated by commas.", valueName: "a,b,c"))
  var list: String?

  @Option(
    name: .customLong("label"),
    help: ArgumentHelp("One label as it stands, commas and all; repeat it.", valueName: "label"))
  var single: [String] = []

  @Option(
    name: .customLong("labels-file"),
    help: ArgumentHelp(
      "A file of labels, one a line, or one JSON array of strings.", valueName: "file"))
  var file: String?

  /// All labels in order, or nil when none of the options is there.
  func labels(console: Console) throws(CommandError) -> [String]? {
    guard list != nil || !single.isEmpty || file != nil else { return nil }
    var labels = list.map(LabelList.commaSeparated) ?? []
    labels += single
    if let fault = LabelList.fault(in: labels), !labels.isEmpty {
      throw .usage("the labels cannot be used: \(fault)")
    }
    guard let file else { return labels }
    labels += try LabelList.file(file, console: console)
    if let fault = LabelList.fault(in: labels) { throw .malformed(path: file, fault) }
    return labels
  }
}
