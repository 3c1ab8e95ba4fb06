// Extended grapheme clusters: Unicode Standard Annex 29, rules GB3 to GB9c and GB11, with the classes
// that PyPI `tokenizers` has. Flags may stand alone: their pairs have eight bytes, and clusters matter
// to `CharacterMap` only up to five.

/// What the rules ask about a code point. Bits as tools/tokenizer/generate_tables.py writes them.
struct ClusterClass: OptionSet {
  let rawValue: UInt16

  /// Nothing joins it: control characters and line ends.
  static let control = ClusterClass(rawValue: 1)
  /// Joins what stands before it: Extend, SpacingMark and U+200D.
  static let mark = ClusterClass(rawValue: 2)
  /// Extend alone, without U+200D.
  static let extend = ClusterClass(rawValue: 4)
  /// Joins what follows.
  static let prepend = ClusterClass(rawValue: 8)
  /// Hangul: leading, vowel and trailing letters, syllables of two and of three.
  static let leading = ClusterClass(rawValue: 16)
  static let vowel = ClusterClass(rawValue: 32)
  static let trailing = ClusterClass(rawValue: 64)
  static let pair = ClusterClass(rawValue: 128)
  static let triple = ClusterClass(rawValue: 256)
  static let pictograph = ClusterClass(rawValue: 512)
  /// Indic conjuncts: consonants, their linkers, and what may stand between, linkers included.
  static let consonant = ClusterClass(rawValue: 1024)
  static let linker = ClusterClass(rawValue: 2048)
  static let between = ClusterClass(rawValue: 4096)
}

extension UnsafeBufferPointer<UInt8> {
  /// The end of the cluster that begins at `start`, which is the beginning of one.
  func clusterEnd(from start: Int) -> Int {
    let tables = UnicodeTables.shared
    let (first, byteCount) = scalar(at: start)
    var position = start + byteCount
    if first == 0x0D { return position < count && self[position] == 0x0A ? position + 1 : position }
    var last = tables.clusterClass(first)
    var emoji = EmojiSequence(last)
    var conjunct = Conjunct(last)
    if last.contains(.control) { return position }
    while position < count {
      let (next, byteCount) = scalar(at: position)
      let nextClass = tables.clusterClass(next)
      guard !nextClass.contains(.control) else { return position }
      let joins =
        nextClass.contains(.mark) || last.contains(.prepend) || hangulJoins(last, nextClass)
        || (emoji == .joiner && nextClass.contains(.pictograph))
        || (conjunct == .linked && nextClass.contains(.consonant))
      guard joins else { return position }
      emoji.add(next, nextClass)
      conjunct.add(nextClass)
      last = nextClass
      position += byteCount
    }
    return position
  }

  /// GB6 to GB8.
  private func hangulJoins(_ last: ClusterClass, _ next: ClusterClass) -> Bool {
    if last.contains(.leading) {
      return !next.isDisjoint(with: [.leading, .vowel, .pair, .triple])
    }
    if !last.isDisjoint(with: [.vowel, .pair]) {
      return !next.isDisjoint(with: [.vowel, .trailing])
    }
    return !last.isDisjoint(with: [.triple, .trailing]) && next.contains(.trailing)
  }
}

/// GB11: how far a pictograph, marks and a joiner have come.
private enum EmojiSequence {
  case none, pictograph, joiner

  init(_ value: ClusterClass) {
    self = value.contains(.pictograph) ? .pictograph : .none
  }

  mutating func add(_ scalar: UInt32, _ value: ClusterClass) {
    if value.contains(.pictograph) {
      self = .pictograph
    } else if self == .pictograph, scalar == 0x200D {
      self = .joiner
    } else if self != .pictograph || !value.contains(.extend) {
      self = .none
    }
  }
}

/// GB9c: how far a consonant and a linker have come.
private enum Conjunct {
  case none, consonant, linked

  init(_ value: ClusterClass) { self = value.contains(.consonant) ? .consonant : .none }

  mutating func add(_ value: ClusterClass) {
    if value.contains(.consonant) {
      self = .consonant
    } else if self != .none, value.contains(.linker) {
      self = .linked
    } else if !value.contains(.between) {
      self = .none
    }
  }
}
