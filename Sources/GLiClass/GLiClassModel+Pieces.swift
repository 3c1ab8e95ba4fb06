// Texts cut into pieces of so many tokens: documents that stand where labels do, of which a prompt
// never cuts anything itself.

internal import Tokenization

extension GLiClassModel {
  /// A text in pieces.
  package struct Pieces: Sendable {
    /// At least one; together the text, but for what neighbours share.
    package let texts: [String]
    /// Tokens of the whole text.
    package let tokenCount: Int
    /// Tokens behind the first piece.
    package let restCount: Int
  }

  /// Cuts a text between tokens. A piece that is tokenized by itself may have a token more or less
  /// than it had in the text.
  ///
  /// - Parameters:
  ///   - size: Tokens of a piece, at least 1.
  ///   - overlap: Tokens that neighbouring pieces share; at most half of a piece.
  package func pieces(
    of text: String, tokens size: Int, overlap: Int
  ) throws(GLiClassError) -> Pieces {
    guard text.utf8.count <= PromptInput.byteLimit else {
      throw .tooManyBytes(count: text.utf8.count, limit: PromptInput.byteLimit)
    }
    let encoding: Encoding
    do throws(TokenizerError) {
      encoding = try tokenizer.encode(
        [.text(text)], specialTokens: false, controlTokensInText: .literal)
    } catch {
      throw .tokenizer(error)
    }
    let count = encoding.ids.count
    guard count > max(1, size) else {
      return Pieces(texts: [text], tokenCount: count, restCount: 0)
    }
    let scalars = Array(text.unicodeScalars)
    let step = max(1, size - min(max(overlap, 0), size / 2))
    var texts: [String] = []
    var start = 0
    while start < count {
      let end = min(count, start + max(1, size))
      let from = texts.isEmpty ? 0 : Int(encoding.offsets[start].lowerBound)
      let to = end == count ? scalars.count : Int(encoding.offsets[end].lowerBound)
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: scalars[min(from, to)..<max(from, to)])
      texts.append(String(piece))
      if end == count { break }
      start += step
    }
    return Pieces(texts: texts, tokenCount: count, restCount: count - max(1, size))
  }
}
