// A limit on tokens: exact where it is met, and refused early where it cannot be.

import TestSupport
import Testing
import Tokenization

@Suite("A limit on the tokens of a text")
struct TokenLimitTests {
  @Test("holds to the token, whatever the tokenizer", arguments: try TokenizerGolden.all())
  func isExact(_ golden: TokenizerGolden) throws {
    let tokenizer = try Tokenizer(path: golden.file)
    let texts = try golden.cases().map(\.text)
    for text in texts + [texts.joined(separator: " "), texts.joined()] {
      for mode in [ControlTokensInText.literal, .matched] {
        func encode(_ limit: Int) throws -> Encoding {
          try tokenizer.encode(
            [.text(text)], specialTokens: false, controlTokensInText: mode, tokenLimit: limit)
        }
        let encoding = try encode(.max)
        let count = encoding.ids.count
        #expect(try encode(count) == encoding, "\(text.debugDescription)")
        guard count > 0 else { continue }
        #expect(throws: TokenizerError.tooManyTokens(limit: count - 1)) { try encode(count - 1) }
      }
    }
  }

  @Test("holds for a long word, whose tokens are as long as they can be")
  func longWord() throws {
    let merges = [("a", "a"), ("aa", "aa")]
    let tokenizer = try byteTokenizer(merges: merges)
    let word = String(repeating: "a", count: 1 << 20)
    #expect(throws: TokenizerError.tooManyTokens(limit: 1000)) {
      try tokenizer.encode([.text(word)], tokenLimit: 1000)
    }
    #expect(throws: TokenizerError.tooManyTokens(limit: (1 << 18) - 1)) {
      try tokenizer.encode([.text(word)], tokenLimit: (1 << 18) - 1)
    }
    #expect(try tokenizer.encode([.text(word)], tokenLimit: 1 << 18).ids.count == 1 << 18)
  }

  @Test("applies to one encoding, not to the next with the same buffers")
  func isForgotten() throws {
    let tokenizer = try byteTokenizer()
    #expect(throws: TokenizerError.tooManyTokens(limit: 2)) {
      try tokenizer.encode([.text("abc")], tokenLimit: 2)
    }
    #expect(try tokenizer.encode("abc").ids.count == 3)
    #expect(try tokenizer.stepCount("abc") >= 0)
  }
}
