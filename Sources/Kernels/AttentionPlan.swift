// How the attention of one batch is cut into tasks, and where its packed keys and values lie: made
// once a pass, used by every layer, in memory that is kept from pass to pass.

internal import CKernels

/// What an attention is made of.
package struct AttentionShape: Sendable {
  package let headCount: Int
  package let headDimension: Int
  /// Keys visible on each side of a query, inclusive; nil is all of the sequence.
  package let window: Int?

  package init(headCount: Int, headDimension: Int, window: Int?) {
    self.headCount = headCount
    self.headDimension = headDimension
    self.window = window
  }

  var hiddenSize: Int { headCount * headDimension }
}

/// Blocks of queries, and the scratch layout of keys and values.
///
/// The layout depends on the sequences and the heads, not on the window: layers that differ in their
/// window alone share a plan.
package struct AttentionPlan: Sendable {
  /// Queries per block: a multiple of every kernel set's tile rows.
  static let queryBlock = 48
  /// Keys packed at a time: divides `queryBlock`, and every tile's columns or is divided by them.
  static let packedTogether = 16

  /// Floats of scratch that keys and values take.
  package private(set) var scratchCount = 0
  private(set) var longestSequence = 0
  /// All queries of all sequences.
  private(set) var blocks: [AttentionBlock] = []
  /// The queries chosen by `select`, as rows of a matrix that holds them alone.
  private(set) var selectedBlocks: [AttentionBlock] = []
  /// Position in its sequence of every selected row.
  private(set) var selectedPositions: [Int] = []
  private var sequences: [KeyValueArea] = []

  package init() {}

  /// Plans the attention of sequences at `offsets`: the first token of each, then the token count.
  mutating func lay(out offsets: [Int], _ shape: AttentionShape, tileColumns: Int) {
    blocks.removeAll(keepingCapacity: true)
    sequences.removeAll(keepingCapacity: true)
    selectedBlocks.removeAll(keepingCapacity: true)
    selectedPositions.removeAll(keepingCapacity: true)
    (scratchCount, longestSequence) = (0, 0)
    for index in 0..<max(0, offsets.count - 1) {
      let length = offsets[index + 1] - offsets[index]
      let area = KeyValueArea(
        base: scratchCount, length: length, shape.headDimension, tileColumns: tileColumns)
      sequences.append(area)
      scratchCount += shape.headCount * area.headCount
      longestSequence = max(longestSequence, length)
      for first in stride(from: 0, to: length, by: Self.queryBlock) {
        let queries = first..<min(length, first + Self.queryBlock)
        blocks.append(
          AttentionBlock(
            area: area, firstRow: offsets[index] + first, rowCount: queries.count, span: queries))
      }
    }
  }

  /// Where the keys and values of a sequence lie.
  func area(_ sequence: Int) -> KeyValueArea { sequences[sequence] }

  /// Chooses some rows of the batch, ascending, whose queries will be the rows of their own matrix.
  ///
  /// With a window, a block's queries come from one block of `lay`: that block decides which keys are
  /// visited, and so the bits.
  package mutating func select(_ rows: [Int], offsets: [Int], window: Int?) {
    selectedBlocks.removeAll(keepingCapacity: true)
    selectedPositions.removeAll(keepingCapacity: true)
    var sequence = 0
    for (row, token) in rows.enumerated() {
      while offsets[sequence + 1] <= token { sequence += 1 }
      let position = token - offsets[sequence]
      let area = sequences[sequence]
      selectedPositions.append(position)
      if let last = selectedBlocks.last, last.area.base == area.base,
        last.rowCount < Self.queryBlock, window == nil || last.span.contains(position)
      {
        selectedBlocks[selectedBlocks.count - 1].rowCount += 1
        continue
      }
      let first = position / Self.queryBlock * Self.queryBlock
      selectedBlocks.append(
        AttentionBlock(
          area: area, firstRow: row, rowCount: 1,
          span: first..<min(area.length, first + Self.queryBlock)))
    }
  }
}

/// Up to `queryBlock` queries of one sequence.
struct AttentionBlock: Sendable {
  let area: KeyValueArea
  /// In the matrix of queries.
  let firstRow: Int
  var rowCount: Int
  /// Positions whose windows decide which keys are visited.
  let span: Range<Int>

  /// Keys that at least one query of the span sees.
  func visibleKeys(window: Int?) -> Range<Int> {
    guard let window else { return 0..<area.length }
    return max(0, span.lowerBound - window)..<min(area.length, span.upperBound + window)
  }
}

/// Where the packed keys and values of one sequence lie in the scratch memory, head after head.
struct KeyValueArea: Sendable {
  let base: Int
  let length: Int
  /// Floats of keys of one head.
  private let keyCount: Int
  /// Floats of keys and values of one head.
  let headCount: Int

  init(base: Int, length: Int, _ headDimension: Int, tileColumns: Int) {
    let paddedKeys = (length + tileColumns - 1) / tileColumns * tileColumns
    let paddedDimension = (headDimension + tileColumns - 1) / tileColumns * tileColumns
    self.base = base
    self.length = length
    // Panels are read whole by the kernels: round both areas up to whole cache lines.
    keyCount = (paddedKeys * headDimension + 15) / 16 * 16
    headCount = keyCount + (length * paddedDimension + 15) / 16 * 16
  }

  func keys(_ head: Int) -> Int { base + head * headCount }
  func values(_ head: Int) -> Int { keys(head) + keyCount }
}
