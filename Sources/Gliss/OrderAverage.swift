// Averaging over the orders in which labels are read: a model scores a label a little differently
// at another place in the list.
// Algorithms: SplitMix64 (Steele, Lea, Flood, 2014); Fisher-Yates shuffle.

/// How many orders of the labels a text is scored in. A label's logit is the mean over the orders,
/// and ``LabelScore/spread`` is how far they lie apart.
///
/// The first order is the one passed; the others are drawn from the seed, none twice, so that the
/// same labels, count and seed give the same bits. When there are not as many orders as asked for
/// (two labels have two), all are taken. The cost grows with the count.
public struct OrderAverage: Sendable, Hashable {
  /// Orders, from 1, the default, to ``limit``.
  public var count: Int
  /// What the orders are drawn from.
  public var seed: UInt64

  /// The most orders.
  public static let limit = 100

  /// Makes an average; the default is the one order passed.
  public init(count: Int = 1, seed: UInt64 = 0) {
    self.count = count
    self.seed = seed
  }

  /// The most places of all orders together: 32 MiB of them.
  private static let placeLimit = 1 << 22

  func validate(labelCount: Int) throws(GlissError) {
    guard (1...Self.limit).contains(count) else {
      throw GlissError(
        .usage, "the number of label orders should be from 1 to \(Self.limit), found \(count)",
        field: "orders", expected: "an integer from 1 to \(Self.limit)", found: "\(count)")
    }
    guard count == 1 || labelCount <= Self.placeLimit / count else {
      throw GlissError(
        .usage, "\(count) orders of \(labelCount) labels are more than \(Self.placeLimit) places",
        field: "orders", expected: "fewer orders or fewer labels", found: "\(count)")
    }
  }

  /// Orders of `0..<labelCount`, all different, the first ascending.
  func orders(of labelCount: Int) -> [[Int]] {
    var possible = 1
    for factor in 1...Swift.max(1, labelCount) where possible < count { possible *= factor }
    var state = seed
    var orders = [Array(0..<labelCount)]
    var known: Set<[Int]> = [orders[0]]
    while orders.count < Swift.min(count, possible) {
      var order = orders[0]
      for last in order.indices.dropFirst().reversed() {
        // The high word of the product: its bias is below labelCount / 2^64.
        let place = Self.next(&state).multipliedFullWidth(by: UInt64(last + 1)).high
        order.swapAt(last, Int(place))
      }
      if known.insert(order).inserted { orders.append(order) }
    }
    return orders
  }

  private static func next(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
