// The members of a JSON object in file order, with a lookup that hostile keys cannot slow down.

/// The members of a JSON object: file order, no key twice.
///
/// Keys are equal when their UTF-8 bytes are. A Swift `Dictionary<String, _>` would merge keys that
/// are only canonically equivalent; build one from `members` with byte keys where that matters.
package struct JSONObject: Sendable {
  package typealias Member = (key: String, value: JSON)

  package private(set) var members: [Member]
  private var index: KeyIndex?

  /// Up to this many members, comparing with each key is faster than hashing.
  private static let scanLimit = 8

  package init() {
    members = []
  }

  /// An object for output. A key given twice is the caller's mistake and traps.
  package init(_ members: [Member]) {
    do {
      try self.init(unchecked: members)
    } catch {
      preconditionFailure("the key \(members[error.position].key) is given twice")
    }
  }

  /// Position of the second member with one key.
  struct DuplicateKey: Error {
    var position: Int
  }

  /// Linear time whatever the keys are: hashes are seeded per process.
  init(unchecked members: [Member]) throws(DuplicateKey) {
    self.members = members
    if members.count <= Self.scanLimit {
      for position in members.indices.dropFirst() {
        for earlier in 0..<position where sameBytes(members[earlier].key, members[position].key) {
          throw DuplicateKey(position: position)
        }
      }
    } else {
      var index = KeyIndex(capacity: members.count)
      for position in members.indices {
        guard index.insert(position, in: members) else { throw DuplicateKey(position: position) }
      }
      self.index = index
    }
  }

  package var count: Int { members.count }
  package var isEmpty: Bool { members.isEmpty }
  package var keys: [String] { members.map(\.key) }

  /// The value of `key`. Setting replaces it in place, appends it when it is new, and removes it
  /// when the value is nil.
  package subscript(key: String) -> JSON? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): members[position].value = value
      case (nil, let value?): self = JSONObject(members + [(key: key, value: value)])
      case (let position?, nil):
        members.remove(at: position)
        self = JSONObject(members)
      case (nil, nil): break
      }
    }
  }

  private func position(of key: String) -> Int? {
    if let index { return index.position(of: key, in: members) }
    return members.firstIndex { sameBytes($0.key, key) }
  }
}

extension JSONObject: Equatable {
  /// The same keys with equal values, whatever the order.
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
  }
}

func sameBytes(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}

/// An open-addressing hash table from keys to member positions, at most half full.
private struct KeyIndex: Sendable {
  /// Upper half: upper half of the key's hash. Lower half: position + 1; 0 marks a free slot.
  private var slots: [UInt64]

  init(capacity: Int) {
    var slotCount = 16
    while slotCount < 2 * capacity { slotCount *= 2 }
    slots = [UInt64](repeating: 0, count: slotCount)
  }

  /// False, and nothing changed, when an earlier member has the same key.
  mutating func insert(_ position: Int, in members: [JSONObject.Member]) -> Bool {
    let hash = Self.hash(members[position].key)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      if let found = match(slot, hash), sameBytes(members[found].key, members[position].key) {
        return false
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = hash & ~0xFFFF_FFFF | UInt64(UInt32(position + 1))
    return true
  }

  func position(of key: String, in members: [JSONObject.Member]) -> Int? {
    let hash = Self.hash(key)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      if let found = match(slot, hash), sameBytes(members[found].key, key) { return found }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private func match(_ slot: Int, _ hash: UInt64) -> Int? {
    slots[slot] >> 32 == hash >> 32 ? Int(slots[slot] & 0xFFFF_FFFF) - 1 : nil
  }

  /// SipHash with the process's random key, so no file can aim for collisions.
  private static func hash(_ key: String) -> UInt64 {
    var hasher = Hasher()
    let isContiguous: Void? = key.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isContiguous == nil {
      Array(key.utf8).withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
