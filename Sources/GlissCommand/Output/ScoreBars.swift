// One classified text for a person at a terminal: the text, then a bar a label.

/// Draws aligned score bars.
package struct ScoreBars {
  /// One drawn label.
  package struct Bar {
    let label: String
    let score: Float
    let logit: Float?
    /// Whether the label holds; others are drawn faint.
    let isSelected: Bool

    package init(label: String, score: Float, logit: Float?, isSelected: Bool) {
      self.label = label
      self.score = score
      self.logit = logit
      self.isSelected = isSelected
    }
  }

  let terminal: Terminal

  package init(terminal: Terminal) {
    self.terminal = terminal
  }

  private static let longestLabel = 32
  private static let widestBar = 40
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  package func append(text: String, bars: [Bar], note: String?, to bytes: inout [UInt8]) {
    let title = DisplayWidth.clipped(VisibleText.oneLine(text), to: terminal.columns)
    line(terminal.styled(title.isEmpty ? "(empty text)" : title, .bold), to: &bytes)
    if bars.isEmpty {
      line(
        terminal.styled("  no label reaches the threshold; --all shows every score", .faint),
        to: &bytes)
    }
    let labels = bars.map { DisplayWidth.clipped(VisibleText.oneLine($0.label), to: labelColumns) }
    let widest = labels.reduce(0) { max($0, DisplayWidth.of($1)) }
    let logits = bars.map { $0.logit.map { "  " + Self.decimal($0, places: 3) } ?? "" }
    let widestLogit = logits.reduce(0) { max($0, $1.utf8.count) }
    let barColumns = min(Self.widestBar, max(4, terminal.columns - widest - widestLogit - 11))
    for index in bars.indices {
      let bar = bars[index]
      let drawn = DisplayWidth.padded(blocks(bar.score, columns: barColumns), to: barColumns)
      let logit =
        String(repeating: " ", count: widestLogit - logits[index].utf8.count)
        + logits[index]
      let row = "\(DisplayWidth.padded(labels[index], to: widest))  "
      let score = "  \(Self.decimal(bar.score, places: 3))\(logit)"
      if bar.isSelected {
        line("  " + row + terminal.styled(drawn, .green) + score, to: &bytes)
      } else {
        line("  " + terminal.styled(row + drawn + score, .faint), to: &bytes)
      }
    }
    if let note { line("  " + terminal.styled(note, .yellow), to: &bytes) }
    line("", to: &bytes)
  }

  private var labelColumns: Int { min(Self.longestLabel, max(8, terminal.columns / 3)) }

  /// A bar of `columns` columns at 1; eighths of a column where the encoding has them.
  private func blocks(_ score: Float, columns: Int) -> String {
    let share = min(max(score, 0), 1)
    guard terminal.isUnicode else {
      return String(repeating: "#", count: Int((share * Float(columns)).rounded()))
    }
    let parts = Int((share * Float(columns * 8)).rounded())
    return String(repeating: "█", count: parts / 8) + Self.eighths[parts % 8]
  }

  private func line(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// `value` rounded to `places` decimals, without a locale.
  package static func decimal(_ value: Float, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return value.description }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let rounded = Int((Double(value) * Double(scale)).rounded())
    let (whole, part) = rounded.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
    let digits = String(part)
    let zeros = String(repeating: "0", count: places - digits.count)
    return "\(rounded < 0 ? "-" : "")\(whole).\(zeros)\(digits)"
  }
}
