// Rows from arguments, files and standard input, in that order, one at a time.

/// One row of input before its fields are read.
struct InputRow: Equatable {
  enum Content: Equatable {
    case text(String)
    /// A JSON object's bytes.
    case json([UInt8])
  }

  let location: RowLocation
  let content: Content
}

/// Yields the rows of all inputs in order; opens one file at a time.
struct RowSource: ~Copyable {
  enum Event {
    case row(InputRow)
    case bad(RowError)
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
  private let lineLimit: Int
  private var inputs: ArraySlice<Input>
  private var argumentCount = 0
  private var current: OpenInput?
  /// Bytes of the inputs that are finished.
  private var finishedByteCount = 0

  private struct OpenInput {
    let reader: LineReader
    let source: RowLocation.Source
    var format: InputFormat?
    var lineNumber = 0
  }

  init(
    _ inputs: [Input], format: InputFormat?, console: Console,
    lineLimit: Int = LineReader.defaultLimit
  ) {
    self.inputs = inputs[...]
    self.format = format
    self.console = console
    self.lineLimit = lineLimit
  }

  /// Bytes of files and standard input read so far.
  var consumedByteCount: Int { finishedByteCount + (current?.reader.consumedByteCount ?? 0) }

  /// The next row; with `waiting` false, `.notReady` when it has not arrived yet.
  mutating func next(waiting: Bool) throws(CommandError) -> Event {
    while true {
      if current != nil {
        if let event = try nextOfCurrent(waiting: waiting) { return event }
        finishedByteCount = consumedByteCount
        current = nil
      }
      guard let input = inputs.popFirst() else { return .end }
      switch input {
      case .text(let text):
        argumentCount += 1
        let location = RowLocation(source: .argument, number: argumentCount)
        return .row(InputRow(location: location, content: .text(text)))
      case .standardInput:
        let reader = LineReader(descriptor: console.input, name: "stdin", limit: lineLimit)
        current = OpenInput(reader: reader, source: .standardInput, format: format)
      case .file(let path):
        let reader = try LineReader(path: path, limit: lineLimit)
        let format = format ?? InputFormat(path: path)
        current = OpenInput(reader: reader, source: .file(path), format: format)
      }
    }
  }

  /// Nil at the end of the current input.
  private mutating func nextOfCurrent(waiting: Bool) throws(CommandError) -> Event? {
    while var input = current {
      let event = try input.reader.next(waiting: waiting)
      input.lineNumber += 1
      let location = RowLocation(source: input.source, number: input.lineNumber)
      switch event {
      case .end: return nil
      case .notReady: return .notReady
      case .tooLong:
        current = input
        let message = "the line is longer than \(lineLimit) bytes; split the text, or use --input"
        return .bad(RowError(location, message + " with one text a line"))
      case .line(let bytes):
        let format = input.format ?? InputFormat(firstLine: bytes)
        input.format = format
        current = input
        if let row = Self.row(bytes, format: format, location: location) { return row }
      }
    }
    return nil
  }

  /// Nil for a line that is no row: a blank line between JSON objects.
  private static func row(
    _ bytes: [UInt8], format: InputFormat, location: RowLocation
  ) -> Event? {
    switch format {
    case .jsonl:
      let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      return isBlank ? nil : .row(InputRow(location: location, content: .json(bytes)))
    case .lines:
      if let text = String(validating: bytes, as: UTF8.self) {
        return .row(InputRow(location: location, content: .text(text)))
      }
      let byte = UTF8Check.firstInvalidByte(in: bytes).map { $0 + 1 }
      return .bad(
        RowError(location, byte: byte, "the line is not UTF-8; convert it first, as with iconv"))
    }
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
