// Ids and offsets are upstream's, on committed answers. The long comparison is
// tools/tokenizer/parity.py.

import StrictJSON
import Testing

import Tokenization

@Suite("Parity with PyPI tokenizers")
struct ParityTests {
  @Test("control tokens in text are text", arguments: try TokenizerGolden.all())
  func literal(golden: TokenizerGolden) throws {
    let tokenizer = try Tokenizer(path: golden.file)
    let cases = try golden.cases()
    #expect(cases.count == golden.textCount)
    for item in cases {
      #expect(
        try TokenizerGolden.Answer(tokenizer.encode(item.text)) == item.literal, "\(item.text)")
    }
  }

  @Test("control tokens in text are matched on demand", arguments: try TokenizerGolden.all())
  func matched(golden: TokenizerGolden) throws {
    let tokenizer = try Tokenizer(path: golden.file)
    for item in try golden.cases() {
      let encoding = try tokenizer.encode(item.text, controlTokensInText: .matched)
      #expect(TokenizerGolden.Answer(encoding) == item.matched, "\(item.text)")
    }
  }

  @Test("merges as strings and as pairs are the same merges")
  func mergeSpellings() throws {
    let list = [("a", "b"), ("ab", "ab"), ("Ġ", "ab"), ("b", "c"), ("ab", "c")]
    let pairs = try byteTokenizer(merges: list)
    guard case .object(var file) = byteTokenizerFile(merges: list),
      case .object(var model) = file["model"]
    else { return }
    let lines = ["#version: 0.2"] + list.map { "\($0) \($1)" }
    model["merges"] = .array(lines.map { .string($0) })
    file["model"] = .object(model)
    let strings = try Tokenizer(
      parsing: Array(JSON.object(file).serialized().utf8), file: "tokenizer.json")
    let text = "abab ab bc abc ababc"
    #expect(try pairs.encode(text).ids == strings.encode(text).ids)
    #expect(try pairs.encode("abab ab").ids == [257, 258])
  }

  @Test("tokens are found by id and by content")
  func lookups() throws {
    for golden in try TokenizerGolden.all() {
      let tokenizer = try Tokenizer(path: golden.file)
      for id in 0..<Int32(tokenizer.vocabularyCount) {
        let token = try #require(tokenizer.token(id), "\(golden) \(id)")
        #expect(tokenizer.id(of: token) == id, "\(golden) \(token)")
      }
      #expect(tokenizer.token(-1) == nil)
      #expect(tokenizer.token(Int32(tokenizer.vocabularyCount)) == nil)
      #expect(tokenizer.id(of: "no such token") == nil)
    }
  }
}
