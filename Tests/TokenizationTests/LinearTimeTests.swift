// Long runs of one thing, counted in steps: no text is much more work per byte than English.

import StrictJSON
import TestSupport
import Testing

import Tokenization

@Suite("Work grows with the text")
struct LinearTimeTests {
  /// Every pair of a doubling chain merges, so a run of letters, spaces or marks merges fully.
  private static func tokenizer() throws -> Tokenizer {
    var merges: [(String, String)] = []
    for unit in ["a", "Ġ", "Ì", "7"] {
      let start = unit == "Ì" ? "Ìģ" : unit
      if unit == "Ì" { merges.append(("Ì", "ģ")) }
      var length = start
      for _ in 0..<8 {
        merges.append((length, length))
        length += length
      }
    }
    return try byteTokenizer(
      merges: merges, added: [], normalizer: ["type": "NFC"])
  }

  @Test(
    "a MiB of one thing takes at most 40 steps a byte",
    arguments: ["a", " ", "\u{301}", "\u{315}\u{300}", "7", "!", "\u{1100}\u{1161}", "\n"])
  func runs(unit: String) throws {
    let tokenizer = try Self.tokenizer()
    let count = (1 << 20) / unit.utf8.count
    let run = String(repeating: unit, count: count)
    // A word of n symbols: n log n moves of the queue, log2 of a MiB being 20.
    #expect(try tokenizer.stepCount(run) <= 40 * (1 << 20))
    let encoding = try tokenizer.encode(run)
    #expect(encoding.offsets.first?.lowerBound == 0)
    #expect(!encoding.ids.isEmpty)
  }

  @Test("four times the text is at most five times the work", arguments: ["a", "\u{301}", "ab"])
  func growth(unit: String) throws {
    let tokenizer = try Self.tokenizer()
    let small = try tokenizer.stepCount(String(repeating: unit, count: 1 << 16))
    let large = try tokenizer.stepCount(String(repeating: unit, count: 1 << 18))
    #expect(large <= 5 * small)
    #expect(large > small)
  }

  @Test("the queue and the scan of short words merge alike")
  func longWordsMergeAlike() throws {
    // A long word of doubled letters is what its parts are, wherever it is cut between letters
    // that no merge joins.
    let tokenizer = try byteTokenizer(
      merges: [("a", "b"), ("b", "a"), ("ab", "ab"), ("a", "a"), ("aa", "b"), ("ba", "b")],
      cutsWords: false)
    for seed in UInt64(0)..<200 {
      var generator = SeededGenerator(seed: seed)
      let parts = (0..<12).map { _ in
        String(
          (0..<Int.random(in: 1...20, using: &generator)).map { _ in
            Bool.random(using: &generator) ? "a" : "b"
          })
      }
      let whole = try tokenizer.encode(parts.joined(separator: "c")).ids
      let separate = try parts.map { try tokenizer.encode($0).ids }.joined(separator: [99])
      #expect(whole == Array(separate), "seed \(seed)")
    }
  }

  @Test("a WordPiece word without end is one unknown token")
  func longWord() throws {
    let tokenizer = try SegmentTests.tokenizer("word-piece")
    let encoding = try tokenizer.encode(
      String(repeating: "a", count: 1 << 20), specialTokens: false)
    #expect(encoding.ids.map { tokenizer.token($0) } == ["[UNK]"])
    #expect(encoding.offsets == [0..<1 << 20])
  }
}
