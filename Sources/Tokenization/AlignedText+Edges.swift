// The `Strip` and `Prepend` normalizers of a tokenizer.json. Behaviour is that of PyPI `tokenizers`.

extension AlignedText {
  /// Takes white space, as Rust has it, from the ends.
  mutating func strip(left: Bool, right: Bool) {
    let tables = UnicodeTables.shared
    let (range, scalars) = bytes.withUnsafeBufferPointer { bytes in
      var range = bytes.indices
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
      let first = bytes.scalarCount(in: 0..<range.lowerBound)
      return (range, first..<first + bytes.scalarCount(in: range))
    }
    guard range != bytes.indices else { return }
    var result = AlignedText()
    result.steps = steps
    var place = 0
    result.append(range, scalars, of: self, near: &place)
    self = result
  }

  /// Puts `content` before a text that is not empty. It stands for what the first scalar stands for;
  /// when there is no content, upstream lets the first scalar stand for nothing.
  mutating func prepend(_ content: String) {
    guard !bytes.isEmpty else { return }
    var result = AlignedText()
    result.steps = steps
    result.bytes.reserveCapacity(bytes.count + content.utf8.count)
    var place = 0
    let first = origin(of: 0, near: &place)
    for scalar in content.unicodeScalars { result.append(scalar.value, from: first) }
    let (byteCount, scalarCount) = bytes.withUnsafeBufferPointer {
      ($0.scalar(at: 0).byteCount, $0.scalarCount(in: $0.indices))
    }
    result.append(bytes[..<byteCount], from: content.isEmpty ? 0..<0 : first)
    result.append(byteCount..<bytes.count, 1..<scalarCount, of: self, near: &place)
    self = result
  }
}
