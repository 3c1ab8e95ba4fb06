// How many tokens the parts of a prompt take: what labels are cut into chunks by.

internal import Tokenization

extension GLiClassModel {
  /// Tokens of each label with its marker, whatever the labels of `input`. A label that no sequence
  /// has room for is an error.
  ///
  /// - Parameter input: Says whether control tokens in the labels are matched.
  package func tokenCounts(
    ofLabels labels: [String], _ input: PromptInput
  ) throws(GLiClassError) -> [Int] {
    var counts: [Int] = []
    counts.reserveCapacity(labels.count)
    for label in labels {
      let segments: [Segment] = [.control(prompts.label), .text(label)]
      counts.append(
        try tokenCount(
          segments, input, specialTokens: false, limit: PromptCache.limit(positionLimit)))
    }
    return counts
  }

  /// Tokens of prompt, examples and the special tokens, without labels and text.
  package func tokenCount(around input: PromptInput) throws(GLiClassError) -> Int {
    var input = input
    (input.text, input.labels) = ("", [])
    return try tokenCount(prompts.segments(input).segments, input, specialTokens: true)
  }

  /// Tokens of the text alone.
  package func tokenCount(ofText input: PromptInput) throws(GLiClassError) -> Int {
    try tokenCount([.text(input.text)], input, specialTokens: false)
  }

  private func tokenCount(
    _ segments: [Segment], _ input: PromptInput, specialTokens: Bool, limit: Int = .max
  ) throws(GLiClassError) -> Int {
    let byteCount = segments.reduce(0) { sum, segment in
      if case .text(let text) = segment { sum + text.utf8.count } else { sum + 16 }
    }
    guard byteCount <= PromptInput.byteLimit else {
      throw .tooManyBytes(count: byteCount, limit: PromptInput.byteLimit)
    }
    do throws(TokenizerError) {
      return try tokenizer.encode(
        segments, specialTokens: specialTokens,
        controlTokensInText: input.matchesControlTokens ? .matched : .literal, tokenLimit: limit,
        offsets: false
      ).ids.count
    } catch {
      throw GLiClassError(error, limit: positionLimit)
    }
  }
}

extension GLiClassError {
  /// What became of a prompt of which a sequence holds `limit` tokens.
  init(_ error: TokenizerError, limit: Int) {
    if case .tooManyTokens(let count) = error {
      self = .labelsTooLong(moreThan: count, limit: limit)
    } else {
      self = .tokenizer(error)
    }
  }
}
