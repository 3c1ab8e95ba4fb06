// Byte-pair encoding: the `BPE` model of a tokenizer.json, over bytes behind a `ByteLevel`
// pre-tokenizer, over characters otherwise. Sennrich et al. 2016; the order of merges is that of
// PyPI `tokenizers`.

/// Symbols, and the pairs that join, lowest rank first, leftmost first.
struct BytePairModel: Sendable {
  /// What a word is made of before anything joins.
  enum Symbols: Sendable {
    /// Its bytes, which the vocabulary writes in `ByteAlphabet`.
    case bytes
    case characters
  }

  /// What the file says besides its tokens.
  struct Options: Sendable {
    var symbols: Symbols
    /// What stands for symbols without a token; without it they are left out, as upstream does.
    var unknown: Int32?
    /// Whether neighbouring unknowns become one.
    var fusesUnknown = false
    /// Whether symbols without a token become `<0x00>` to `<0xFF>`, their bytes.
    var fallsBack = false
    /// Whether a word that is a token needs no merges.
    var takesWholeWords = false
  }

  let vocabulary: Vocabulary
  let options: Options
  /// Token of each byte; -1 where the vocabulary has none. Over characters, those below U+0080.
  let byteTokens: [Int32]
  /// Tokens for bytes of symbols without a token; -1 where there is none.
  let fallbackTokens: [Int32]?
  /// `left << 32 | right` to `rank << 32 | joined`.
  let merges: IntegerTable
  /// The two halves of each token that a merge makes and that text must not become.
  private(set) var halves: [Int32: (left: Int32, right: Int32)] = [:]
  /// Tokens that text must not become.
  private(set) var forbidden: Set<Int32> = []
  let hasAllBytes: Bool
  /// Whether words may be cut before each U+2581 that follows another character: no token lies
  /// across, and nothing that the two sides become depends on each other.
  let cutsAtMarks: Bool

  var unknown: Int32? { options.unknown }

  init(vocabulary: Vocabulary, merges: [Merge], options: Options) {
    self.vocabulary = vocabulary
    self.options = options
    var table = IntegerTable(capacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      let key = UInt64(merge.left) << 32 | UInt64(merge.right)
      table.insert(key, UInt64(rank) << 32 | UInt64(merge.joined))
    }
    self.merges = table
    fallbackTokens = options.fallsBack ? vocabulary.byteTokens : nil
    switch options.symbols {
    case .bytes:
      byteTokens = (0...255).map { (byte: UInt8) in
        vocabulary.id(of: ByteAlphabet.character(of: byte)) ?? -1
      }
      // Bytes that never occur in UTF-8 need no token.
      hasAllBytes = byteTokens.enumerated().allSatisfy { byte, token in
        token >= 0 || [0xC0, 0xC1].contains(byte) || byte > 0xF4
      }
      cutsAtMarks = false
    case .characters:
      byteTokens = (0...255).map { byte in
        byte < 0x80 ? vocabulary.id(of: String(Unicode.Scalar(UInt8(byte)))) ?? -1 : -1
      }
      hasAllBytes = false
      // Symbols that are left out would count in the positions of what follows.
      let losesNothing =
        options.unknown != nil || fallbackTokens?.allSatisfy { $0 >= 0 } ?? false
      cutsAtMarks =
        losesNothing && !options.takesWholeWords && vocabulary.id(of: "\u{2581}") != nil
        && !merges.contains { vocabulary.bytes(of: $0.joined)?.hasMarkInside ?? true }
    }
  }

  /// Looks up how the given tokens come about, so that `encode` can take them apart again.
  mutating func forbid(_ tokens: Set<Int32>, merges list: [Merge]) {
    forbidden = tokens
    halves = [:]
    for merge in list where tokens.contains(merge.joined) && halves[merge.joined] == nil {
      // With an empty half, the other is the whole again.
      guard merge.left != merge.joined, merge.right != merge.joined else { continue }
      halves[merge.joined] = (merge.left, merge.right)
    }
  }

  struct Merge {
    var left: Int32
    var right: Int32
    var joined: Int32
  }

  /// Puts the tokens of the words of `bytes` into `tokens`, which are empty. Words follow one another.
  /// Those of a long word are handed to `flush` as they become many; it takes them all.
  ///
  /// With `takesApart`, no forbidden token comes out: each is replaced by the two tokens it was
  /// merged from, and those likewise.
  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, words: ArraySlice<Range<Int32>>, takesApart: Bool,
    cache: inout WordCache, scratch: inout BytePairScratch, to tokens: inout [WordToken],
    _ flush: (inout [WordToken]) -> Void
  ) {
    func finish(_ tokens: inout [WordToken]) {
      if takesApart, !halves.isEmpty { takeApart(&tokens) }
    }
    merges.withReader { merges in
      byteTokens.withUnsafeBufferPointer { byteTokens in
        for index in words.indices {
          let word = Int(words[index].lowerBound)..<Int(words[index].upperBound)
          let key = WordCache.Key(bytes, word)
          if let key, cache.append(key, at: word.lowerBound, to: &tokens) { continue }
          let start = tokens.count
          let whole = options.takesWholeWords ? wholeWord(bytes, word) : nil
          let isForbidden = whole.map(forbidden.contains) ?? false
          if let whole, !isForbidden || !takesApart {
            tokens.append(WordToken(whole, word.lowerBound, word.upperBound))
          } else if word.count > Self.wholeByteCount, joinsInBlocks {
            joinBlocks(bytes, word, to: &tokens) {
              join(bytes, $0, byteTokens, merges, &scratch, to: &$1)
            } flush: {
              finish(&$0)
              flush(&$0)
            }
          } else {
            join(bytes, word, byteTokens, merges, &scratch, to: &tokens)
          }
          // The cache serves both ways of encoding, so it keeps what is the same in both.
          if let key, !isForbidden {
            cache.remember(key, at: word.lowerBound, tokens, from: start)
          }
        }
      }
    }
    finish(&tokens)
  }

  @inline(__always)
  private func join(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>,
    _ byteTokens: UnsafeBufferPointer<Int32>, _ merges: IntegerTable.Reader,
    _ scratch: inout BytePairScratch, to tokens: inout [WordToken]
  ) {
    switch options.symbols {
    case .characters: joinCharacters(bytes, word, merges, &scratch, to: &tokens)
    case .bytes where hasAllBytes: scratch.join(bytes, word, byteTokens, merges, to: &tokens)
    case .bytes: joinWritten(bytes, word, merges, &scratch, to: &tokens)
    }
  }

  private func takeApart(_ tokens: inout [WordToken]) {
    guard tokens.contains(where: { halves[$0.id] != nil }) else { return }
    let whole = tokens
    tokens = []
    for token in whole {
      var pending = [token]
      while let part = pending.popLast() {
        guard let (left, right) = halves[part.id] else {
          tokens.append(part)
          continue
        }
        let middle = min(Int(part.start) + byteCount(of: left), Int(part.end))
        pending.append(WordToken(right, middle, Int(part.end)))
        pending.append(WordToken(left, Int(part.start), middle))
      }
    }
  }

  /// The first of the forbidden tokens that cannot be taken apart, as text can only be spelled with
  /// it: a byte, a character, or what a byte falls back to.
  func indivisible(among tokens: Set<Int32>) -> Int32? {
    let fallbacks = fallbackTokens ?? []
    return (byteTokens + fallbacks).first { $0 >= 0 && tokens.contains($0) }
      ?? tokens.sorted().first { token in
        guard case .characters = options.symbols, let bytes = vocabulary.bytes(of: token) else {
          return false
        }
        return bytes.withUnsafeBufferPointer { bytes in
          !bytes.isEmpty && bytes.scalar(at: 0).byteCount == bytes.count
        }
      }
  }

  /// Bytes of text that a token stands for.
  private func byteCount(of token: Int32) -> Int {
    guard let bytes = vocabulary.bytes(of: token) else { return 0 }
    switch options.symbols {
    case .characters: return fallbackTokens?.contains(token) == true ? 1 : bytes.count
    case .bytes: return bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
  }
}

/// How GPT-2 writes bytes as printable characters: a byte that is one stands for itself, the others
/// are U+0100 and up in order.
enum ByteAlphabet {
  static func scalar(of byte: UInt8) -> UInt32 {
    switch byte {
    case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: UInt32(byte)
    case 0...0x20: 0x100 + UInt32(byte)
    case 0x7F...0xA0: 0x121 + UInt32(byte) - 0x7F
    default: 0x143  // 0xAD
    }
  }

  static func character(of byte: UInt8) -> String {
    String(Unicode.Scalar(scalar(of: byte)).map(Character.init) ?? "?")
  }

  /// Length of the character in UTF-8.
  static func byteCount(of byte: UInt8) -> Int { 0x21...0x7E ~= byte ? 1 : 2 }
}
