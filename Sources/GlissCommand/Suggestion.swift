// "Did you mean": the nearest known word by edit distance (Damerau's, adjacent swaps count one).

package enum Suggestion {
  /// The candidate nearest to `word`, if it is near enough to be a slip of the fingers.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let limit = max(1, word.count / 3)
    // Candidates may come from outside, and be any length.
    let near = candidates.filter { $0.utf8.count <= 256 && abs($0.count - word.count) <= limit }
    let ranked = near.map { ($0, distance(word.lowercased(), $0.lowercased())) }
    guard word.utf8.count <= 256, let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= limit else {
      return nil
    }
    return best.0
  }

  static func distance(_ first: String, _ second: String) -> Int {
    let a = Array(first.unicodeScalars)
    let b = Array(second.unicodeScalars)
    // rows[i % 3][j]: edits between the first i scalars of `a` and the first j of `b`.
    var rows = [[Int]](repeating: Array(0...b.count), count: 3)
    for i in a.indices {
      rows[(i + 1) % 3][0] = i + 1
      for j in b.indices {
        let substitution = rows[i % 3][j] + (a[i] == b[j] ? 0 : 1)
        var least = min(substitution, rows[i % 3][j + 1] + 1, rows[(i + 1) % 3][j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, rows[(i + 2) % 3][j - 1] + 1)
        }
        rows[(i + 1) % 3][j + 1] = least
      }
    }
    return rows[a.count % 3][b.count]
  }
}
