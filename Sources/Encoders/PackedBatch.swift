/// Token ids of all sequences end to end, and where each begins. There is no padding.
package struct PackedBatch: Sendable {
  /// `[tokens]`
  package private(set) var tokenIDs: [Int32] = []
  /// `[tokens]`; empty when the model has no segment embeddings.
  package private(set) var segmentIDs: [Int32] = []
  /// `[sequences + 1]`: first token of every sequence, then the token count.
  package private(set) var sequenceOffsets: [Int] = [0]

  package init() {}

  /// Adds one sequence. Segment ids come with every sequence or with none.
  package mutating func append(
    ids: some Collection<Int32>, segmentIDs segments: some Collection<Int32> = EmptyCollection()
  ) {
    tokenIDs.append(contentsOf: ids)
    segmentIDs.append(contentsOf: segments)
    sequenceOffsets.append(tokenIDs.count)
    precondition(
      segmentIDs.isEmpty || segmentIDs.count == tokenIDs.count,
      "\(segmentIDs.count) segment ids for \(tokenIDs.count) tokens")
  }

  package var tokenCount: Int { tokenIDs.count }
  package var sequenceCount: Int { sequenceOffsets.count - 1 }

  /// Rows of one sequence.
  package func rows(of sequence: Int) -> Range<Int> {
    sequenceOffsets[sequence]..<sequenceOffsets[sequence + 1]
  }

  var longestSequence: Int {
    (0..<sequenceCount).map { rows(of: $0).count }.max() ?? 0
  }
}
