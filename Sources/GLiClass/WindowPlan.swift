// Which tokens of a long text are read together. Labels, prompt and examples are in every window,
// whole; only the text is ever divided or cut.

/// What happens to a text that does not fit.
package enum LongTextPolicy: Sendable {
  case error, truncate
  /// Windows that share `overlap` tokens with the next one.
  case window(overlap: Int)
}

/// The parts of a text's tokens that are encoded, each with everything around the text.
package struct WindowPlan: Equatable, Sendable {
  /// Ranges of the text's tokens, at least one, in order.
  package let ranges: [Range<Int>]
  /// Tokens of the text that are in no range.
  package let truncated: Int

  /// - Parameters:
  ///   - textTokens: Tokens of the text.
  ///   - fixedTokens: All other tokens of the sequence: labels, prompt, examples, specials.
  ///   - limit: The most tokens of one sequence.
  package init(
    textTokens: Int, fixedTokens: Int, limit: Int, policy: LongTextPolicy
  ) throws(GLiClassError) {
    if fixedTokens + textTokens <= limit {
      ranges = [0..<textTokens]
      truncated = 0
      return
    }
    let room = limit - fixedTokens
    guard room > 0 else { throw .noRoomForText(fixedTokens: fixedTokens, limit: limit) }
    switch policy {
    case .error:
      throw .textTooLong(tokens: fixedTokens + textTokens, limit: limit)
    case .truncate:
      ranges = [0..<room]
      truncated = textTokens - room
    case .window(let overlap):
      // At most half a window is shared, so that every step moves on by at least half.
      let step = room - min(max(overlap, 0), room / 2)
      var ranges: [Range<Int>] = []
      var start = 0
      while start + room < textTokens {
        ranges.append(start..<start + room)
        start += step
      }
      // The last window ends with the text and is as long as the others.
      ranges.append(textTokens - room..<textTokens)
      self.ranges = ranges
      truncated = 0
    }
  }
}
