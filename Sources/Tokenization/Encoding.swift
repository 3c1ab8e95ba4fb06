// What encoding takes and gives.

/// A part of the text to encode.
package enum Segment: Sendable, Equatable {
  /// Exactly this token, wherever it stands.
  case control(Int32)
  /// Text. Neighbouring texts are one text: merges look across their border.
  case text(String)
}

/// What becomes of control tokens that are spelled out inside a text.
package enum ControlTokensInText: Sendable {
  /// Their characters are text like any other. Only `Segment.control` makes a control token.
  case literal
  /// They become the tokens, as in PyPI `tokenizers`: for comparison with upstream, not for text
  /// from strangers.
  case matched
}

/// Token ids, and where in the text they are.
package struct Encoding: Sendable, Equatable {
  package var ids: [Int32] = []
  /// Scalars of the segments' concatenation that each token stands for, a control segment counting
  /// as the scalars of its token. Tokens that the post-processor adds are at 0..<0. Empty when they
  /// were not asked for.
  package var offsets: [Range<Int32>] = []
  /// Where each segment's tokens begin, and, last, where those of the last one end.
  package var segmentStarts: [Int] = []

  /// The tokens that begin in a segment. A token across the border of two texts belongs to the
  /// first. An empty text has an empty range.
  package func tokenRange(ofSegment segment: Int) -> Range<Int> {
    segmentStarts[segment]..<segmentStarts[segment + 1]
  }
}
