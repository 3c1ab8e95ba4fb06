// What the parser accepts, refuses and promises; each refused text is named after the rule it breaks.

import StrictJSON
import Testing

struct JSONParserTests {
  @Test(
    "a value of every kind",
    arguments: [
      ("null", .null), (" true ", .bool(true)), ("\tfalse\r\n", .bool(false)),
      ("0", .integer(0)), ("-0", .integer(0)), ("-17", .integer(-17)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .bigInteger("9223372036854775808")),
      ("-9223372036854775809", .bigInteger("-9223372036854775809")),
      (
        "1000000000000000019884624838656", .bigInteger("1000000000000000019884624838656")
      ),
      ("1.0", .number(1)), ("1e2", .number(100)), ("-0.0", .number(-0.0)),
      ("0.1", .number(0.1)), ("5e-324", .number(.leastNonzeroMagnitude)), ("1E-400", .number(0)),
      ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
      (#""""#, .string("")), (#""aé😀""#, .string("aé😀")),
      (#""\"\\\/\b\f\n\r\t\u0041""#, .string("\"\\/\u{8}\u{C}\n\r\tA")),
      (#""\ud83d\uDE00é\u0000""#, .string("😀é\0")),
      (#""\u007f\u0080\u07ff\u0800\uffff""#, .string("\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}")),
      ("[]", .array([])), ("[ 1 , [ 2 ] ]", [1, [2]]),
      ("{}", .object(JSONObject())), (#"{ "a" : { "b" : null } }"#, ["a": ["b": .null]]),
    ] as [(String, JSON)])
  func accepts(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
  }

  @Test(
    "a text that breaks a rule",
    arguments: [
      ("", .unexpectedEnd(expected: "a value", offset: 0)),
      ("  ", .unexpectedEnd(expected: "a value", offset: 2)),
      ("[1", .unexpectedEnd(expected: "',' or ']'", offset: 2)),
      ("[1,]", .unexpectedByte(0x5D, expected: "a value", offset: 3)),
      ("[,1]", .unexpectedByte(0x2C, expected: "a value", offset: 1)),
      ("[1 2]", .unexpectedByte(0x32, expected: "',' or ']'", offset: 3)),
      (#"{"a":1,}"#, .unexpectedByte(0x7D, expected: "a key", offset: 7)),
      (#"{"a" 1}"#, .unexpectedByte(0x31, expected: "':'", offset: 5)),
      ("{a:1}", .unexpectedByte(0x61, expected: "a key", offset: 1)),
      ("{'a':1}", .unexpectedByte(0x27, expected: "a key", offset: 1)),
      ("{1:1}", .unexpectedByte(0x31, expected: "a key", offset: 1)),
      (#"{"a":1]"#, .unexpectedByte(0x5D, expected: "',' or '}'", offset: 6)),
      ("{} {}", .trailingBytes(offset: 3)),
      ("1\0", .trailingBytes(offset: 1)),
      ("1 // one", .trailingBytes(offset: 2)),
      ("/* */ 1", .unexpectedByte(0x2F, expected: "a value", offset: 0)),
      ("NaN", .unexpectedByte(0x4E, expected: "a value", offset: 0)),
      ("-Infinity", .unexpectedByte(0x49, expected: "a digit", offset: 1)),
      ("nul", .unexpectedEnd(expected: "null", offset: 3)),
      ("True", .unexpectedByte(0x54, expected: "a value", offset: 0)),
      ("\u{C}1", .unexpectedByte(0x0C, expected: "a value", offset: 0)),
      ("01", .leadingZero(offset: 0)), ("-00", .leadingZero(offset: 1)),
      ("00.5", .leadingZero(offset: 0)),
      ("-", .unexpectedEnd(expected: "a digit", offset: 1)),
      ("+1", .unexpectedByte(0x2B, expected: "a value", offset: 0)),
      ("1.", .unexpectedEnd(expected: "a digit", offset: 2)),
      (".5", .unexpectedByte(0x2E, expected: "a value", offset: 0)),
      ("1.e5", .unexpectedByte(0x65, expected: "a digit", offset: 2)),
      ("1e", .unexpectedEnd(expected: "a digit", offset: 2)),
      ("1e+", .unexpectedEnd(expected: "a digit", offset: 3)),
      ("0x10", .trailingBytes(offset: 1)), ("1_000", .trailingBytes(offset: 1)),
      ("[1e999]", .numberOutOfRange(offset: 1)),
      (#"{"a":1,"b":2,"a":1}"#, .duplicateKey("a", offset: 13)),
      (#"[{"a":{"a":1}, "\u0061":2}]"#, .duplicateKey("a", offset: 15)),
      ("\"a\nb\"", .controlCharacter(0x0A, offset: 2)),
      ("\"\\n\u{1}\"", .controlCharacter(0x01, offset: 3)),
      (#""abc"#, .unexpectedEnd(expected: "the closing quote of a string", offset: 4)),
      (#""\"#, .unexpectedEnd(expected: "the rest of an escape", offset: 2)),
      (#""\u00"#, .unexpectedEnd(expected: "the rest of an escape", offset: 5)),
      (#""\x41""#, .invalidEscape(offset: 1)), (#""\u00g0""#, .invalidEscape(offset: 1)),
      (#""a\ud83d""#, .loneSurrogate(0xD83D, offset: 2)),
      (#""\ude00""#, .loneSurrogate(0xDE00, offset: 1)),
      (#""\ud83d\u0041""#, .loneSurrogate(0xD83D, offset: 1)),
      (#""\ud83d\ud83d""#, .loneSurrogate(0xD83D, offset: 1)),
      (#""\ud83d\n""#, .loneSurrogate(0xD83D, offset: 1)),
      ("\u{FEFF}1", .byteOrderMark),
    ] as [(String, JSONError)])
  func refuses(text: String, error: JSONError) {
    #expect(throws: error) { try JSON(parsing: text) }
  }

  @Test(
    "bytes that are not UTF-8 (RFC 3629)",
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x41], [0xE0, 0x9F, 0xBF],
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func refusesInvalidUTF8(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(throws: JSONError.invalidUTF8(offset: 4)) {
      try JSON(parsing: [quote] + Array("é".utf8) + [0x61] + bytes + [quote])
    }
    #expect(throws: JSONError.invalidUTF8(offset: 3)) {
      try JSON(parsing: [quote] + Array("\\n".utf8) + bytes + [quote])
    }
  }

  @Test("a text over a limit")
  func refusesOverLimits() throws {
    #expect(throws: JSONError.tooLong(byteCount: 11, limit: 10)) {
      try JSON(parsing: "[1,2,3,4,5]", limits: JSONLimits(byteCount: 10))
    }
    let nested = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(throws: Never.self) { try JSON(parsing: nested) }
    #expect(throws: JSONError.tooDeep(limit: 64, offset: 64)) {
      try JSON(parsing: "[\(nested)]")
    }
    #expect(throws: JSONError.tooDeep(limit: 512, offset: 4 * 512)) {
      try JSON(
        parsing: String(repeating: #"{"":"#, count: 100_000), limits: JSONLimits(depth: .max))
    }
    #expect(throws: JSONError.tooManyValues(limit: 3, offset: 5)) {
      try JSON(parsing: "[1,2,3]", limits: JSONLimits(valueCount: 3))
    }
    let digits = String(repeating: "1", count: 1025)
    #expect(throws: JSONError.numberTooLong(limit: 1024, offset: 1)) {
      try JSON(parsing: "[\(digits)]")
    }
  }

  @Test("keys are compared by bytes, not by Unicode equivalence")
  func comparesKeysByBytes() throws {
    let json = try JSON(parsing: #"{"\u00e9":1,"e\u0301":2}"#)
    #expect(json["\u{E9}"] == 1)
    #expect(json["e\u{301}"] == 2)
    #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
  }

  @Test("members keep their order and are found", arguments: [8, 9, 5000])
  func keepsMembers(count: Int) throws {
    let text = "{" + (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
    let object = try #require(try JSON(parsing: text).object)
    #expect(object.keys == (0..<count).map { "k\($0)" })
    #expect((0..<count).allSatisfy { object["k\($0)"] == .integer($0) })
    #expect(object["k\(count)"] == nil)
    let repeated = text.dropLast() + ",\"k3\":0}"
    #expect(throws: JSONError.duplicateKey("k3", offset: text.utf8.count)) {
      try JSON(parsing: String(repeated))
    }
  }

  @Test("an error knows its line and column")
  func locatesErrors() {
    let text = Array("{\n  \"a\": 1,\n  \"b\": x\n}".utf8)
    let error = JSONError.unexpectedByte(0x78, expected: "a value", offset: 19)
    #expect(throws: error) { try JSON(parsing: text) }
    #expect(error.position(in: text) == (line: 3, column: 8))
    #expect("\(error)" == "byte 19: 'x' stands where a value should be")
  }
}
