// Seeded mutations of valid texts: the parser answers, and what it accepts it can write again.

import StrictJSON
import TestSupport
import Testing

struct JSONFuzzTests {
  private static let texts = [
    #"{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"__metadata__":{"x":"y"}}"#,
    #"["\ud83d\ude00\n\u0041é😀", -0.5e-3, 1E400, 12345678901234567890, true, false, null]"#,
    "{" + (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ", ") + "}",
    "[[[[[]]]], {}, {\"\": [\"\"]}, 0, -0, 0.0]\r\n\t ",
  ]
  private static let fragments = [
    "\"", "\\", "\\u", "\\ud83d", "\\ude00", "{", "}", "[", "]", ",", ":", "\"k1\"", "\u{FEFF}",
    "9223372036854775808", "1e308", "-", "00", ".", "nul", "\0", "é", "\u{10FFFF}",
  ]

  @Test("mutated texts", arguments: 0..<8 as Range<UInt64>)
  func survivesMutations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var acceptedCount = 0
    for round in 0..<25_000 {
      let text = Self.texts[round % Self.texts.count]
      let bytes = mutated(Array(text.utf8), fragments: Self.fragments, using: &random)
      do throws(JSONError) {
        let json = try JSON(parsing: bytes, limits: JSONLimits(depth: 8))
        acceptedCount += 1
        guard try JSON(parsing: json.serialized()) == json,
          try JSON(parsing: json.serialized(pretty: true)) == json
        else {
          Issue.record("seed \(seed), round \(round): \(bytes) changes when written")
          return
        }
      } catch {
        guard 0...bytes.count ~= error.offset else {
          Issue.record("seed \(seed), round \(round): \(error) lies outside \(bytes)")
          return
        }
      }
    }
    // Enough of both kinds: mutations that never hit or never miss would test nothing.
    #expect(1000...24_000 ~= acceptedCount)
  }
}
