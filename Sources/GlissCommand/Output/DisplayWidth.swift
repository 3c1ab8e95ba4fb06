// How many terminal columns text takes. Wide ranges: Unicode Standard Annex 11, East Asian Width W
// and F, by block; marks and controls take none.

/// Column arithmetic for aligned output.
package enum DisplayWidth {
  /// Columns of a whole string.
  package static func of(_ text: String) -> Int {
    text.reduce(0) { $0 + of($1) }
  }

  /// Columns of one character: those of its first scalar, or two for an emoji sequence.
  package static func of(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if character.unicodeScalars.contains("\u{FE0F}") { return 2 }
    return of(first)
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x7F { return scalar.value < 0x20 ? 0 : 1 }
    switch scalar.properties.generalCategory {
    case .control, .format, .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F,  // Hangul Jamo leading consonants
    0x2E80...0x303E,  // CJK radicals, Kangxi, CJK symbols
    0x3041...0x33FF,  // kana, Bopomofo, CJK compatibility
    0x3400...0x4DBF,  // CJK extension A
    0x4E00...0x9FFF,  // CJK unified ideographs
    0xA000...0xA4CF,  // Yi
    0xA960...0xA97F,  // Hangul Jamo extended A
    0xAC00...0xD7A3,  // Hangul syllables
    0xF900...0xFAFF,  // CJK compatibility ideographs
    0xFE30...0xFE6F,  // CJK compatibility forms, small forms
    0xFF00...0xFF60,  // fullwidth forms
    0xFFE0...0xFFE6,  // fullwidth signs
    0x1F300...0x1F64F,  // pictographs
    0x1F900...0x1F9FF,
    0x20000...0x3FFFD,  // CJK extensions B and later
  ]

  /// `text` in at most `columns` columns, with an ellipsis where it was cut.
  package static func clipped(_ text: String, to columns: Int) -> String {
    guard of(text) > columns else { return text }
    var taken = ""
    var used = 0
    for character in text {
      let width = of(character)
      if used + width > columns - 1 { break }
      taken.append(character)
      used += width
    }
    return columns > 0 ? taken + "…" : ""
  }

  /// `text` filled with spaces up to `columns`.
  package static func padded(_ text: String, to columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - of(text)))
  }
}

/// Text from outside made harmless for a terminal and for one line.
package enum VisibleText {
  /// Line ends and tabs become spaces; other controls, and marks that reorder a line, become U+FFFD.
  package static func oneLine(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09, 0x0A, 0x0D, 0x2028, 0x2029, 0x85: scalars.append(" ")
      case 0x00..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: scalars.append("\u{FFFD}")
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }
}
