/// The rows of one sequence's hidden states that its features are made of.
struct FeatureRows: Sendable {
  /// The rows of the text that are kept, up to the sequence's end.
  let text: Range<Int>
  /// One a label slot; empty: the zero vector.
  let labelSpans: [Range<Int>]
  /// Slots that have a marker in the sequence; they are the first ones.
  let labelCount: Int
  /// Every row that is read, ascending, none twice.
  let all: [Int]

  /// - Parameter readsAllText: Whether every token of the text is read, whatever the pooler needs.
  init(
    _ ids: [Int32], slots: Int, _ layout: SequenceLayout, _ pooler: any Pooler, readsAllText: Bool
  ) {
    let start = layout.textStart(ids)
    text = start..<ids.count
    labelSpans = layout.labelSpans(ids, slots: slots)
    labelCount = min(slots, layout.markerCount(ids))
    let read = readsAllText ? 0..<text.count : pooler.rows(of: text.count, zeroTail: start)
    var isRead = [Bool](repeating: false, count: ids.count)
    for row in read { isRead[start + row] = true }
    for span in labelSpans {
      for row in span { isRead[row] = true }
    }
    all = ids.indices.filter { isRead[$0] }
  }
}
