// Where labels and text are in a sequence: the rules, and upstream's oddities that models rely on.

import GLiClass
import Testing

// 90 = <<LABEL>>, 91 = <<SEP>>, 92 = <<EXAMPLE>>, 1 = [CLS], 2 = [SEP].
private func layout(
  _ pooling: GLiClassConfig.LabelPooling = .first, includesMarker: Bool = true,
  extractsText: Bool = false
) -> SequenceLayout {
  SequenceLayout(
    classTokenID: 90, textTokenID: 91, exampleTokenID: 92, labelPooling: pooling,
    includesMarker: includesMarker, extractsText: extractsText)
}

private let labelsFirst: [Int32] = [1, 90, 5, 6, 90, 7, 91, 20, 21, 2]
private let textFirst: [Int32] = [1, 20, 21, 90, 5, 90, 7, 91, 2]

@Suite("Positions of labels and text in a sequence")
struct SequenceLayoutTests {
  @Test("first: the marker, or the token after it")
  func first() {
    #expect(layout().labelSpans(labelsFirst, slots: 2) == [1..<2, 4..<5])
    #expect(
      layout(includesMarker: false).labelSpans(labelsFirst, slots: 2) == [2..<3, 5..<6])
    #expect(layout(includesMarker: false).labelSpans([1, 90], slots: 1) == [0..<0])
  }

  @Test("average: the last label's span runs to the end of the row")
  func average() {
    #expect(layout(.average).labelSpans(labelsFirst, slots: 2) == [1..<4, 4..<10])
    #expect(layout(.average).labelSpans(textFirst, slots: 2) == [3..<5, 5..<9])
    #expect(
      layout(.average, includesMarker: false).labelSpans(labelsFirst, slots: 2)
        == [2..<4, 5..<10])
  }

  @Test("average with extraction: spans end before the first <<SEP>>")
  func averageExtracted() {
    #expect(
      layout(.average, extractsText: true).labelSpans(labelsFirst, slots: 2) == [1..<4, 4..<6])
    // A <<SEP>> before the labels empties every span.
    #expect(
      layout(.average, extractsText: true).labelSpans([1, 91, 90, 5, 91, 2], slots: 1) == [0..<0])
    // A label of no tokens.
    #expect(
      layout(.average, includesMarker: false, extractsText: true)
        .labelSpans([1, 90, 90, 5, 91, 2], slots: 2) == [0..<0, 3..<4])
  }

  @Test("slots without a marker are empty, markers without a slot are not looked at")
  func slots() {
    #expect(layout().labelSpans(labelsFirst, slots: 4) == [1..<2, 4..<5, 0..<0, 0..<0])
    #expect(layout().labelSpans(labelsFirst, slots: 1) == [1..<2])
    #expect(layout(.average).labelSpans(labelsFirst, slots: 1) == [1..<4])
  }

  @Test("extracted text begins at the first <<SEP>> itself")
  func textStart() {
    #expect(layout().textStart(labelsFirst) == 0)
    #expect(layout(extractsText: true).textStart(labelsFirst) == 6)
    #expect(layout(extractsText: true).textStart([1, 90, 5]) == 0)
  }

  @Test("segments: 0 before <<SEP>>, 1 from it on")
  func segments() {
    #expect(layout().segmentIDs(labelsFirst) == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    #expect(layout().segmentIDs([1, 90, 5]) == [1, 1, 1])
  }

  @Test("segments: one <<EXAMPLE>> makes the whole row 2, as upstream's argmin does")
  func exampleSegments() {
    #expect(layout().segmentIDs([1, 90, 5, 91, 20, 92, 8, 91, 2]) == Array(repeating: 2, count: 9))
    #expect(layout().segmentIDs([92, 1, 90, 91, 2]) == [0, 2, 2, 2, 2])
  }
}
