// Results out: bars for a person, lines for a pipe, cells for spreadsheets, JSON for programs.

import Gliss

/// Writes classifications in the chosen format.
struct ResultWriter: ~Copyable {
  private let format: ResultFormat
  private let showsAll: Bool
  private let showsLogits: Bool
  private let tree: TreeOutput?
  private let topK: Int?
  private let terminal: Terminal
  private let file: OutputFile?
  private var table: ResultTable
  private var output: OutputStream
  private var count = 0

  /// - Parameter labels: those of the options, for the width of a table's columns.
  init(
    _ command: ClassifyCommand, labels: [Label], console: Console
  ) throws(CommandError) {
    let names: [String]
    do throws(GlissError) {
      names =
        labels.isEmpty
        ? [] : try Label.fullNames(labels, separator: command.pipeline.labelSeparator)
    } catch {
      throw CommandError(error)
    }
    file = try command.output.place.file(besides: command.input)
    output = command.output.place.stream(file, console: console)
    terminal = Terminal(file?.descriptor ?? console.output, environment: console.environment)
    format = command.output.format(isInteractive: file == nil && terminal.isInteractive)
    showsAll = command.all
    showsLogits = command.logits
    tree = command.pipeline.tree
    topK = command.topK
    table = ResultTable(labels: names, columns: terminal.columns, showsLogits: command.logits)
  }

  mutating func begin() throws(CommandError) {
    let (table, logits) = (table, showsLogits)
    switch format {
    case .json: output.append("[")
    case .csv: output.append { ResultCells.comma.appendHeader(logits: logits, to: &$0) }
    case .tsv: output.append { ResultCells.tab.appendHeader(logits: logits, to: &$0) }
    case .table: output.append { table.appendHeader(to: &$0) }
    case .bars, .pairs, .jsonl: break
    }
  }

  /// Closes what was begun and writes it.
  mutating func end() throws(CommandError) {
    if format == .json { output.append(count > 0 ? "\n]\n" : "]\n") }
    try output.flush()
  }

  /// Gives the file of `--output` its name.
  func commit() throws(CommandError) {
    try file?.commit()
  }

  mutating func flush() throws(CommandError) {
    try output.flush()
  }

  mutating func append(_ result: Classification, index: Int, text: String) {
    let (format, isFirst, table) = (format, count == 0, table)
    let (logits, all, terminal) = (showsLogits, showsAll, terminal)
    let selected = result.selected(topK: topK)
    let shown = all ? result.scores + (result.none.map { [$0] } ?? []) : selected
    let tree = tree
    count += 1
    output.append { bytes in
      switch format {
      case .json:
        bytes.append(contentsOf: (isFirst ? "\n  " : ",\n  ").utf8)
        ResultObject.append(result, shown, index: index, logits: logits, tree: tree, to: &bytes)
      case .jsonl:
        ResultObject.append(result, shown, index: index, logits: logits, tree: tree, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
      case .csv:
        ResultCells.comma.append(shown, index: index, text: text, logits: logits, to: &bytes)
      case .tsv:
        ResultCells.tab.append(shown, index: index, text: text, logits: logits, to: &bytes)
      case .table: table.append(shown, index: index, text: text, to: &bytes)
      case .pairs: Self.pairs(shown, logits: logits, to: &bytes)
      case .bars:
        let names = Set(selected.map(\.label))
        let bars = (all ? result.ranked() : selected).map {
          ScoreBars.Bar(
            label: $0.label, score: $0.score, logit: logits ? $0.logit : nil,
            isSelected: names.contains($0.label))
        }
        let note = Self.note(result)
        ScoreBars(terminal: terminal).append(text: text, bars: bars, note: note, to: &bytes)
      }
    }
  }

  private static func pairs(_ scores: [LabelScore], logits: Bool, to bytes: inout [UInt8]) {
    let fields = scores.flatMap { score in
      let label = VisibleText.oneLine(score.label)
      return logits
        ? [label, score.logit.description, score.score.description]
        : [label, ScoreBars.decimal(score.score, places: 4)]
    }
    bytes.append(contentsOf: fields.joined(separator: "\t").utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func note(_ result: Classification) -> String? {
    if result.truncated > 0 {
      return "\(result.truncated) tokens of the text were cut (--long truncate)"
    }
    return result.windows > 1 ? "read in \(result.windows) windows, \(result.tokens) tokens" : nil
  }
}
