// WordPiece: the longest token that fits, again and again. The model of BERT; behaviour is that of
// PyPI `tokenizers`.

struct WordPieceModel: Sendable {
  let vocabulary: Vocabulary
  let unknown: Int32
  /// Written before tokens that do not begin a word.
  let continuation: [UInt8]
  /// Words with more scalars are unknown.
  let longestWord: Int
  /// Tokens that text must not become.
  var forbidden: Set<Int32> = []

  /// Upper limit of `max_input_chars_per_word` (100 in every published file): the work on a word is
  /// its length times its tokens.
  static let longestWordLimit = 1000

  /// Appends the tokens of the words of `bytes`. With `avoidsForbidden`, forbidden tokens count as
  /// not in the vocabulary.
  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, words: ArraySlice<Range<Int32>>, avoidsForbidden: Bool,
    cache: inout WordCache, to tokens: inout [WordToken]
  ) {
    for index in words.indices {
      let word = Int(words[index].lowerBound)..<Int(words[index].upperBound)
      let key = WordCache.Key(bytes, word)
      if let key, cache.append(key, at: word.lowerBound, to: &tokens) { continue }
      let first = tokens.count
      let metForbidden = encode(bytes, word, avoidsForbidden, to: &tokens)
      // The cache serves both ways of encoding, so it keeps what is the same in both.
      if let key, !metForbidden {
        cache.remember(key, at: word.lowerBound, tokens, from: first)
      }
    }
  }

  /// True when a forbidden token was met, taken or not.
  private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ avoidsForbidden: Bool,
    to tokens: inout [WordToken]
  ) -> Bool {
    // Four bytes are at most one scalar: no need to count those of a very long word.
    guard word.count <= 4 * longestWord, bytes.scalarCount(in: word) <= longestWord else {
      tokens.append(WordToken(unknown, word.lowerBound, word.upperBound))
      return false
    }
    let first = tokens.count
    var metForbidden = false
    var start = word.lowerBound
    while start < word.upperBound {
      let found = continuation.withUnsafeBufferPointer { continuation in
        longestToken(
          bytes, start..<word.upperBound, after: start > word.lowerBound ? continuation : .empty,
          avoidsForbidden, &metForbidden)
      }
      guard let (token, end) = found else {
        tokens.removeSubrange(first...)
        tokens.append(WordToken(unknown, word.lowerBound, word.upperBound))
        return metForbidden
      }
      tokens.append(WordToken(token, start, end))
      start = end
    }
    return metForbidden
  }

  private func longestToken(
    _ bytes: UnsafeBufferPointer<UInt8>, _ rest: Range<Int>,
    after prefix: UnsafeBufferPointer<UInt8>, _ avoidsForbidden: Bool, _ metForbidden: inout Bool
  ) -> (token: Int32, end: Int)? {
    let hashing = vocabulary.hashing
    let limit = min(rest.count, vocabulary.longestByteCount - prefix.count)
    guard limit > 0 else { return nil }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: limit) { states in
      var state = hashing(prefix)
      for index in 0..<limit {
        state = hashing.extend(state, bytes[rest.lowerBound + index])
        states[index] = state
      }
      for length in stride(from: limit, to: 0, by: -1) {
        let end = rest.lowerBound + length
        if end < bytes.count, bytes[end] & 0xC0 == 0x80 { continue }
        let piece = UnsafeBufferPointer(rebasing: bytes[rest.lowerBound..<end])
        guard let token = vocabulary.id(of: piece, after: prefix, state: states[length - 1])
        else { continue }
        if forbidden.contains(token) {
          metForbidden = true
          if avoidsForbidden { continue }
        }
        return (token, end)
      }
      return nil
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate static var empty: Self { Self(start: nil, count: 0) }
}
