// What a model makes of words, before anyone asks where in the text that was.

/// A token and its byte range in the text that the words were cut from.
struct WordToken {
  var id: Int32
  var start: Int32
  var end: Int32

  /// Models hand on what they have from so many tokens on, so that long words take little memory.
  static let flushCount = 1 << 14

  @inline(__always)
  init(_ id: Int32, _ start: Int, _ end: Int) {
    self.id = id
    self.start = Int32(truncatingIfNeeded: start)
    self.end = Int32(truncatingIfNeeded: end)
  }
}

/// Remembers what short words became: most words of a text have been seen before.
///
/// Direct mapped: 16,384 words of up to 16 bytes and 4 tokens, 640 KiB, whatever comes.
struct WordCache {
  private static let slotCount = 1 << 14
  private static let longestWord = 16
  private static let mostTokens = 4

  /// Five words a slot: the bytes in two, then length, token count and token ends, then the ids.
  private var slots = [UInt64](repeating: 0, count: 5 * slotCount)

  /// A word small enough to be remembered.
  struct Key {
    fileprivate let low: UInt64
    fileprivate let high: UInt64
    fileprivate let byteCount: Int

    fileprivate var slot: Int {
      let mixed = (low &* 0x9E37_79B9_7F4A_7C15) ^ (high &* 0xC2B2_AE3D_27D4_EB4F)
      let spread = (mixed ^ mixed >> 32) &* 0x9FB2_1C65_1E98_DF25
      return 5 * Int(truncatingIfNeeded: spread >> 50)
    }

    @inline(__always)
    init?(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) {
      guard word.count <= WordCache.longestWord else { return nil }
      byteCount = word.count
      let raw = UnsafeRawBufferPointer(bytes)
      if word.lowerBound + 16 <= bytes.count {
        let low = raw.loadUnaligned(fromByteOffset: word.lowerBound, as: UInt64.self)
        let high = raw.loadUnaligned(fromByteOffset: word.lowerBound + 8, as: UInt64.self)
        let lowBits = UInt64(8 * min(word.count, 8))
        let highBits = UInt64(8 * max(word.count - 8, 0))
        // A smart shift by 64 or more gives 0.
        self.low = UInt64(littleEndian: low) & ~(~0 << lowBits)
        self.high = UInt64(littleEndian: high) & ~(~0 << highBits)
      } else {
        var (low, high): (UInt64, UInt64) = (0, 0)
        for (index, position) in word.enumerated() {
          let byte = UInt64(bytes[position])
          if index < 8 { low |= byte << (8 * index) } else { high |= byte << (8 * index - 64) }
        }
        (self.low, self.high) = (low, high)
      }
    }
  }

  /// Appends the tokens of a remembered word that starts at `start`; false when it is not known.
  @inline(__always)
  func append(_ key: Key, at start: Int, to tokens: inout [WordToken]) -> Bool {
    slots.withUnsafeBufferPointer { slots in
      let slot = key.slot
      let shape = slots[slot + 2]
      guard slots[slot] == key.low, slots[slot + 1] == key.high,
        Int(shape & 0xFF) == key.byteCount, shape != 0
      else { return false }
      var begin = start
      for index in 0..<Int(shape >> 8 & 0xFF) {
        let end = start + Int(shape >> (16 + 8 * UInt64(index)) & 0xFF)
        let pair = slots[slot + 3 + index >> 1]
        let id = UInt32(truncatingIfNeeded: index & 1 == 0 ? pair : pair >> 32)
        tokens.append(WordToken(Int32(bitPattern: id), begin, end))
        begin = end
      }
      return true
    }
  }

  /// Remembers that the word at `start` became the tokens from `first` on, when they follow one
  /// another without a gap and are few enough.
  mutating func remember(
    _ key: Key, at start: Int, _ tokens: borrowing [WordToken], from first: Int
  ) {
    let count = tokens.count - first
    guard count > 0, count <= Self.mostTokens else { return }
    var shape = UInt64(key.byteCount) | UInt64(count) << 8
    var (ids, begin): ([UInt64], Int) = ([0, 0], start)
    for index in 0..<count {
      let token = tokens[first + index]
      guard Int(token.start) == begin else { return }
      begin = Int(token.end)
      shape |= UInt64(begin - start) << (16 + 8 * UInt64(index))
      let id = UInt64(UInt32(bitPattern: token.id))
      ids[index >> 1] |= index & 1 == 0 ? id : id << 32
    }
    let slot = key.slot
    slots[slot] = key.low
    slots[slot + 1] = key.high
    slots[slot + 2] = shape
    slots[slot + 3] = ids[0]
    slots[slot + 4] = ids[1]
  }
}
