// The `Replace` normalizer of a tokenizer.json. Behaviour is that of PyPI `tokenizers`.

extension AlignedText {
  /// Puts `content` in place of each match. Its scalars stand for what the last scalar of the match
  /// stands for, or the one before an empty match; for nothing at the beginning of the text.
  mutating func replace(
    _ pattern: Pattern, with content: String, within budget: inout PatternBudget
  ) throws(TokenizerError) {
    var result = AlignedText()
    result.steps = steps
    var (hasMatch, scalar, place) = (false, 0, 0)
    // What stands before the first match is copied when there is one.
    var (copied, copiedScalar) = (0, 0)
    let source = self
    try bytes.withUnsafeBufferPointer { bytes throws(TokenizerError) in
      try pattern.forEachStretch(of: bytes, bytes.indices, within: &budget) { stretch, isMatch in
        let start = scalar
        scalar += bytes.scalarCount(in: stretch)
        guard isMatch else { return }
        if !hasMatch { result.bytes.reserveCapacity(bytes.count) }
        hasMatch = true
        result.append(
          copied..<stretch.lowerBound, copiedScalar..<start, of: source, near: &place)
        (copied, copiedScalar) = (stretch.upperBound, scalar)
        let origin = scalar > 0 ? source.origin(of: scalar - 1, near: &place) : 0..<0
        for scalar in content.unicodeScalars { result.append(scalar.value, from: origin) }
      }
    }
    guard hasMatch else { return }
    result.append(copied..<bytes.count, copiedScalar..<scalar, of: source, near: &place)
    self = result
  }
}
