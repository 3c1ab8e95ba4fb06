// The `pre_tokenizer` of a tokenizer.json: cuts normalised text into the words a model sees.

/// One pre-tokenizer, or a list of them with `ByteLevel`, if any, in the last place.
enum PreTokenizer: Sendable, Equatable {
  case byteLevel(ByteLevel)
  case bert
  case split(SplitPattern)
  case characters(CharacterSplit)
  /// Writes the text anew: `Tokenizer.encode` does what `cut` cannot.
  case metaspace(Metaspace)
  case sequence([PreTokenizer])

  /// GPT-2's: words become bytes, so the vocabulary needs no unknown token.
  struct ByteLevel: Sendable, Equatable {
    /// Puts a space before each text, between added tokens too, that does not begin with one.
    var addsPrefixSpace: Bool
    /// Cuts by the GPT-2 pattern; otherwise the text stays whole.
    var cutsWords: Bool
  }

  /// The steps in order.
  var steps: [PreTokenizer] {
    if case .sequence(let steps) = self { steps.flatMap(\.steps) } else { [self] }
  }

  /// Appends the words of `bytes[range]`, in order, without what vanishes between them.
  func cut(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into words: inout [Range<Int32>],
    within budget: inout PatternBudget
  ) throws(TokenizerError) {
    switch self {
    case .byteLevel(let byteLevel) where byteLevel.cutsWords:
      GPT2Scanner(bytes).cut(range, into: &words)
    case .byteLevel, .sequence, .metaspace: words.append(narrow(range))
    case .bert: BertScanner(bytes).cut(range, into: &words)
    case .characters(let split): split.cut(bytes, range, into: &words)
    case .split(let split): try split.cut(bytes, range, into: &words, within: &budget)
    }
  }
}

/// Positions in a text of at most `Int32.max` bytes.
@inline(__always)
func narrow(_ range: Range<Int>) -> Range<Int32> {
  Int32(truncatingIfNeeded: range.lowerBound)..<Int32(truncatingIfNeeded: range.upperBound)
}
