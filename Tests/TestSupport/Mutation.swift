// Broken variants of valid inputs, for tests that a parser survives anything.

/// `bytes` with one to four random changes: bytes replaced, inserted, removed, repeated, or replaced
/// by one of `fragments`, which are pieces that the format gives a meaning.
package func mutated(
  _ bytes: [UInt8], fragments: [String], using random: inout SeededGenerator
) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    let start = Int.random(in: 0...bytes.count, using: &random)
    let end = min(bytes.count, start + Int.random(in: 0...8, using: &random))
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes.replaceSubrange(start..<end, with: [UInt8.random(in: 0...255, using: &random)])
    case 1: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: start)
    case 2: bytes.removeSubrange(start..<end)
    case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
    default:
      let fragment = fragments.randomElement(using: &random) ?? ""
      bytes.replaceSubrange(start..<end, with: fragment.utf8)
    }
  }
  return bytes
}
