// The `Unigram` model of a tokenizer.json: of all ways to cut a word into tokens the one with the
// highest sum of scores. Kudo 2018; Viterbi's algorithm, ties and all as in PyPI `tokenizers`.

struct UnigramModel: Sendable {
  let vocabulary: Vocabulary
  /// Score of each id.
  let scores: [Double]
  let trie: PrefixTrie
  let unknown: Int32
  /// Token of each byte, for text that has none; nil without `byte_fallback`, or when some byte
  /// has no token, -1 where a single one has none.
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

  /// Appends the tokens of the words of `bytes`. With `avoidsForbidden`, forbidden tokens count as
  /// not in the vocabulary.
  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, words: borrowing [Range<Int32>], avoidsForbidden: Bool,
    cache: inout WordCache, scratch: inout UnigramScratch, to tokens: inout [WordToken]
  ) {
    trie.withReader { trie in
      for index in words.indices {
        let word = Int(words[index].lowerBound)..<Int(words[index].upperBound)
        let key = WordCache.Key(bytes, word)
        if let key, cache.append(key, at: word.lowerBound, to: &tokens) { continue }
        let first = tokens.count
        let metForbidden = findPath(bytes, word, trie, avoidsForbidden, &scratch)
        collect(bytes, word, avoidsForbidden, scratch, to: &tokens)
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
    scratch.nodes.withUnsafeMutableBufferPointer { nodes in
      scores.withUnsafeBufferPointer { scores in
        var start = word.lowerBound
        while start < word.upperBound {
          let score = nodes[start - word.lowerBound].score
          let next = start + bytes.scalar(at: start).byteCount
          var isKnown = false
          trie.forEachToken(bytes, from: start, to: word.upperBound) { token, end in
            if hasForbidden, forbidden.contains(token) {
              metForbidden = true
              if avoidsForbidden { return }
            }
            nodes[end - word.lowerBound].offer(
              token, from: start - word.lowerBound, scores[Int(token)] + score)
            if end == next { isKnown = true }
          }
          if !isKnown {
            nodes[next - word.lowerBound].offer(
              unknown, from: start - word.lowerBound, unknownScore + score)
          }
          start = next
        }
      }
    }
    return metForbidden
  }

  /// Follows the path back. Unknown characters side by side are one token, or one token for each of
  /// their bytes, which all stand for the whole.
  private func collect(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ avoidsForbidden: Bool,
    _ scratch: borrowing UnigramScratch, to tokens: inout [WordToken]
  ) {
    let first = tokens.count
    var end = word.count
    while end > 0 {
      var start = Int(scratch.nodes[end].start)
      let token = scratch.nodes[end].token
      if token == unknown {
        while start > 0, scratch.nodes[start].token == unknown {
          start = Int(scratch.nodes[start].start)
        }
        append(bytes, word.lowerBound + start..<word.lowerBound + end, avoidsForbidden, to: &tokens)
      } else {
        tokens.append(WordToken(token, word.lowerBound + start, word.lowerBound + end))
      }
      end = start
    }
    tokens[first...].reverse()
  }

  /// Appends an unknown stretch, last token first.
  private func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ avoidsForbidden: Bool,
    to tokens: inout [WordToken]
  ) {
    let text = UnsafeBufferPointer(rebasing: bytes[range])
    // All of it may be a token, though parts of it were worth more.
    if let token = vocabulary.id(of: text), !avoidsForbidden || !forbidden.contains(token) {
      tokens.append(WordToken(token, range.lowerBound, range.upperBound))
    } else if let byteTokens, text.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
      for byte in text.reversed() {
        tokens.append(WordToken(byteTokens[Int(byte)], range.lowerBound, range.upperBound))
      }
    } else {
      tokens.append(WordToken(unknown, range.lowerBound, range.upperBound))
    }
  }
}

/// The paths of one word.
struct UnigramScratch {
  struct Node {
    /// Sum of the scores of the best path that ends here.
    var score = 0.0
    /// Where its last token begins; -1 while there is none.
    var start: Int32 = -1
    var token: Int32 = 0

    /// Takes a path that is better; of equal ones the first stays.
    @inline(__always)
    mutating func offer(_ token: Int32, from start: Int, _ score: Double) {
      guard self.start < 0 || score > self.score else { return }
      self = Node(score: score, start: Int32(truncatingIfNeeded: start), token: token)
    }
  }

  /// One for each byte border of the word.
  fileprivate(set) var nodes: [Node] = []

  fileprivate mutating func begin(_ byteCount: Int) {
    nodes.removeAll(keepingCapacity: true)
    nodes.append(contentsOf: repeatElement(Node(), count: byteCount + 1))
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
