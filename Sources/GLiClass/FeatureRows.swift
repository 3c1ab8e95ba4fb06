/// The rows of one sequence's hidden states that its features are made of.
struct FeatureRows: Sendable {
  /// Where the rows that the text pooler sees begin.
  let textStart: Int
  /// One a label slot; empty: the zero vector.
  let labelSpans: [Range<Int>]
  /// Every row that is read, ascending, none twice.
  let all: [Int]

  init(_ ids: [Int32], slots: Int, _ layout: SequenceLayout, _ pooler: any Pooler) {
    textStart = layout.textStart(ids)
    labelSpans = layout.labelSpans(ids, slots: slots)
    let text = pooler.rows(of: ids.count - textStart)
    var isRead = [Bool](repeating: false, count: ids.count)
    for row in text { isRead[textStart + row] = true }
    for span in labelSpans {
      for row in span { isRead[row] = true }
    }
    all = ids.indices.filter { isRead[$0] }
  }
}
