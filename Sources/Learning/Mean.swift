// Means as scikit-learn takes them.

enum Mean {
  /// The mean; NaN of nothing. Values that are not numbers are left out.
  static func of(_ values: [Double]) -> Double {
    of(values, weights: values.map { _ in 1 })
  }

  /// The weighted mean without the values that are not numbers; where all weights are 0, the plain
  /// one.
  static func of(_ values: [Double], weights: [Double]) -> Double {
    var (sum, total, plain, count) = (0.0, 0.0, 0.0, 0.0)
    for (value, weight) in zip(values, weights) where !value.isNaN {
      sum += value * weight
      total += weight
      plain += value
      count += 1
    }
    return total > 0 ? sum / total : plain / count
  }
}
