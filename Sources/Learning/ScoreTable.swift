// Scores of all labels beside the truth: what needs more than the answers. Average precision is
// scikit-learn's average_precision_score: ties are one step, nothing is interpolated.

public import Gliss

/// A score and a truth for every row and label, kept: 5 bytes each.
public struct ScoreTable: Sendable {
  /// Labels of a row.
  public let labelCount: Int
  /// Row by row.
  public private(set) var scores: [Float] = []
  /// Row by row.
  public private(set) var truths: [Bool] = []

  /// A table without rows.
  ///
  /// - Parameter labelCount: At least 1.
  public init(labelCount: Int) throws(GlissError) {
    guard labelCount > 0 else {
      throw .metric("labelCount", "a positive integer", "\(labelCount)")
    }
    self.labelCount = labelCount
  }

  /// Rows so far.
  public var rowCount: Int { scores.count / labelCount }

  /// Adds a row.
  ///
  /// - Parameters:
  ///   - scores: One a label.
  ///   - truth: The labels that are true, none twice.
  public mutating func add(scores row: [Float], truth: [Int]) throws(GlissError) {
    guard row.count == labelCount else {
      throw .metric("scores", "\(labelCount) numbers", "\(row.count)", row: rowCount)
    }
    if let wrong = row.first(where: { !$0.isFinite }) {
      throw .metric("scores", "finite numbers", "\(wrong)", row: rowCount)
    }
    if let wrong = truth.first(where: { !(0..<labelCount).contains($0) }) {
      throw .metric("truth", "labels from 0 to below \(labelCount)", "\(wrong)", row: rowCount)
    }
    let start = scores.count
    scores += row
    truths += repeatElement(false, count: labelCount)
    for label in truth { truths[start + label] = true }
  }

  /// The table of one label.
  ///
  /// - Parameter label: One of the labels.
  private init(_ table: ScoreTable, label: Int) {
    labelCount = 1
    (scores, truths) = table.column(label)
  }

  /// The tables of the labels.
  var columns: [ScoreTable] { (0..<labelCount).map { ScoreTable(self, label: $0) } }

  /// The scores and truths of one label.
  private func column(_ label: Int) -> (scores: [Float], truths: [Bool]) {
    let places = stride(from: label, to: scores.count, by: labelCount)
    return (places.map { scores[$0] }, places.map { truths[$0] })
  }

  /// Average precision over all labels; a label that is never true has 0.
  public func averagePrecision(_ average: LabelAverage) -> Double {
    guard average != .micro else { return Self.averagePrecision(scores, truths) }
    let columns = columns
    let values = columns.map { Self.averagePrecision($0.scores, $0.truths) }
    guard average == .weighted else { return Mean.of(values) }
    let supports = columns.map { column in Double(column.truths.count { $0 }) }
    return supports.allSatisfy { $0 == 0 } ? 0 : Mean.of(values, weights: supports)
  }

  /// The sum over distinct scores, from the highest, of precision there times the recall it adds.
  static func averagePrecision(_ scores: [Float], _ truths: [Bool]) -> Double {
    let positives = truths.count { $0 }
    guard positives > 0 else { return 0 }
    var (sum, hits, before) = (0.0, 0, 0)
    for step in ScoreSteps(scores, truths) {
      hits += step.hits
      guard hits > before else { continue }
      sum += Double(hits - before) / Double(positives) * Double(hits) / Double(step.end)
      before = hits
    }
    return sum
  }
}

/// Cells with the same score, from the highest score down.
struct ScoreSteps: Sequence, IteratorProtocol {
  private let scores: [Float]
  private let truths: [Bool]
  private let order: [Int]
  private var position = 0

  struct Step {
    let score: Float
    /// The cells, as indices.
    let cells: ArraySlice<Int>
    /// True cells among them.
    let hits: Int
    /// Cells up to here.
    var end: Int { cells.endIndex }
  }

  init(_ scores: [Float], _ truths: [Bool]) {
    (self.scores, self.truths) = (scores, truths)
    order = scores.indices.sorted { scores[$0] > scores[$1] }
  }

  mutating func next() -> Step? {
    guard position < order.count else { return nil }
    let (start, score) = (position, scores[order[position]])
    var hits = 0
    while position < order.count, scores[order[position]] == score {
      if truths[order[position]] { hits += 1 }
      position += 1
    }
    return Step(score: score, cells: order[start..<position], hits: hits)
  }
}
