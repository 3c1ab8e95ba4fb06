// Why a text is not JSON, one case per rule, each with the byte where it breaks.

/// A broken rule of RFC 8259, or of `JSONLimits`, at a byte offset from the start of the text.
package enum JSONError: Error, Equatable, Sendable {
  case tooLong(byteCount: Int, limit: Int)
  case tooDeep(limit: Int, offset: Int)
  case tooManyValues(limit: Int, offset: Int)
  case byteOrderMark
  case unexpectedEnd(expected: String, offset: Int)
  case unexpectedByte(UInt8, expected: String, offset: Int)
  case trailingBytes(offset: Int)
  case duplicateKey(String, offset: Int)
  case controlCharacter(UInt8, offset: Int)
  case invalidUTF8(offset: Int)
  case invalidEscape(offset: Int)
  case loneSurrogate(UInt16, offset: Int)
  case leadingZero(offset: Int)
  case numberTooLong(limit: Int, offset: Int)
  case numberOutOfRange(offset: Int)

  /// Bytes from the start of the text to the place where the rule breaks.
  package var offset: Int {
    switch self {
    case .tooLong(_, let limit): limit
    case .byteOrderMark: 0
    case .tooDeep(_, let offset), .tooManyValues(_, let offset), .unexpectedEnd(_, let offset),
      .unexpectedByte(_, _, let offset), .trailingBytes(let offset), .duplicateKey(_, let offset),
      .controlCharacter(_, let offset), .invalidUTF8(let offset), .invalidEscape(let offset),
      .loneSurrogate(_, let offset), .leadingZero(let offset), .numberTooLong(_, let offset),
      .numberOutOfRange(let offset):
      offset
    }
  }

  /// Line and column of `offset` in the text that was parsed, both from 1, columns in bytes.
  package func position(in bytes: [UInt8]) -> (line: Int, column: Int) {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return (before.count { $0 == UInt8(ascii: "\n") } + 1, before.count - lineStart + 1)
  }
}

extension JSONError: CustomStringConvertible {
  package var description: String { "byte \(offset): \(reason)" }

  /// The broken rule without its place.
  package var reason: String {
    switch self {
    case .tooLong(let byteCount, let limit):
      "the text has \(byteCount) bytes, the limit is \(limit)"
    case .tooDeep(let limit, _):
      "arrays and objects are nested deeper than \(limit)"
    case .tooManyValues(let limit, _):
      "the text holds more than \(limit) values"
    case .byteOrderMark:
      "the text begins with a byte order mark"
    case .unexpectedEnd(let expected, _):
      "the text ends where \(expected) should be"
    case .unexpectedByte(let byte, let expected, _):
      "\(Self.name(byte)) stands where \(expected) should be"
    case .trailingBytes:
      "more bytes follow the value"
    case .duplicateKey(let key, _):
      "the key \(JSON.string(key).excerpt) is given twice in one object"
    case .controlCharacter(let byte, _):
      "a string contains the control character \(Self.name(byte))"
    case .invalidUTF8:
      "a string is not valid UTF-8"
    case .invalidEscape:
      "a string contains an unknown escape"
    case .loneSurrogate(let unit, _):
      "a string escapes half a surrogate pair, \\u\(String(unit, radix: 16))"
    case .leadingZero:
      "a number begins with a needless zero"
    case .numberTooLong(let limit, _):
      "a number has more than \(limit) characters"
    case .numberOutOfRange:
      "a number is larger than a 64-bit float can hold"
    }
  }

  private static func name(_ byte: UInt8) -> String {
    if (0x21...0x7E).contains(byte) { return "'\(Character(UnicodeScalar(byte)))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "the byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
