// Numbers of the JSON parser: RFC 8259 section 6.

extension JSONParser {
  /// Reads a number whose first character is the next byte.
  mutating func parseNumber() throws(JSONError) -> JSON {
    let start = position
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let firstDigit = position
    var magnitude: Int = 0
    var fits = true
    while let digit = peekDigit() {
      // Counted below zero, where Int reaches one further.
      let (tens, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
      let (next, overflowedAgain) = tens.subtractingReportingOverflow(digit)
      fits = fits && !overflowed && !overflowedAgain
      magnitude = next
      position += 1
    }
    guard position > firstDigit else { throw unexpected(expected: "a digit") }
    if bytes[firstDigit] == UInt8(ascii: "0"), position - firstDigit > 1 {
      throw .leadingZero(offset: firstDigit)
    }
    let isInteger = try !skipFraction()
    let length = position - start
    guard length <= JSONLimits.numberLength else {
      throw .numberTooLong(limit: JSONLimits.numberLength, offset: start)
    }
    if isInteger, fits, isNegative || magnitude != .min {
      return .integer(isNegative ? magnitude : -magnitude)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw .numberOutOfRange(offset: start) }
    return isInteger ? .bigInteger(text) : .number(value)
  }

  /// Reads a fraction and an exponent; false when neither is there.
  private mutating func skipFraction() throws(JSONError) -> Bool {
    let start = position
    if peek() == UInt8(ascii: ".") {
      position += 1
      try skipDigits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      try skipDigits()
    }
    return position > start
  }

  private mutating func skipDigits() throws(JSONError) {
    guard peekDigit() != nil else { throw unexpected(expected: "a digit") }
    while peekDigit() != nil { position += 1 }
  }

  @inline(__always)
  private func peekDigit() -> Int? {
    guard let byte = peek(), UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
    return Int(byte &- UInt8(ascii: "0"))
  }
}
