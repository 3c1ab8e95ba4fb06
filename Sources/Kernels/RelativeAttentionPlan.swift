// How attention with relative positions is cut into tasks: groups of queries of one head, each with
// memory of its own for the scores of buckets.

/// What an attention with relative positions is made of.
package struct RelativeShape: Sendable {
  package let headCount: Int
  package let headDimension: Int
  /// Terms of a score that have the same variance: they are divided by sqrt(terms * headDimension).
  package let termCount: Int

  package init(headCount: Int, headDimension: Int, termCount: Int) {
    self.headCount = headCount
    self.headDimension = headDimension
    self.termCount = termCount
  }

  package var scale: Float { 1 / Float(termCount * headDimension).squareRoot() }
  /// What keys and values are packed for.
  package var attention: AttentionShape {
    AttentionShape(headCount: headCount, headDimension: headDimension, window: nil)
  }
}

/// Groups of queries, and the layout of a task's memory.
///
/// A group is up to `groupRows` queries of one sequence and spans as many positions. It holds, for one
/// block of keys at a time, the scores of these keys with every bucket that the group can need, and
/// for one block of its queries the same. So a bucket's score is computed once for a group, not once
/// for a pair; memory does not grow with the sequence. How queries are grouped changes no result.
package struct RelativeAttentionPlan: Sendable {
  /// Keys that are scored at a time: a multiple of every kernel set's tile columns.
  static let keyBlock = 128
  /// Queries of a block: as in `AttentionPlan`.
  static let queryBlock = 48
  /// The most queries of a group, and the most positions from its first to its last.
  static let groupRows = 480
  /// Tasks that each thread should get at least, so that none waits long for the last.
  private static let tasksPerThread = 4

  /// Keys and values, packed as for any attention.
  package private(set) var packing = AttentionPlan()
  private(set) var groups: [RelativeGroup] = []
  /// The queries chosen by `select`, as rows of a matrix that holds them alone.
  private(set) var selectedGroups: [RelativeGroup] = []
  private(set) var selectedPositions: [Int] = []
  /// Buckets that one task has room for: whole panels.
  private(set) var bucketColumns = 0

  package init() {}

  /// Floats that each thread needs.
  package var taskFloatCount: Int {
    let scored = Self.keyBlock + Self.queryBlock
    return scored * bucketColumns + Self.queryBlock * Self.keyBlock + 2 * Self.groupRows
  }

  /// Plans the attention of sequences at `offsets`: the first token of each, then the token count.
  mutating func lay(
    out offsets: [Int], _ shape: RelativeShape, buckets: Int, tileColumns: Int, threads: Int
  ) {
    packing.lay(out: offsets, shape.attention, tileColumns: tileColumns)
    groups.removeAll(keepingCapacity: true)
    selectedGroups.removeAll(keepingCapacity: true)
    selectedPositions.removeAll(keepingCapacity: true)
    var rows = Self.groupRows
    while rows > Self.queryBlock,
      Self.groupCount(offsets, rows) * shape.headCount < Self.tasksPerThread * threads
    {
      rows = (rows / 2 + Self.queryBlock - 1) / Self.queryBlock * Self.queryBlock
    }
    for sequence in 0..<max(0, offsets.count - 1) {
      let length = offsets[sequence + 1] - offsets[sequence]
      for first in stride(from: 0, to: length, by: rows) {
        let last = min(length, first + rows) - 1
        groups.append(
          RelativeGroup(
            sequence: sequence, keyRow: offsets[sequence], firstRow: offsets[sequence] + first,
            rowCount: last - first + 1, firstPosition: first, lastPosition: last))
      }
    }
    // A range of buckets begins and ends inside a panel: one panel more than it fills.
    let most = min(buckets, Self.groupRows + Self.keyBlock)
    let panels = (most + tileColumns - 1) / tileColumns + 1
    bucketColumns = min(panels, (buckets + tileColumns - 1) / tileColumns) * tileColumns
  }

  private static func groupCount(_ offsets: [Int], _ rows: Int) -> Int {
    var count = 0
    for sequence in 0..<max(0, offsets.count - 1) {
      count += (offsets[sequence + 1] - offsets[sequence] + rows - 1) / rows
    }
    return count
  }

  /// Chooses some rows of the batch, ascending, whose queries will be the rows of their own matrix.
  package mutating func select(_ rows: [Int], offsets: [Int]) {
    selectedGroups.removeAll(keepingCapacity: true)
    selectedPositions.removeAll(keepingCapacity: true)
    var sequence = 0
    for (row, token) in rows.enumerated() {
      while offsets[sequence + 1] <= token { sequence += 1 }
      let position = token - offsets[sequence]
      selectedPositions.append(position)
      if let last = selectedGroups.last, last.sequence == sequence,
        position - last.firstPosition < Self.groupRows
      {
        selectedGroups[selectedGroups.count - 1].rowCount += 1
        selectedGroups[selectedGroups.count - 1].lastPosition = position
        continue
      }
      selectedGroups.append(
        RelativeGroup(
          sequence: sequence, keyRow: offsets[sequence], firstRow: row, rowCount: 1,
          firstPosition: position, lastPosition: position))
    }
  }
}

/// Queries of one sequence that share the scores of their keys with buckets.
struct RelativeGroup: Sendable {
  let sequence: Int
  /// The sequence's first row in the matrix of keys.
  let keyRow: Int
  /// In the matrix of queries.
  let firstRow: Int
  var rowCount: Int
  let firstPosition: Int
  var lastPosition: Int
}
