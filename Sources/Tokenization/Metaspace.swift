// The `Metaspace` pre-tokenizer of a tokenizer.json: SentencePiece's way to keep spaces. Behaviour is
// that of PyPI `tokenizers`.

/// Writes spaces as a mark, puts one before the text, and cuts before each.
struct Metaspace: Sendable, Equatable {
  /// Which pieces get a mark put before them, when they do not begin with one.
  enum Prefix: String, CaseIterable, Sendable {
    case always
    /// Those at the very beginning of the original text.
    case first
    case never
  }

  /// One scalar, in published files U+2581.
  var mark: [UInt8]
  var prefix: Prefix
  var cutsWords: Bool

  init(mark: Unicode.Scalar, prefix: Prefix, cutsWords: Bool) {
    self.mark = []
    self.mark.append(scalar: mark.value)
    self.prefix = prefix
    self.cutsWords = cutsWords
  }

  /// Writes the pieces of `text`, whose bytes are `bytes`, to `result`, end to end, and appends
  /// what they are cut into. A mark that is put before a piece stands for what its first scalar
  /// stands for.
  ///
  /// - Parameter origin: the scalar of the original at which `text` begins.
  func write(
    _ pieces: borrowing [Range<Int32>], of bytes: UnsafeBufferPointer<UInt8>,
    _ text: borrowing AlignedText, at origin: Int, to result: inout AlignedText,
    cut: inout [Range<Int32>]
  ) {
    result.set([])
    var scalar = 0
    var position = 0
    for index in pieces.indices {
      let piece = Int(pieces[index].lowerBound)..<Int(pieces[index].upperBound)
      guard !piece.isEmpty else { continue }
      scalar += bytes.scalarCount(in: position..<piece.lowerBound)
      position = piece.upperBound
      let isIdentity = text.isIdentity
      let first = isIdentity ? Int32(truncatingIfNeeded: scalar) : text.starts[scalar]
      var start = result.bytes.count
      let beginsMarked =
        bytes[piece.lowerBound] == 0x20 || isMark(bytes, piece.lowerBound, piece.upperBound)
      if !beginsMarked, prefix == .always || (prefix == .first && origin + Int(first) == 0) {
        result.bytes.append(contentsOf: mark)
        result.starts.append(first)
        result.ends.append(isIdentity ? first + 1 : text.ends[scalar])
      }
      for place in piece {
        let byte = bytes[place]
        if byte & 0xC0 != 0x80 {
          if cutsWords, byte == 0x20 || isMark(bytes, place, piece.upperBound),
            result.bytes.count > start
          {
            cut.append(narrow(start..<result.bytes.count))
            start = result.bytes.count
          }
          let from = isIdentity ? Int32(truncatingIfNeeded: scalar) : text.starts[scalar]
          result.starts.append(from)
          result.ends.append(isIdentity ? from + 1 : text.ends[scalar])
          scalar += 1
        }
        if byte == 0x20 {
          result.bytes.append(contentsOf: mark)
        } else {
          result.bytes.append(byte)
        }
      }
      cut.append(narrow(start..<result.bytes.count))
    }
  }

  @inline(__always)
  private func isMark(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    guard bytes[start] == mark[0], start + mark.count <= end else { return false }
    for index in 1..<mark.count where bytes[start + index] != mark[index] { return false }
    return true
  }
}
