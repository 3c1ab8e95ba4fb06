// The parser: one pass over the bytes, strict RFC 8259. Strings and numbers are in its extensions.

extension JSON {
  /// Parses one JSON text: UTF-8 without byte order mark, one value, blanks around it.
  ///
  /// Refuses everything RFC 8259 does not allow, and also duplicate keys (compared after
  /// unescaping), lone surrogates, numbers beyond `Double`, and texts over `limits`.
  package init(parsing bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) {
    try self.init(parsing: bytes.span.bytes, limits: limits)
  }

  package init(parsing text: String, limits: JSONLimits = .init()) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), limits: limits)
  }

  package init(parsing bytes: RawSpan, limits: JSONLimits = .init()) throws(JSONError) {
    self = try bytes.withUnsafeBytes { (buffer) throws(JSONError) in
      try JSON(parsing: buffer, limits: limits)
    }
  }

  package init(
    parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .init()
  ) throws(JSONError) {
    guard bytes.count <= limits.byteCount else {
      throw .tooLong(byteCount: bytes.count, limit: limits.byteCount)
    }
    var parser = JSONParser(bytes: bytes, limits: limits)
    self = try parser.parseText()
  }
}

/// Every read of `bytes` follows a comparison of `position` with `end`.
struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  let end: Int
  let limits: JSONLimits
  var position = 0
  var valueCount = 0
  /// Bytes of the string being unescaped; kept for its capacity.
  var unescaped: [UInt8] = []
  /// Offsets of the keys of all open objects, for the error about a duplicate.
  private var keyOffsets: [Int] = []

  init(bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
    self.bytes = bytes
    self.end = bytes.count
    self.limits = limits
  }

  mutating func parseText() throws(JSONError) -> JSON {
    if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { throw .byteOrderMark }
    skipBlanks()
    let value = try parseValue(depth: 0)
    skipBlanks()
    guard position == end else { throw .trailingBytes(offset: position) }
    return value
  }

  /// The next byte, which stays unread; nil at the end.
  @inline(__always)
  func peek() -> UInt8? {
    position < end ? bytes[position] : nil
  }

  @inline(__always)
  mutating func skipBlanks() {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  func unexpected(expected: String) -> JSONError {
    guard let byte = peek() else { return .unexpectedEnd(expected: expected, offset: position) }
    return .unexpectedByte(byte, expected: expected, offset: position)
  }

  private mutating func parseValue(depth: Int) throws(JSONError) -> JSON {
    valueCount += 1
    guard valueCount <= limits.valueCount else {
      throw .tooManyValues(limit: limits.valueCount, offset: position)
    }
    guard let first = peek() else { throw unexpected(expected: "a value") }
    switch first {
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    default: throw unexpected(expected: "a value")
    }
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    for index in 0..<word.utf8CodeUnitCount {
      guard peek() == word.utf8Start[index] else { throw unexpected(expected: "\(word)") }
      position += 1
    }
    return value
  }

  private mutating func parseArray(depth: Int) throws(JSONError) -> [JSON] {
    guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth, offset: position) }
    position += 1
    skipBlanks()
    if peek() == UInt8(ascii: "]") {
      position += 1
      return []
    }
    var elements: [JSON] = []
    elements.reserveCapacity(2)
    while true {
      elements.append(try parseValue(depth: depth))
      skipBlanks()
      switch peek() {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "]"):
        position += 1
        return elements
      default: throw unexpected(expected: "',' or ']'")
      }
      skipBlanks()
    }
  }

  private mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
    guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth, offset: position) }
    position += 1
    skipBlanks()
    if peek() == UInt8(ascii: "}") {
      position += 1
      return JSONObject()
    }
    var members: [JSONObject.Member] = []
    let firstOffset = keyOffsets.count
    while true {
      guard peek() == UInt8(ascii: "\"") else { throw unexpected(expected: "a key") }
      keyOffsets.append(position)
      let key = try parseString()
      skipBlanks()
      guard peek() == UInt8(ascii: ":") else { throw unexpected(expected: "':'") }
      position += 1
      skipBlanks()
      members.append((key: key, value: try parseValue(depth: depth)))
      skipBlanks()
      let byte = peek()
      guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
        throw unexpected(expected: "',' or '}'")
      }
      position += 1
      if byte == UInt8(ascii: "}") { break }
      skipBlanks()
    }
    do {
      let object = try JSONObject(unchecked: members)
      keyOffsets.removeSubrange(firstOffset...)
      return object
    } catch {
      throw .duplicateKey(
        members[error.position].key, offset: keyOffsets[firstOffset + error.position])
    }
  }
}
