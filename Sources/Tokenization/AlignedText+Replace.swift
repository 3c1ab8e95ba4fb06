// The `Replace` normalizer of a tokenizer.json. Behaviour is that of PyPI `tokenizers`.

extension AlignedText {
  /// Puts `content` in place of each match. Its scalars stand for what the last scalar of the match
  /// stands for, or the one before an empty match; for nothing at the beginning of the text.
  mutating func replace(
    _ pattern: Pattern, with content: String, within budget: inout PatternBudget
  ) throws(TokenizerError) {
    var stretches: [(scalarCount: Int, isMatch: Bool)] = []
    try bytes.withUnsafeBufferPointer { bytes throws(TokenizerError) in
      try pattern.forEachStretch(of: bytes, bytes.indices, within: &budget) { stretch, isMatch in
        stretches.append((bytes.scalarCount(in: stretch), isMatch))
      }
    }
    guard stretches.contains(where: \.isMatch) else { return }
    let before = ScalarText(self)
    var result = ScalarText()
    result.reserveCapacity(before.scalars.count)
    var position = 0
    for stretch in stretches {
      let end = position + stretch.scalarCount
      if stretch.isMatch {
        let (first, last) = end > 0 ? (before.starts[end - 1], before.ends[end - 1]) : (0, 0)
        for scalar in content.unicodeScalars { result.append(scalar.value, from: first, to: last) }
      } else {
        for index in position..<end {
          result.append(before.scalars[index], from: before.starts[index], to: before.ends[index])
        }
      }
      position = end
    }
    result.write(to: &self)
  }
}
