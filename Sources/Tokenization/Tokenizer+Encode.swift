// Encoding: segments to one text, text to splits, splits to words, words to tokens.

extension Tokenizer {
  /// Encodes one text.
  package func encode(
    _ text: String, specialTokens: Bool = true,
    controlTokensInText: ControlTokensInText = .literal, offsets: Bool = true
  ) throws(TokenizerError) -> Encoding {
    try encode(
      [.text(text)], specialTokens: specialTokens, controlTokensInText: controlTokensInText,
      offsets: offsets)
  }

  /// Encodes texts and control tokens as one sequence, as upstream encodes their concatenation:
  /// a control segment cuts the text as its token would where it is found, white space that the
  /// token takes from its neighbours included.
  ///
  /// - Parameters:
  ///   - segments: together at most 2^31 - 1 bytes; more traps.
  ///   - specialTokens: whether the file's post-processor adds its own, `[CLS]` and `[SEP]`.
  ///   - controlTokensInText: `.matched` treats control segments as their text, too.
  ///   - tokenLimit: The most tokens, those of the post-processor apart. Text that must have more
  ///     is refused before they are made, so that what is refused takes little memory.
  ///   - offsets: Whether the encoding says where in the text its tokens are: two thirds of its
  ///     memory.
  /// - Throws: `.patternStopped` when a pattern of the file goes beyond its match limits, never
  ///   when the file has none; `.textTooLong` when its normalizer makes more than 2^31 - 1 bytes of a
  ///   text; `.tooManyTokens` beyond `tokenLimit`.
  package func encode(
    _ segments: [Segment], specialTokens: Bool = true,
    controlTokensInText: ControlTokensInText = .literal, tokenLimit: Int = .max,
    offsets: Bool = true
  ) throws(TokenizerError) -> Encoding {
    try withScratch { scratch throws(TokenizerError) in
      (scratch.tokenLimit, scratch.keepsOffsets) = (tokenLimit, offsets)
      defer { (scratch.tokenLimit, scratch.keepsOffsets) = (.max, true) }
      try encode(segments, controlTokensInText: controlTokensInText, scratch)
      guard scratch.encoding.ids.count <= tokenLimit else {
        throw .tooManyTokens(limit: tokenLimit)
      }
      var encoding = scratch.takeEncoding()
      components.postProcessor.apply(
        to: &encoding, specialTokens: specialTokens, blanks: scratch.blanks(at:),
        token: { components.bytes(of: $0) })
      if !offsets { encoding.offsets = [] }
      return encoding
    }
  }

  /// Encodes without the post-processor, into `scratch.encoding`.
  func encode(
    _ segments: [Segment], controlTokensInText: ControlTokensInText, _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    let isLiteral = controlTokensInText == .literal
    scratch.load(segments, components, forcing: isLiteral)
    precondition(
      scratch.bytes.count <= Int32.max,
      "\(scratch.bytes.count) bytes in one encoding; the limit is \(Int32.max)")
    let text = scratch.bytes
    var budget = PatternBudget(byteCount: text.count)
    try text.withUnsafeBufferPointer { bytes throws(TokenizerError) in
      scratch.splits.removeAll(keepingCapacity: true)
      components.addedTokens.raw.split(
        bytes, ignored: isLiteral ? components.controlTokenIDs : [], forced: scratch.forced,
        into: &scratch.splits)
      var scalars = ScalarCursor(bytes)
      for split in scratch.splits {
        let start = scalars.index(of: split.range.lowerBound)
        guard let token = split.token else {
          try encode(bytes, split.range, at: start, isLiteral, &budget, scratch)
          continue
        }
        let anchor = Anchor(
          token: scratch.encoding.ids.count, segment: split.segment,
          scalar: scalars.index(of: split.core),
          blanks: Blanks(UnsafeBufferPointer(rebasing: bytes[split.range])))
        scratch.append(token, start, scalars.index(of: split.range.upperBound), anchor)
      }
    }
    scratch.endSegments()
  }

  /// Encodes a stretch of raw text that begins at scalar `origin`.
  private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, at origin: Int, _ isLiteral: Bool,
    _ budget: inout PatternBudget, _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    var text = AlignedText()
    swap(&text, &scratch.text)
    defer { swap(&text, &scratch.text) }
    text.set(UnsafeBufferPointer(rebasing: bytes[range]))
    try components.normalizer?.apply(to: &text, within: &budget)
    try checkLength(text)
    try text.bytes.withUnsafeBufferPointer { bytes throws(TokenizerError) in
      scratch.stretch.begin(bytes, origin)
      if components.addedTokens.normalized.isEmpty {
        try encode(bytes, bytes.indices, text, isLiteral, &budget, scratch)
        return
      }
      scratch.innerSplits.removeAll(keepingCapacity: true)
      components.addedTokens.normalized.split(
        bytes, ignored: isLiteral ? components.controlTokenIDs : [], into: &scratch.innerSplits)
      for index in scratch.innerSplits.indices {
        let split = scratch.innerSplits[index]
        guard let token = split.token else {
          try encode(bytes, split.range, text, isLiteral, &budget, scratch)
          continue
        }
        let offset = scratch.stretch.offset(of: split.range, bytes, text)
        let core = scratch.stretch.offset(of: split.core..<split.range.upperBound, bytes, text)
        let anchor = Anchor(
          token: scratch.encoding.ids.count, segment: nil, scalar: core.lowerBound,
          blanks: Blanks(UnsafeBufferPointer(rebasing: bytes[split.range])))
        scratch.append(token, offset.lowerBound, offset.upperBound, anchor)
      }
    }
  }

  /// Refuses a text of which positions are more than 32 bits.
  private func checkLength(_ text: AlignedText) throws(TokenizerError) {
    guard text.bytes.count <= Int32.max else {
      throw .textTooLong(file: components.file, byteCount: text.bytes.count)
    }
  }

  /// Encodes a stretch of normalised text without added tokens.
  private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: AlignedText,
    _ isLiteral: Bool, _ budget: inout PatternBudget, _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    scratch.pieces.removeAll(keepingCapacity: true)
    scratch.pieces.append(narrow(range))
    try encodePieces(bytes, text, after: 0, isLiteral, &budget, scratch)
  }

  /// Takes the pieces of `text`, whose bytes are `bytes`, through the pre-tokenizers from `first` on
  /// and through the model.
  private func encodePieces(
    _ bytes: UnsafeBufferPointer<UInt8>, _ text: AlignedText, after first: Int,
    _ isLiteral: Bool, _ budget: inout PatternBudget, _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    let steps = components.preTokenizers
    var index = first
    while index < steps.count {
      if case .metaspace(let metaspace) = steps[index] {
        try encodePieces(
          bytes, text, spacedBy: metaspace, after: index + 1, isLiteral, &budget, scratch)
        return
      }
      // The last step cuts piece by piece, below.
      if index == steps.count - 1 { break }
      swap(&scratch.pieces, &scratch.cutPieces)
      scratch.pieces.removeAll(keepingCapacity: true)
      for piece in scratch.cutPieces {
        try steps[index].cut(
          bytes, Int(piece.lowerBound)..<Int(piece.upperBound), into: &scratch.pieces,
          within: &budget)
      }
      index += 1
    }
    guard index < steps.count else {
      swap(&scratch.words, &scratch.pieces)
      try encodeWords(bytes, text, isLiteral, scratch)
      return
    }
    for pieceIndex in scratch.pieces.indices {
      let narrowed = scratch.pieces[pieceIndex]
      let piece = Int(narrowed.lowerBound)..<Int(narrowed.upperBound)
      guard !piece.isEmpty else { continue }
      scratch.words.removeAll(keepingCapacity: true)
      if case .byteLevel(let byteLevel) = steps[index], byteLevel.addsPrefixSpace,
        bytes[piece.lowerBound] != 0x20
      {
        var prefixed = scratch.takePrefixed()
        prefixed.append(0x20)
        prefixed.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[piece]))
        try prefixed.withUnsafeBufferPointer { prefixed throws(TokenizerError) in
          try steps[index].cut(prefixed, prefixed.indices, into: &scratch.words, within: &budget)
          try encodeWords(prefixed, of: piece, bytes, text, isLiteral, scratch)
        }
        scratch.giveBack(prefixed)
      } else {
        try steps[index].cut(bytes, piece, into: &scratch.words, within: &budget)
        try encodeWords(bytes, text, isLiteral, scratch)
      }
    }
  }

  /// The same of the text that a Metaspace writes.
  private func encodePieces(
    _ bytes: UnsafeBufferPointer<UInt8>, _ text: AlignedText,
    spacedBy metaspace: Metaspace, after first: Int, _ isLiteral: Bool,
    _ budget: inout PatternBudget, _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    var spaced = scratch.takeSpaced()
    scratch.cutPieces.removeAll(keepingCapacity: true)
    metaspace.write(
      scratch.pieces, of: bytes, text, in: &scratch.stretch, to: &spaced, cut: &scratch.cutPieces)
    swap(&scratch.pieces, &scratch.cutPieces)
    try checkLength(spaced)
    let stretch = scratch.stretch
    defer {
      scratch.giveBack(spaced)
      scratch.stretch = stretch
    }
    try spaced.bytes.withUnsafeBufferPointer { written throws(TokenizerError) in
      scratch.stretch.begin(written, stretch.origin)
      try encodePieces(written, spaced, after: first, isLiteral, &budget, scratch)
    }
  }

  private func encodeWords(
    _ bytes: UnsafeBufferPointer<UInt8>, _ text: AlignedText, _ isLiteral: Bool,
    _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    try encodeWords(bytes, of: nil, bytes, text, isLiteral, scratch)
  }

  /// Appends what the model makes of `scratch.words`, some words at a time.
  ///
  /// - Parameters:
  ///   - written: what the words are of.
  ///   - piece: the piece of `bytes` that `written` is, a space put before it; nil when `written` is
  ///     all of `bytes`.
  private func encodeWords(
    _ written: UnsafeBufferPointer<UInt8>, of piece: Range<Int>?,
    _ bytes: UnsafeBufferPointer<UInt8>, _ text: AlignedText, _ isLiteral: Bool,
    _ scratch: EncodingScratch
  ) throws(TokenizerError) {
    if scratch.tokenLimit < .max { try checkCount(scratch) }
    if case .bytePair(let model) = components.model, model.cutsAtMarks {
      scratch.cutWords.removeAll(keepingCapacity: true)
      model.cutAtMarks(written, scratch.words, into: &scratch.cutWords)
      swap(&scratch.words, &scratch.cutWords)
    }
    func place(_ tokens: inout [WordToken]) {
      scratch.place(tokens, bytes, text, prefixedPiece: piece)
      tokens.removeAll(keepingCapacity: true)
    }
    var start = 0
    while start < scratch.words.count {
      let end = scratch.endOfWords(from: start)
      let words = scratch.words[start..<end]
      start = end
      switch components.model {
      case .bytePair(let model):
        model.encode(
          written, words: words, takesApart: isLiteral, cache: &scratch.cache,
          scratch: &scratch.bytePair, to: &scratch.tokens, place)
      case .wordPiece(let model):
        model.encode(
          written, words: words, avoidsForbidden: isLiteral, cache: &scratch.cache,
          to: &scratch.tokens)
      case .unigram(let model):
        model.encode(
          written, words: words, avoidsForbidden: isLiteral, cache: &scratch.cache,
          scratch: &scratch.unigram, to: &scratch.tokens, place)
      }
      place(&scratch.tokens)
    }
  }

  /// Refuses words that must become more tokens than are left, before they do.
  private func checkCount(_ scratch: EncodingScratch) throws(TokenizerError) {
    var left = scratch.tokenLimit - scratch.encoding.ids.count
    for word in scratch.words where left >= 0 {
      left -= components.model.fewestTokens(ofWord: word.count)
    }
    guard left >= 0 else { throw .tooManyTokens(limit: scratch.tokenLimit) }
  }
}
