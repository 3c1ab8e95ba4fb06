// Character classes and normalisation data, unpacked once from the generated tables.
// Where they come from and what each flag means: tools/tokenizer/generate_tables.py.

/// What the tokenizer's parts ask about a code point. Bits as the generator writes them.
struct ScalarFlags: OptionSet {
  let rawValue: UInt16

  /// `\p{L}`, `\p{N}` and `\s` of the GPT-2 pattern.
  static let letter = ScalarFlags(rawValue: 1)
  static let number = ScalarFlags(rawValue: 2)
  static let space = ScalarFlags(rawValue: 4)
  /// `BertNormalizer`, `clean_text`: removed, and turned into U+0020.
  static let bertRemoved = ScalarFlags(rawValue: 8)
  static let bertSpace = ScalarFlags(rawValue: 16)
  /// `BertNormalizer`, `handle_chinese_chars`: gets a space on both sides.
  static let cjk = ScalarFlags(rawValue: 32)
  /// `BertPreTokenizer`: splits and vanishes (also Rust's `char::is_whitespace`); stands alone.
  static let whitespace = ScalarFlags(rawValue: 64)
  static let punctuation = ScalarFlags(rawValue: 128)
  /// `strip_accents`: removed after decomposition.
  static let nonspacingMark = ScalarFlags(rawValue: 256)
  /// Added tokens: `\w` of `single_word`, `\s` of `lstrip` and `rstrip`.
  static let word = ScalarFlags(rawValue: 512)
  static let stripped = ScalarFlags(rawValue: 1024)
  /// A text without such code points is its own NFC; its own NFD.
  static let nfcActive = ScalarFlags(rawValue: 2048)
  static let nfdActive = ScalarFlags(rawValue: 4096)
  static let lowercased = ScalarFlags(rawValue: 8192)
}

/// The unpacked tables: about 200 KiB, made at first use in well under a millisecond, kept for good.
struct UnicodeTables: Sendable {
  static let shared = UnicodeTables()

  private let flagTable: TwoStageTable
  private let combiningTable: TwoStageTable
  private let clusterTable: TwoStageTable
  private let decompositions: MappingTable
  private let lowercase: MappingTable
  /// Keys `first << 21 | second`, sorted, and what NFC makes of them.
  private let compositionKeys: [UInt64]
  private let compositionResults: [UInt32]

  private init() {
    var reader = PackedNumbers(GeneratedUnicodeTables.kinds)
    let kinds = (0..<reader.next()).map { _ in UInt16(truncatingIfNeeded: reader.next()) }
    flagTable = TwoStageTable(GeneratedUnicodeTables.flags) { kinds[$0] }
    combiningTable = TwoStageTable(GeneratedUnicodeTables.combiningClasses) {
      UInt16(truncatingIfNeeded: $0)
    }
    reader = PackedNumbers(GeneratedUnicodeTables.clusterKinds)
    let clusterKinds = (0..<reader.next()).map { _ in UInt16(truncatingIfNeeded: reader.next()) }
    clusterTable = TwoStageTable(GeneratedUnicodeTables.clusters) { clusterKinds[$0] }
    decompositions = MappingTable(GeneratedUnicodeTables.decompositions)
    lowercase = MappingTable(GeneratedUnicodeTables.lowercase)

    reader = PackedNumbers(GeneratedUnicodeTables.compositions)
    var keys: [UInt64] = []
    var results: [UInt32] = []
    var first = 0
    for _ in 0..<reader.next() {
      first += reader.next()
      keys.append(UInt64(first) << 21 | UInt64(reader.next()))
      results.append(UInt32(first + reader.nextSigned()))
    }
    compositionKeys = keys
    compositionResults = results
  }

  func flags(_ scalar: UInt32) -> ScalarFlags { ScalarFlags(rawValue: flagTable[scalar]) }

  /// Rank of the canonical combining class; 0 for starters.
  func combiningClass(_ scalar: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: combiningTable[scalar])
  }

  func clusterClass(_ scalar: UInt32) -> ClusterClass {
    ClusterClass(rawValue: clusterTable[scalar])
  }

  /// The full canonical decomposition; nil when the scalar is its own, and for Hangul syllables.
  func decomposition(_ scalar: UInt32) -> ArraySlice<UInt32>? { decompositions[scalar] }

  func lowercase(_ scalar: UInt32) -> ArraySlice<UInt32>? { lowercase[scalar] }

  /// The primary composite of two scalars, Hangul included.
  func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if let syllable = Hangul.compose(first, second) { return syllable }
    let key = UInt64(first) << 21 | UInt64(second)
    guard let index = compositionKeys.sortedIndex(of: key) else { return nil }
    return compositionResults[index]
  }
}

/// Hangul syllables by arithmetic. The Unicode Standard, section 3.12.
enum Hangul {
  static let syllables: Range<UInt32> = 0xAC00..<0xD7A4

  static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if 0x1100..<0x1113 ~= first, 0x1161..<0x1176 ~= second {
      return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
    }
    if syllables ~= first, (first - 0xAC00) % 28 == 0, 0x11A8..<0x11C3 ~= second {
      return first + second - 0x11A7
    }
    return nil
  }

  /// Leading consonant, vowel, and trailing consonant or 0.
  static func decompose(_ syllable: UInt32) -> (UInt32, UInt32, UInt32) {
    let index = syllable - 0xAC00
    let trailing = index % 28
    return (0x1100 + index / 588, 0x1161 + index % 588 / 28, trailing == 0 ? 0 : 0x11A7 + trailing)
  }
}

/// Code point to 16 bits in two loads. Scalars beyond U+10FFFF do not occur: input is valid UTF-8.
private struct TwoStageTable: Sendable {
  private let blockStarts: [UInt16]
  private let entries: [UInt16]

  init(_ packed: StaticString, _ convert: (Int) -> UInt16) {
    var reader = PackedNumbers(packed)
    blockStarts = reader.nextRuns().map { UInt16($0) }
    entries = reader.nextRuns().map(convert)
  }

  subscript(scalar: UInt32) -> UInt16 {
    entries[Int(blockStarts[Int(scalar >> 7)]) << 7 | Int(scalar & 127)]
  }
}

/// Code point to a few others; sorted, found by bisection.
private struct MappingTable: Sendable {
  private var keys: [UInt32] = []
  private var ends: [UInt32] = [0]
  private var targets: [UInt32] = []

  init(_ packed: StaticString) {
    var reader = PackedNumbers(packed)
    var key = 0
    for _ in 0..<reader.next() {
      key += reader.next()
      keys.append(UInt32(key))
      for _ in 0..<reader.next() { targets.append(UInt32(key + reader.nextSigned())) }
      ends.append(UInt32(targets.count))
    }
  }

  subscript(scalar: UInt32) -> ArraySlice<UInt32>? {
    guard let index = keys.sortedIndex(of: scalar) else { return nil }
    return targets[Int(ends[index])..<Int(ends[index + 1])]
  }
}

/// Reads the generator's numbers: digits of 5 bits from U+0030 on, lowest first, 32 added on all but
/// the last. Line breaks between the digits are the source file's and are skipped.
private struct PackedNumbers {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ packed: StaticString) {
    bytes = UnsafeBufferPointer(start: packed.utf8Start, count: packed.utf8CodeUnitCount)
  }

  mutating func next() -> Int {
    var value = 0
    var shift = 0
    while true {
      let byte = bytes[position]
      position += 1
      if byte == 10 { continue }
      let digit = Int(byte) - 48
      value |= (digit & 31) << shift
      if digit < 32 { return value }
      shift += 5
    }
  }

  mutating func nextSigned() -> Int {
    let value = next()
    return value & 1 == 0 ? value / 2 : -(value + 1) / 2
  }

  mutating func nextRuns() -> [Int] {
    let count = next()
    var values: [Int] = []
    values.reserveCapacity(count)
    while values.count < count {
      let value = next()
      values.append(contentsOf: repeatElement(value, count: next()))
    }
    return values
  }
}

extension [UInt32] {
  fileprivate func sortedIndex(of value: UInt32) -> Int? { bisect(self, value) }
}

extension [UInt64] {
  fileprivate func sortedIndex(of value: UInt64) -> Int? { bisect(self, value) }
}

private func bisect<Value: Comparable>(_ sorted: [Value], _ value: Value) -> Int? {
  var low = 0
  var high = sorted.count
  while low < high {
    let middle = (low + high) / 2
    if sorted[middle] < value { low = middle + 1 } else { high = middle }
  }
  return low < sorted.count && sorted[low] == value ? low : nil
}
