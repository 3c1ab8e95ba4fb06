// The `Split` pre-tokenizer of a tokenizer.json. Behaviour is that of PyPI `tokenizers`.

/// Cuts text at the matches of a pattern.
struct SplitPattern: Sendable, Equatable {
  /// What becomes of a delimiter.
  enum Behavior: String, CaseIterable, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  var pattern: Pattern
  var behavior: Behavior
  /// Delimiters are what the pattern does not match.
  var inverts: Bool

  /// Appends the pieces of `bytes[range]`, none of them empty.
  func cut(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into words: inout [Range<Int32>],
    within budget: inout PatternBudget
  ) throws(TokenizerError) {
    var pieces = Pieces(behavior, from: range.lowerBound)
    try pattern.forEachStretch(of: bytes, range, within: &budget) { stretch, isMatch in
      pieces.add(stretch, isDelimiter: isMatch != inverts, into: &words)
    }
    pieces.finish(into: &words)
  }

  /// Puts delimiters and what is between them together as a behaviour says.
  struct Pieces {
    private let behavior: Behavior
    private var piece: Range<Int>
    private var isFirst = true
    private var isAfterDelimiter = false

    init(_ behavior: Behavior, from start: Int) {
      self.behavior = behavior
      piece = start..<start
    }

    /// The next stretch of the text; stretches follow one another.
    mutating func add(_ stretch: Range<Int>, isDelimiter: Bool, into words: inout [Range<Int32>]) {
      let joins =
        switch behavior {
        case .removed, .isolated: false
        case .contiguous: isDelimiter == isAfterDelimiter
        // A delimiter after a delimiter stays by itself.
        case .mergedWithPrevious: isDelimiter && !isAfterDelimiter
        case .mergedWithNext: !isDelimiter && isAfterDelimiter
        }
      if joins, !isFirst {
        piece = piece.lowerBound..<stretch.upperBound
      } else {
        finish(into: &words)
        let isLeftOut = behavior == .removed && isDelimiter
        piece = isLeftOut ? stretch.upperBound..<stretch.upperBound : stretch
      }
      isFirst = false
      isAfterDelimiter = isDelimiter
    }

    func finish(into words: inout [Range<Int32>]) {
      if !piece.isEmpty { words.append(narrow(piece)) }
    }
  }
}
