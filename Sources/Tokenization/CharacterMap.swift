// The `Precompiled` normalizer of a tokenizer.json: SentencePiece's `precompiled_charsmap`.
// Format: google/sentencepiece, src/normalizer.cc (a length, a Darts-clone double array, and the
// replacements, each with a zero byte at its end); s-yata/darts-clone for the units of the array.

/// What characters and short clusters of them become.
struct CharacterMap: Sendable, Equatable {
  private let units: [UInt32]
  private let replacements: [UInt8]
  /// Whether each ASCII character stays as it is.
  private var asciiStays: [Bool] = []

  /// Why bytes are not a map.
  struct Defect: Error, Equatable {
    var reason: String
  }

  /// Reads the base64 text of a map. Every unit that a text can reach, and every replacement, lies
  /// inside the map afterwards.
  init(base64: String) throws(Defect) {
    guard let bytes = base64Bytes(base64) else { throw Defect(reason: "is not base64") }
    guard bytes.count >= 4 else { throw Defect(reason: "ends within its length") }
    func word(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[4 * index + $1]) << (8 * UInt32($1)) }
    }
    let unitCount = Int(word(0)) / 4
    guard unitCount > 0, unitCount <= (bytes.count - 4) / 4 else {
      throw Defect(reason: "has \(bytes.count - 4) bytes for a trie of \(word(0))")
    }
    units = (1...unitCount).map(word)
    replacements = Array(bytes[(4 + 4 * unitCount)...])
    let isText = replacements.withUnsafeBufferPointer {
      String(validating: $0, as: UTF8.self) != nil
    }
    guard isText else { throw Defect(reason: "has replacements that are not UTF-8") }
    for (index, unit) in units.enumerated() where index == 0 || unit.isEdge {
      let target = index ^ unit.offset
      guard target < unitCount else {
        throw Defect(reason: "has a trie with an edge to \(target) of \(unitCount)")
      }
      guard index > 0, unit.hasValue else { continue }
      let start = units[target].value
      guard start <= replacements.count,
        start == replacements.count || replacements[start] & 0xC0 != 0x80
      else {
        throw Defect(
          reason: "has a replacement at \(start) of \(replacements.count) bytes")
      }
    }
    asciiStays = (0..<0x80).map { (byte: UInt8) in
      [byte].withUnsafeBufferPointer { replacement(of: $0) } == nil
    }
  }

  /// The bytes in `replacements` of what the shortest key becomes that `text` begins with.
  private func replacement(of text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    units.withUnsafeBufferPointer { units in
      var node = units[0].offset
      for byte in text {
        if byte == 0 { return nil }
        node ^= Int(byte)
        guard node < units.count else { return nil }
        let unit = units[node]
        guard unit.isEdge, unit & 0xFF == UInt32(byte) else { return nil }
        node ^= unit.offset
        if unit.hasValue { return range(from: units[node].value) }
      }
      return nil
    }
  }

  private func range(from start: Int) -> Range<Int> {
    var end = start
    while end < replacements.count, replacements[end] != 0 { end += 1 }
    return start..<end
  }

  /// Replaces clusters of fewer than six bytes whole, by what their shortest key becomes, as upstream
  /// does; of others, character by character.
  func apply(to text: inout AlignedText) {
    // Most texts: nothing but characters that stay. A line break of two is a cluster.
    if text.bytes.allSatisfy({ $0 < 0x80 && $0 != 0x0D && asciiStays[Int($0)] }) { return }
    var edit = Edit(text)
    let isChanged = text.bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      var isChanged = false
      while position < bytes.count {
        if bytes[position] < 0x80, position + 1 == bytes.count || bytes[position + 1] < 0x80,
          asciiStays[Int(bytes[position])], bytes[position] != 0x0D
        {
          edit.keep(UInt32(bytes[position]))
          position += 1
          continue
        }
        let end = bytes.clusterEnd(from: position)
        if end - position < 6, replace(bytes, position..<end, in: &edit) {
          isChanged = true
        } else {
          var place = position
          while place < end {
            let (scalar, byteCount) = bytes.scalar(at: place)
            if replace(bytes, place..<place + byteCount, in: &edit) {
              isChanged = true
            } else {
              edit.keep(scalar)
            }
            place += byteCount
          }
        }
        position = end
      }
      return isChanged
    }
    if isChanged { text = edit.finish() }
  }

  /// False when there is no replacement.
  private func replace(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, in edit: inout Edit
  ) -> Bool {
    guard let found = replacement(of: UnsafeBufferPointer(rebasing: bytes[range])) else {
      return false
    }
    replacements.withUnsafeBufferPointer { replacements in
      let oldCount = bytes.scalarCount(in: range)
      var newCount = 0
      var position = found.lowerBound
      while position < found.upperBound {
        let (scalar, byteCount) = replacements.scalar(at: position)
        edit.append(scalar, change: newCount < oldCount ? 0 : 1)
        newCount += 1
        position += byteCount
      }
      if newCount < oldCount { edit.drop(oldCount - newCount) }
    }
    return true
  }
}

/// A unit of a double array: an edge with its label, or a value.
extension UInt32 {
  fileprivate var isEdge: Bool { self >> 31 == 0 }
  fileprivate var hasValue: Bool { self >> 8 & 1 == 1 }
  fileprivate var value: Int { Int(self & 0x7FFF_FFFF) }
  /// To be combined with the position of the unit by exclusive or.
  fileprivate var offset: Int { Int(self >> 10) << Int((self & 1 << 9) >> 6) }
}

/// A text as it becomes, scalar by scalar. Each changes the count of old scalars: with 0 it takes the
/// place of the next old one, with 1 it is inserted and counts as the old one before it, with -n it
/// takes the place of the next and n more vanish.
private struct Edit {
  private let old: AlignedText
  private let oldCount: Int
  private var result = AlignedText()
  /// The scalar written last, whose change is not settled before the next one comes.
  private var last: (scalar: UInt32, change: Int)?
  /// The next old scalar.
  private var next = 0
  private var place = 0

  init(_ text: AlignedText) {
    old = text
    oldCount = text.bytes.withUnsafeBufferPointer { $0.scalarCount(in: $0.indices) }
    result.steps = text.steps
    result.bytes.reserveCapacity(text.bytes.count)
  }

  mutating func keep(_ scalar: UInt32) { append(scalar, change: 0) }

  mutating func append(_ scalar: UInt32, change: Int) {
    settle()
    last = (scalar, change)
  }

  /// What vanishes goes with the scalar written last; at the beginning there is none, and upstream's
  /// count is behind from there on.
  mutating func drop(_ count: Int) { last?.change -= count }

  private mutating func settle() {
    guard let (scalar, change) = last else { return }
    let origin = change > 0 ? next - 1 : min(next, oldCount - 1)
    result.append(scalar, from: origin < 0 ? 0..<0 : old.origin(of: origin, near: &place))
    if change <= 0 { next += 1 - change }
  }

  mutating func finish() -> AlignedText {
    settle()
    last = nil
    return result
  }
}

/// The bytes of base64 with its padding (RFC 4648, section 4); nil when it is not that.
private func base64Bytes(_ text: String) -> [UInt8]? {
  let characters = Array(text.utf8)
  guard characters.count.isMultiple(of: 4) else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(characters.count / 4 * 3)
  let padding = characters.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
  var bits: UInt32 = 0
  for (index, character) in characters.dropLast(padding).enumerated() {
    let value: UInt8
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): value = 62
    case UInt8(ascii: "/"): value = 63
    default: return nil
    }
    bits = bits << 6 | UInt32(value)
    if index % 4 == 3 {
      for shift: UInt32 in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
      bits = 0
    }
  }
  // What is left over must be zero.
  switch padding {
  case 1:
    guard bits & 3 == 0 else { return nil }
    bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
    bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
  case 2:
    guard bits & 15 == 0 else { return nil }
    bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
  default: break
  }
  return bytes
}
