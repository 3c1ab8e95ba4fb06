// Words that are not simply their bytes: characters with unknowns and byte tokens among them, and
// whole words that are tokens.

extension BytePairModel {
  /// Joins the characters of a word.
  func joinCharacters(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ merges: IntegerTable.Reader,
    _ scratch: inout BytePairScratch, to tokens: inout [WordToken]
  ) {
    gatherSymbols(bytes, word, &scratch)
    scratch.joinSymbols(merges, at: word.lowerBound, to: &tokens)
  }

  /// The same for words of bytes when some byte has no token: of the word as written in
  /// `ByteAlphabet`, whose positions upstream counts.
  func joinWritten(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ merges: IntegerTable.Reader,
    _ scratch: inout BytePairScratch, to tokens: inout [WordToken]
  ) {
    let written = ByteAlphabet.written(bytes, word)
    // Position in the written word to byte of the word.
    var byteAt: [Int] = []
    byteAt.reserveCapacity(written.count)
    for position in word {
      byteAt.append(
        contentsOf: repeatElement(position, count: ByteAlphabet.byteCount(of: bytes[position])))
    }
    let first = tokens.count
    written.withUnsafeBufferPointer {
      joinCharacters($0, $0.indices, merges, &scratch, to: &tokens)
    }
    for index in first..<tokens.count {
      let (start, end) = (Int(tokens[index].start), Int(tokens[index].end))
      tokens[index] = WordToken(tokens[index].id, byteAt[start], byteAt[end - 1] + 1)
    }
  }

  /// Upstream's order: an unknown waits for the next character that has a token, and byte tokens go
  /// ahead of it. Positions are counted over the symbols as they come, so those after a character
  /// left out are too low by its length.
  private func gatherSymbols(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ scratch: inout BytePairScratch
  ) {
    scratch.removeSymbols()
    var pendingUnknown = 0
    var position = word.lowerBound
    while position < word.upperBound {
      let byteCount = bytes.scalar(at: position).byteCount
      let end = position + byteCount
      let character = UnsafeBufferPointer(rebasing: bytes[position..<end])
      position = end
      let token: Int32
      switch options.symbols {
      case .characters where byteCount == 1: token = byteTokens[Int(character[0])]
      case .characters, .bytes: token = vocabulary.id(of: character) ?? -1
      }
      if token >= 0 {
        if pendingUnknown > 0, let unknown {
          scratch.appendSymbol(unknown, length: pendingUnknown)
          pendingUnknown = 0
        }
        scratch.appendSymbol(token, length: byteCount)
      } else if let fallbackTokens, character.allSatisfy({ fallbackTokens[Int($0)] >= 0 }) {
        for byte in character { scratch.appendSymbol(fallbackTokens[Int(byte)], length: 1) }
      } else if let unknown {
        if !options.fusesUnknown, pendingUnknown > 0 {
          scratch.appendSymbol(unknown, length: pendingUnknown)
          pendingUnknown = 0
        }
        pendingUnknown += byteCount
      }
    }
    if pendingUnknown > 0, let unknown { scratch.appendSymbol(unknown, length: pendingUnknown) }
  }

  /// The token that a word is.
  func wholeWord(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Int32? {
    guard word.count <= vocabulary.longestByteCount else { return nil }
    switch options.symbols {
    case .characters: return vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[word]))
    case .bytes:
      return ByteAlphabet.written(bytes, word).withUnsafeBufferPointer { vocabulary.id(of: $0) }
    }
  }

  /// The fewest tokens that any word of so many bytes becomes: each covers at most as many bytes as
  /// the longest of the vocabulary, or one character without a token. Unknown characters side by side
  /// may be one token, and without an unknown token none.
  func fewestTokens(ofWord byteCount: Int) -> Int {
    let fallsBack = fallbackTokens?.allSatisfy { $0 >= 0 } ?? false
    guard hasAllBytes || fallsBack || options.unknown != nil && !options.fusesUnknown else {
      return options.unknown == nil ? 0 : 1
    }
    let longest = max(vocabulary.longestByteCount, 4)
    return (byteCount - 1) / longest + 1
  }

  /// Cuts words before each U+2581 that follows another character.
  func cutAtMarks(
    _ bytes: UnsafeBufferPointer<UInt8>, _ words: borrowing [Range<Int32>],
    into cut: inout [Range<Int32>]
  ) {
    for index in words.indices {
      var start = Int(words[index].lowerBound)
      let end = Int(words[index].upperBound)
      var position = start
      while position + 2 < end {
        guard bytes[position] == 0xE2, bytes[position + 1] == 0x96, bytes[position + 2] == 0x81
        else {
          position += 1
          continue
        }
        if position > start, !bytes.endsWithMark(at: position, from: start) {
          cut.append(narrow(start..<position))
          start = position
        }
        position += 3
      }
      if start < end { cut.append(narrow(start..<end)) }
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes from `start` to `end` end with U+2581.
  fileprivate func endsWithMark(at end: Int, from start: Int) -> Bool {
    end - start >= 3 && self[end - 3] == 0xE2 && self[end - 2] == 0x96 && self[end - 1] == 0x81
  }
}

extension ArraySlice<UInt8> {
  /// Whether U+2581 follows another character.
  var hasMarkInside: Bool {
    withUnsafeBufferPointer { bytes in
      var position = 1
      while position + 2 < bytes.count {
        if bytes[position] == 0xE2, bytes[position + 1] == 0x96, bytes[position + 2] == 0x81,
          !bytes.endsWithMark(at: position, from: 0)
        {
          return true
        }
        position += 1
      }
      return false
    }
  }
}

extension ByteAlphabet {
  /// A word as the vocabulary writes it.
  static func written(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> [UInt8] {
    var written: [UInt8] = []
    written.reserveCapacity(2 * word.count)
    for position in word { written.append(scalar: scalar(of: bytes[position])) }
    return written
  }
}
