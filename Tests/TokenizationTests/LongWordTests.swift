// Words that are joined a block at a time become what they become when they are joined at once.

import StrictJSON
import TestSupport
import Testing
import Tokenization

@Suite("Long words")
struct LongWordTests {
  private static let letters = ["a", "b", "c", "\u{C3}", "\u{A9}", "\u{EA}", "\u{B0}", "\u{80}"]
  /// The same as text: a, b, c, é and 가.
  private static let characters = ["a", "b", "c", "\u{E9}", "\u{AC00}"]

  /// Merges of what letters and earlier merges are, in no order that training would give them.
  private func merges(_ random: inout SeededGenerator) -> [(String, String)] {
    var tokens = Self.letters.map { letter in
      letter.unicodeScalars.map { byteCharacter(UInt8($0.value)) }.joined()
    }
    var merges: [(String, String)] = []
    for _ in 0..<Int.random(in: 1...60, using: &random) {
      let left = tokens[Int.random(in: tokens.indices, using: &random)]
      let right = tokens[Int.random(in: tokens.indices, using: &random)]
      guard left.count + right.count <= 64, !tokens.contains(left + right) else { continue }
      tokens.append(left + right)
      merges.append((left, right))
    }
    return merges
  }

  /// Random runs of characters, or one pattern again and again.
  private func word(_ random: inout SeededGenerator) -> String {
    let count = Int.random(in: 34_000...90_000, using: &random)
    let pattern = (0..<Int.random(in: 1...7, using: &random)).map { _ in
      Self.characters[Int.random(in: Self.characters.indices, using: &random)]
    }
    if Bool.random(using: &random) {
      return String(repeating: pattern.joined(), count: count / pattern.count + 1)
    }
    return (0..<count).map { _ in pattern[Int.random(in: pattern.indices, using: &random)] }
      .joined()
  }

  @Test("become the same in blocks as at once", arguments: 0..<40 as Range<UInt64>)
  func blocks(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let file = byteTokenizerFile(merges: merges(&random), cutsWords: false)
    // Without a token for every byte, words are joined at once.
    let object = try #require(file.object)
    let model = try #require(object["model"]?.object)
    let vocabulary = try #require(model["vocab"]?.object)
    let fewer = vocabulary.members.filter { $0.key != byteCharacter(0) }
    let atOnce = JSON.object(
      JSONObject(
        object.members.map { member in
          guard member.key == "model" else { return member }
          let members = model.members.map {
            $0.key == "vocab" ? (key: "vocab", value: .object(JSONObject(fewer))) : $0
          }
          return (key: "model", value: .object(JSONObject(members)))
        }))
    func tokenizer(_ file: JSON) throws -> Tokenizer {
      try Tokenizer(parsing: Array(file.serialized().utf8), file: "tokenizer.json")
    }
    let (blocks, whole) = (try tokenizer(file), try tokenizer(atOnce))
    for _ in 0..<3 {
      let text = word(&random)
      #expect(try blocks.encode(text) == whole.encode(text), "seed \(seed)")
    }
  }

  /// A model over characters, one or two of which have no token.
  private func characterFile(
    _ random: inout SeededGenerator, fusesUnknown: Bool, fallsBack: Bool
  ) -> JSON {
    var tokens = ["<unk>"] + Self.characters.dropLast(Int.random(in: 1...2, using: &random))
    var merges: [JSON] = []
    for _ in 0..<Int.random(in: 1...40, using: &random) {
      let left = tokens[Int.random(in: 1..<tokens.count, using: &random)]
      let right = tokens[Int.random(in: 1..<tokens.count, using: &random)]
      guard left.count + right.count <= 64, !tokens.contains(left + right) else { continue }
      tokens.append(left + right)
      merges.append(.array([.string(left), .string(right)]))
    }
    let vocabulary = tokens.enumerated().map { (key: $1, value: JSON($0)) }
    return [
      "version": "1.0", "added_tokens": [], "normalizer": .null, "pre_tokenizer": .null,
      "post_processor": .null,
      "model": [
        "type": "BPE", "unk_token": "<unk>", "fuse_unk": .bool(fusesUnknown),
        "byte_fallback": .bool(fallsBack), "vocab": .object(JSONObject(vocabulary)),
        "merges": .array(merges),
      ],
    ]
  }

  @Test("with unknown characters, too", arguments: 0..<20 as Range<UInt64>)
  func characterBlocks(seed: UInt64) throws {
    func tokenizer(fallsBack: Bool) throws -> Tokenizer {
      var random = SeededGenerator(seed: seed)
      let file = characterFile(&random, fusesUnknown: seed % 2 == 0, fallsBack: fallsBack)
      return try Tokenizer(parsing: Array(file.serialized().utf8), file: "tokenizer.json")
    }
    // With bytes to fall back to, of which there are none, words are joined at once.
    let (blocks, whole) = (try tokenizer(fallsBack: false), try tokenizer(fallsBack: true))
    var random = SeededGenerator(seed: seed + 1000)
    for _ in 0..<3 {
      let text = word(&random)
      #expect(try blocks.encode(text) == whole.encode(text), "seed \(seed)")
    }
  }
}
