// Words of any length in bounded memory: a long word is joined a block at a time.
//
// Tokens side by side are what a word becomes if, and only if, each two neighbours are what they
// become on their own: the first merge across a border between them would be the first in the word of
// these two as well, since of both the lowest pair joins first, the leftmost of equals. So blocks may
// be joined one by one where the tokens beside the cut, on their own, become themselves again.

extension BytePairModel {
  /// Bytes of a block: far more than a token.
  private static let blockByteCount = 1 << 14
  /// Words up to here are joined at once.
  static let wholeByteCount = 2 * blockByteCount
  /// Tokens at the end of a block that may change with what follows, and are joined again.
  private static let overlap = 32

  /// Whether every character becomes the same symbols wherever it stands, or a part of an unknown.
  var joinsInBlocks: Bool {
    switch options.symbols {
    case .bytes: hasAllBytes
    case .characters: fallbackTokens?.allSatisfy { $0 >= 0 } ?? (options.unknown != nil)
    }
  }

  /// Appends the tokens of a long word; `join` appends those of a part of it, `flush` takes what there
  /// is so far.
  func joinBlocks(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, to tokens: inout [WordToken],
    join: (Range<Int>, inout [WordToken]) -> Void, flush: (inout [WordToken]) -> Void
  ) {
    var (block, next, pair): ([WordToken], [WordToken], [WordToken]) = ([], [], [])
    var (start, byteCount) = (word.lowerBound, Self.blockByteCount)
    var isJoined = false
    while true {
      let end = bytes.characterStart(start + byteCount, before: word.upperBound)
      if !isJoined {
        block.removeAll(keepingCapacity: true)
        join(start..<end, &block)
      }
      isJoined = false
      guard end < word.upperBound else {
        tokens += block
        return
      }
      let cut = cut(of: block, bytes)
      let border = Int(block[cut].start)
      if cut > 0 {
        next.removeAll(keepingCapacity: true)
        join(
          border..<bytes.characterStart(border + Self.blockByteCount, before: word.upperBound),
          &next)
        isJoined = isStable(block[..<cut], next, bytes, &pair, join)
      }
      guard isJoined else {
        byteCount *= 2
        continue
      }
      tokens += block[..<cut]
      if tokens.count >= WordToken.flushCount { flush(&tokens) }
      (start, byteCount) = (border, Self.blockByteCount)
      swap(&block, &next)
    }
  }

  /// The token before which to cut a block: the last that begins with a character and has others
  /// enough behind it; 0 if there is none.
  private func cut(of block: [WordToken], _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var cut = max(0, block.count - Self.overlap)
    while cut > 0, bytes.isInsideCharacter(Int(block[cut].start)) { cut -= 1 }
    return cut
  }

  /// Whether the last of some tokens and the first of the following become themselves again. The
  /// stretch that is joined for it begins and ends with whole characters.
  private func isStable(
    _ tokens: ArraySlice<WordToken>, _ following: [WordToken],
    _ bytes: UnsafeBufferPointer<UInt8>, _ pair: inout [WordToken],
    _ join: (Range<Int>, inout [WordToken]) -> Void
  ) -> Bool {
    var (first, last) = (tokens.endIndex - 1, 0)
    while first > tokens.startIndex, bytes.isInsideCharacter(Int(tokens[first].start)) {
      first -= 1
    }
    while last < following.count - 1, bytes.isInsideCharacter(Int(following[last].end)) {
      last += 1
    }
    pair.removeAll(keepingCapacity: true)
    join(Int(tokens[first].start)..<Int(following[last].end), &pair)
    return pair.elementsEqual(tokens[first...] + following[...last]) {
      $0.id == $1.id && $0.end == $1.end
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether a character began before `position` and goes on.
  fileprivate func isInsideCharacter(_ position: Int) -> Bool {
    position < count && self[position] & 0xC0 == 0x80
  }

  /// `position`, or where the character that it is inside begins; at most `end`.
  fileprivate func characterStart(_ position: Int, before end: Int) -> Int {
    guard position < end else { return end }
    var position = position
    while isInsideCharacter(position) { position -= 1 }
    return position
  }
}
