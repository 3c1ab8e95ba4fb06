// The options that say which labels texts are scored against.

import ArgumentParser
import Gliss

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
      "A file of labels: one a line; or JSON, an array of names or of {\"label\", "
        + "\"description\", \"threshold\", \"children\"}, or groups by name: {\"topic\": "
        + "[\"price\", \"delivery\"]}.", valueName: "file"))
  var file: String?

  /// All labels in order, or nil when none of the options is there.
  ///
  /// - Parameter separator: What joins the names of labels in groups.
  func labels(separator: String = ".", console: Console) throws(CommandError) -> [Label]? {
    guard list != nil || !single.isEmpty || file != nil else { return nil }
    var labels = (list.map(LabelList.commaSeparated) ?? []).map { Label($0) }
    labels += single.map { Label($0) }
    if let fault = LabelList.fault(in: labels, separator: separator), !labels.isEmpty {
      throw .usage("the labels cannot be used: \(fault)")
    }
    guard let file else { return labels }
    labels += try LabelList.file(file, console: console)
    if let fault = LabelList.fault(in: labels, separator: separator) {
      throw .malformed(path: file, fault)
    }
    return labels
  }

  /// The full names of all labels, where only names are of use.
  func names(console: Console) throws(CommandError) -> [String]? {
    guard let labels = try labels(console: console) else { return nil }
    do throws(GlissError) { return try Label.fullNames(labels) } catch { throw CommandError(error) }
  }

  /// Without labels, only rows that may bring their own can be read: texts of the command line cannot.
  static func checkUnneeded(by inputs: [RowSource.Input]) throws(CommandError) {
    if inputs.contains(where: { if case .text = $0 { true } else { false } }) {
      throw .usage("labels are needed: --labels a,b,c, or --label, or --labels-file")
    }
  }

  /// The fault of a row that has no labels where the options have none.
  static func missing(at location: RowLocation) -> RowError {
    RowError(location, "the row has no \"labels\"; add them to it, or give --labels a,b,c")
  }
}
