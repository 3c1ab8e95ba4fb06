// Tokens and their ids: the `vocab` of a model, as bytes.

/// Tokens as bytes, found by their bytes and by their id. No two tokens share either.
struct Vocabulary: Sendable {
  /// All tokens end to end; token `entry` is `bytes[ends[entry - 1]..<ends[entry]]`.
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = [0]
  private var ids: [Int32] = []
  /// Id to entry + 1; 0 where no token has the id.
  private var entryOfID: [UInt32] = []
  /// Open addressing by the hash of the bytes: entry + 1, 0 where free. At most half full.
  private var slots: [UInt32]
  private let hash: Hash
  private(set) var longestByteCount = 0

  /// Ids are below this: sixteen times the largest vocabulary in use.
  static let idLimit = 1 << 22

  enum Duplicate: Error {
    case token
    case id(Int32)
  }

  init(capacity: Int) {
    var slotCount = 16
    while slotCount < 2 * capacity { slotCount *= 2 }
    slots = [UInt32](repeating: 0, count: slotCount)
    hash = Hash()
    bytes.reserveCapacity(8 * capacity)
    ends.reserveCapacity(capacity + 1)
    ids.reserveCapacity(capacity)
  }

  var count: Int { ids.count }

  /// Highest id + 1.
  var idCount: Int { entryOfID.count }

  /// `id` is from 0 to `idLimit` - 1.
  mutating func insert(_ token: UnsafeBufferPointer<UInt8>, id: Int32) throws(Duplicate) {
    if 2 * count >= slots.count { grow() }
    let slot = slot(of: token, state: hash(token))
    guard slots[slot] == 0 else { throw .token }
    let index = Int(id)
    if index >= entryOfID.count {
      entryOfID.append(contentsOf: repeatElement(0, count: index + 1 - entryOfID.count))
    }
    guard entryOfID[index] == 0 else { throw .id(id) }
    bytes.append(contentsOf: token)
    ends.append(UInt32(bytes.count))
    ids.append(id)
    entryOfID[index] = UInt32(ids.count)
    slots[slot] = UInt32(ids.count)
    longestByteCount = max(longestByteCount, token.count)
  }

  func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
    let entry = slots[slot(of: token, state: hash(token))]
    return entry == 0 ? nil : ids[Int(entry) - 1]
  }

  func id(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { id(of: $0) }
  }

  func bytes(of id: Int32) -> ArraySlice<UInt8>? {
    guard id >= 0, id < entryOfID.count, entryOfID[Int(id)] != 0 else { return nil }
    let entry = Int(entryOfID[Int(id)])
    return bytes[Int(ends[entry - 1])..<Int(ends[entry])]
  }

  func token(_ id: Int32) -> String? { bytes(of: id).map { String(decoding: $0, as: UTF8.self) } }

  /// A hash that grows byte by byte, so that all prefixes of a word cost one pass.
  struct Hash: Sendable {
    let start = UInt64.random(in: .min ... .max)
    private let multiplier = UInt64.random(in: .min ... .max) & ~7 | 5

    @inline(__always)
    func extend(_ state: UInt64, _ byte: UInt8) -> UInt64 {
      let mixed = (state ^ UInt64(byte)) &* multiplier
      return mixed ^ mixed >> 32
    }

    func callAsFunction(_ token: UnsafeBufferPointer<UInt8>) -> UInt64 {
      var state = start
      for byte in token { state = extend(state, byte) }
      return state
    }
  }

  var hashing: Hash { hash }

  /// The token whose bytes are `prefix` and then `word`, hashed to `state`.
  func id(
    of word: UnsafeBufferPointer<UInt8>, after prefix: UnsafeBufferPointer<UInt8>, state: UInt64
  ) -> Int32? {
    var slot = Int(truncatingIfNeeded: state) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = Int(slots[slot])
      let (start, end) = (Int(ends[entry - 1]), Int(ends[entry]))
      if end - start == prefix.count + word.count,
        bytes.withUnsafeBufferPointer({
          same($0, start, prefix) && same($0, start + prefix.count, word)
        })
      {
        return ids[entry - 1]
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Where `token` is, or the free slot where it would go.
  private func slot(of token: UnsafeBufferPointer<UInt8>, state: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: state) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = Int(slots[slot])
      let (start, end) = (Int(ends[entry - 1]), Int(ends[entry]))
      if end - start == token.count,
        bytes.withUnsafeBufferPointer({ same($0, start, token) })
      {
        return slot
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: 2 * slots.count)
    for entry in 1...count {
      let range = Int(ends[entry - 1])..<Int(ends[entry])
      let state = bytes.withUnsafeBufferPointer { hash(UnsafeBufferPointer(rebasing: $0[range])) }
      var slot = Int(truncatingIfNeeded: state) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(entry)
    }
  }
}

/// True when `blob` holds `token` at `start`; the caller knows that it is long enough.
private func same(
  _ blob: UnsafeBufferPointer<UInt8>, _ start: Int, _ token: UnsafeBufferPointer<UInt8>
) -> Bool {
  for index in token.indices where blob[start + index] != token[index] { return false }
  return true
}
