// The `added_tokens` of a tokenizer.json: tokens that are found in a text before any model sees it.
// Behaviour is that of PyPI `tokenizers`.

struct AddedToken: Sendable, Equatable {
  var id: Int32
  var content: String
  /// Matches only where no word character stands beside it.
  var singleWord = false
  /// Takes the white space before it, after it.
  var stripsLeft = false
  var stripsRight = false
  /// Is looked for in the normalised text, and normalised itself; otherwise in the text as it came.
  var normalized = false
  var special = false
}

/// All added tokens of a file and the two passes that look for them.
struct AddedTokens: Sendable {
  let tokens: [AddedToken]
  let raw: Pass
  let normalized: Pass

  /// The tokens of one pass.
  struct Pass: Sendable {
    fileprivate let tokens: [AddedToken]
    fileprivate let matcher: TokenMatcher

    fileprivate init(_ tokens: [AddedToken], _ patterns: [[UInt8]]) {
      self.tokens = tokens
      matcher = TokenMatcher(patterns)
    }

    var isEmpty: Bool { matcher.isEmpty }
  }

  init(_ tokens: [AddedToken], normalizer: Normalizer?) throws(TokenizerError) {
    self.tokens = tokens
    // Of equal patterns the first counts, special tokens before others.
    let ordered = tokens.filter(\.special) + tokens.filter { !$0.special }
    let rawTokens = ordered.filter { !$0.normalized }
    raw = Pass(rawTokens, rawTokens.map { Array($0.content.utf8) })
    let normalizedTokens = ordered.filter(\.normalized)
    normalized = Pass(
      normalizedTokens,
      try normalizedTokens.map { token throws(TokenizerError) in
        var text = AlignedText()
        text.set(token.content.utf8)
        var budget = PatternBudget(byteCount: text.bytes.count)
        try normalizer?.apply(to: &text, within: &budget)
        return text.bytes
      })
  }
}

/// A stretch of a text between added tokens, or one of them.
struct Split {
  var range: Range<Int>
  /// nil: text.
  var token: Int32?
  /// Where the token itself begins, after the white space that it took.
  var core: Int
  /// The control segment that the token is; nil for tokens found in text.
  var segment: Int?
}

/// A control segment's place in the concatenation.
struct ForcedToken {
  var range: Range<Int>
  var id: Int32
  var segment: Int
  var stripsLeft: Bool
  var stripsRight: Bool
}

extension AddedTokens.Pass {
  /// Cuts `bytes` into `splits`. Tokens in `ignored` are found, so that nothing inside them is, but
  /// left as text. `forced` tokens are where they are; nothing is found across their borders.
  func split(
    _ bytes: UnsafeBufferPointer<UInt8>, ignored: Set<Int32>, forced: [ForcedToken] = [],
    into splits: inout [Split]
  ) {
    var cut = 0
    var position = 0
    for index in 0...forced.count {
      let forcedToken = index < forced.count ? forced[index] : nil
      let limit = forcedToken?.range.lowerBound ?? bytes.count
      while let match = matcher.firstMatch(in: bytes, from: position, to: limit) {
        position = match.range.upperBound
        let token = tokens[match.pattern]
        if ignored.contains(token.id) { continue }
        if token.singleWord, bytes.touchesWord(match.range) { continue }
        let range = bytes.widen(
          match.range, left: token.stripsLeft, right: token.stripsRight, from: cut)
        if cut < range.lowerBound { splits.append(Split(range: cut..<range.lowerBound, core: cut)) }
        splits.append(Split(range: range, token: token.id, core: match.range.lowerBound))
        cut = range.upperBound
      }
      guard let forcedToken else { break }
      let range = bytes.widen(
        forcedToken.range, left: forcedToken.stripsLeft, right: forcedToken.stripsRight, from: cut)
      if cut < range.lowerBound { splits.append(Split(range: cut..<range.lowerBound, core: cut)) }
      splits.append(
        Split(
          range: range, token: forcedToken.id, core: forcedToken.range.lowerBound,
          segment: forcedToken.segment))
      cut = range.upperBound
      position = forcedToken.range.upperBound
    }
    if cut < bytes.count { splits.append(Split(range: cut..<bytes.count, core: cut)) }
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func touchesWord(_ range: Range<Int>) -> Bool {
    let tables = UnicodeTables.shared
    if range.lowerBound > 0,
      tables.flags(scalar(before: range.lowerBound).value).contains(.word)
    {
      return true
    }
    return range.upperBound < count
      && tables.flags(scalar(at: range.upperBound).value).contains(.word)
  }

  /// Adds white space on the sides asked for, on the left not before `limit`, where the last token
  /// ended. (One that takes white space on its right may have ended inside this one.)
  fileprivate func widen(
    _ range: Range<Int>, left: Bool, right: Bool, from limit: Int
  ) -> Range<Int> {
    let tables = UnicodeTables.shared
    var (start, end) = (range.lowerBound, range.upperBound)
    if left, start < limit { start = Swift.min(limit, end) }
    while left, start > limit {
      let (scalar, byteCount) = scalar(before: start)
      guard tables.flags(scalar).contains(.stripped) else { break }
      start -= byteCount
    }
    while right, end < count {
      let (scalar, byteCount) = scalar(at: end)
      guard tables.flags(scalar).contains(.stripped) else { break }
      end += byteCount
    }
    return start..<end
  }
}
