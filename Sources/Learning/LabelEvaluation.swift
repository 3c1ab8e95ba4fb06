// Answers against the truth, row by row: accuracy and the F1 family. The numbers are those of
// scikit-learn's accuracy_score, precision_recall_fscore_support, hamming_loss and zero_one_loss.

public import Gliss

/// How the numbers of all labels become one.
public enum LabelAverage: String, Sendable, Hashable, CaseIterable {
  /// The mean over the labels: rare ones count as much as common ones.
  case macro
  /// From the counts of all labels together: every decision counts the same.
  case micro
  /// The mean weighted by how many rows each label is true for.
  case weighted
}

/// Whether a row has one label or a set of them.
public enum LabelKind: String, Sendable, Hashable, CaseIterable {
  /// Exactly one label is true, and one is said.
  case single
  /// Any number of labels, none included.
  case multiple
}

/// Gathers answers and says how good they are. Rows are added one at a time and not kept.
///
/// ```swift
/// var evaluation = LabelEvaluation(.single, labelCount: 3)
/// try evaluation.add(truth: [2], predicted: [0])
/// print(evaluation.f1(.macro))
/// ```
///
/// As scikit-learn does by default, means over single labels leave out those that are neither true
/// nor said in any row; means over sets of labels are over all.
public struct LabelEvaluation: Sendable, Hashable {
  /// Whether rows have one label or several.
  public let kind: LabelKind
  /// Per label.
  public private(set) var counts: [LabelCounts]
  /// Rows so far.
  public private(set) var rowCount = 0
  /// Rows for which exactly the true labels were said.
  public private(set) var exactCount = 0

  /// An evaluation without rows.
  ///
  /// - Parameter labelCount: Labels are the integers below it.
  public init(_ kind: LabelKind, labelCount: Int) {
    self.kind = kind
    counts = Array(repeating: LabelCounts(), count: max(0, labelCount))
  }

  /// Adds a row.
  ///
  /// - Throws: ``GlissError`` if an index is no label or comes twice, or if a row of single labels
  ///   has not exactly one of each.
  public mutating func add(truth: [Int], predicted: [Int]) throws(GlissError) {
    let (truths, predictions) = (Set(truth), Set(predicted))
    for (name, list, set) in [("truth", truth, truths), ("predicted", predicted, predictions)] {
      if let wrong = list.first(where: { !counts.indices.contains($0) }) {
        throw .metric(name, "labels from 0 to below \(counts.count)", "\(wrong)", row: rowCount)
      }
      if set.count < list.count {
        throw .metric(name, "every label once", "\(list)", row: rowCount)
      }
      if kind == .single, list.count != 1 {
        throw .metric(name, "exactly one label", "\(list.count)", row: rowCount)
      }
    }
    for label in truths.union(predictions) {
      switch (truths.contains(label), predictions.contains(label)) {
      case (true, true): counts[label].truePositives += 1
      case (true, false): counts[label].falseNegatives += 1
      default: counts[label].falsePositives += 1
      }
    }
    rowCount += 1
    if truths == predictions { exactCount += 1 }
  }

  /// Adds a row of sets, a flag a label in both.
  mutating func add(_ truths: ArraySlice<Bool>, _ predictions: ArraySlice<Bool>) {
    for (label, (isTrue, isSaid)) in zip(truths, predictions).enumerated() {
      if isTrue && isSaid { counts[label].truePositives += 1 }
      if isTrue && !isSaid { counts[label].falseNegatives += 1 }
      if !isTrue && isSaid { counts[label].falsePositives += 1 }
    }
    rowCount += 1
    if truths.elementsEqual(predictions) { exactCount += 1 }
  }

  /// The share of rows that are right: of sets, wholly right (subset accuracy). NaN without rows.
  public var accuracy: Double { Double(exactCount) / Double(rowCount) }

  /// The share of wrong decisions, a decision a row and label; of single labels, of wrong rows. NaN
  /// without rows.
  public var hammingLoss: Double {
    switch kind {
    case .single: return Double(rowCount - exactCount) / Double(rowCount)
    case .multiple:
      let wrong = counts.reduce(0) { $0 + $1.falsePositives + $1.falseNegatives }
      return Double(wrong) / (Double(rowCount) * Double(counts.count))
    }
  }

  /// Precision over all labels.
  public func precision(
    _ average: LabelAverage, zeroDivision: ZeroDivision = .zero
  ) -> Double {
    mean(average) { $0.precision(zeroDivision: zeroDivision) }
  }

  /// Recall over all labels.
  public func recall(_ average: LabelAverage, zeroDivision: ZeroDivision = .zero) -> Double {
    mean(average) { $0.recall(zeroDivision: zeroDivision) }
  }

  /// F1 over all labels.
  public func f1(_ average: LabelAverage, zeroDivision: ZeroDivision = .zero) -> Double {
    mean(average) { $0.f1(zeroDivision: zeroDivision) }
  }

  private func mean(_ average: LabelAverage, _ metric: (LabelCounts) -> Double) -> Double {
    let known =
      kind == .multiple ? counts : counts.filter { $0.support + $0.predictions > 0 }
    switch average {
    case .micro: return metric(known.reduce(LabelCounts(), +))
    case .macro: return Mean.of(known.map(metric))
    case .weighted: return Mean.of(known.map(metric), weights: known.map { Double($0.support) })
    }
  }
}

extension GlissError {
  /// Numbers that cannot be evaluated.
  static func metric(
    _ field: String, _ expected: String, _ found: String, row: Int? = nil
  ) -> GlissError {
    let place = row.map { "row \($0): " } ?? ""
    return GlissError(
      .usage, "\(place)\(field) should be \(expected), found \(found)", field: field,
      expected: expected, found: found, item: row)
  }
}
