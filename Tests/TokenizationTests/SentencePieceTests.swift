// What SentencePiece's kinds of tokenizer promise beyond parity: work that grows with the text, and
// no control token out of text.

import StrictJSON
import TestSupport
import Testing

import Tokenization

@Suite("SentencePiece's kinds")
struct SentencePieceTests {
  private static let mark = "\u{2581}"

  /// BPE over characters with tokens for all bytes.
  private static func characterFile(
    merges: [(String, String)], added: [JSON] = [], options: [(String, JSON)] = []
  ) -> JSON {
    var vocabulary: [(key: String, value: JSON)] = [("<unk>", 0)]
    for byte in 0...255 {
      let digits = String(byte, radix: 16, uppercase: true)
      vocabulary.append(("<0x\(byte < 16 ? "0" : "")\(digits)>", JSON(vocabulary.count)))
    }
    for token in [mark, "a", "b", "c", "<", "s", ">"] + merges.map({ $0.0 + $0.1 })
    where !vocabulary.contains(where: { $0.key == token }) {
      vocabulary.append((token, JSON(vocabulary.count)))
    }
    let list = merges.map { JSON.array([.string($0.0), .string($0.1)]) }
    let fields: [(key: String, value: JSON)] = [
      ("type", "BPE"), ("unk_token", "<unk>"), ("byte_fallback", true), ("fuse_unk", true),
      ("vocab", .object(JSONObject(vocabulary))), ("merges", .array(list)),
    ]
    let model = JSONObject(fields + options.map { (key: $0.0, value: $0.1) })
    return [
      "version": "1.0", "added_tokens": .array(added), "pre_tokenizer": .null,
      "normalizer": ["type": "Replace", "pattern": ["String": " "], "content": .string(mark)],
      "model": .object(model),
    ]
  }

  @Test(
    "a MiB of one thing takes at most 40 steps a byte", arguments: ["a", " ", "é", "ab c", "a "])
  func runs(unit: String) throws {
    var merges: [(String, String)] = []
    for start in ["a", Self.mark] {
      var length = start
      for _ in 0..<6 {
        merges.append((length, length))
        length += length
      }
    }
    let tokenizer = try parseTokenizer(Self.characterFile(merges: merges))
    let text = String(repeating: unit, count: (1 << 20) / unit.utf8.count)
    #expect(try tokenizer.stepCount(text) <= 40 * (1 << 20))
    #expect(try tokenizer.encode(text).offsets.last?.upperBound == Int32(text.unicodeScalars.count))
  }

  @Test("words are cut at marks only where no token lies across")
  func cutsAtMarks() throws {
    let within = [("a", "b"), (Self.mark, "ab"), (Self.mark, Self.mark)]
    let across = within + [("b", Self.mark)]
    let text = "ab ab  ab c é b c"
    func tokens(_ merges: [(String, String)]) throws -> [String] {
      let tokenizer = try parseTokenizer(Self.characterFile(merges: merges))
      return try tokenizer.encode(text).ids.map { tokenizer.token($0) ?? "" }
    }
    // A merge across a mark keeps the words whole, even one that nothing in the text leads to.
    #expect(try tokens(within) == tokens(within + [(">", Self.mark)]))
    #expect(try tokens(within).contains("\(Self.mark)ab"))
    #expect(try tokens(across).contains("b\(Self.mark)"))
  }

  @Test("bytes of unknown characters stand for the whole character")
  func fallback() throws {
    let tokenizer = try parseTokenizer(Self.characterFile(merges: []))
    let encoding = try tokenizer.encode("aéb")
    #expect(
      encoding.ids.map { tokenizer.token($0) ?? "" } == ["a", "<0xC3>", "<0xA9>", "b"])
    #expect(encoding.offsets == [0..<1, 1..<2, 1..<2, 2..<3])
  }

  @Test("a word that is a control token is taken apart, with or without merges to it")
  func wholeWordControl() throws {
    let merges = [("<", "s"), ("<s", ">")]
    let id = 1 + 256 + 7 + 1
    let control = addedToken(id, "<s>", special: true)
    for wholeWords in [false, true] {
      let tokenizer = try parseTokenizer(
        Self.characterFile(
          merges: merges, added: [control], options: [("ignore_merges", .bool(wholeWords))]))
      #expect(tokenizer.token(Int32(id)) == "<s>")
      for _ in 0..<2 {
        let spelled = try tokenizer.encode("<s>").ids
        #expect(spelled.map { tokenizer.token($0) ?? "" } == ["<s", ">"])
        #expect(try tokenizer.encode("<s>", controlTokensInText: .matched).ids == [Int32(id)])
      }
    }
  }

  @Test("a control token among Unigram's tokens counts as absent")
  func unigramControl() throws {
    let file = MalformedSentencePieceTests.sound.replacing(
      ["added_tokens"], with: [addedToken(3, "ab", special: true)])
    let tokenizer = try parseTokenizer(file)
    for _ in 0..<2 {
      #expect(try tokenizer.encode("ab").ids == [1, 2, 0])
      #expect(try tokenizer.encode("ab", controlTokensInText: .matched).ids == [3])
    }
    #expect(try tokenizer.encode([.text("a"), .control(3), .text("a")]).ids == [1, 2, 3, 1, 2])
  }

  @Test(
    "the best path of a short word is the best of all paths", arguments: 0..<200 as Range<UInt64>)
  func viterbi(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let letters = ["a", "b"]
    var tokens: [String: Double] = ["a": 0, "b": 0]
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let length = Int.random(in: 1...5, using: &random)
      let token = (0..<length).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
      tokens[token] = 0
    }
    for token in tokens.keys.sorted() { tokens[token] = -Double.random(in: 0...9, using: &random) }
    let vocabulary =
      [JSON.array(["<unk>", 0])]
      + tokens.sorted { $0.key < $1.key }.map { .array([.string($0.key), .number($0.value)]) }
    let tokenizer = try parseTokenizer([
      "version": "1.0", "added_tokens": [], "normalizer": .null, "pre_tokenizer": .null,
      "model": ["type": "Unigram", "unk_id": 0, "vocab": .array(vocabulary)],
    ])
    let word = (0..<12).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
    /// Best sum of the scores of `rest` by trying everything.
    func best(_ rest: Substring) -> Double {
      if rest.isEmpty { return 0 }
      return tokens.compactMap { token, score in
        rest.hasPrefix(token) ? score + best(rest.dropFirst(token.count)) : nil
      }.max() ?? -.infinity
    }
    let found = try tokenizer.encode(word).ids.map { tokenizer.token($0) ?? "" }
    #expect(found.joined() == word)
    let sum = found.reduce(0) { $0 + (tokens[$1] ?? -.infinity) }
    #expect(abs(sum - best(word[...])) < 1e-9, "seed \(seed): \(word) as \(found)")
  }
}
