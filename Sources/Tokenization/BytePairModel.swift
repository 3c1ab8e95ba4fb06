// Byte-pair encoding over bytes: the `BPE` model of a tokenizer.json behind a `ByteLevel`
// pre-tokenizer. Sennrich et al. 2016; the order of merges is that of PyPI `tokenizers`.

/// Bytes, and the pairs that join, lowest rank first, leftmost first.
struct BytePairModel: Sendable {
  let vocabulary: Vocabulary
  /// Token of each byte; -1 where the vocabulary has none.
  let byteTokens: [Int32]
  /// `left << 32 | right` to `rank << 32 | joined`.
  let merges: IntegerTable
  /// What stands for bytes without a token; without it they are left out, as upstream does.
  let unknown: Int32?
  /// Whether neighbouring unknowns become one.
  let fusesUnknown: Bool
  /// The two halves of each token that a merge makes and that text must not become.
  private(set) var halves: [Int32: (left: Int32, right: Int32)] = [:]
  private let hasAllBytes: Bool

  init(
    vocabulary: Vocabulary, merges: IntegerTable, unknown: Int32?, fusesUnknown: Bool
  ) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    byteTokens = (0...255).map { (byte: UInt8) in
      vocabulary.id(of: ByteAlphabet.character(of: byte)) ?? -1
    }
    // Bytes that never occur in UTF-8 need no token.
    hasAllBytes = byteTokens.enumerated().allSatisfy { byte, token in
      token >= 0 || [0xC0, 0xC1].contains(byte) || byte > 0xF4
    }
  }

  /// Looks up how the given tokens come about, so that `encode` can take them apart again.
  mutating func forbid(_ tokens: Set<Int32>, merges list: [Merge]) {
    halves = [:]
    for merge in list where tokens.contains(merge.joined) && halves[merge.joined] == nil {
      halves[merge.joined] = (merge.left, merge.right)
    }
  }

  struct Merge {
    var left: Int32
    var right: Int32
    var joined: Int32
  }

  /// Appends the tokens of the words of `bytes`. Words follow one another.
  ///
  /// With `takesApart`, no forbidden token comes out: each is replaced by the two tokens it was
  /// merged from, and those likewise.
  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, words: borrowing [Range<Int32>], takesApart: Bool,
    cache: inout WordCache, scratch: inout BytePairScratch, to tokens: inout [WordToken]
  ) {
    let first = tokens.count
    merges.withReader { merges in
      byteTokens.withUnsafeBufferPointer { byteTokens in
        for index in words.indices {
          let word = Int(words[index].lowerBound)..<Int(words[index].upperBound)
          let key = WordCache.Key(bytes, word)
          if let key, cache.append(key, at: word.lowerBound, to: &tokens) { continue }
          let start = tokens.count
          if hasAllBytes {
            scratch.join(bytes, word, byteTokens, merges, to: &tokens)
          } else {
            joinKnown(bytes, word, merges, &scratch, to: &tokens)
          }
          if let key { cache.remember(key, at: word.lowerBound, tokens, from: start) }
        }
      }
    }
    if takesApart, !halves.isEmpty { takeApart(from: first, in: &tokens) }
  }

  private func takeApart(from first: Int, in tokens: inout [WordToken]) {
    guard tokens[first...].contains(where: { halves[$0.id] != nil }) else { return }
    let whole = Array(tokens[first...])
    tokens.removeSubrange(first...)
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

  /// Bytes of text that a token stands for: one per character.
  private func byteCount(of token: Int32) -> Int {
    vocabulary.bytes(of: token).map { $0.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) } } ?? 0
  }

  /// For vocabularies without all bytes. Upstream counts positions in the word as written in
  /// `ByteAlphabet`, and only over the symbols it keeps; so positions after a byte left out are too
  /// low by its length.
  private func joinKnown(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ merges: IntegerTable.Reader,
    _ scratch: inout BytePairScratch, to tokens: inout [WordToken]
  ) {
    // Position in the written word to byte of the word.
    var byteAt: [Int] = []
    for position in word {
      let length = ByteAlphabet.byteCount(of: bytes[position])
      byteAt.append(contentsOf: repeatElement(position, count: length))
    }
    scratch.removeSymbols()
    var pendingUnknown = 0
    for position in word {
      let length = ByteAlphabet.byteCount(of: bytes[position])
      let token = byteTokens[Int(bytes[position])]
      if token >= 0 || !fusesUnknown, pendingUnknown > 0, let unknown {
        scratch.appendSymbol(unknown, length: pendingUnknown)
        pendingUnknown = 0
      }
      if token >= 0 {
        scratch.appendSymbol(token, length: length)
      } else if unknown != nil {
        pendingUnknown += length
      }
    }
    if pendingUnknown > 0, let unknown { scratch.appendSymbol(unknown, length: pendingUnknown) }

    let first = tokens.count
    scratch.joinSymbols(merges, at: 0, to: &tokens)
    for index in first..<tokens.count {
      let (start, end) = (Int(tokens[index].start), Int(tokens[index].end))
      tokens[index] = WordToken(tokens[index].id, byteAt[start], byteAt[end - 1] + 1)
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
