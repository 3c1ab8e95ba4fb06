// Records out. Quoting: RFC 4180; lines end with LF.

/// Writes cells exactly: what the parser reads back is what was written.
package struct CSVWriter: Sendable {
  private let delimiter: UInt8

  package init(delimiter: UInt8 = UInt8(ascii: ",")) {
    self.delimiter = delimiter
  }

  /// Appends one record.
  package func append(_ cells: [String], to bytes: inout [UInt8]) {
    // An empty line is no record.
    if cells == [""] { bytes.append(contentsOf: [CSVParser.quote, CSVParser.quote]) }
    for (column, cell) in cells.enumerated() {
      if column > 0 { bytes.append(delimiter) }
      append(cell, to: &bytes)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// A cell, in quotes where it holds a delimiter, a quote or a line end, or begins like a byte
  /// order mark.
  private func append(_ cell: String, to bytes: inout [UInt8]) {
    let quote = CSVParser.quote
    let needsQuotes = cell.utf8.contains {
      $0 == delimiter || $0 == quote || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
    }
    guard needsQuotes || cell.utf8.first == 0xEF else {
      bytes.append(contentsOf: cell.utf8)
      return
    }
    bytes.append(quote)
    for byte in cell.utf8 {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }
}
