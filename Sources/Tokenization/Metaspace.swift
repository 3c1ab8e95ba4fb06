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
  /// - Parameter stretch: `text`, and the scalar of the original at which it begins.
  func write(
    _ pieces: borrowing [Range<Int32>], of bytes: UnsafeBufferPointer<UInt8>, _ text: AlignedText,
    in stretch: inout Stretch, to result: inout AlignedText, cut: inout [Range<Int32>]
  ) {
    result.set([])
    var place = stretch.place
    for index in pieces.indices {
      let piece = Int(pieces[index].lowerBound)..<Int(pieces[index].upperBound)
      guard !piece.isEmpty else { continue }
      var scalar = stretch.scalar(at: piece.lowerBound)
      let first = text.origin(of: scalar, near: &place)
      var start = result.bytes.count
      let beginsMarked =
        bytes[piece.lowerBound] == 0x20 || isMark(bytes, piece.lowerBound, piece.upperBound)
      let isAtBeginning = stretch.origin + Int(first.lowerBound) == 0
      if !beginsMarked, prefix == .always || (prefix == .first && isAtBeginning) {
        result.append(mark[...], from: first)
      }
      for position in piece {
        let byte = bytes[position]
        if byte & 0xC0 != 0x80 {
          if cutsWords, byte == 0x20 || isMark(bytes, position, piece.upperBound),
            result.bytes.count > start
          {
            cut.append(narrow(start..<result.bytes.count))
            start = result.bytes.count
          }
          let origin = text.origin(of: scalar, near: &place)
          scalar += 1
          if byte == 0x20 {
            result.append(mark[...], from: origin)
          } else {
            result.append(firstByte: byte, from: origin)
          }
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
