/// Token ids of all sequences end to end, and where each begins. There is no padding.
package struct PackedBatch: Sendable {
  /// `[tokens]`
  package private(set) var tokenIDs: [Int32] = []
  /// `[tokens]`; empty when the model has no segment embeddings.
  package private(set) var segmentIDs: [Int32] = []
  /// `[sequences + 1]`: first token of every sequence, then the token count.
  package private(set) var sequenceOffsets: [Int] = [0]
  /// The rows of the final hidden states that the caller reads, ascending, none twice; nil: all.
  /// An encoder computes at least these; what it leaves in the other rows means nothing.
  package private(set) var outputRows: [Int]?

  package init() {}

  /// Adds one sequence.
  ///
  /// - Parameters:
  ///   - segments: One a token. They come with every sequence or with none.
  ///   - rows: The positions of this sequence whose hidden states will be read, ascending, none
  ///     twice. They come with every sequence or with none, which asks for all.
  package mutating func append(
    ids: some Collection<Int32>, segmentIDs segments: some Collection<Int32> = EmptyCollection(),
    outputRows rows: [Int]? = nil
  ) {
    let first = tokenIDs.count
    tokenIDs.append(contentsOf: ids)
    segmentIDs.append(contentsOf: segments)
    precondition(
      segmentIDs.isEmpty || segmentIDs.count == tokenIDs.count,
      "\(segmentIDs.count) segment ids for \(tokenIDs.count) tokens")
    appendOutput(rows, first: first)
    sequenceOffsets.append(tokenIDs.count)
  }

  private mutating func appendOutput(_ rows: [Int]?, first: Int) {
    precondition(
      sequenceCount == 0 || (rows == nil) == (outputRows == nil),
      "output rows of sequence \(sequenceCount) alone")
    guard let rows else { return }
    var next = first
    for row in rows {
      precondition(
        row >= next - first && row < tokenIDs.count - first,
        "output row \(row), expected \(next - first) ..< \(tokenIDs.count - first)")
      next = first + row + 1
    }
    outputRows = outputRows ?? []
    outputRows?.append(contentsOf: rows.lazy.map { first + $0 })
  }

  package var tokenCount: Int { tokenIDs.count }
  package var sequenceCount: Int { sequenceOffsets.count - 1 }

  /// Rows of one sequence.
  package func rows(of sequence: Int) -> Range<Int> {
    sequenceOffsets[sequence]..<sequenceOffsets[sequence + 1]
  }

  /// The rows that the last of `layers` layers computes alone; nil: all, where leaving some out gains
  /// nothing or a tap sees every one.
  func prunableRows(layers: Int, tap: Tap?) -> [Int]? {
    guard tap == nil, layers > 0, let rows = outputRows, !rows.isEmpty else { return nil }
    return rows.count <= tokenCount - tokenCount / 8 ? rows : nil
  }

  var longestSequence: Int {
    var longest = 0
    for sequence in 0..<sequenceCount { longest = max(longest, rows(of: sequence).count) }
    return longest
  }
}
