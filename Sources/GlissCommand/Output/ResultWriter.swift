// Results out: bars for a person, lines for a pipe, JSON for programs.

import Gliss

/// Writes classifications in the chosen format.
struct ResultWriter: ~Copyable {
  enum Format: Equatable {
    case bars
    /// `label TAB score TAB label TAB score ...`, a line a text.
    case table
    case json
    case jsonl
  }

  private let format: Format
  private let showsAll: Bool
  private let showsLogits: Bool
  private let tree: TreeOutput?
  private let topK: Int?
  private let terminal: Terminal
  private var output: OutputStream
  private var count = 0

  init(_ command: ClassifyCommand, console: Console) {
    terminal = Terminal(console.output, environment: console.environment)
    format =
      command.jsonl ? .jsonl : command.json ? .json : terminal.isInteractive ? .bars : .table
    showsAll = command.all
    showsLogits = command.logits
    tree = command.pipeline.tree
    topK = command.topK
    output = OutputStream(console.output)
  }

  mutating func begin() throws(CommandError) {
    if format == .json { output.append("[") }
  }

  mutating func end() throws(CommandError) {
    if format == .json { output.append(count > 0 ? "\n]\n" : "]\n") }
    try output.flush()
  }

  mutating func flush() throws(CommandError) {
    try output.flush()
  }

  mutating func append(_ result: Classification, index: Int, text: String) {
    let (format, isFirst) = (format, count == 0)
    let (logits, all, terminal) = (showsLogits, showsAll, terminal)
    let selected = result.selected(topK: topK)
    let shown = all ? result.scores + (result.none.map { [$0] } ?? []) : selected
    let tree = tree
    count += 1
    output.append { bytes in
      switch format {
      case .json:
        bytes.append(contentsOf: (isFirst ? "\n  " : ",\n  ").utf8)
        Self.object(result, shown, index: index, logits: logits, tree: tree, to: &bytes)
      case .jsonl:
        Self.object(result, shown, index: index, logits: logits, tree: tree, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
      case .table:
        Self.line(shown, logits: logits, to: &bytes)
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

  /// The machine contract: `{"index", "scores": [{"label", "logit", "score"}], "tokens",
  /// "truncated"}`; `logit` and `tree` only when asked for, `spread` only of several label orders,
  /// `label_chunks` only if there are several.
  private static func object(
    _ result: Classification, _ scores: [LabelScore], index: Int, logits: Bool,
    tree: TreeOutput?, to bytes: inout [UInt8]
  ) {
    bytes.append(UInt8(ascii: "{"))
    JSONText.appendKey("index", to: &bytes)
    JSONText.append(index, to: &bytes)
    JSONText.appendKey("scores", to: &bytes)
    JSONText.appendArray(scores, to: &bytes) { score, bytes in
      bytes.append(UInt8(ascii: "{"))
      JSONText.appendKey("label", to: &bytes)
      JSONText.append(score.label, to: &bytes)
      if logits {
        JSONText.appendKey("logit", to: &bytes)
        JSONText.append(score.logit, to: &bytes)
      }
      JSONText.appendKey("score", to: &bytes)
      JSONText.append(score.score, to: &bytes)
      if let spread = score.spread {
        JSONText.appendKey("spread", to: &bytes)
        JSONText.append(spread, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
    if let tree { ResultTree.append(result.tree, as: tree, to: &bytes) }
    if result.labelChunks > 1 {
      JSONText.appendKey("label_chunks", to: &bytes)
      JSONText.append(result.labelChunks, to: &bytes)
    }
    JSONText.appendKey("tokens", to: &bytes)
    JSONText.append(result.tokens, to: &bytes)
    JSONText.appendKey("truncated", to: &bytes)
    JSONText.append(result.truncated, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  private static func line(_ scores: [LabelScore], logits: Bool, to bytes: inout [UInt8]) {
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
