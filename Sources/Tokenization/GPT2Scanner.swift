// The GPT-2 pattern as a scanner, in time linear in the text:
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// Source: openai/gpt-2, encoder.py; classes as PyPI `tokenizers` has them.

struct GPT2Scanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let tables = UnicodeTables.shared

  /// Letters, numbers, white space, and (no flag) the rest.
  private typealias Class = ScalarFlags
  private static let classes: ScalarFlags = [.letter, .number, .space]

  private static let asciiClasses: [UInt8] = (0..<0x80).map {
    UInt8(truncatingIfNeeded: UnicodeTables.shared.flags($0).intersection(classes).rawValue)
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Every byte of `range` ends up in exactly one word.
  func cut(_ range: Range<Int>, into words: inout [Range<Int32>]) {
    Self.asciiClasses.withUnsafeBufferPointer { ascii in
      var start = range.lowerBound
      while start < range.upperBound {
        let end = endOfWord(at: start, range.upperBound, ascii)
        words.append(narrow(start..<end))
        start = end
      }
    }
  }

  @inline(__always)
  private func scalarClass(
    at position: Int, _ ascii: UnsafeBufferPointer<UInt8>
  ) -> (value: UInt8, byteCount: Int) {
    let byte = bytes[position]
    if byte < 0x80 { return (ascii[Int(byte)], 1) }
    let (scalar, byteCount) = bytes.scalar(at: position)
    let flags = tables.flags(scalar).intersection(Self.classes)
    return (UInt8(truncatingIfNeeded: flags.rawValue), byteCount)
  }

  @inline(__always)
  private func endOfWord(at start: Int, _ end: Int, _ ascii: UnsafeBufferPointer<UInt8>) -> Int {
    if bytes[start] == UInt8(ascii: "'"), let length = contraction(at: start, end) {
      return start + length
    }
    let space = UInt8(truncatingIfNeeded: Class.space.rawValue)
    var (wordClass, byteCount) = scalarClass(at: start, ascii)
    var position = start + byteCount
    if bytes[start] == 0x20, position < end {
      let following = scalarClass(at: position, ascii)
      if following.value != space {
        wordClass = following.value
        position += following.byteCount
      }
    }
    // The run of the class; of white space, the last scalar begins the next word when one follows.
    var last = start
    while position < end {
      let following = scalarClass(at: position, ascii)
      guard following.value == wordClass else {
        return wordClass == space && last > start ? last : position
      }
      last = position
      position += following.byteCount
    }
    return position
  }

  private func contraction(at start: Int, _ end: Int) -> Int? {
    guard start + 1 < end else { return nil }
    switch bytes[start + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return start + 2 < end && bytes[start + 2] == UInt8(ascii: "e") ? 3 : nil
    case UInt8(ascii: "l"):
      return start + 2 < end && bytes[start + 2] == UInt8(ascii: "l") ? 3 : nil
    default: return nil
    }
  }
}
