// A hash table from integers to integers, laid out for lookup: one probe touches one cache line.

/// Open addressing, linear probing, at most half full, the hash seeded per table: a file cannot aim
/// for collisions. Never shrinks, never forgets. The key `UInt64.max` is reserved.
struct IntegerTable: Sendable {
  /// Key and value side by side.
  private var slots: [UInt64]
  private var hash: Hash
  private(set) var count = 0

  private static let free = UInt64.max

  init(capacity: Int) {
    var bits: UInt64 = 4
    while 1 << bits < 2 * capacity { bits += 1 }
    slots = [UInt64](repeating: Self.free, count: 2 << bits)
    hash = Hash(multiplier: .random(in: .min ... .max) | 1, shift: 64 - bits)
  }

  /// Adds a key, or replaces its value.
  mutating func insert(_ key: UInt64, _ value: UInt64) {
    if 4 * count >= slots.count { grow() }
    var slot = hash(key)
    while slots[2 * slot] != Self.free, slots[2 * slot] != key {
      slot = (slot + 1) & (slots.count / 2 - 1)
    }
    if slots[2 * slot] == Self.free { count += 1 }
    slots[2 * slot] = key
    slots[2 * slot + 1] = value
  }

  subscript(key: UInt64) -> UInt64? { withReader { $0[key] } }

  /// Calls `body` with a reader that checks no bounds, for loops over many keys.
  @inline(__always)
  func withReader<Result>(_ body: (Reader) -> Result) -> Result {
    slots.withUnsafeBufferPointer { body(Reader(slots: $0, hash: hash)) }
  }

  /// Valid only inside `withReader`.
  struct Reader {
    fileprivate let slots: UnsafeBufferPointer<UInt64>
    fileprivate let hash: Hash

    @inline(__always)
    subscript(key: UInt64) -> UInt64? {
      let mask = slots.count / 2 - 1
      var slot = hash(key)
      while true {
        let found = slots[2 * slot]
        if found == key { return slots[2 * slot + 1] }
        if found == IntegerTable.free { return nil }
        slot = (slot + 1) & mask
      }
    }
  }

  fileprivate struct Hash {
    let multiplier: UInt64
    let shift: UInt64

    @inline(__always)
    func callAsFunction(_ key: UInt64) -> Int {
      // Folded first: the lower bits of a product alone would ignore the upper bits of the key.
      let mixed = (key ^ key >> 32) &* multiplier
      let spread = (mixed ^ mixed >> 29) &* 0x9E37_79B9_7F4A_7C15
      return Int(truncatingIfNeeded: spread >> shift)
    }
  }

  private mutating func grow() {
    var larger = IntegerTable(capacity: 2 * count)
    for slot in 0..<slots.count / 2 where slots[2 * slot] != Self.free {
      larger.insert(slots[2 * slot], slots[2 * slot + 1])
    }
    self = larger
  }
}
