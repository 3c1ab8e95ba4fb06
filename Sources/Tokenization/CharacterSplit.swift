// `WhitespaceSplit` and `Punctuation` of a tokenizer.json: cuts at single characters. Behaviour is
// that of PyPI `tokenizers`.

/// Cuts text at the characters of a class.
struct CharacterSplit: Sendable, Equatable {
  var delimiters: ScalarFlags
  var behavior: SplitPattern.Behavior

  /// Appends the pieces of `bytes[range]`, none of them empty.
  func cut(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into words: inout [Range<Int32>]
  ) {
    let tables = UnicodeTables.shared
    var pieces = SplitPattern.Pieces(behavior, from: range.lowerBound)
    var start = range.lowerBound
    var position = range.lowerBound
    while position < range.upperBound {
      let (scalar, byteCount) = bytes.scalar(at: position)
      if !tables.flags(scalar).isDisjoint(with: delimiters) {
        if start < position { pieces.add(start..<position, isDelimiter: false, into: &words) }
        start = position + byteCount
        pieces.add(position..<start, isDelimiter: true, into: &words)
      }
      position += byteCount
    }
    if start < position { pieces.add(start..<position, isDelimiter: false, into: &words) }
    pieces.finish(into: &words)
  }
}
