// The merging itself, on buffers that are kept from word to word.

/// Symbols of a word and what its neighbours would become.
struct BytePairScratch {
  private var tokens: [Int32] = []
  /// Where each symbol ends, from the start of the word.
  private var ends: [Int32] = []
  /// `rank << 32 | joined` of each symbol with the next; `none` where they
  /// do not join.
  private var pairs: [UInt64] = []
  private var queue = MergeQueue()
  private var next: [Int32] = []
  private var previous: [Int32] = []

  /// A symbol of a short word, where it ends, and what it becomes with the next.
  private struct Symbol {
    var token: Int32 = 0
    var end: Int32 = 0
    var pair: UInt64 = 0
  }

  private var short = [Symbol](repeating: Symbol(), count: scanLimit)

  /// Up to here, looking through all pairs for each merge is faster than a queue.
  private static let scanLimit = 48
  /// Pairs looked at and moves in the queue: what tests bound, in place of seconds.
  var steps = 0

  mutating func removeSymbols() {
    tokens.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func appendSymbol(_ token: Int32, length: Int) {
    let end = ends.last ?? 0
    tokens.append(token)
    ends.append(end + Int32(truncatingIfNeeded: length))
  }

  /// Joins the bytes of a word, all of which have a token.
  mutating func join(
    _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>,
    _ byteTokens: UnsafeBufferPointer<Int32>, _ merges: IntegerTable.Reader,
    to output: inout [WordToken]
  ) {
    removeSymbols()
    if word.count <= Self.scanLimit {
      joinShort(merges, at: word.lowerBound, count: word.count, to: &output) { index in
        (byteTokens[Int(bytes[word.lowerBound + index])], Int32(truncatingIfNeeded: index + 1))
      }
    } else {
      for position in word { appendSymbol(byteTokens[Int(bytes[position])], length: 1) }
      joinSymbols(merges, at: word.lowerBound, to: &output)
    }
  }

  /// Joins the symbols and appends what is left, positions counted from `start`.
  mutating func joinSymbols(
    _ merges: IntegerTable.Reader, at start: Int, to output: inout [WordToken]
  ) {
    if tokens.count <= Self.scanLimit {
      let (tokens, ends) = (tokens, ends)
      joinShort(merges, at: start, count: tokens.count, to: &output) { (tokens[$0], ends[$0]) }
      return
    }
    runQueue(merges)
    var begin = start
    for index in tokens.indices {
      let end = start + Int(ends[index])
      output.append(WordToken(tokens[index], begin, end))
      begin = end
    }
  }

  /// The lowest pair joins until none is left. Quadratic, for words of at most `scanLimit` symbols.
  @inline(__always)
  private mutating func joinShort(
    _ merges: IntegerTable.Reader, at start: Int, count symbolCount: Int,
    to output: inout [WordToken], symbol: (Int) -> (token: Int32, end: Int32)
  ) {
    var count = symbolCount
    short.withUnsafeMutableBufferPointer { short in
      for index in 0..<count {
        let (token, end) = symbol(index)
        short[index].token = token
        short[index].end = end
        if index > 0 {
          short[index - 1].pair = pair(merges, short[index - 1].token, token)
        }
      }
      while count > 1 {
        steps += count
        var lowest = none
        var place = 0
        for index in 0..<count - 1 where short[index].pair < lowest {
          lowest = short[index].pair
          place = index
        }
        if lowest == none { break }
        short[place].token = Int32(bitPattern: UInt32(truncatingIfNeeded: lowest))
        short[place].end = short[place + 1].end
        short[place].pair = short[place + 1].pair
        count -= 1
        var index = place + 1
        while index < count {
          short[index] = short[index + 1]
          index += 1
        }
        if place > 0 {
          short[place - 1].pair = pair(merges, short[place - 1].token, short[place].token)
        }
        if place + 1 < count {
          short[place].pair = pair(merges, short[place].token, short[place + 1].token)
        }
      }
      var begin = start
      for index in 0..<count {
        let end = start + Int(short[index].end)
        output.append(WordToken(short[index].token, begin, end))
        begin = end
      }
    }
  }

  /// The same by a queue of pairs over a linked list: n log n, for words of any length.
  private mutating func runQueue(_ merges: IntegerTable.Reader) {
    let count = tokens.count
    pairs.removeAll(keepingCapacity: true)
    for index in 1..<count { pairs.append(pair(merges, tokens[index - 1], tokens[index])) }
    pairs.append(none)
    next = Array(1...Int32(count))
    previous = Array(-1..<Int32(count) - 1)
    queue.removeAll()
    for index in 0..<count where pairs[index] != none {
      queue.insert(rank: pairs[index] >> 32, place: index)
    }
    tokens.withUnsafeMutableBufferPointer { tokens in
      ends.withUnsafeMutableBufferPointer { ends in
        pairs.withUnsafeMutableBufferPointer { pairs in
          next.withUnsafeMutableBufferPointer { next in
            previous.withUnsafeMutableBufferPointer { previous in
              var word = LinkedWord(
                tokens: tokens, ends: ends, pairs: pairs, next: next, previous: previous)
              while let (rank, place) = queue.popFirst() { word.join(rank, place, merges, &queue) }
            }
          }
        }
      }
    }
    var kept = 0
    var place = 0
    while place < count {
      tokens[kept] = tokens[place]
      ends[kept] = ends[place]
      kept += 1
      place = Int(next[place])
    }
    steps += count + queue.moves
    tokens.removeSubrange(kept...)
    ends.removeSubrange(kept...)
  }

  /// The symbols of a long word as a doubly linked list over their first places.
  private struct LinkedWord {
    let tokens: UnsafeMutableBufferPointer<Int32>
    let ends: UnsafeMutableBufferPointer<Int32>
    let pairs: UnsafeMutableBufferPointer<UInt64>
    let next: UnsafeMutableBufferPointer<Int32>
    let previous: UnsafeMutableBufferPointer<Int32>

    /// Joins the symbol at `place` with the next, if that is still the pair that was queued.
    @inline(__always)
    mutating func join(
      _ rank: UInt64, _ place: Int, _ merges: IntegerTable.Reader, _ queue: inout MergeQueue
    ) {
      // A pair that has changed since: its symbols are gone or stand beside others now.
      guard pairs[place] != none, pairs[place] >> 32 == rank else { return }
      let gone = Int(next[place])
      tokens[place] = Int32(bitPattern: UInt32(truncatingIfNeeded: pairs[place]))
      ends[place] = ends[gone]
      pairs[gone] = none
      next[place] = next[gone]
      let after = Int(next[place])
      if after < tokens.count { previous[after] = Int32(truncatingIfNeeded: place) }
      update(place, after, merges, &queue)
      let before = Int(previous[place])
      if before >= 0 { update(before, place, merges, &queue) }
    }

    @inline(__always)
    private func update(
      _ place: Int, _ after: Int, _ merges: IntegerTable.Reader, _ queue: inout MergeQueue
    ) {
      pairs[place] = after < tokens.count ? pair(merges, tokens[place], tokens[after]) : none
      if pairs[place] != none { queue.insert(rank: pairs[place] >> 32, place: place) }
    }
  }
}

/// No pair: its symbols do not join.
private let none = UInt64.max

@inline(__always)
private func pair(_ merges: IntegerTable.Reader, _ left: Int32, _ right: Int32) -> UInt64 {
  merges[UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))] ?? none
}
