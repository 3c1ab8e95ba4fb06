// A pattern of a tokenizer.json and its matches, by PCRE2 under limits: pcre2api(3), pcre2partial(3).
//
// No text and no pattern takes more than a bounded number of steps. PCRE2's match limit counts
// backtracking at one start and nothing else, so a search goes through a window of the text with a
// small limit and asks for partial matches: PCRE2 then says which start wants to see more than the
// window, or that some start backtracks more than the limit. Such starts are tried again one by one
// with more of both, which is paid for from a budget that grows with the text. When it is spent,
// encoding ends with an error. PCRE2 is interpreted, not compiled to machine code: its compiled form
// counts differently.

import CPCRE2
import Synchronization

/// What one encoding may spend on patterns beyond the base cost of each start.
struct PatternBudget {
  private var steps: Int

  init(byteCount: Int) { steps = 20_000_000 + 64 * byteCount }

  /// False when it is spent.
  mutating func spend(_ count: Int) -> Bool {
    steps -= count
    return steps >= 0
  }
}

/// Immutable; finds matches on any number of threads at once.
final class Pattern: @unchecked Sendable, Equatable {
  // Unchecked: PCRE2 does not change compiled code.
  private let code: OpaquePointer
  private let matchers = Mutex<[Matcher]>([])
  private static let keptMatchers = 16
  private static let keptByteCount = 1 << 14

  let file: String
  /// The field of the file, for errors.
  let field: String
  private let source: String
  private let isLiteral: Bool

  static func == (left: Pattern, right: Pattern) -> Bool {
    (left.file, left.field, left.source, left.isLiteral)
      == (right.file, right.field, right.source, right.isLiteral)
  }

  /// - Parameter isLiteral: whether `source` is text to find rather than a pattern.
  init(_ source: String, isLiteral: Bool, file: String, field: String) throws(TokenizerError) {
    (self.source, self.isLiteral, self.file, self.field) = (source, isLiteral, file, field)
    let text: [UInt8]
    let origins: [Int]
    if isLiteral {
      (text, origins) = (Array(source.utf8), [])
    } else {
      do {
        let pattern = try OnigurumaPattern(translating: source)
        (text, origins) = (pattern.translated, pattern.origins)
      } catch {
        throw .unsupported(
          file: file, field: field, found: "a pattern with \(error.construct) at \(error.offset)",
          supported: "what Oniguruma and PCRE2 read alike")
      }
    }
    var code: Int32 = 0
    var offset = 0
    // ^ and $ are at lines in Oniguruma's Ruby syntax, and a line ends with \n alone.
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    // PCRE2 10.42 takes \P{Lu}+\P{Nd} for free of overlap and makes the repeat possessive: not here.
    let patternOptions = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NO_AUTO_POSSESS
    let options = isLiteral ? PCRE2_UTF | PCRE2_LITERAL : patternOptions
    let compiled = text.withUnsafeBufferPointer { text in
      var none: UInt8 = 0
      return withUnsafePointer(to: &none) { none in
        pcre2_compile_8(text.baseAddress ?? none, text.count, options, &code, &offset, context)
      }
    }
    guard let compiled else {
      let origin = offset < origins.count ? origins[offset] : source.utf8.count
      throw .pattern(file: file, field: field, offset: origin, reason: Self.message(code))
    }
    self.code = compiled
  }

  deinit { pcre2_code_free_8(code) }

  fileprivate static func message(_ code: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = pcre2_get_error_message_8(code, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, Int(length))), as: UTF8.self)
  }

  /// Calls `body` with each stretch of `bytes[range]` in order, matches and what is between them, as
  /// if there were no text around the range. Stretches between matches are never empty.
  func forEachStretch(
    of bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, within budget: inout PatternBudget,
    _ body: (_ stretch: Range<Int>, _ isMatch: Bool) -> Void
  ) throws(TokenizerError) {
    let subject = UnsafeBufferPointer(rebasing: bytes[range])
    guard !subject.isEmpty else { return }
    let kept = matchers.withLock { $0.popLast() }
    let matcher: Matcher
    if let kept { matcher = kept } else { matcher = try Matcher(code, file, field) }
    defer {
      // A matcher keeps the memory of its largest match.
      if subject.count <= Self.keptByteCount {
        matchers.withLock { if $0.count < Self.keptMatchers { $0.append(matcher) } }
      }
    }
    try matcher.begin(subject)
    var start = 0
    var previous = 0
    var lastEnd: Int?
    while start <= subject.count, let match = try matcher.match(from: start, within: &budget) {
      if match.isEmpty, match.upperBound == lastEnd {
        // An empty match right after a match does not count: go on behind the next scalar.
        start = start < subject.count ? start + subject.scalar(at: start).byteCount : start + 1
        continue
      }
      if previous < match.lowerBound {
        body(range.lowerBound + previous..<range.lowerBound + match.lowerBound, false)
      }
      body(range.lowerBound + match.lowerBound..<range.lowerBound + match.upperBound, true)
      (start, previous, lastEnd) = (match.upperBound, match.upperBound, match.upperBound)
    }
    if previous < subject.count { body(range.lowerBound + previous..<range.upperBound, false) }
  }
}

/// PCRE2's buffers, and the search of one text.
private final class Matcher: @unchecked Sendable {
  // Unchecked: a matcher is lent to one search at a time.
  private let code: OpaquePointer
  private let data: OpaquePointer
  private let context: OpaquePointer
  private let file: String
  private let field: String
  private var subject = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

  /// Bytes that a start sees, and times that it backtracks, at no charge.
  private static let base = 512
  /// KiB of PCRE2's own memory for one match.
  private static let heapLimit: UInt32 = 64 << 10

  private enum Outcome {
    case match(Range<Int>)
    case none
    /// The start wants to see more.
    case partial(start: Int)
    case limit
  }

  init(_ code: OpaquePointer, _ file: String, _ field: String) throws(TokenizerError) {
    guard let data = pcre2_match_data_create_8(1, nil) else {
      throw .patternStopped(file: file, field: field, reason: "out of memory")
    }
    guard let context = pcre2_match_context_create_8(nil) else {
      pcre2_match_data_free_8(data)
      throw .patternStopped(file: file, field: field, reason: "out of memory")
    }
    (self.code, self.data, self.context, self.file, self.field) = (code, data, context, file, field)
    pcre2_set_heap_limit_8(context, Self.heapLimit)
  }

  deinit {
    pcre2_match_data_free_8(data)
    pcre2_match_context_free_8(context)
  }

  /// Checks the text once; PCRE2 would look at all of it again for each match.
  func begin(_ subject: UnsafeBufferPointer<UInt8>) throws(TokenizerError) {
    guard
      subject.isASCII(in: subject.indices) || String(validating: subject, as: UTF8.self) != nil
    else { throw .patternStopped(file: file, field: field, reason: "the text is not UTF-8") }
    self.subject = subject
  }

  /// The first match at or after `start`, in the text of `begin`.
  func match(
    from start: Int, within budget: inout PatternBudget
  ) throws(TokenizerError) -> Range<Int>? {
    var start = start
    // Starts before this one are tried one by one.
    var cautiousEnd = start
    while true {
      let end = windowEnd(start, Self.base)
      let isWhole = end == subject.count
      var single = start
      if start >= cautiousEnd {
        switch try run(start, end, limit: Self.base, isAnchored: false) {
        case .match(let range) where isWhole || range.lowerBound < end: return range
        // Only the window's end is left, where nothing could be looked at.
        case .match, .none:
          if isWhole { return nil }
          start = end
          continue
        case .partial(let found): single = found
        case .limit: cautiousEnd = end
        }
      }
      if let range = try match(at: single, within: &budget) { return range }
      if single == subject.count { return nil }
      start = single + subject.scalar(at: single).byteCount
    }
  }

  /// The match that begins at `start`, with as much text and backtracking as it takes.
  private func match(
    at start: Int, within budget: inout PatternBudget
  ) throws(TokenizerError) -> Range<Int>? {
    var window = Self.base
    var limit = Self.base
    while true {
      let end = windowEnd(start, window)
      switch try run(start, end, limit: limit, isAnchored: true) {
      case .match(let range) where end == subject.count || range.lowerBound < end: return range
      case .none: return nil
      case .match, .partial: window *= 4
      case .limit: limit *= 4
      }
      guard budget.spend(limit + min(window, subject.count)) else {
        throw .patternStopped(
          file: file, field: field, reason: "matching takes more steps than its limit allows")
      }
    }
  }

  /// The first scalar border at least `length` bytes after `start`.
  private func windowEnd(_ start: Int, _ length: Int) -> Int {
    var end = min(start + length, subject.count)
    while end < subject.count, subject[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }

  private func run(
    _ start: Int, _ end: Int, limit: Int, isAnchored: Bool
  ) throws(TokenizerError) -> Outcome {
    pcre2_set_match_limit_8(context, UInt32(clamping: limit))
    pcre2_set_depth_limit_8(context, UInt32(clamping: limit))
    var options = PCRE2_NO_UTF_CHECK
    if isAnchored { options |= PCRE2_ANCHORED }
    if end < subject.count { options |= PCRE2_PARTIAL_HARD }
    let result = pcre2_match_8(code, subject.baseAddress, end, start, options, data, context)
    switch result {
    case PCRE2_ERROR_NOMATCH: return .none
    case PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT: return .limit
    case PCRE2_ERROR_PARTIAL, 0...:
      guard let vector = pcre2_get_ovector_pointer_8(data) else { return .none }
      if result == PCRE2_ERROR_PARTIAL { return .partial(start: vector[0]) }
      return .match(vector[0]..<max(vector[0], vector[1]))
    default:
      throw .patternStopped(file: file, field: field, reason: Pattern.message(result))
    }
  }
}
