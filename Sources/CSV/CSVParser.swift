// Cuts bytes into records and fields. Format: RFC 4180; a line may end with LF alone, and the last
// with nothing. Strict about quotes: what a lenient reader would guess at is a fault here.

/// A parser that is fed bytes as they come. It holds one record and what was fed behind it. After a
/// fault it goes on behind the end of the line where the fault is.
package struct CSVParser: ~Copyable {
  package enum Event: Equatable {
    case record(CSVRecord)
    case fault(CSVFault)
    /// More bytes are needed, or word that there are none.
    case needsBytes
    case end
  }

  package static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  /// Fields take memory even when they are empty.
  package static let fieldLimit = 1 << 16

  private enum State {
    case fieldStart, unquoted, quoted
    /// Behind a quote inside quotes: the field's end, or a quote written twice.
    case quoteInQuotes
    /// Behind a carriage return that may end the record.
    case afterReturn
    /// Behind a fault, up to the end of its line.
    case discarding
  }

  private let dialect: CSVDialect
  private let recordLimit: Int
  private var buffer: [UInt8] = []
  /// Where in `buffer` the record begins, and how far it has been looked at.
  private var start = 0
  private var position = 0
  private var isFinished = false
  private var isAtBeginning = true
  private var state = State.fieldStart
  private var fields: [CSVRecord.Field] = []
  /// Of the current field, counted from the record's first byte.
  private var fieldStart = 0
  private var fieldEnd = 0
  private var hasDoubledQuotes = false
  private var line = 1
  private var recordLine = 1
  /// Where the current line begins: in `buffer`, negative if that part has gone.
  private var lineStart = 0
  private var fault: CSVFault?
  private var isDropped = false

  package init(_ dialect: CSVDialect = CSVDialect(), recordLimit: Int) {
    self.dialect = dialect
    self.recordLimit = recordLimit
  }

  /// Lets `body` append bytes; where it returns false, no more will come.
  package mutating func feed<Failure: Error>(
    _ body: (inout [UInt8]) throws(Failure) -> Bool
  ) throws(Failure) {
    if start > 0 {
      buffer.removeFirst(start)
      position -= start
      lineStart -= start
      start = 0
    }
    if try !body(&buffer) { isFinished = true }
  }

  package mutating func next() -> Event {
    if isAtBeginning, !skipByteOrderMark() { return .needsBytes }
    while position < buffer.count {
      if let event = step() { return event }
    }
    if position - start > recordLimit { drop() }
    return isFinished ? last() : .needsBytes
  }

  /// False while the first bytes may still become a mark.
  private mutating func skipByteOrderMark() -> Bool {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    if buffer.count < mark.count, !isFinished, mark.starts(with: buffer) { return false }
    if buffer.starts(with: mark) {
      start = mark.count
      position = start
      lineStart = start
    }
    isAtBeginning = false
    return true
  }

  /// Looks at the next byte, and at those behind it that are like it.
  private mutating func step() -> Event? {
    let byte = buffer[position]
    switch state {
    case .fieldStart:
      hasDoubledQuotes = false
      if byte == Self.quote, dialect.hasQuotes {
        position += 1
        state = .quoted
      } else {
        state = .unquoted
      }
      fieldStart = position - start
    case .unquoted:
      let delimiter = dialect.delimiter
      skip { $0 != delimiter && $0 > Self.carriageReturn && $0 != Self.quote }
      guard position < buffer.count else { break }
      fieldEnd = position - start
      switch buffer[position] {
      case Self.quote where dialect.hasQuotes: return fail(.strayQuote)
      case let byte: return endField(byte)
      }
    case .quoted:
      skip { $0 != Self.quote && $0 != Self.lineFeed }
      guard position < buffer.count else { break }
      if buffer[position] == Self.lineFeed {
        endLine()
      } else {
        fieldEnd = position - start
        position += 1
        state = .quoteInQuotes
      }
    case .quoteInQuotes:
      if byte == Self.quote {
        hasDoubledQuotes = true
        position += 1
        state = .quoted
      } else if byte == dialect.delimiter || byte == Self.lineFeed || byte == Self.carriageReturn {
        return endField(byte)
      } else {
        return fail(.afterQuote)
      }
    case .afterReturn:
      guard byte == Self.lineFeed else { return fail(.strayReturn) }
      return endRecord(at: position - 1)
    case .discarding:
      skip { $0 != Self.lineFeed }
      if position < buffer.count { return endFault() }
    }
    return nil
  }

  private mutating func skip(while isPlain: (UInt8) -> Bool) {
    let from = position
    position = buffer.withUnsafeBufferPointer { bytes in
      var index = from
      while index < bytes.count, isPlain(bytes[index]) { index += 1 }
      return index
    }
  }

  /// What ends a field, or is a plain character after all.
  private mutating func endField(_ byte: UInt8) -> Event? {
    if byte == dialect.delimiter {
      guard fields.count + 2 <= Self.fieldLimit else {
        return fail(.tooManyFields(limit: Self.fieldLimit))
      }
      closeField()
      position += 1
      state = .fieldStart
      // An empty field at the end of a line has no byte of its own to begin with.
      fieldStart = position - start
    } else if byte == Self.lineFeed {
      return endRecord(at: position)
    } else if byte == Self.carriageReturn {
      position += 1
      state = .afterReturn
    } else {
      position += 1
    }
    return nil
  }

  private mutating func closeField() {
    fields.append(
      CSVRecord.Field(range: fieldStart..<fieldEnd, hasDoubledQuotes: hasDoubledQuotes))
  }

  /// The input's last line may have no line feed to step over.
  private mutating func endLine() {
    position = min(position + 1, buffer.count)
    line += 1
    lineStart = position
  }

  /// Nil for an empty line, which is no record.
  private mutating func endRecord(at end: Int) -> Event? {
    guard end - start <= recordLimit else { return fail(.tooLong(limit: recordLimit)) }
    let isEmpty = fields.isEmpty && end == start
    closeField()
    let record = CSVRecord(line: recordLine, bytes: Array(buffer[start..<end]), fields: fields)
    endLine()
    beginRecord()
    return isEmpty ? nil : .record(record)
  }

  private mutating func beginRecord() {
    start = position
    recordLine = line
    fields.removeAll(keepingCapacity: true)
    state = .fieldStart
    fieldStart = 0
    fieldEnd = 0
    hasDoubledQuotes = false
    fault = nil
    isDropped = false
  }

  private mutating func fail(_ kind: CSVFault.Kind) -> Event? {
    fault = CSVFault(
      kind: kind, line: line, byte: position - lineStart + 1, recordLine: recordLine,
      field: fields.count + 1)
    state = .discarding
    return nil
  }

  /// The fault, at the end of its line.
  private mutating func endFault() -> Event? {
    guard var fault else { return nil }
    if !isDropped, position - start <= recordLimit { fault.bytes = Array(buffer[start..<position]) }
    endLine()
    beginRecord()
    return .fault(fault)
  }

  /// Lets go of a record that has grown too long.
  private mutating func drop() {
    if fault == nil { _ = fail(.tooLong(limit: recordLimit)) }
    fields.removeAll(keepingCapacity: false)
    isDropped = true
    lineStart -= buffer.count
    buffer.removeAll(keepingCapacity: false)
    start = 0
    position = 0
  }

  /// What stands before the end of the input.
  private mutating func last() -> Event {
    defer { position = buffer.count }
    switch state {
    case .fieldStart:
      if fields.isEmpty { return .end }
      fieldEnd = fieldStart
    case .unquoted: fieldEnd = position - start
    case .quoteInQuotes, .afterReturn: break
    case .quoted: _ = fail(.unclosedQuote)
    case .discarding: break
    }
    if fault != nil { return endFault() ?? .end }
    let end = state == .afterReturn ? position - 1 : position
    return endRecord(at: end) ?? (fault == nil ? .end : endFault() ?? .end)
  }
}
