// From a sequence's hidden states to one text feature. gliclass 0.1.21, poolings.py.

internal import Kernels

/// The rows a text pooler sees: real ones, then zero rows up to the sequence's whole length (what
/// upstream leaves behind the text when it is extracted).
struct TextRows: Sendable {
  /// [rows, width]
  let rows: FloatRows
  /// Zero rows that follow.
  let zeroTail: Int
}

/// Turns the rows of one text into its feature.
protocol Pooler: Sendable {
  /// The rows that `pool` reads of a text of `count` rows; `count` is at least 1.
  func rows(of count: Int) -> Range<Int>
  /// out: [width]
  func pool(_ text: TextRows, into out: UnsafeMutablePointer<Float>)
}

extension GLiClassConfig {
  /// The text pooler the config names; the next ones are added here.
  func makePooler() throws(GLiClassError) -> any Pooler {
    switch textPooling {
    case .first: return FirstTokenPooler()
    case .last, .avg, .max, .sum, .rms, .absMax, .absAvg, .pass:
      throw .unsupported(
        file: file, field: "pooling_strategy", expected: "first",
        found: textPooling.rawValue)
    }
  }
}

/// The first token: `[CLS]`, or `<<SEP>>` when text is extracted.
struct FirstTokenPooler: Pooler {
  func rows(of count: Int) -> Range<Int> { 0..<1 }

  func pool(_ text: TextRows, into out: UnsafeMutablePointer<Float>) {
    out.update(from: text.rows[0], count: text.rows.columns)
  }
}
