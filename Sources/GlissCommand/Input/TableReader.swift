// Rows of a csv or tsv file: records with a header, of which one column is the text.

import CSV

/// Reads records, finds the column of the text by the header, and checks every record against it.
final class TableReader {
  enum Event {
    case row(InputRow)
    case bad(RowError, original: [UInt8]?)
    case notReady
    case end
  }

  let input: InputBytes
  private let source: RowLocation.Source
  private let columns: ColumnChoice
  private var parser: CSVParser
  /// What the first record told.
  private var layout: Layout?

  private struct Layout {
    let columnCount: Int
    /// Counted from 0.
    let textColumn: Int
    /// Empty without a header.
    let names: [String]

    /// The text's column as messages name it.
    var textName: String { names.isEmpty ? "column \(textColumn + 1)" : names[textColumn] }
  }

  init(
    _ input: InputBytes, source: RowLocation.Source, delimiter: UInt8, columns: ColumnChoice,
    recordLimit: Int
  ) {
    self.input = input
    self.source = source
    self.columns = columns
    parser = CSVParser(
      CSVDialect(delimiter: delimiter, hasQuotes: columns.hasQuotes), recordLimit: recordLimit)
  }

  /// The next row. With `waiting` false, `.notReady` instead of a blocking read.
  func next(waiting: Bool) throws(CommandError) -> Event {
    while true {
      switch parser.next() {
      case .record(let record):
        if let layout { return row(record, layout) }
        layout = try layout(record)
        if !columns.hasHeader, let layout { return row(record, layout) }
      case .fault(let fault):
        let error = error(fault)
        // Without a header nothing behind it has a meaning.
        guard layout != nil || !columns.hasHeader else { throw .row(error) }
        return .bad(error, original: fault.bytes)
      case .needsBytes:
        if !waiting, !input.isReady() { return .notReady }
        try parser.feed { (bytes) throws(CommandError) in try input.read(into: &bytes) }
      case .end: return .end
      }
    }
  }

  private func row(_ record: CSVRecord, _ layout: Layout) -> Event {
    let location = RowLocation(source: source, number: record.line)
    guard record.count == layout.columnCount else {
      let fields = record.count == 1 ? "1 field" : "\(record.count) fields"
      let wanted = columns.hasHeader ? "the header has" : "the first row has"
      let message = "the row has \(fields), \(wanted) \(layout.columnCount)"
      return .bad(RowError(location, message), original: record.bytes)
    }
    let bytes = record.field(layout.textColumn)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let byte = UTF8Check.firstInvalidByte(in: bytes).map { $0 + 1 } ?? 1
      let message = "\(layout.textName): not UTF-8 at byte \(byte); convert it first, as with iconv"
      return .bad(RowError(location, message), original: record.bytes)
    }
    return .row(InputRow(location: location, content: .cell(text, original: record.bytes)))
  }

  private func layout(_ record: CSVRecord) throws(CommandError) -> Layout {
    let location = RowLocation(source: source, number: record.line)
    var names: [String] = []
    if columns.hasHeader {
      for index in 0..<record.count {
        guard let name = String(validating: record.field(index), as: UTF8.self) else {
          throw .row(RowError(location, "the name of column \(index + 1) is not UTF-8"))
        }
        names.append(name)
      }
    }
    do {
      let column = try columns.textColumn(names: names, count: record.count)
      return Layout(columnCount: record.count, textColumn: column, names: names)
    } catch {
      throw .row(RowError(location, error.message))
    }
  }

  private func error(_ fault: CSVFault) -> RowError {
    let location = RowLocation(source: source, number: fault.recordLine)
    let place = fault.line == fault.recordLine ? "" : " of line \(fault.line)"
    let field = "field \(fault.field)"
    let at = "byte \(fault.byte)\(place)"
    let message =
      switch fault.kind {
      case .strayQuote:
        "\(field) has a quote at \(at) and does not begin with one; quote the field and write "
          + "quotes twice, or give --no-quotes"
      case .afterQuote:
        "\(field) goes on behind its closing quote at \(at); write quotes inside twice, or give "
          + "--no-quotes"
      case .strayReturn: "\(field) has a carriage return without a line feed before \(at)"
      case .unclosedQuote:
        "\(field) opens a quote that is never closed; the input ends at \(at)"
      case .tooLong(let limit):
        "the row is longer than \(limit) bytes; is a closing quote missing?"
      case .tooManyFields(let limit): "the row has more than \(limit) fields"
      }
    return RowError(location, message)
  }
}
