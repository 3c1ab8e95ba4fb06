// Classified texts in columns under one another, a line a label, for reading and for grep.

import Gliss

/// Draws lines of `index  score  label  text`. Widths are settled before the first row, so that
/// rows need not wait for the last: of the labels known by then, and of what the terminal has.
struct ResultTable {
  private static let longestLabel = 40
  private static let indexColumns = 7
  private static let scoreColumns = 6
  private static let logitColumns = 8

  private let labelColumns: Int
  private let textColumns: Int
  private let showsLogits: Bool

  init(labels: [String], columns: Int, showsLogits: Bool) {
    let widest = labels.reduce(0) { max($0, DisplayWidth.of(VisibleText.oneLine($1))) }
    labelColumns = min(Self.longestLabel, max(labels.isEmpty ? 24 : 5, widest))
    self.showsLogits = showsLogits
    let others = Self.indexColumns + Self.scoreColumns + (showsLogits ? Self.logitColumns + 2 : 0)
    textColumns = max(16, columns - others - labelColumns - 6)
  }

  func appendHeader(to bytes: inout [UInt8]) {
    append("index", "score", "logit", "label", "text", to: &bytes)
  }

  /// A text without a label has one line with dashes.
  func append(_ scores: [LabelScore], index: Int, text: String, to bytes: inout [UInt8]) {
    let text = VisibleText.oneLine(text)
    for score in scores {
      append(
        "\(index)", ScoreBars.decimal(score.score, places: 4),
        ScoreBars.decimal(score.logit, places: 3), VisibleText.oneLine(score.label), text,
        to: &bytes)
    }
    if scores.isEmpty { append("\(index)", "-", "-", "-", text, to: &bytes) }
  }

  private func append(
    _ index: String, _ score: String, _ logit: String, _ label: String, _ text: String,
    to bytes: inout [UInt8]
  ) {
    var cells = [right(index, Self.indexColumns), right(score, Self.scoreColumns)]
    if showsLogits { cells.append(right(logit, Self.logitColumns)) }
    cells.append(
      DisplayWidth.padded(DisplayWidth.clipped(label, to: labelColumns), to: labelColumns))
    cells.append(DisplayWidth.clipped(text, to: textColumns))
    bytes.append(contentsOf: cells.joined(separator: "  ").utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  private func right(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - text.utf8.count)) + text
  }
}
