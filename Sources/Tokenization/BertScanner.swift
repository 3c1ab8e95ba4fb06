// `BertPreTokenizer`: white space separates words and vanishes, every punctuation mark is a word.

struct BertScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let tables = UnicodeTables.shared

  /// 0 inside words, 1 white space, 2 punctuation.
  private static let asciiKinds: [UInt8] = (0..<0x80).map { kind(UnicodeTables.shared.flags($0)) }

  private static func kind(_ flags: ScalarFlags) -> UInt8 {
    flags.contains(.whitespace) ? 1 : flags.contains(.punctuation) ? 2 : 0
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  func cut(_ range: Range<Int>, into words: inout [Range<Int32>]) {
    Self.asciiKinds.withUnsafeBufferPointer { ascii in
      var wordStart = range.lowerBound
      var position = range.lowerBound
      while position < range.upperBound {
        var (kind, byteCount) = (UInt8(0), 1)
        if bytes[position] < 0x80 {
          kind = ascii[Int(bytes[position])]
        } else {
          let scalar = bytes.scalar(at: position)
          kind = Self.kind(tables.flags(scalar.value))
          byteCount = scalar.byteCount
        }
        let end = position + byteCount
        if kind != 0 {
          if wordStart < position { words.append(narrow(wordStart..<position)) }
          if kind == 2 { words.append(narrow(position..<end)) }
          wordStart = end
        }
        position = end
      }
      if wordStart < range.upperBound { words.append(narrow(wordStart..<range.upperBound)) }
    }
  }
}
