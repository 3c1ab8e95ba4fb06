// Tokenizer files that are not what they should be: each is refused with an error that names the
// file, the field, what should be there and what is.

import StrictJSON
import TestSupport
import Testing

import Tokenization

@Suite("Malformed tokenizer files")
struct MalformedFileTests {
  private static let sound = byteTokenizerFile(
    merges: [("a", "b"), ("ab", "c")],
    added: [addedToken(258, "[SEP]", special: true), addedToken(259, "xyz")])

  private static let template: JSON = [
    "type": "TemplateProcessing",
    "single": [
      ["Sequence": ["id": "A", "type_id": 0]], ["SpecialToken": ["id": "[SEP]", "type_id": 0]],
    ], "pair": [],
    "special_tokens": ["[SEP]": ["id": "[SEP]", "ids": [258], "tokens": ["[SEP]"]]],
  ]

  private static let wordPiece: JSON = [
    "version": "1.0", "added_tokens": [], "normalizer": .null, "pre_tokenizer": .null,
    "model": [
      "type": "WordPiece", "unk_token": "?", "continuing_subword_prefix": "##",
      "max_input_chars_per_word": 100, "vocab": ["?": 0, "a": 1],
    ],
  ]

  @Test("the unchanged files are sound")
  func soundFiles() throws {
    _ = try parseTokenizer(Self.sound)
    _ = try parseTokenizer(Self.wordPiece)
    _ = try parseTokenizer(Self.sound.replacing(["post_processor"], with: Self.template))
  }

  private static let limit = (1 << 22) - 1

  static let byteLevelDefects: [Defect] = [
    Defect(
      "version", "2.0", "version is 2.0, which this version does not support; it supports 1.0"),
    Defect("version", 1, "version should be a string, found 1"),
    Defect(
      "charsmap", "x", "charsmap is not a field this version knows, and it could change the tokens"),
    Defect("model", nil, "model is missing, it should be an object"),
    Defect("model", .null, "model should be an object, found null"),
    Defect(
      "model.type", "WordLevel",
      "model.type is WordLevel, which this version does not support; "
        + "it supports BPE, WordPiece, Unigram"),
    Defect(
      "model.type", "Unigram",
      "model.type is Unigram over bytes, which this version does not support; "
        + "it supports Unigram without a ByteLevel pre-tokenizer"),
    Defect("model.type", .null, "model.type should be a string, found null"),
    Defect("model.vocab", nil, "model.vocab is missing, it should be an object"),
    Defect("model.vocab", [], "model.vocab should be an object, found an array of 0"),
    Defect(
      "model.vocab.a", "1",
      "model.vocab.a should be an integer from 0 to \(limit), found \"1\""),
    Defect("model.vocab.a", -1, "model.vocab.a should be an integer from 0 to \(limit), found -1"),
    Defect(
      "model.vocab.a", 1.5, "model.vocab.a should be an integer from 0 to \(limit), found 1.5"),
    Defect(
      "model.vocab.a", 4_294_967_296,
      "model.vocab.a should be an integer from 0 to \(limit), found 4294967296"),
    Defect(
      "model.vocab.a", .bigInteger("99999999999999999999"),
      "model.vocab.a should be an integer from 0 to \(limit), found 99999999999999999999"),
    Defect("model.vocab.b", 97, "model.vocab gives \"b\" the id 97, which another token has"),
    Defect("model.merges", nil, "model.merges is missing, it should be an array"),
    Defect("model.merges", "a b", "model.merges should be an array, found \"a b\""),
    Defect(
      "model.merges.0", ["a"], "model.merges[0] should be a pair of strings, found an array of 1"),
    Defect(
      "model.merges.0", ["a", 1], "model.merges[0] should be a pair of strings, found an array of 2"
    ),
    Defect("model.merges.1", "a b", "model.merges[1] should be a pair of strings, found \"a b\""),
    Defect(
      "model.merges", ["a b", "ab"],
      "model.merges[1] should be two tokens with a space between them, found \"ab\""),
    Defect(
      "model.merges", ["a b c"],
      "model.merges[0] should be two tokens with a space between them, found \"a b c\""),
    Defect(
      "model.merges.1", ["ab", "zz"],
      "model.merges[1] merges \"ab zz\", but the vocabulary has no \"zz\""),
    Defect(
      "model.merges.1", ["b", "b"],
      "model.merges[1] merges \"b b\", but the vocabulary has no \"bb\""),
    Defect(
      "model.unk_token", "nope", "model.unk_token is \"nope\", which is not in the vocabulary"),
    Defect("model.unk_token", 3, "model.unk_token should be a string, found 3"),
    Defect(
      "model.byte_fallback", "yes", "model.byte_fallback should be true or false, found \"yes\""),
    Defect(
      "model.ignore_merges", 1, "model.ignore_merges should be true or false, found 1"),
    Defect(
      "model.dropout", 0.1,
      "model.dropout is 0.1, which this version does not support; it supports null"),
    Defect(
      "model.end_of_word_suffix", "</w>",
      "model.end_of_word_suffix is \"</w>\", which this version does not support; it supports null"),
    Defect(
      "model.extra", 1,
      "model.extra is not a field this version knows, and it could change the tokens"),
    Defect("normalizer", "NFC", "normalizer should be an object, found \"NFC\""),
    Defect("normalizer", [:], "normalizer.type is missing, it should be a string"),
    Defect(
      "normalizer", ["type": "NFKC"],
      "normalizer.type is NFKC, which this version does not support; "
        + "it supports NFC, NFD, Lowercase, BertNormalizer, Replace, Prepend, Strip, Precompiled, "
        + "Sequence"),
    Defect(
      "normalizer", ["type": "Sequence", "normalizers": [["type": "StripAccents"]]],
      "normalizer.normalizers[0].type is StripAccents, which this version does not support; "
        + "it supports NFC, NFD, Lowercase, BertNormalizer, Replace, Prepend, Strip, Precompiled, "
        + "Sequence"),
    Defect(
      "normalizer", ["type": "BertNormalizer", "clean_text": true],
      "normalizer.lowercase is missing, it should be true or false"),
    Defect(
      "pre_tokenizer", ["type": "Digits"],
      "pre_tokenizer.type is Digits, which this version does not support; it supports ByteLevel, "
        + "BertPreTokenizer, Split, Metaspace, WhitespaceSplit, Punctuation, Sequence"),
    Defect(
      "pre_tokenizer.add_prefix_space", "yes",
      "pre_tokenizer.add_prefix_space should be true or false, found \"yes\""),
    Defect(
      "pre_tokenizer.trim", true,
      "pre_tokenizer.trim is not a field this version knows, and it could change the tokens"),
    Defect(
      "pre_tokenizer",
      [
        "type": "Sequence",
        "pretokenizers": [
          ["type": "ByteLevel", "add_prefix_space": false], ["type": "BertPreTokenizer"],
        ],
      ],
      "pre_tokenizer is a Sequence that goes on after ByteLevel, which this version does not "
        + "support; it supports ByteLevel in the last place"),
    Defect("added_tokens", "x", "added_tokens should be an array, found \"x\""),
    Defect("added_tokens.1", 5, "added_tokens[1] should be an object, found 5"),
    Defect(
      "added_tokens.1.id", 300, "added_tokens[1].id should be 259 for \"xyz\", found 300"),
    Defect(
      "added_tokens.1.id", -1,
      "added_tokens[1].id should be an integer from 0 to \(limit), found -1"),
    Defect(
      "added_tokens.1.content", "",
      "added_tokens[1].content should be a token of 1 to 512 bytes, found \"\""),
    Defect(
      "added_tokens.1.content", "[SEP]",
      "added_tokens[1].content should be a token that was not added before, found \"[SEP]\""),
    Defect(
      "added_tokens.1.lstrip", nil, "added_tokens[1].lstrip is missing, it should be true or false"),
    Defect(
      "added_tokens.1", addedToken(259, "  ", stripsRight: true),
      "added_tokens[1].rstrip should be false for a token of white space, found true"),
    Defect(
      "post_processor", ["type": "Magic"],
      "post_processor.type is Magic, which this version does not support; it supports "
        + "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, Sequence"),
    Defect(
      "post_processor",
      ["type": "BertProcessing", "cls": ["[CLS]", 9999], "sep": ["[SEP]", 258]],
      "post_processor.cls should be a token and its id, found an array of 2"),
  ]

  @Test("one defect each in a byte-level file", arguments: byteLevelDefects)
  func byteLevel(defect: Defect) {
    expectTokenizer(
      Self.sound.replacing(defect.path.split(separator: ".")[...], with: defect.value),
      fails: defect.message)
  }

  static let templateDefects: [Defect] = [
    Defect(
      "single.0", nil, "single should be a template with the Sequence \"A\", found an array of 1"),
    Defect("single.0.Sequence.id", "B", "single[0].Sequence.id should be \"A\", once, found \"B\""),
    Defect(
      "single.0", [:], "single[0] should be a Sequence or a SpecialToken, found an object of 0"),
    Defect(
      "single.1.SpecialToken.id", "[CLS]", "special_tokens.[CLS] is missing, it should be an object"
    ),
    Defect(
      "special_tokens.[SEP].ids", [4000],
      "special_tokens.[SEP].ids should be ids of tokens, found an array of 1"),
  ]

  @Test("one defect each in a template", arguments: templateDefects)
  func templates(defect: Defect) {
    let template = Self.template.replacing(
      defect.path.split(separator: ".")[...], with: defect.value)
    expectTokenizer(
      Self.sound.replacing(["post_processor"], with: template),
      fails: "post_processor.\(defect.message)")
  }

  static let wordPieceDefects: [Defect] = [
    Defect("model.unk_token", nil, "model.unk_token is missing, it should be a string"),
    Defect(
      "model.unk_token", "[UNK]", "model.unk_token is \"[UNK]\", which is not in the vocabulary"),
    Defect(
      "model.max_input_chars_per_word", 1_000_000,
      "model.max_input_chars_per_word should be an integer from 0 to 1000, found 1000000"),
    Defect(
      "pre_tokenizer", ["type": "ByteLevel", "add_prefix_space": false],
      "model.type is WordPiece over bytes, which this version does not support; "
        + "it supports WordPiece without a ByteLevel pre-tokenizer"),
  ]

  @Test("one defect each in a WordPiece file", arguments: wordPieceDefects)
  func wordPieces(defect: Defect) {
    expectTokenizer(
      Self.wordPiece.replacing(defect.path.split(separator: ".")[...], with: defect.value),
      fails: defect.message)
  }

  @Test("bytes that are not one JSON object")
  func notJSON() throws {
    expectTokenizer([1, 2], fails: "the file should be one object, found an array of 2")
    for text in ["", "{", "{\"a\": 1,}", "{\"version\": \"1.0\"} x", "{\"a\":1,\"a\":2}"] {
      do {
        _ = try Tokenizer(parsing: Array(text.utf8), file: "F.json")
        Issue.record("accepted \(text)")
      } catch {
        guard case .notJSON(let file, 1, _, _) = error else {
          Issue.record("\(text): \(error)")
          continue
        }
        #expect(file == "F.json")
      }
    }
  }

  @Test("files cut short anywhere are refused")
  func cutShort() throws {
    let bytes = Array(Self.wordPiece.serialized().utf8)
    for length in bytes.indices {
      #expect(throws: TokenizerError.self) {
        _ = try Tokenizer(parsing: Array(bytes[..<length]), file: "F.json")
      }
    }
  }

  @Test("paths that are no file")
  func paths() throws {
    let folder = try TemporaryFolder()
    #expect(throws: TokenizerError.self) { _ = try Tokenizer(path: folder.path("missing.json")) }
    do {
      _ = try Tokenizer(path: folder.path)
      Issue.record("read a folder")
    } catch {
      #expect("\(error)" == "\(folder.path): cannot be read, it is not a regular file")
    }
  }
}
