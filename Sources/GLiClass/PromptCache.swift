// The parts of a prompt that stay the same from text to text, tokenized once.

internal import Tokenization

/// Ids of the prompt around the text: what begins before a control token and ends behind one does not
/// depend on the text. One cache serves the prompts of one call, one after the other.
package struct PromptCache {
  private var parts: [Part] = []

  private struct Part {
    let segments: ArraySlice<Segment>
    let ids: [Int32]
  }

  /// The most tokens that are made of labels and what else surrounds a text, where a sequence has room
  /// for `tokens`: enough that an error can say how many there are, and far less memory than there
  /// may be bytes.
  static func limit(_ tokens: Int) -> Int { max(tokens, 1 << 16) }

  package init() {}

  /// The ids of a whole prompt, special tokens included, and where in them the text is: those that
  /// encoding all segments together gives.
  ///
  /// Only the text with its nearest control tokens is encoded anew. The control tokens are encoded on
  /// both sides of each cut, so that white space which they take from their neighbours is taken.
  ///
  /// - Parameter limit: The most tokens of a sequence.
  mutating func encode(
    _ segments: [Segment], text: Int, _ tokenizer: Tokenizer, limit: Int
  ) throws(TokenizerError) -> (ids: [Int32], text: Range<Int>) {
    let first = segments[..<text].lastIndex(where: Self.isControl)
    let last = segments[text...].firstIndex(where: Self.isControl)
    let start = first ?? 0
    let middle = segments[start...(last ?? segments.count - 1)]
    var encoding = try tokenizer.encode(Array(middle), offsets: false)
    var range = encoding.tokenRange(ofSegment: text - start)
    if let last {
      let place = encoding.tokenRange(ofSegment: last - start)
      let behind = try ids(of: segments[last...], tokenizer, limit)
      encoding.ids.replaceSubrange(place, with: behind)
    }
    if let first {
      let place = encoding.tokenRange(ofSegment: 0)
      let before = try ids(of: segments[...first], tokenizer, limit)
      encoding.ids.replaceSubrange(place, with: before)
      let shift = before.count - place.count
      range = range.lowerBound + shift..<range.upperBound + shift
    }
    return (encoding.ids, range)
  }

  /// The ids of segments without special tokens, from the cache or for it. A prompt has two parts.
  private mutating func ids(
    of segments: ArraySlice<Segment>, _ tokenizer: Tokenizer, _ limit: Int
  ) throws(TokenizerError) -> [Int32] {
    if let known = parts.first(where: { Self.sameBytes($0.segments, segments) }) {
      return known.ids
    }
    let ids = try tokenizer.encode(
      Array(segments), specialTokens: false, tokenLimit: Self.limit(limit), offsets: false
    ).ids
    if parts.count == 2 { parts.removeFirst() }
    parts.append(Part(segments: segments, ids: ids))
    return ids
  }

  /// Not `==`, for which canonically equivalent strings are equal: their tokens may differ.
  private static func sameBytes(_ one: ArraySlice<Segment>, _ other: ArraySlice<Segment>) -> Bool {
    one.elementsEqual(other) { one, other in
      switch (one, other) {
      case (.control(let one), .control(let other)): one == other
      case (.text(let one), .text(let other)): one.utf8.elementsEqual(other.utf8)
      default: false
      }
    }
  }

  private static func isControl(_ segment: Segment) -> Bool {
    if case .control = segment { true } else { false }
  }
}
