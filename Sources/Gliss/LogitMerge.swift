// From the logits of windows, chunks and orders to one logit for each target.

/// The logits of one text.
struct MergedLogits {
  /// One per target; the mean over the orders.
  let logits: [Float]
  /// Highest minus lowest over the orders; nil for one order.
  let spread: [Float]?

  /// - Parameter orders: Logits per target, one array an order.
  init(_ orders: [[Float]]) {
    guard orders.count > 1 else {
      (logits, spread) = (orders[0], nil)
      return
    }
    logits = orders[0].indices.map { target in
      Float(orders.reduce(0.0) { $0 + Double($1[target]) } / Double(orders.count))
    }
    spread = orders[0].indices.map { target in
      let values = orders.lazy.map { $0[target] }
      return (values.max() ?? 0) - (values.min() ?? 0)
    }
  }
}

extension WindowMerge {
  /// One label's logits in the rows of all windows, as one.
  func merged(_ rows: [[Float]], _ label: Int) -> Float {
    guard rows.count > 1 else { return rows[0][label] }
    switch self {
    case .first: return rows[0][label]
    case .max, .maxScore: return rows.reduce(rows[0][label]) { Swift.max($0, $1[label]) }
    case .mean:
      return Float(rows.reduce(0.0) { $0 + Double($1[label]) } / Double(rows.count))
    }
  }
}
