// Unigram vocabularies, character maps and Metaspaces that are not what they should be.

import StrictJSON
import Testing

import Tokenization

@Suite("Malformed SentencePiece files")
struct MalformedSentencePieceTests {
  static let sound: JSON = [
    "version": "1.0", "added_tokens": [], "normalizer": .null,
    "pre_tokenizer": ["type": "Metaspace", "replacement": "\u{2581}"],
    "model": [
      "type": "Unigram", "unk_id": 0,
      "vocab": [["<unk>", 0], ["\u{2581}", -2.5], ["a", -3], ["ab", -3.25]],
    ],
  ]

  @Test("the unchanged file is sound")
  func soundFile() throws {
    #expect(try parseTokenizer(Self.sound).encode("ab aba").ids == [1, 3, 1, 3, 2])
  }

  static let defects: [Defect] = [
    Defect("model.vocab", nil, "model.vocab is missing, it should be an array"),
    Defect("model.vocab", ["a": 1], "model.vocab should be an array, found an object of 1"),
    Defect("model.vocab", [], "model.vocab should be 1 to 4194303 tokens, found an array of 0"),
    Defect(
      "model.vocab.2", ["a"],
      "model.vocab[2] should be a token and its score, a number, found an array of 1"),
    Defect(
      "model.vocab.2", ["a", "-3"],
      "model.vocab[2] should be a token and its score, a number, found an array of 2"),
    Defect(
      "model.vocab.2", ["a", .null],
      "model.vocab[2] should be a token and its score, a number, found an array of 2"),
    Defect(
      "model.vocab.2", [1, -3],
      "model.vocab[2] should be a token and its score, a number, found an array of 2"),
    Defect(
      "model.vocab.2", "a", "model.vocab[2] should be a token and its score, a number, found \"a\""),
    Defect(
      "model.vocab.3", ["a", -9], "model.vocab[3] is \"a\", which stands before it in the list"),
    Defect(
      "model.vocab.3", [.string(String(repeating: "ab", count: 257)), -9],
      "model.vocab[3] should be a token of at most 512 bytes, found 514 bytes"),
    Defect("model.unk_id", nil, "model.unk_id is missing, it should be an integer from 0 to 3"),
    Defect("model.unk_id", .null, "model.unk_id should be an integer from 0 to 3, found null"),
    Defect("model.unk_id", 4, "model.unk_id should be an integer from 0 to 3, found 4"),
    Defect("model.unk_id", -1, "model.unk_id should be an integer from 0 to 3, found -1"),
    Defect("model.byte_fallback", 0, "model.byte_fallback should be true or false, found 0"),
    Defect(
      "model.alpha", 0.1,
      "model.alpha is not a field this version knows, and it could change the tokens"),
    Defect(
      "pre_tokenizer.replacement", "__",
      "pre_tokenizer.replacement should be one character, found \"__\""),
    Defect(
      "pre_tokenizer.replacement", "",
      "pre_tokenizer.replacement should be one character, found \"\""
    ),
    Defect(
      "pre_tokenizer.prepend_scheme", "last",
      "pre_tokenizer.prepend_scheme should be one of \"always\", \"first\", \"never\", found \"last\""
    ),
    Defect(
      "pre_tokenizer.add_prefix_space", false,
      "pre_tokenizer.add_prefix_space should be true, or prepend_scheme to be \"never\", found false"
    ),
    Defect(
      "pre_tokenizer.split", "no", "pre_tokenizer.split should be true or false, found \"no\""),
    Defect(
      "pre_tokenizer", ["type": "Punctuation", "behavior": "Gone"],
      "pre_tokenizer.behavior should be one of \"Removed\", \"Isolated\", \"MergedWithPrevious\", "
        + "\"MergedWithNext\", \"Contiguous\", found \"Gone\""),
    Defect(
      "normalizer", ["type": "Strip", "strip_left": true],
      "normalizer.strip_right is missing, it should be true or false"),
    Defect(
      "normalizer", ["type": "Prepend", "prepend": .null],
      "normalizer.prepend should be a string, found null"),
  ]

  @Test("one defect each in a Unigram file", arguments: defects)
  func defect(_ defect: Defect) {
    expectTokenizer(
      Self.sound.replacing(defect.path.split(separator: ".")[...], with: defect.value),
      fails: defect.message)
  }

  @Test("a score beyond all numbers is refused")
  func infinity() {
    let text = Self.sound.serialized().replacing("-3.25", with: "-1e999")
    #expect(throws: TokenizerError.self) {
      _ = try Tokenizer(parsing: Array(text.utf8), file: "F.json")
    }
  }

  @Test("a control token that is a byte of unknown text is refused")
  func byteControl() {
    let file = Self.sound.replacing(
      ["model"],
      with: [
        "type": "Unigram", "unk_id": 0, "byte_fallback": true,
        "vocab": [["<unk>", 0], ["<0x41>", -1]],
      ]
    )?.replacing(["added_tokens"], with: [addedToken(1, "<0x41>", special: true)])
    expectTokenizer(
      file,
      fails:
        "the control token 1, \"<0x41>\", is also the only spelling of a part of text, so text "
        + "could not be told from it")
  }

  /// Words of four bytes, lowest first, and text behind them.
  private static func map(_ words: [UInt32], _ text: [UInt8] = []) -> String {
    base64(words.flatMap { word in (0..<4).map { UInt8(word >> (8 * $0) & 0xFF) } } + text)
  }

  static let maps: [(map: String, reason: String)] = [
    ("", "ends within its length"),
    ("AAA", "is not base64"),
    ("AA*A", "is not base64"),
    ("AAB=", "is not base64"),
    ("A===", "is not base64"),
    ("AAAA", "ends within its length"),
    (map([0]), "has 0 bytes for a trie of 0"),
    (map([3, 0]), "has 4 bytes for a trie of 3"),
    (map([8, 0]), "has 4 bytes for a trie of 8"),
    (map([0xFFFF_FFFF, 0]), "has 4 bytes for a trie of 4294967295"),
    (map([4, 0], [0xFF]), "has replacements that are not UTF-8"),
    (map([4, 7 << 10]), "has a trie with an edge to 7 of 1"),
    (map([8, 0, 5 << 10 | 0x61]), "has a trie with an edge to 4 of 2"),
    // An edge with a value whose replacement is not there, or begins inside a character.
    (map([12, 0, 3 << 10 | 1 << 8 | 1, 1 << 31 | 9], [0x62]), "has a replacement at 9 of 1 bytes"),
    (
      map([12, 0, 3 << 10 | 1 << 8 | 1, 1 << 31 | 1], [0xC3, 0xA9]),
      "has a replacement at 1 of 2 bytes"
    ),
  ]

  @Test("character maps that are none", arguments: maps)
  func characterMap(_ item: (map: String, reason: String)) {
    let normalizer: JSON = ["type": "Precompiled", "precompiled_charsmap": .string(item.map)]
    expectTokenizer(
      Self.sound.replacing(["normalizer"], with: normalizer),
      fails: "normalizer.precompiled_charsmap is no character map: it \(item.reason)")
  }

  @Test("a trie that leads back to itself is walked no further than the text")
  func cyclicTrie() throws {
    // Every edge of the letters leads to the root's block, without a value anywhere.
    var units = [UInt32](repeating: 0, count: 256)
    units[0] = 0
    for label in 1..<256 { units[label] = UInt32(label) << 10 | UInt32(label) }
    let normalizer: JSON = [
      "type": "Precompiled", "precompiled_charsmap": .string(Self.map([1024] + units)),
    ]
    let tokenizer = try parseTokenizer(Self.sound.replacing(["normalizer"], with: normalizer))
    #expect(try tokenizer.encode("aba\u{301} \u{E9}").offsets.last == 5..<6)
  }
}

/// RFC 4648, section 4.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0...group.count { text.append(alphabet[bits >> (18 - 6 * place) & 63]) }
    text += String(repeating: "=", count: 3 - group.count)
  }
  return text
}
