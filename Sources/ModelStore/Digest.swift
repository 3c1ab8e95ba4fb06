// SHA-256 and SHA-1 of files. Source: FIPS 180-4, sections 4 to 6. Not for secrets: nothing here runs
// in constant time, and SHA-1 only names the blobs of Git.

/// A hash that is fed bytes as they come.
package struct Digest {
  package enum Algorithm: Sendable {
    case sha256
    /// What Git names its objects by, and the Hugging Face cache its small files.
    case sha1
  }

  private static let blockByteCount = 64

  private let algorithm: Algorithm
  private var state: [UInt32]
  /// The message schedule of one block.
  private var words: [UInt32]
  /// Bytes that do not fill a block yet.
  private var rest: [UInt8] = []
  private var byteCount: UInt64 = 0

  package init(_ algorithm: Algorithm) {
    self.algorithm = algorithm
    state = algorithm == .sha256 ? Self.start256 : Self.start1
    words = [UInt32](repeating: 0, count: algorithm == .sha256 ? 64 : 80)
    rest.reserveCapacity(Self.blockByteCount)
  }

  package mutating func update(_ bytes: [UInt8]) {
    byteCount &+= UInt64(bytes.count)
    var offset = 0
    if !rest.isEmpty {
      offset = min(Self.blockByteCount - rest.count, bytes.count)
      rest += bytes[..<offset]
      guard rest.count == Self.blockByteCount else { return }
      rest.withUnsafeBytes { compress($0) }
      rest.removeAll(keepingCapacity: true)
    }
    bytes.withUnsafeBytes { buffer in
      while buffer.count - offset >= Self.blockByteCount {
        compress(UnsafeRawBufferPointer(rebasing: buffer[offset..<(offset + Self.blockByteCount)]))
        offset += Self.blockByteCount
      }
    }
    rest += bytes[offset...]
  }

  /// The hash in hexadecimal digits.
  package mutating func finish() -> String {
    let bitCount = byteCount &* 8
    var end: [UInt8] = [0x80]
    let zeros = (2 * Self.blockByteCount - 9 - rest.count) % Self.blockByteCount
    end += repeatElement(0, count: zeros)
    for shift in stride(from: 56, through: 0, by: -8) {
      end.append(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift)))
    }
    update(end)
    return state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// The hash of a few bytes.
  package static func of(_ bytes: [UInt8], _ algorithm: Algorithm) -> String {
    var digest = Digest(algorithm)
    digest.update(bytes)
    return digest.finish()
  }

  private mutating func compress(_ block: UnsafeRawBufferPointer) {
    for index in 0..<16 {
      words[index] = UInt32(
        bigEndian: block.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
    }
    switch algorithm {
    case .sha256: compress256()
    case .sha1: compress1()
    }
  }

  private mutating func compress256() {
    for t in 16..<64 {
      let (x, y) = (words[t - 15], words[t - 2])
      let a = rotate(x, 25) ^ rotate(x, 14) ^ (x >> 3)
      let b = rotate(y, 15) ^ rotate(y, 13) ^ (y >> 10)
      words[t] = words[t - 16] &+ a &+ words[t - 7] &+ b
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for t in 0..<64 {
      let s1 = rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7)
      let t1 = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ Self.constants[t] &+ words[t]
      let s0 = rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10)
      let t2 = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }

  private mutating func compress1() {
    for t in 16..<80 {
      words[t] = rotate(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1)
    }
    var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
    for t in 0..<80 {
      let (mixed, constant): (UInt32, UInt32) =
        switch t {
        case ..<20: ((b & c) ^ (~b & d), 0x5A82_7999)
        case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
        case ..<60: ((b & c) ^ (b & d) ^ (c & d), 0x8F1B_BCDC)
        default: (b ^ c ^ d, 0xCA62_C1D6)
        }
      let next = rotate(a, 5) &+ mixed &+ e &+ constant &+ words[t]
      (e, d, c, b, a) = (d, c, rotate(b, 30), a, next)
    }
    for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
  }

  /// To the left.
  private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
    (word << count) | (word >> (32 - count))
  }

  private static let start1: [UInt32] = [
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0,
  ]

  /// Fractions of the square roots of the first 8 primes.
  private static let start256: [UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
    0x5BE0_CD19,
  ]

  /// Fractions of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4,
    0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE,
    0x9BDC_06A7, 0xC19B_F174, 0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F,
    0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA, 0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
    0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967, 0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC,
    0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B,
    0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070, 0x19A4_C116,
    0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
    0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7,
    0xC671_78F2,
  ]
}
