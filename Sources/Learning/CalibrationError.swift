// Whether scores mean what they say: of all that is scored 0.8, four fifths should be true.
// Binning: scikit-learn's calibration_curve with strategy "uniform".

public import Gliss

/// Gathers scores and how often they were right, in bins of equal width.
public struct CalibrationError: Sendable, Hashable {
  /// One bin: scores above its lower edge, and at or below its upper one; the first has 0 too.
  public struct Bin: Sendable, Hashable {
    /// Scores in it.
    public var count = 0
    /// How many of them were right.
    public var rightCount = 0
    /// Their sum.
    public var scoreSum = 0.0
  }

  /// From 0 to 1.
  public private(set) var bins: [Bin]

  /// An error without scores.
  ///
  /// - Parameter binCount: At least 1.
  public init(binCount: Int = 10) throws(GlissError) {
    guard binCount > 0 else {
      throw .metric("binCount", "a positive integer", "\(binCount)")
    }
    bins = Array(repeating: Bin(), count: binCount)
  }

  /// Adds a score from 0 to 1, and whether it was right: of a set of labels, whether the label is
  /// true; of one choice, whether the chosen label is.
  public mutating func add(score: Float, isRight: Bool) throws(GlissError) {
    guard (0...1).contains(score) else {
      throw .metric("score", "a number from 0 to 1", "\(score)")
    }
    let step = 1 / Double(bins.count)
    var bin = min(bins.count - 1, Int(Double(score) * Double(bins.count)))
    // The product may have been rounded over an edge.
    while bin > 0, Double(score) <= Double(bin) * step { bin -= 1 }
    while bin + 1 < bins.count, Double(score) > Double(bin + 1) * step { bin += 1 }
    bins[bin].count += 1
    bins[bin].scoreSum += Double(score)
    if isRight { bins[bin].rightCount += 1 }
  }

  /// The expected calibration error: the mean over all scores of how far the mean score of their bin
  /// lies from the share that was right. NaN without scores.
  public var value: Double {
    let count = bins.reduce(0) { $0 + $1.count }
    return bins.reduce(0) { $0 + abs($1.scoreSum - Double($1.rightCount)) } / Double(count)
  }
}
