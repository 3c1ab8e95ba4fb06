// What the first bytes of an input say about the rest. Signatures: the formats' own specifications.

/// Tells packed files and foreign encodings from UTF-8 text.
enum FileSignature {
  /// Whether one more byte could change the verdict; true only of bytes that no text begins with.
  static func needsMore(_ head: [UInt8]) -> Bool {
    switch head.count {
    case 0: true
    case 1: [0x1F, 0xFE, 0xFF, 0xFD].contains(head[0])
    default: false
    }
  }

  private static let packings: [(name: String, bytes: [UInt8], advice: String)] = [
    ("zstd", [0x28, 0xB5, 0x2F, 0xFD], "zstd -dc FILE | gliss ..."),
    ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz -dc FILE | gliss ..."),
    ("bzip2", [0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26], "bzip2 -dc FILE | gliss ..."),
    ("zip", [0x50, 0x4B, 0x03, 0x04], "unzip it; save a spreadsheet as CSV"),
  ]

  /// Why the input cannot be read, as the end of a sentence about it; nil if nothing speaks against.
  static func refusal(of head: [UInt8]) -> String? {
    if let packing = packings.first(where: { head.starts(with: $0.bytes) }) {
      return "is packed with \(packing.name), gliss unpacks only gzip: \(packing.advice)"
    }
    return isUTF16(head)
      ? "is UTF-16, UTF-8 is needed: iconv -f UTF-16 -t UTF-8 FILE | gliss ..." : nil
  }

  /// A byte order mark of UTF-16 or UTF-32, or every second byte a zero.
  private static func isUTF16(_ head: [UInt8]) -> Bool {
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return true }
    guard head.count >= 4 else { return false }
    let zeros = head[..<4].map { $0 == 0 }
    return zeros == [false, true, false, true] || zeros == [true, false, true, false]
  }
}
