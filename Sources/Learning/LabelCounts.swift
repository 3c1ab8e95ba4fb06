// How often one label was said and was true.

/// What a ratio is worth whose denominator is 0: a label that is never true has no recall.
/// scikit-learn's `zero_division`.
public enum ZeroDivision: Sendable, Hashable, CaseIterable {
  /// 0, the default, there and here.
  case zero
  /// 1.
  case one
  /// Not a number by itself, and left out of means: scikit-learn's `nan`.
  case skipped

  var value: Double {
    switch self {
    case .zero: 0
    case .one: 1
    case .skipped: .nan
    }
  }

  func ratio(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? value : Double(numerator) / Double(denominator)
  }
}

/// How often one label was said and was true, over all rows.
public struct LabelCounts: Sendable, Hashable {
  /// Said and true.
  public var truePositives = 0
  /// Said and not true.
  public var falsePositives = 0
  /// True and not said.
  public var falseNegatives = 0

  /// Makes counts of nothing.
  public init() {}

  /// Rows for which the label is true.
  public var support: Int { truePositives + falseNegatives }
  /// Rows for which the label was said.
  public var predictions: Int { truePositives + falsePositives }

  /// The share of what was said that is true.
  public func precision(zeroDivision: ZeroDivision = .zero) -> Double {
    zeroDivision.ratio(truePositives, predictions)
  }

  /// The share of what is true that was said.
  public func recall(zeroDivision: ZeroDivision = .zero) -> Double {
    zeroDivision.ratio(truePositives, support)
  }

  /// The harmonic mean of both: 2 TP / (2 TP + FP + FN).
  public func f1(zeroDivision: ZeroDivision = .zero) -> Double {
    zeroDivision.ratio(2 * truePositives, predictions + support)
  }

  /// The counts of two labels together.
  static func + (one: LabelCounts, other: LabelCounts) -> LabelCounts {
    var sum = one
    sum.truePositives += other.truePositives
    sum.falsePositives += other.falsePositives
    sum.falseNegatives += other.falseNegatives
    return sum
  }
}
