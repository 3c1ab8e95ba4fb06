// Where labels and text are in one sequence of token ids, found by id as upstream does.
// gliclass 0.1.21, model.py: _extract_class_features* and _create_segment_ids.

/// Reads positions off a sequence's ids.
package struct SequenceLayout: Sendable {
  let classTokenID: Int32
  let textTokenID: Int32
  let exampleTokenID: Int32
  let labelPooling: GLiClassConfig.LabelPooling
  let includesMarker: Bool
  let extractsText: Bool

  package init(
    classTokenID: Int32, textTokenID: Int32, exampleTokenID: Int32,
    labelPooling: GLiClassConfig.LabelPooling, includesMarker: Bool, extractsText: Bool
  ) {
    self.classTokenID = classTokenID
    self.textTokenID = textTokenID
    self.exampleTokenID = exampleTokenID
    self.labelPooling = labelPooling
    self.includesMarker = includesMarker
    self.extractsText = extractsText
  }

  init(_ config: GLiClassConfig) {
    // The config's ids are at most sizeLimit + 2.
    self.init(
      classTokenID: Int32(truncatingIfNeeded: config.classTokenID),
      textTokenID: Int32(truncatingIfNeeded: config.textTokenID),
      exampleTokenID: Int32(truncatingIfNeeded: config.exampleTokenID),
      labelPooling: config.labelPooling, includesMarker: config.includesMarker,
      extractsText: config.extractsText)
  }

  package func markerCount(_ ids: some Sequence<Int32>) -> Int {
    ids.reduce(0) { $0 + ($1 == classTokenID ? 1 : 0) }
  }

  /// Positions whose mean is a label's feature, one range per slot; empty: the zero vector.
  ///
  /// - first: the marker, or the token after it (empty when the marker is last).
  /// - average: from the marker (or after it) to the next marker. The last label's span runs to the
  ///   end of the row, separator, prompt, text and examples included, unless text is extracted:
  ///   then every span ends before the first `<<SEP>>`.
  package func labelSpans(_ ids: [Int32], slots: Int) -> [Range<Int>] {
    let markers = ids.indices.filter { ids[$0] == classTokenID }
    let skip = includesMarker ? 0 : 1
    let boundary = extractsText ? ids.firstIndex(of: textTokenID) ?? ids.count : ids.count
    return (0..<slots).map { slot in
      guard slot < markers.count else { return 0..<0 }
      let start = markers[slot] + skip
      switch labelPooling {
      case .first:
        return start < ids.count ? start..<start + 1 : 0..<0
      case .average:
        let next = slot + 1 < markers.count ? markers[slot + 1] : ids.count
        let end = min(next, boundary)
        return start < end ? start..<end : 0..<0
      }
    }
  }

  /// Where the text's features begin: `<<SEP>>` itself if text is extracted, else the row's start.
  package func textStart(_ ids: [Int32]) -> Int {
    extractsText ? ids.firstIndex(of: textTokenID) ?? 0 : 0
  }

  /// Segment ids: 0 before the first `<<SEP>>`, 1 from it on (everywhere if there is none).
  ///
  /// A row with an `<<EXAMPLE>>` is 2 from the first position that is NOT one, which is where
  /// upstream's argmin lands and normally means the whole row; trained models rely on it.
  package func segmentIDs(_ ids: [Int32]) -> [Int32] {
    let text = ids.firstIndex(of: textTokenID) ?? 0
    guard ids.contains(exampleTokenID) else {
      return ids.indices.map { $0 < text ? 0 : 1 }
    }
    let example = ids.firstIndex { $0 != exampleTokenID } ?? 0
    return ids.indices.map { $0 >= example ? 2 : $0 >= text ? 1 : 0 }
  }
}
