// Rows from arguments, files and standard input, in that order, one at a time.

/// One row of input before its fields are read.
struct InputRow: Equatable {
  enum Content: Equatable {
    case text(String)
    /// A JSON object's bytes.
    case json([UInt8])
    /// The text of a row that holds more, and the row as it stood.
    case cell(String, original: [UInt8])
  }

  let location: RowLocation
  let content: Content
  /// Of a JSON row, the field that is the text.
  var textField = ColumnChoice.usualName

  /// Bytes of what is held of it.
  var byteCount: Int {
    switch content {
    case .text(let text): text.utf8.count
    case .json(let bytes), .cell(_, let bytes): bytes.count
    }
  }

  /// The row as it stood in the input.
  var original: [UInt8] {
    switch content {
    case .text(let text): Array(text.utf8)
    case .json(let bytes): bytes
    case .cell(_, let bytes): bytes
    }
  }
}

/// Yields the rows of all inputs in order; opens one file at a time.
struct RowSource: ~Copyable {
  enum Event {
    case row(InputRow)
    /// A row that is none, as it stood; nil if it was too long to be held.
    case bad(RowError, original: [UInt8]?)
    /// Nothing complete has arrived yet.
    case notReady
    case end
  }

  /// Where rows come from.
  enum Input: Equatable {
    case text(String)
    case file(String)
    case standardInput
  }

  private let console: Console
  private let format: InputFormat?
  private let columns: ColumnChoice
  private let lineLimit: Int
  private var inputs: ArraySlice<Input>
  private var argumentCount = 0
  private var current: OpenInput?
  /// Bytes of the inputs that are finished.
  private var finishedByteCount = 0

  private enum OpenInput {
    case lines(LineRows)
    case table(TableReader)

    var input: InputBytes {
      switch self {
      case .lines(let rows): rows.reader.input
      case .table(let reader): reader.input
      }
    }
  }

  init(
    _ inputs: [Input], format: InputFormat?, columns: ColumnChoice = ColumnChoice(),
    console: Console, lineLimit: Int = LineReader.defaultLimit
  ) {
    self.inputs = inputs[...]
    self.format = format
    self.columns = columns
    self.console = console
    self.lineLimit = lineLimit
  }

  /// Bytes of files and standard input read so far, as they are there: packed if they are.
  var consumedByteCount: Int { finishedByteCount + (current?.input.readByteCount ?? 0) }

  /// The next row; with `waiting` false, `.notReady` when it has not arrived yet.
  mutating func next(waiting: Bool) throws(CommandError) -> Event {
    while true {
      if let current {
        if let event = try next(of: current, waiting: waiting) { return event }
        finishedByteCount = consumedByteCount
        self.current = nil
      }
      guard let input = inputs.popFirst() else { return .end }
      switch input {
      case .text(let text):
        argumentCount += 1
        let location = RowLocation(source: .argument, number: argumentCount)
        return .row(InputRow(location: location, content: .text(text)))
      case .standardInput:
        let bytes = InputBytes(descriptor: console.input, name: "stdin")
        current = open(bytes, source: .standardInput, format: format)
      case .file(let path):
        let bytes = try InputBytes(path: path)
        current = open(bytes, source: .file(path), format: format ?? InputFormat(path: path))
      }
    }
  }

  private func open(
    _ bytes: InputBytes, source: RowLocation.Source, format: InputFormat?
  ) -> OpenInput {
    if let format, let usual = format.delimiter {
      let delimiter = format == .csv ? columns.delimiter ?? usual : usual
      return .table(
        TableReader(
          bytes, source: source, delimiter: delimiter, columns: columns, recordLimit: lineLimit))
    }
    return .lines(
      LineRows(
        LineReader(bytes, limit: lineLimit), source: source, format: format,
        textField: columns.textField, lineLimit: lineLimit))
  }

  /// Nil at the end of the current input.
  private func next(of input: OpenInput, waiting: Bool) throws(CommandError) -> Event? {
    switch input {
    case .lines(let rows): return try rows.next(waiting: waiting)
    case .table(let reader):
      switch try reader.next(waiting: waiting) {
      case .row(let row): return .row(row)
      case .bad(let error, let original): return .bad(error, original: original)
      case .notReady: return .notReady
      case .end: return nil
      }
    }
  }
}

/// Rows that are a line each.
final class LineRows {
  let reader: LineReader
  private let source: RowLocation.Source
  /// Nil until the first line tells.
  private var format: InputFormat?
  private let textField: String
  private let lineLimit: Int
  private var lineNumber = 0

  init(
    _ reader: LineReader, source: RowLocation.Source, format: InputFormat?, textField: String,
    lineLimit: Int
  ) {
    self.reader = reader
    self.source = source
    self.format = format
    self.textField = textField
    self.lineLimit = lineLimit
  }

  /// Nil at the end.
  func next(waiting: Bool) throws(CommandError) -> RowSource.Event? {
    while true {
      let event = try reader.next(waiting: waiting)
      if case .notReady = event { return .notReady }
      lineNumber += 1
      let location = RowLocation(source: source, number: lineNumber)
      switch event {
      case .end: return nil
      case .notReady: return .notReady
      case .tooLong:
        let message = "the line is longer than \(lineLimit) bytes; split the text"
        return .bad(RowError(location, message), original: nil)
      case .line(let bytes):
        let format = format ?? InputFormat(firstLine: bytes)
        self.format = format
        if let row = row(bytes, format: format, location: location) { return row }
      }
    }
  }

  /// Nil for a line that is no row: a blank line between JSON objects.
  private func row(
    _ bytes: [UInt8], format: InputFormat, location: RowLocation
  ) -> RowSource.Event? {
    if format == .jsonl {
      let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      if isBlank { return nil }
      return .row(InputRow(location: location, content: .json(bytes), textField: textField))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let byte = UTF8Check.firstInvalidByte(in: bytes).map { $0 + 1 }
      let message = "the line is not UTF-8; convert it first, as with iconv"
      return .bad(RowError(location, byte: byte, message), original: bytes)
    }
    guard format == .fasttext else {
      return .row(InputRow(location: location, content: .text(text)))
    }
    guard let behind = LabelledLine.text(text) else {
      return .bad(RowError(location, "__label__ stands without a name"), original: bytes)
    }
    return .row(InputRow(location: location, content: .cell(behind, original: bytes)))
  }
}

/// Finds where bytes stop being UTF-8, for error messages.
enum UTF8Check {
  /// The offset of the first byte of the first ill-formed sequence.
  static func firstInvalidByte(in bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }
}
