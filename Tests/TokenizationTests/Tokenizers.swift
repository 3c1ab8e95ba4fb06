// The tiny tokenizers of Tests/Goldens/tokenization, and tokenizers made of a few fields.

import StrictJSON
import TestSupport
import Testing

import Tokenization

/// One tokenizer and upstream's answers. Made by tools/tokenizer/goldens.py.
struct TokenizerGolden: Sendable, CustomStringConvertible {
  var name: String
  var textCount: Int

  var description: String { name }

  private static let folder = Golden.folder + "/tokenization"

  static func all() throws -> [TokenizerGolden] {
    let manifest = try JSON(parsing: readBytes(folder + "/manifest.json"))
    return try FieldReader(manifest, file: "manifest.json").objects("tokenizers").map {
      TokenizerGolden(name: try $0.string("name"), textCount: try $0.int("texts"))
    }
  }

  var file: String { "\(Self.folder)/\(name).tokenizer.json" }

  struct Case {
    var text: String
    var literal: Answer
    var matched: Answer
  }

  struct Answer: Equatable {
    var ids: [Int]
    /// Starts and ends in turn.
    var offsets: [Int]

    init(ids: [Int], offsets: [Int]) {
      (self.ids, self.offsets) = (ids, offsets)
    }

    init(_ encoding: Encoding) {
      ids = encoding.ids.map(Int.init)
      offsets = encoding.offsets.flatMap { [Int($0.lowerBound), Int($0.upperBound)] }
    }
  }

  func cases() throws -> [Case] {
    let bytes = try readBytes("\(Self.folder)/\(name).cases.jsonl")
    return try bytes.split(separator: 10).map { line in
      let row = try JSON(parsing: Array(line)).array ?? []
      let answers = row.dropFirst().map { answer in
        let lists = (answer.array ?? []).map { ($0.array ?? []).compactMap(\.int) }
        return Answer(ids: lists.first ?? [], offsets: lists.last ?? [])
      }
      return Case(
        text: try #require(row.first?.string), literal: try #require(answers.first),
        matched: try #require(answers.last))
    }
  }
}

/// A small tokenizer whose text is made of bytes, with the given merges and added tokens.
func byteTokenizer(
  merges: [(String, String)] = [], added: [JSON] = [], addsPrefixSpace: Bool = false,
  cutsWords: Bool = true, normalizer: JSON = .null
) throws -> Tokenizer {
  try Tokenizer(
    parsing: Array(
      byteTokenizerFile(
        merges: merges, added: added, addsPrefixSpace: addsPrefixSpace, cutsWords: cutsWords,
        normalizer: normalizer
      ).serialized().utf8),
    file: "tokenizer.json")
}

/// How GPT-2 writes a byte as a character.
func byteCharacter(_ byte: UInt8) -> String {
  let printable = [0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF].contains { $0.contains(Int(byte)) }
  let others = (0...255).filter { byte in
    ![0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF].contains { $0.contains(byte) }
  }
  let value = printable ? Int(byte) : 0x100 + (others.firstIndex(of: Int(byte)) ?? 0)
  return Unicode.Scalar(value).map { String(Character($0)) } ?? ""
}

func byteTokenizerFile(
  merges: [(String, String)] = [], added: [JSON] = [], addsPrefixSpace: Bool = false,
  cutsWords: Bool = true, normalizer: JSON = .null
) -> JSON {
  var vocabulary = (0...255).map { (byte: UInt8) in
    (key: byteCharacter(byte), value: JSON(Int(byte)))
  }
  for (left, right) in merges where !vocabulary.contains(where: { $0.key == left + right }) {
    vocabulary.append((key: left + right, value: JSON(vocabulary.count)))
  }
  return [
    "version": "1.0", "added_tokens": .array(added), "normalizer": normalizer,
    "pre_tokenizer": [
      "type": "ByteLevel", "add_prefix_space": .bool(addsPrefixSpace), "trim_offsets": true,
      "use_regex": .bool(cutsWords),
    ],
    "post_processor": .null,
    "model": [
      "type": "BPE", "vocab": .object(JSONObject(vocabulary)),
      "merges": .array(merges.map { .array([.string($0.0), .string($0.1)]) }),
    ],
  ]
}

func addedToken(
  _ id: Int, _ content: String, special: Bool = false, normalized: Bool = false,
  stripsLeft: Bool = false, stripsRight: Bool = false, singleWord: Bool = false
) -> JSON {
  [
    "id": JSON(id), "content": .string(content), "single_word": .bool(singleWord),
    "lstrip": .bool(stripsLeft), "rstrip": .bool(stripsRight), "normalized": .bool(normalized),
    "special": .bool(special),
  ]
}

/// Pieces that tend to go wrong beside each other.
let soupAtoms = [
  "a", "the", "Hello", "it's", "'", " ", "  ", "\n", "\t", "\u{A0}", "é", "e\u{301}", "\u{323}",
  "\u{315}\u{300}", "한", "\u{1100}\u{1161}", "中", "😀", "👨\u{200D}👩", "\u{0}", "\u{FFFD}", "1", "99",
  "[SEP]", "<<LABEL>>", "[MASK]", "<<LAB", "EL>>", "[unused0]", "tot", "café", "İ", "Σ", "!?",
]

func soup(_ generator: inout SeededGenerator, length: Int = 20) -> [String] {
  (0..<Int.random(in: 0...length, using: &generator)).map { _ in
    soupAtoms[Int.random(in: soupAtoms.indices, using: &generator)]
  }
}
