// The `normalizer` of a tokenizer.json: what is done to a text before it is cut into words.
// Behaviour and alignments are those of PyPI `tokenizers`.

/// One normalizer or a list of them.
enum Normalizer: Sendable, Equatable {
  case nfc
  case nfd
  case lowercase
  case bert(BertNormalizer)
  case replace(Pattern, with: String)
  case prepend(String)
  case strip(left: Bool, right: Bool)
  case precompiled(CharacterMap)
  case sequence([Normalizer])

  /// Normalises `text`; a text that is already as it should be is only looked at.
  func apply(
    to text: inout AlignedText, within budget: inout PatternBudget
  ) throws(TokenizerError) {
    switch self {
    case .sequence(let parts):
      for part in parts { try part.apply(to: &text, within: &budget) }
    case .replace(let pattern, let content):
      try text.replace(pattern, with: content, within: &budget)
    case .prepend(let content): text.prepend(content)
    case .strip(let left, let right): text.strip(left: left, right: right)
    case .precompiled(let map): map.apply(to: &text)
    case .bert(let bert) where bert.applyToASCII(&text): break
    case .nfc where !text.contains(.nfcActive): break
    case .nfd where !text.contains(.nfdActive): break
    case .lowercase where !text.contains(.lowercased): break
    case .nfc: text.change(from: UnicodeTables.shared.beginsComposed) { $0.compose() }
    case .nfd: text.change(from: UnicodeTables.shared.beginsDecomposed) { $0.decompose() }
    case .lowercase: text.change(from: { _ in true }) { $0.lowercase() }
    case .bert(let bert): text.change(from: bert.mayBegin) { bert.apply(to: &$0) }
    }
  }
}

extension AlignedText {
  /// True when some scalar has one of the flags.
  fileprivate func contains(_ flags: ScalarFlags) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      let asciiIsFree = flags.isDisjoint(with: [.lowercased])
      if asciiIsFree, bytes.isASCII(in: bytes.indices) { return false }
      let tables = UnicodeTables.shared
      var position = 0
      while position < bytes.count {
        if asciiIsFree, bytes[position] < 0x80 {
          position += 1
          continue
        }
        let (scalar, byteCount) = bytes.scalar(at: position)
        if !tables.flags(scalar).isDisjoint(with: flags) { return true }
        position += byteCount
      }
      return false
    }
  }
}

extension ScalarText {
  /// Full lowercase of every scalar by itself, as Rust's `char::to_lowercase`.
  mutating func lowercase() {
    let tables = UnicodeTables.shared
    var result = ScalarText()
    result.steps = steps
    result.reserveCapacity(scalars.count)
    for index in scalars.indices {
      let scalar = scalars[index]
      if scalar < 0x80 {
        let isUpper = 0x41...0x5A ~= scalar
        result.append(isUpper ? scalar | 0x20 : scalar, from: origins[index])
      } else if tables.flags(scalar).contains(.lowercased), let lower = tables.lowercase(scalar) {
        for part in lower { result.append(part, from: origins[index]) }
      } else {
        result.append(scalar, from: origins[index])
      }
    }
    self = result
  }
}
