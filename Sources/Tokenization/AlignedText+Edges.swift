// The `Strip` and `Prepend` normalizers of a tokenizer.json. Behaviour is that of PyPI `tokenizers`.

extension AlignedText {
  /// Takes white space, as Rust has it, from the ends.
  mutating func strip(left: Bool, right: Bool) {
    let tables = UnicodeTables.shared
    var range = bytes.indices
    let scalarCount = bytes.withUnsafeBufferPointer { bytes in
      while left, !range.isEmpty {
        let (scalar, byteCount) = bytes.scalar(at: range.lowerBound)
        guard tables.flags(scalar).contains(.whitespace) else { break }
        range = range.lowerBound + byteCount..<range.upperBound
      }
      while right, !range.isEmpty {
        let (scalar, byteCount) = bytes.scalar(before: range.upperBound)
        guard tables.flags(scalar).contains(.whitespace) else { break }
        range = range.lowerBound..<range.upperBound - byteCount
      }
      return range == bytes.indices
        ? (0, 0)
        : (bytes.scalarCount(in: 0..<range.lowerBound), bytes.scalarCount(in: range))
    }
    guard range != bytes.indices else { return }
    alignScalars()
    let scalars = scalarCount.0..<scalarCount.0 + scalarCount.1
    bytes = Array(bytes[range])
    starts = Array(starts[scalars])
    ends = Array(ends[scalars])
  }

  /// Puts `content` before a text that is not empty. It stands for what the first scalar stands for;
  /// when there is no content, upstream lets the first scalar stand for nothing.
  mutating func prepend(_ content: String) {
    guard !bytes.isEmpty else { return }
    alignScalars()
    if content.isEmpty { (starts[0], ends[0]) = (0, 0) }
    let count = content.unicodeScalars.count
    bytes.insert(contentsOf: content.utf8, at: 0)
    starts.insert(contentsOf: repeatElement(starts[0], count: count), at: 0)
    ends.insert(contentsOf: repeatElement(ends[0], count: count), at: 0)
  }

  /// Writes down the ranges that go without saying while the text is the original.
  private mutating func alignScalars() {
    guard isIdentity else { return }
    let count = bytes.withUnsafeBufferPointer { $0.scalarCount(in: $0.indices) }
    starts = Array(0..<Int32(truncatingIfNeeded: count))
    ends = starts.map { $0 + 1 }
  }
}
