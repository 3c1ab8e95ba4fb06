// Strings of the JSON parser: RFC 8259 section 7, UTF-8 as in RFC 3629.

extension JSONParser {
  /// Reads a string whose opening quote is the next byte.
  mutating func parseString() throws(JSONError) -> String {
    position += 1
    let start = position
    // All bytes or-ed: below 0x80 when the string is ASCII, and so needs no check of its UTF-8.
    var union: UInt8 = 0
    while position < end {
      let byte = bytes[position]
      union |= byte
      if byte == UInt8(ascii: "\"") {
        if union >= 0x80 { try checkUTF8(start..<position) }
        let run = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        position += 1
        return String(decoding: run, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start) }
      guard byte >= 0x20 else { throw .controlCharacter(byte, offset: position) }
      position += 1
    }
    throw .unexpectedEnd(expected: "the closing quote of a string", offset: end)
  }

  /// Continues a string that began at `start`, with its first backslash the next byte.
  private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
    unescaped.removeAll(keepingCapacity: true)
    var runStart = start
    while position < end {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        try checkUTF8(runStart..<position)
        unescaped.append(contentsOf: bytes[runStart..<position])
        position += 1
        return String(decoding: unescaped, as: UTF8.self)
      }
      guard byte >= 0x20 else { throw .controlCharacter(byte, offset: position) }
      if byte == UInt8(ascii: "\\") {
        try checkUTF8(runStart..<position)
        unescaped.append(contentsOf: bytes[runStart..<position])
        try parseEscape()
        runStart = position
      } else {
        position += 1
      }
    }
    throw .unexpectedEnd(expected: "the closing quote of a string", offset: end)
  }

  private mutating func parseEscape() throws(JSONError) {
    let start = position
    position += 1
    guard let letter = peek() else {
      throw .unexpectedEnd(expected: "the rest of an escape", offset: end)
    }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try parseUnicodeEscape(from: start)
      unescaped.append(contentsOf: scalar.utf8)
    default: throw .invalidEscape(offset: start)
    }
  }

  /// Reads what follows `\u`; two escapes when the first is the upper half of a surrogate pair.
  private mutating func parseUnicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let upper = try parseHexadecimal(from: start)
    if let scalar = Unicode.Scalar(upper) { return scalar }
    guard UTF16.isLeadSurrogate(upper), peek() == UInt8(ascii: "\\"),
      position + 1 < end, bytes[position + 1] == UInt8(ascii: "u")
    else { throw .loneSurrogate(upper, offset: start) }
    let lowerStart = position
    position += 2
    let lower = try parseHexadecimal(from: lowerStart)
    guard UTF16.isTrailSurrogate(lower),
      let scalar = Unicode.Scalar(0x10000 + UInt32(upper & 0x3FF) << 10 + UInt32(lower & 0x3FF))
    else { throw .loneSurrogate(upper, offset: start) }
    return scalar
  }

  private mutating func parseHexadecimal(from start: Int) throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = peek() else {
        throw .unexpectedEnd(expected: "the rest of an escape", offset: end)
      }
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
      default: throw .invalidEscape(offset: start)
      }
      unit = unit << 4 | UInt16(value)
      position += 1
    }
    return unit
  }

  private func checkUTF8(_ range: Range<Int>) throws(JSONError) {
    if let offset = Self.invalidUTF8Offset(in: UnsafeRawBufferPointer(rebasing: bytes[range])) {
      throw .invalidUTF8(offset: range.lowerBound + offset)
    }
  }

  /// Offset of the first byte that begins no well-formed sequence (RFC 3629: no overlong forms,
  /// no surrogates, nothing above U+10FFFF); nil when all are well-formed.
  private static func invalidUTF8Offset(in run: UnsafeRawBufferPointer) -> Int? {
    var offset = 0
    while offset < run.count {
      let first = run[offset]
      if first < 0x80 {
        offset += 1
        continue
      }
      let length: Int
      var second: ClosedRange<UInt8> = 0x80...0xBF
      switch first {
      case 0xC2...0xDF: length = 2
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...0x9F)
      case 0xE1...0xEF: length = 3
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF1...0xF3: length = 4
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      default: return offset
      }
      guard run.count - offset >= length, second.contains(run[offset + 1]),
        run[(offset + 2)..<(offset + length)].allSatisfy({ 0x80...0xBF ~= $0 })
      else { return offset }
      offset += length
    }
    return nil
  }
}
