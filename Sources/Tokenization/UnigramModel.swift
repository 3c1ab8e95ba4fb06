// The `Unigram` model of a tokenizer.json: of all ways to cut a word into tokens the one with the
// highest sum of scores. Kudo 2018; Viterbi's algorithm, ties and all as in PyPI `tokenizers`.

struct UnigramModel: Sendable {
  let vocabulary: Vocabulary
  /// Score of each id.
  let scores: [Double]
  let trie: PrefixTrie
  let unknown: Int32
  /// Token of each byte, for text that has none, -1 where a byte has none; nil without
  /// `byte_fallback`.
  let byteTokens: [Int32]?
  /// Tokens that text must not become.
  var forbidden: Set<Int32> = []
  /// Score of a character without a token.
  private let unknownScore: Double

  init(
    vocabulary: Vocabulary, scores: [Double], trie: PrefixTrie, unknown: Int32, fallsBack: Bool
  ) {
    self.vocabulary = vocabulary
    self.scores = scores
    self.trie = trie
    self.unknown = unknown
    byteTokens = fallsBack ? vocabulary.byteTokens : nil
    // SentencePiece's penalty.
    unknownScore = (scores.min() ?? 0) - 10
  }

  /// Puts the tokens of the words of `bytes` into `tokens`, which are empty; `flush` takes those of a
  /// long word as they become many. With `avoidsForbidden`, forbidden tokens count as not in the
  /// vocabulary.
  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, words: ArraySlice<Range<Int32>>, avoidsForbidden: Bool,
    cache: inout WordCache, scratch: inout UnigramScratch, to tokens: inout [WordToken],
    _ flush: (inout [WordToken]) -> Void
  ) {
    trie.withReader { trie in
      for index in words.indices {
        let word = Int(words[index].lowerBound)..<Int(words[index].upperBound)
        let key = WordCache.Key(bytes, word)
        if let key, cache.append(key, at: word.lowerBound, to: &tokens) { continue }
        let first = tokens.count
        let metForbidden = findPath(bytes, word, trie, avoidsForbidden, &scratch)
        scratch.turnRound()
        collect(bytes, word, avoidsForbidden, scratch, to: &tokens, flush)
        // The cache serves both ways of encoding, so it keeps what is the same in both.
        if let key, !metForbidden { cache.remember(key, at: word.lowerBound, tokens, from: first) }
      }
    }
  }

  /// The fewest tokens that any word of so many bytes becomes: unknown characters side by side are
  /// one, unless every byte has a token of its own.
  func fewestTokens(ofWord byteCount: Int) -> Int {
    guard let byteTokens, byteTokens.allSatisfy({ $0 >= 0 }) else { return 1 }
    return (byteCount - 1) / max(vocabulary.longestByteCount, 1) + 1
  }

  /// Best way to each character of a word. True when a forbidden token was met, taken or not.
  private func findPath(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ trie: PrefixTrie.Reader,
    _ avoidsForbidden: Bool, _ scratch: inout UnigramScratch
  ) -> Bool {
    let hasForbidden = !forbidden.isEmpty
    var metForbidden = false
    scratch.begin(word.count)
    scratch.withPaths { paths in
      scores.withUnsafeBufferPointer { scores in
        var start = word.lowerBound
        while start < word.upperBound {
          let score = paths.score(at: start - word.lowerBound)
          let next = start + bytes.scalar(at: start).byteCount
          var isKnown = false
          trie.forEachToken(bytes, from: start, to: word.upperBound) { token, end in
            if hasForbidden, forbidden.contains(token) {
              metForbidden = true
              if avoidsForbidden { return }
            }
            paths.offer(
              token, from: start - word.lowerBound, to: end - word.lowerBound,
              scores[Int(token)] + score)
            if end == next { isKnown = true }
          }
          if !isKnown {
            paths.offer(
              unknown, from: start - word.lowerBound, to: next - word.lowerBound,
              unknownScore + score)
          }
          start = next
        }
      }
    }
    return metForbidden
  }

  /// Follows the path. Unknown characters side by side are one token, or one token for each of their
  /// bytes, which all stand for the whole.
  private func collect(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ avoidsForbidden: Bool,
    _ scratch: borrowing UnigramScratch, to tokens: inout [WordToken],
    _ flush: (inout [WordToken]) -> Void
  ) {
    var start = 0
    while start < word.count {
      let token = scratch.tokens[start]
      var end = start + Int(scratch.lengths[start])
      if token == unknown {
        while end < word.count, scratch.tokens[end] == unknown { end += Int(scratch.lengths[end]) }
        append(
          bytes, word.lowerBound + start..<word.lowerBound + end, avoidsForbidden, to: &tokens,
          flush)
      } else {
        tokens.append(WordToken(token, word.lowerBound + start, word.lowerBound + end))
      }
      if tokens.count >= WordToken.flushCount { flush(&tokens) }
      start = end
    }
  }

  /// Appends an unknown stretch.
  private func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ avoidsForbidden: Bool,
    to tokens: inout [WordToken], _ flush: (inout [WordToken]) -> Void
  ) {
    let text = UnsafeBufferPointer(rebasing: bytes[range])
    // All of it may be a token, though parts of it were worth more.
    if let token = vocabulary.id(of: text), !avoidsForbidden || !forbidden.contains(token) {
      tokens.append(WordToken(token, range.lowerBound, range.upperBound))
    } else if let byteTokens, text.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
      for byte in text {
        tokens.append(WordToken(byteTokens[Int(byte)], range.lowerBound, range.upperBound))
        if tokens.count >= WordToken.flushCount { flush(&tokens) }
      }
    } else {
      tokens.append(WordToken(unknown, range.lowerBound, range.upperBound))
    }
  }
}

/// The best paths of one word: six bytes for each of its bytes, and the scores of those borders that
/// a token can still reach.
struct UnigramScratch {
  /// By the byte border where the token ends, then, turned round, by that where it begins: the last
  /// token of the best path to the border, and its length, 0 while there is none.
  fileprivate private(set) var tokens: [Int32] = []
  fileprivate private(set) var lengths: [UInt16] = []
  /// Sums of scores, by the lower bits of the border.
  private var scores = [Double](repeating: 0, count: Paths.scoreCount)
  private var byteCount = 0

  fileprivate struct Paths {
    let tokens: UnsafeMutableBufferPointer<Int32>
    let lengths: UnsafeMutableBufferPointer<UInt16>
    let scores: UnsafeMutableBufferPointer<Double>

    /// More than the longest token has bytes.
    static let scoreCount = 2 * PrefixTrie.longestToken

    @inline(__always)
    func score(at border: Int) -> Double { scores[border & (Self.scoreCount - 1)] }

    /// Takes a path that is better; of equal ones the first stays.
    @inline(__always)
    func offer(_ token: Int32, from start: Int, to end: Int, _ score: Double) {
      let place = end & (Self.scoreCount - 1)
      guard lengths[end] == 0 || score > scores[place] else { return }
      scores[place] = score
      lengths[end] = UInt16(truncatingIfNeeded: end - start)
      tokens[end] = token
    }
  }

  fileprivate mutating func begin(_ byteCount: Int) {
    self.byteCount = byteCount
    lengths.removeAll(keepingCapacity: true)
    lengths.append(contentsOf: repeatElement(0, count: byteCount + 1))
    if tokens.count <= byteCount {
      tokens.removeAll(keepingCapacity: true)
      tokens.append(contentsOf: repeatElement(0, count: byteCount + 1))
    }
    scores[0] = 0
  }

  @inline(__always)
  fileprivate mutating func withPaths(_ body: (Paths) -> Void) {
    tokens.withUnsafeMutableBufferPointer { tokens in
      lengths.withUnsafeMutableBufferPointer { lengths in
        scores.withUnsafeMutableBufferPointer { scores in
          body(Paths(tokens: tokens, lengths: lengths, scores: scores))
        }
      }
    }
  }

  /// Makes the path that was found from its end one from its beginning.
  fileprivate mutating func turnRound() {
    var end = byteCount
    withPaths { paths in
      var (token, length) = (paths.tokens[end], paths.lengths[end])
      while end > 0 {
        let start = end - Int(length)
        let before = (paths.tokens[start], paths.lengths[start])
        (paths.tokens[start], paths.lengths[start]) = (token, length)
        (end, token, length) = (start, before.0, before.1)
      }
    }
  }
}

extension Vocabulary {
  /// The tokens `<0x00>` to `<0xFF>`, -1 where there is none.
  var byteTokens: [Int32] {
    (0...255).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return id(of: "<0x\(byte < 16 ? "0" : "")\(digits)>") ?? -1
    }
  }
}
