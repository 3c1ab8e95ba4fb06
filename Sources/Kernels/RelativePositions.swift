// Which relative-position vector a query and a key share: DeBERTa's buckets, exact for near keys and
// logarithmic beyond. Source: He et al., "DeBERTa", 2021; transformers 5.23 modeling_deberta_v2.py
// (make_log_bucket_position), whose float32 arithmetic decides where a bucket ends.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The bucket of every distance between two positions of a sequence: clamp(b(query - key) + span).
///
/// b(r) = r for |r| <= buckets / 2 and, without buckets, for all r; beyond, sign(r) times
/// ceil(ln(|r| / mid) / ln((reach - 1) / mid) * (mid - 1)) + mid with mid = buckets / 2.
package struct RelativePositions: Sendable {
  /// How distances become buckets.
  package struct Rule: Sendable, Equatable {
    /// nil: every distance is its own bucket.
    package let buckets: Int?
    /// The distance at which the logarithm reaches the last bucket.
    package let reach: Int

    /// - Precondition: buckets, if any, at least 2, and reach - 1 more than half of them.
    package init(buckets: Int?, reach: Int) {
      precondition(reach > 0, "a reach of \(reach)")
      if let buckets {
        precondition(buckets > 1 && reach - 1 > buckets / 2, "\(buckets) buckets, reach \(reach)")
      }
      self.buckets = buckets
      self.reach = reach
    }

    /// Buckets on each side.
    package var span: Int { buckets ?? reach }

    /// b of a distance, before it is clamped.
    package func bucket(_ distance: Int) -> Int {
      let far = abs(distance)
      guard let buckets, far > buckets / 2 else { return distance }
      let mid = buckets / 2
      let share = Self.logarithm(Float(far) / Float(mid))
      let whole = Self.logarithm(Float(Double(reach - 1) / Double(mid)))
      let steps = (share / whole * Float(mid - 1)).rounded(.up)
      // At most 16.6 / ln(1 + 1 / mid) * mid steps: far below what an Int holds.
      let bucket = Int(steps) + mid
      return distance < 0 ? -bucket : bucket
    }

    private static func logarithm(_ x: Float) -> Float { Float(log(Double(x))) }
  }

  /// Longest sequence.
  package let limit: Int
  /// Buckets in all: 2 * span.
  package let count: Int
  private let table: AlignedBytes  // Int32 [2 * limit - 1], by key - query + limit - 1

  /// - Parameter limit: the longest sequence; positive.
  package init(_ rule: Rule, limit: Int) {
    precondition(limit > 0, "sequences of \(limit)")
    self.limit = limit
    count = 2 * rule.span
    table = AlignedBytes(count: (2 * limit - 1) * MemoryLayout<Int32>.stride)
    let values = table.base.bindMemory(to: Int32.self, capacity: 2 * limit - 1)
    for distance in 1 - limit..<limit {
      let bucket = min(max(rule.bucket(distance) + rule.span, 0), 2 * rule.span - 1)
      values[limit - 1 - distance] = Int32(bucket)
    }
  }

  /// Buckets of a query and the keys from `key` on, one after the other.
  func row(query: Int, key: Int) -> UnsafePointer<Int32> {
    UnsafePointer(
      table.base.assumingMemoryBound(to: Int32.self) + (key - query + limit - 1))
  }

  package func bucket(query: Int, key: Int) -> Int { Int(row(query: query, key: key).pointee) }

  /// All buckets between some queries and some keys: b grows with query - key.
  func buckets(queries: ClosedRange<Int>, keys: Range<Int>) -> ClosedRange<Int> {
    let lowest = bucket(query: queries.lowerBound, key: keys.upperBound - 1)
    return lowest...bucket(query: queries.upperBound, key: keys.lowerBound)
  }
}
