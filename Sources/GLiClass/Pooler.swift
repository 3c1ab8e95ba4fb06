// From a sequence's hidden states to its text features. gliclass 0.1.21, poolings.py.

internal import Kernels

/// The rows a text pooler sees: real ones, then zero rows up to the sequence's whole length (what
/// upstream leaves behind the text when it is extracted, and pools with it).
struct TextRows: Sendable {
  /// [rows, width], at least one
  let rows: FloatRows
  /// Zero rows that follow.
  let zeroTail: Int
}

/// Turns the rows of one text into its features.
protocol Pooler: Sendable {
  /// The rows that `pool` reads of a text of `count` rows; `count` is at least 1.
  func rows(of count: Int, zeroTail: Int) -> Range<Int>
  /// Rows that come out of a text of `count` rows.
  func outputCount(of count: Int) -> Int
  /// out: [outputCount, width]
  func pool(_ text: TextRows, into out: FloatRows)
}

extension Pooler {
  func rows(of count: Int, zeroTail: Int) -> Range<Int> { 0..<count }
  func outputCount(of count: Int) -> Int { 1 }
}

extension GLiClassConfig {
  /// The text pooler the config names.
  func makePooler() -> any Pooler {
    switch textPooling {
    case .first: FirstTokenPooler()
    case .last: LastTokenPooler()
    case .avg: ColumnPooler(kind: .average)
    case .sum: ColumnPooler(kind: .sum)
    case .rms: ColumnPooler(kind: .rootMeanSquare)
    case .absAvg: ColumnPooler(kind: .absoluteAverage)
    case .max: MaximumPooler(isAbsolute: false)
    case .absMax: MaximumPooler(isAbsolute: true)
    case .pass: PassPooler()
    }
  }
}

/// The first token: `[CLS]`, or `<<SEP>>` when text is extracted.
struct FirstTokenPooler: Pooler {
  func rows(of count: Int, zeroTail: Int) -> Range<Int> { 0..<1 }

  func pool(_ text: TextRows, into out: FloatRows) {
    out[0].update(from: text.rows[0], count: text.rows.columns)
  }
}

/// The last row: the last token, or the zero vector behind an extracted text.
struct LastTokenPooler: Pooler {
  func rows(of count: Int, zeroTail: Int) -> Range<Int> {
    zeroTail > 0 ? 0..<0 : count - 1..<count
  }

  func pool(_ text: TextRows, into out: FloatRows) {
    if text.zeroTail > 0 {
      out[0].update(repeating: 0, count: out.columns)
    } else {
      out[0].update(from: text.rows[text.rows.count - 1], count: text.rows.columns)
    }
  }
}

/// A sum or mean of every column, over the zero rows too.
struct ColumnPooler: Pooler {
  enum Kind: Sendable { case average, sum, rootMeanSquare, absoluteAverage }

  let kind: Kind

  func pool(_ text: TextRows, into out: FloatRows) {
    let count = Double(text.rows.count + text.zeroTail)
    // Summed in Double: one order, whatever the kernel set.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: out.columns) { sums in
      sums.initialize(repeating: 0)
      for index in 0..<text.rows.count {
        let row = text.rows[index]
        switch kind {
        case .average, .sum:
          for column in sums.indices { sums[column] += Double(row[column]) }
        case .rootMeanSquare:
          for column in sums.indices { sums[column] += Double(row[column]) * Double(row[column]) }
        case .absoluteAverage:
          for column in sums.indices { sums[column] += Double(abs(row[column])) }
        }
      }
      for column in sums.indices {
        out[0][column] =
          switch kind {
          case .sum: Float(sums[column])
          case .average, .absoluteAverage: Float(sums[column] / count)
          case .rootMeanSquare: Float((sums[column] / count).squareRoot())
          }
      }
    }
  }
}

/// The largest value of every column, the zero rows' among them. A NaN stays one.
struct MaximumPooler: Pooler {
  let isAbsolute: Bool

  func pool(_ text: TextRows, into out: FloatRows) {
    let largest = out[0]
    largest.update(repeating: text.zeroTail > 0 ? 0 : -.infinity, count: out.columns)
    for index in 0..<text.rows.count {
      let row = text.rows[index]
      for column in 0..<out.columns {
        let value = isAbsolute ? abs(row[column]) : row[column]
        if value > largest[column] || value.isNaN { largest[column] = value }
      }
    }
  }
}

/// Every token as it is. Zero rows are left out: the scorer's mask hides them.
struct PassPooler: Pooler {
  func outputCount(of count: Int) -> Int { count }

  func pool(_ text: TextRows, into out: FloatRows) { text.rows.copy(into: out) }
}
