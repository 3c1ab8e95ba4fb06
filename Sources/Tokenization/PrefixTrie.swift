// All tokens that begin at a place of a text: what a Unigram model asks for at every character.

/// A trie over bytes, branches of a single token cut short and kept as text.
///
/// Nodes are numbered breadth first, so that the children of a node lie side by side. About two nodes
/// a token for vocabularies in use; never more than there are bytes in the tokens.
struct PrefixTrie: Sendable {
  fileprivate struct Node {
    /// Number of the first child; for a tail, where in `tails` it begins.
    var first: UInt32
    /// The token that ends here, or at the end of the tail; -1 for none.
    var token: Int32
    /// Children, of which there are up to 256; `Self.tail` for a tail.
    var childCount: Int16

    static let tail: Int16 = -1
  }

  private var nodes: [Node] = []
  /// The byte that leads to each node.
  private var labels: [UInt8] = []
  /// Byte to child of the root, 0 for none: the root is no one's child.
  private var roots = [UInt32](repeating: 0, count: 256)
  /// Length in two bytes and the bytes of each tail.
  private var tails: [UInt8] = []

  /// Bytes of a token: the work at every place of a text is up to that.
  static let longestToken = 512

  /// - Parameters:
  ///   - bytes: the tokens end to end, none of them longer than `longestToken`, none twice.
  ///   - ends: where each token ends.
  init(_ bytes: [UInt8], ends: [Int]) {
    func range(_ token: Int) -> Range<Int> { (token > 0 ? ends[token - 1] : 0)..<ends[token] }
    let order = bytes.withUnsafeBufferPointer { bytes in
      // The empty token is at no place.
      ends.indices.filter { !range($0).isEmpty }.sorted { left, right in
        bytes[range(left)].lexicographicallyPrecedes(bytes[range(right)])
      }
    }
    nodes.append(Node(first: 0, token: -1, childCount: 0))
    labels.append(0)
    // Nodes of one depth, by the tokens below them.
    var level = [(node: 0, tokens: order.indices)]
    var depth = 0
    while !level.isEmpty {
      var next: [(node: Int, tokens: Range<Int>)] = []
      for (node, tokens) in level {
        var start = tokens.lowerBound
        if start < tokens.upperBound, range(order[start]).count == depth {
          nodes[node].token = Int32(truncatingIfNeeded: order[start])
          start += 1
        }
        nodes[node].first = UInt32(truncatingIfNeeded: nodes.count)
        while start < tokens.upperBound {
          let label = bytes[range(order[start]).lowerBound + depth]
          var end = start + 1
          while end < tokens.upperBound, bytes[range(order[end]).lowerBound + depth] == label {
            end += 1
          }
          nodes[node].childCount += 1
          if end - start == 1 {
            appendTail(order[start], bytes[range(order[start])].dropFirst(depth + 1))
          } else {
            next.append((nodes.count, start..<end))
            nodes.append(Node(first: 0, token: -1, childCount: 0))
          }
          labels.append(label)
          start = end
        }
      }
      level = next
      depth += 1
    }
    for index in 0..<Int(nodes[0].childCount) {
      let child = Int(nodes[0].first) + index
      roots[Int(labels[child])] = UInt32(truncatingIfNeeded: child)
    }
  }

  private mutating func appendTail(_ token: Int, _ rest: ArraySlice<UInt8>) {
    nodes.append(
      Node(
        first: UInt32(truncatingIfNeeded: tails.count), token: Int32(truncatingIfNeeded: token),
        childCount: Node.tail))
    tails.append(UInt8(truncatingIfNeeded: rest.count & 0xFF))
    tails.append(UInt8(truncatingIfNeeded: rest.count >> 8))
    tails.append(contentsOf: rest)
  }

  func withReader<Result>(_ body: (Reader) -> Result) -> Result {
    nodes.withUnsafeBufferPointer { nodes in
      labels.withUnsafeBufferPointer { labels in
        roots.withUnsafeBufferPointer { roots in
          tails.withUnsafeBufferPointer { tails in
            body(Reader(nodes: nodes, labels: labels, roots: roots, tails: tails))
          }
        }
      }
    }
  }

  /// Valid only inside `withReader`.
  struct Reader {
    fileprivate let nodes: UnsafeBufferPointer<Node>
    fileprivate let labels: UnsafeBufferPointer<UInt8>
    fileprivate let roots: UnsafeBufferPointer<UInt32>
    fileprivate let tails: UnsafeBufferPointer<UInt8>

    /// Calls `body` with every token that `bytes[start..<end]` begins with, shortest first, and with
    /// where it ends.
    @inline(__always)
    func forEachToken(
      _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int,
      _ body: (_ token: Int32, _ end: Int) -> Void
    ) {
      guard start < end else { return }
      var node = Int(roots[Int(bytes[start])])
      var position = start + 1
      while node != 0 {
        let (first, token) = (Int(nodes[node].first), nodes[node].token)
        if nodes[node].childCount == Node.tail {
          let length = Int(tails[first]) | Int(tails[first + 1]) << 8
          guard position + length <= end else { return }
          for index in 0..<length where bytes[position + index] != tails[first + 2 + index] {
            return
          }
          body(token, position + length)
          return
        }
        if token >= 0 { body(token, position) }
        guard position < end else { return }
        node = child(first, Int(nodes[node].childCount), bytes[position])
        position += 1
      }
    }

    /// The child with a label, by bisection down to eight and then one by one; 0 for none.
    @inline(__always)
    private func child(_ first: Int, _ count: Int, _ label: UInt8) -> Int {
      var low = first
      var high = first + count
      while high - low > 8 {
        let middle = (low + high) / 2
        if labels[middle] <= label { low = middle } else { high = middle }
      }
      while low < high {
        if labels[low] == label { return low }
        low += 1
      }
      return 0
    }
  }
}
