// The merging itself, on buffers that are kept from word to word.

/// Symbols of a word and what its neighbours would become.
struct BytePairScratch {
  private var tokens: [Int32] = []
  /// Where each symbol ends, from the start of the word.
  private var ends: [Int32] = []
  /// `rank << 32 | joined` of each symbol with the next; `none` where they do not join.
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

  private static let none = UInt64.max
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

  @inline(__always)
  private static func pair(
    _ merges: IntegerTable.Reader, _ left: Int32, _ right: Int32
  ) -> UInt64 {
    merges[UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))] ?? none
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
          short[index - 1].pair = Self.pair(merges, short[index - 1].token, token)
        }
      }
      while count > 1 {
        steps += count
        var lowest = Self.none
        var place = 0
        for index in 0..<count - 1 where short[index].pair < lowest {
          lowest = short[index].pair
          place = index
        }
        if lowest == Self.none { break }
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
          short[place - 1].pair = Self.pair(merges, short[place - 1].token, short[place].token)
        }
        if place + 1 < count {
          short[place].pair = Self.pair(merges, short[place].token, short[place + 1].token)
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
    for index in 1..<count { pairs.append(Self.pair(merges, tokens[index - 1], tokens[index])) }
    pairs.append(Self.none)
    next = Array(1...Int32(count))
    previous = Array(-1..<Int32(count) - 1)
    queue.removeAll()
    for index in 0..<count where pairs[index] != Self.none {
      queue.append(rank: pairs[index] >> 32, place: index)
    }
    queue.order()
    while let (rank, place) = queue.popFirst() {
      // A pair that has changed since: its symbols are gone or stand beside others now.
      guard pairs[place] != Self.none, pairs[place] >> 32 == rank else { continue }
      let gone = Int(next[place])
      tokens[place] = Int32(bitPattern: UInt32(truncatingIfNeeded: pairs[place]))
      ends[place] = ends[gone]
      pairs[gone] = Self.none
      next[place] = next[gone]
      let after = Int(next[place])
      if after < count { previous[after] = Int32(place) }
      update(place, after, merges, count)
      let before = Int(previous[place])
      if before >= 0 { update(before, place, merges, count) }
      previous[gone] = -2
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

  private mutating func update(
    _ place: Int, _ after: Int, _ merges: IntegerTable.Reader, _ count: Int
  ) {
    pairs[place] = after < count ? Self.pair(merges, tokens[place], tokens[after]) : Self.none
    if pairs[place] != Self.none { queue.insert(rank: pairs[place] >> 32, place: place) }
  }
}

/// Pairs by rank, then by place: a binary heap of `rank << 32 | place`.
private struct MergeQueue {
  private var heap: [UInt64] = []
  /// Values moved since `removeAll`.
  private(set) var moves = 0

  mutating func removeAll() {
    heap.removeAll(keepingCapacity: true)
    moves = 0
  }

  /// Adds without keeping order; call `order` when all are in.
  mutating func append(rank: UInt64, place: Int) { heap.append(rank << 32 | UInt64(place)) }

  mutating func order() {
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  mutating func insert(rank: UInt64, place: Int) {
    heap.append(rank << 32 | UInt64(place))
    heap.withUnsafeMutableBufferPointer { heap in
      var index = heap.count - 1
      let value = heap[index]
      while index > 0, heap[(index - 1) / 2] > value {
        heap[index] = heap[(index - 1) / 2]
        moves += 1
        index = (index - 1) / 2
      }
      heap[index] = value
    }
  }

  mutating func popFirst() -> (rank: UInt64, place: Int)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink(0)
    }
    return (first >> 32, Int(first & 0xFFFF_FFFF))
  }

  private mutating func sink(_ start: Int) {
    heap.withUnsafeMutableBufferPointer { heap in
      var index = start
      let value = heap[index]
      while 2 * index + 1 < heap.count {
        var child = 2 * index + 1
        if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
        if heap[child] >= value { break }
        heap[index] = heap[child]
        moves += 1
        index = child
      }
      heap[index] = value
    }
  }
}
