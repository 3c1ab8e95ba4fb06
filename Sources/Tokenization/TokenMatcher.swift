// Finds added tokens in a text: leftmost first, longest at one place, as upstream's Aho-Corasick.

/// The patterns of one pass (raw or normalised text).
///
/// A trie walked from every place whose first two bytes begin some pattern. The work is bounded by
/// text bytes times `longestByteCount`, which the file reader limits; an automaton with failure links
/// would drop the factor but pay a table load for every byte of every text.
struct TokenMatcher: Sendable {
  struct Match {
    var range: Range<Int>
    /// Position in the list of patterns.
    var pattern: Int
  }

  private(set) var longestByteCount = 0
  /// Bit `first | second << 8` is set when a pattern starts with these bytes.
  private var openings: [UInt64]
  /// `node << 8 | byte` to node; node 0 is the root.
  private var edges: IntegerTable
  /// Pattern that ends at a node, -1 for none.
  private var patternAtNode: [Int32] = [-1]

  /// Of equal patterns the first counts; empty ones never match.
  init(_ patterns: [[UInt8]]) {
    openings = [UInt64](repeating: 0, count: 1024)
    edges = IntegerTable(capacity: patterns.reduce(0) { $0 + $1.count })
    for (index, pattern) in patterns.enumerated() where !pattern.isEmpty {
      longestByteCount = max(longestByteCount, pattern.count)
      for second in pattern.count > 1 ? pattern[1]...pattern[1] : 0...255 {
        let opening = Int(pattern[0]) | Int(second) << 8
        openings[opening >> 6] |= 1 << UInt64(opening & 63)
      }
      var node = 0
      for byte in pattern {
        let key = UInt64(node) << 8 | UInt64(byte)
        if let next = edges[key] {
          node = Int(next)
        } else {
          edges.insert(key, UInt64(patternAtNode.count))
          node = patternAtNode.count
          patternAtNode.append(-1)
        }
      }
      if patternAtNode[node] < 0 { patternAtNode[node] = Int32(truncatingIfNeeded: index) }
    }
  }

  var isEmpty: Bool { longestByteCount == 0 }

  /// The first match that starts at or after `start` and lies before `end`.
  func firstMatch(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Match? {
    guard !isEmpty else { return nil }
    return openings.withUnsafeBufferPointer { openings in
      for position in start..<end {
        let second = position + 1 < end ? Int(bytes[position + 1]) : 0
        let opening = Int(bytes[position]) | second << 8
        let isOpening = openings[opening >> 6] >> UInt64(opening & 63) & 1 != 0
        // The last byte has no second one: patterns of one byte allow any.
        if isOpening, let match = longestMatch(in: bytes, at: position, to: end) { return match }
      }
      return nil
    }
  }

  private func longestMatch(
    in bytes: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int
  ) -> Match? {
    var node = 0
    var match: Match?
    for position in start..<end {
      guard let next = edges[UInt64(node) << 8 | UInt64(bytes[position])] else { break }
      node = Int(next)
      let pattern = Int(patternAtNode[node])
      if pattern >= 0 { match = Match(range: start..<position + 1, pattern: pattern) }
    }
    return match
  }
}
