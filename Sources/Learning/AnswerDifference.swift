// How far the answers of one model, or of one precision of it, lie from those of another.

public import Gliss

/// The difference of two runs over the same rows.
public struct AnswerDifference: Sendable, Hashable {
  /// The largest difference of two logits.
  public let largestDifference: Float
  /// The mean difference of two logits; NaN without any.
  public let meanDifference: Double
  /// Decisions that are not the same.
  public let flippedCount: Int
  /// Decisions in all.
  public let decisionCount: Int

  /// Compares two runs.
  ///
  /// - Parameters:
  ///   - logits: Of both runs, in the same order.
  ///   - decisions: Of both runs: the chosen label of a row, or 1 for a label that holds.
  /// - Throws: ``GlissError`` if one run has more of either than the other.
  public init(
    logits: (one: [Float], other: [Float]), decisions: (one: [Int], other: [Int])
  ) throws(GlissError) {
    guard logits.one.count == logits.other.count else {
      throw .metric("logits", "\(logits.one.count) numbers", "\(logits.other.count)")
    }
    guard decisions.one.count == decisions.other.count else {
      throw .metric("decisions", "\(decisions.one.count) of them", "\(decisions.other.count)")
    }
    let differences = zip(logits.one, logits.other).map { abs($0 - $1) }
    largestDifference = differences.reduce(0, max)
    meanDifference = Mean.of(differences.map { Double($0) })
    flippedCount = zip(decisions.one, decisions.other).count { $0 != $1 }
    decisionCount = decisions.one.count
  }
}
