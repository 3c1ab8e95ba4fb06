// Normalizers, pre-tokenizers and post-processors of a tokenizer.json.

import StrictJSON

extension TokenizerFile {
  func normalizer(_ reader: FieldReader) throws(TokenizerError) -> Normalizer {
    let type = try reader.typeName()
    switch type {
    case "NFC", "NFD", "Lowercase":
      try reader.allow(["type"])
      return type == "NFC" ? .nfc : type == "NFD" ? .nfd : .lowercase
    case "BertNormalizer":
      try reader.allow([
        "type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase",
      ])
      return try reading { () throws(FieldError) in
        let lowercases = try reader.bool("lowercase")
        return .bert(
          BertNormalizer(
            cleansText: try reader.bool("clean_text"),
            spacesChinese: try reader.bool("handle_chinese_chars"),
            stripsAccents: try reader.optionalBool("strip_accents") ?? lowercases,
            lowercases: lowercases))
      }
    case "Replace":
      try reader.allow(["type", "pattern", "content"])
      let content = try reading { () throws(FieldError) in try reader.string("content") }
      return .replace(try pattern(reader), with: content)
    case "Prepend":
      try reader.allow(["type", "prepend"])
      return .prepend(try reading { () throws(FieldError) in try reader.string("prepend") })
    case "Strip":
      try reader.allow(["type", "strip_left", "strip_right"])
      return try reading { () throws(FieldError) in
        .strip(left: try reader.bool("strip_left"), right: try reader.bool("strip_right"))
      }
    case "Precompiled":
      try reader.allow(["type", "precompiled_charsmap"])
      let name = "precompiled_charsmap"
      let text = try reading { () throws(FieldError) in try reader.string(name) }
      do {
        return .precompiled(try CharacterMap(base64: text))
      } catch {
        throw .characterMap(file: file, field: reader.fieldPath(name), reason: error.reason)
      }
    case "Sequence":
      try reader.allow(["type", "normalizers"])
      var parts: [Normalizer] = []
      for part in try reading({ () throws(FieldError) in try reader.objects("normalizers") }) {
        parts.append(try normalizer(part))
      }
      return .sequence(parts)
    default:
      throw unsupported(
        reader, type,
        "NFC, NFD, Lowercase, BertNormalizer, Replace, Prepend, Strip, Precompiled, Sequence")
    }
  }

  func preTokenizer(_ reader: FieldReader) throws(TokenizerError) -> PreTokenizer {
    let type = try reader.typeName()
    switch type {
    case "ByteLevel":
      // `trim_offsets` is for the post-processor of the same name; here upstream ignores it.
      try reader.allow(["type", "add_prefix_space", "trim_offsets", "use_regex"])
      return try reading { () throws(FieldError) in
        .byteLevel(
          PreTokenizer.ByteLevel(
            addsPrefixSpace: try reader.bool("add_prefix_space"),
            cutsWords: try reader.bool("use_regex", default: true)))
      }
    case "BertPreTokenizer":
      try reader.allow(["type"])
      return .bert
    case "WhitespaceSplit":
      try reader.allow(["type"])
      return .characters(CharacterSplit(delimiters: .whitespace, behavior: .removed))
    case "Punctuation":
      try reader.allow(["type", "behavior"])
      let behavior = try reading { () throws(FieldError) in
        try reader.choice("behavior", default: SplitPattern.Behavior.isolated)
      }
      return .characters(CharacterSplit(delimiters: .punctuation, behavior: behavior))
    case "Metaspace":
      return .metaspace(try metaspace(reader))
    case "Split":
      try reader.allow(["type", "pattern", "behavior", "invert"])
      let (behavior, inverts) = try reading { () throws(FieldError) in
        (try reader.choice("behavior") as SplitPattern.Behavior, try reader.bool("invert"))
      }
      return .split(
        SplitPattern(pattern: try pattern(reader), behavior: behavior, inverts: inverts))
    case "Sequence":
      try reader.allow(["type", "pretokenizers"])
      var parts: [PreTokenizer] = []
      for part in try reading({ () throws(FieldError) in try reader.objects("pretokenizers") }) {
        parts.append(try preTokenizer(part))
      }
      return .sequence(parts)
    default:
      throw unsupported(
        reader, type,
        "ByteLevel, BertPreTokenizer, Split, Metaspace, WhitespaceSplit, Punctuation, Sequence")
    }
  }

  private func metaspace(_ reader: FieldReader) throws(TokenizerError) -> Metaspace {
    // `str_rep` is `replacement` again, in files of 2020 and 2021; upstream does not look at it.
    try reader.allow([
      "type", "replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split",
    ])
    let (replacement, prefix, adds, cutsWords) = try reading { () throws(FieldError) in
      (
        try reader.string("replacement"),
        try reader.choice("prepend_scheme", default: Metaspace.Prefix.always),
        try reader.optionalBool("add_prefix_space"), try reader.bool("split", default: true)
      )
    }
    guard let mark = replacement.unicodeScalars.first, replacement.unicodeScalars.count == 1 else {
      throw .field(reader.error("replacement", expected: "one character"))
    }
    guard adds != false || prefix == .never else {
      throw .field(
        reader.error("add_prefix_space", expected: "true, or prepend_scheme to be \"never\""))
    }
    return Metaspace(mark: mark, prefix: prefix, cutsWords: cutsWords)
  }

  func postProcessor(
    _ reader: FieldReader, _ components: Tokenizer.Components
  ) throws(TokenizerError) -> PostProcessor {
    let type = try reader.typeName()
    switch type {
    case "TemplateProcessing":
      try reader.allow(["type", "single", "pair", "special_tokens"])
      return PostProcessor(
        steps: [try template(reader, components)], pair: try pairTemplate(reader, components))
    case "BertProcessing", "RobertaProcessing":
      let isRoberta = type == "RobertaProcessing"
      try reader.allow(
        isRoberta
          ? ["type", "sep", "cls", "trim_offsets", "add_prefix_space"]
          : ["type", "sep", "cls"])
      let before = try surroundingToken(reader, "cls", components)
      let after = try surroundingToken(reader, "sep", components)
      let surround = PostProcessor.Step.surround(before: [before], after: [after])
      guard isRoberta else {
        return PostProcessor(
          steps: [surround],
          pair: PairTemplate(pieces: [
            .tokens([before], type: 0), .first(type: 0), .tokens([after], type: 0),
            .second(type: 1), .tokens([after], type: 1),
          ]))
      }
      return PostProcessor(
        steps: try trimming(reader) + [surround],
        pair: PairTemplate(pieces: [
          .tokens([before], type: 0), .first(type: 0), .tokens([after, after], type: 0),
          .second(type: 0), .tokens([after], type: 0),
        ]))
    case "ByteLevel":
      try reader.allow(["type", "add_prefix_space", "trim_offsets", "use_regex"])
      return PostProcessor(steps: try trimming(reader))
    case "Sequence":
      try reader.allow(["type", "processors"])
      var steps: [PostProcessor.Step] = []
      var pairs: [PairTemplate] = []
      for part in try reading({ () throws(FieldError) in try reader.objects("processors") }) {
        let part = try postProcessor(part, components)
        steps += part.steps
        if let pair = part.pair { pairs.append(pair) }
      }
      // Of two templates the second would surround what the first made: no pair is known then.
      return PostProcessor(steps: steps, pair: pairs.count == 1 ? pairs[0] : nil)
    default:
      throw unsupported(
        reader, type, "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, Sequence")
    }
  }

  /// `{"Regex": "..."}` or `{"String": "..."}`.
  private func pattern(_ reader: FieldReader) throws(TokenizerError) -> Pattern {
    let pattern = try reading { () throws(FieldError) in try reader.object("pattern") }
    try pattern.allow(["Regex", "String"])
    guard pattern.object.count == 1 else {
      throw .field(reader.error("pattern", expected: "a Regex or a String"))
    }
    let kind = pattern.contains("String") ? "String" : "Regex"
    return try Pattern(
      try reading { () throws(FieldError) in try pattern.string(kind) },
      isLiteral: kind == "String", file: file, field: pattern.fieldPath(kind))
  }

  private func trimming(_ reader: FieldReader) throws(TokenizerError) -> [PostProcessor.Step] {
    try reading { () throws(FieldError) in
      let addsPrefixSpace = try reader.bool("add_prefix_space")
      return try reader.bool("trim_offsets")
        ? [.trimOffsets(addsPrefixSpace: addsPrefixSpace)] : []
    }
  }

  /// `["[SEP]", 102]`.
  private func surroundingToken(
    _ reader: FieldReader, _ name: String, _ components: Tokenizer.Components
  ) throws(TokenizerError) -> Int32 {
    let pair = try reading { () throws(FieldError) in try reader.array(name) }
    guard pair.count == 2, pair[0].string != nil, let id = pair[1].int,
      let id = Int32(exactly: id), components.hasToken(id)
    else { throw .field(reader.error(name, expected: "a token and its id")) }
    return id
  }

  /// The ids around `A` in `single`.
  private func template(
    _ reader: FieldReader, _ components: Tokenizer.Components
  ) throws(TokenizerError) -> PostProcessor.Step {
    var parts: (before: [Int32], after: [Int32]) = ([], [])
    var hasText = false
    for piece in try templatePieces(reader, "single", texts: ["A"], components) {
      switch piece {
      case .first:
        hasText = true
      case .tokens(let ids, _):
        if hasText { parts.after += ids } else { parts.before += ids }
      case .second: break
      }
    }
    guard hasText else {
      throw .field(reader.error("single", expected: "a template with the Sequence \"A\""))
    }
    return .surround(before: parts.before, after: parts.after)
  }

  /// What `pair` makes of two texts; nil where it is not of two: trainers that name a `single` alone
  /// leave a `pair` without "B".
  private func pairTemplate(
    _ reader: FieldReader, _ components: Tokenizer.Components
  ) throws(TokenizerError) -> PairTemplate? {
    let isEmpty = try reading { () throws(FieldError) in
      try reader.array("pair", default: []).isEmpty
    }
    if isEmpty { return nil }
    let pieces = try templatePieces(reader, "pair", texts: ["A", "B"], components)
    let textCount = pieces.count { if case .tokens = $0 { false } else { true } }
    return textCount == 2 ? PairTemplate(pieces: pieces) : nil
  }

  /// A template's pieces, with each of `texts` once at most.
  private func templatePieces(
    _ reader: FieldReader, _ name: String, texts: [String], _ components: Tokenizer.Components
  ) throws(TokenizerError) -> [PairTemplate.Piece] {
    let (pieces, special) = try reading { () throws(FieldError) in
      (try reader.objects(name), try reader.object("special_tokens"))
    }
    var found: [String] = []
    var result: [PairTemplate.Piece] = []
    for piece in pieces {
      try piece.allow(["Sequence", "SpecialToken"])
      guard piece.object.count == 1 else {
        throw .field(
          FieldError(
            file: file, field: piece.path, expected: "a Sequence or a SpecialToken",
            found: "an object of \(piece.object.count)"))
      }
      let isText = piece.contains("Sequence")
      let part = try reading { () throws(FieldError) in
        try piece.object(isText ? "Sequence" : "SpecialToken")
      }
      try part.allow(["id", "type_id"])
      let type = try reading { () throws(FieldError) in
        Int32(truncatingIfNeeded: try part.int("type_id", default: 0, in: 0...Int(Int16.max)))
      }
      guard isText else {
        result.append(.tokens(try templateIDs(part, special, components), type: type))
        continue
      }
      guard let id = part.value("id")?.string, texts.contains(id), !found.contains(id) else {
        let names = texts.map { "\"\($0)\"" }.joined(separator: " or ")
        throw .field(part.error("id", expected: "\(names), once"))
      }
      found.append(id)
      result.append(id == "A" ? .first(type: type) : .second(type: type))
    }
    return result
  }

  private func templateIDs(
    _ token: FieldReader, _ special: FieldReader, _ components: Tokenizer.Components
  ) throws(TokenizerError) -> [Int32] {
    let name = try reading { () throws(FieldError) in try token.string("id") }
    let entry = try reading { () throws(FieldError) in try special.object(name) }
    try entry.allow(["id", "ids", "tokens"])
    let ids = try reading { () throws(FieldError) in
      try entry.ints("ids", in: 0...Vocabulary.idLimit - 1)
    }
    let narrowed = ids.map { Int32(truncatingIfNeeded: $0) }
    guard narrowed.allSatisfy(components.hasToken) else {
      throw .field(entry.error("ids", expected: "ids of tokens"))
    }
    return narrowed
  }
}

extension Tokenizer.Components {
  fileprivate func hasToken(_ id: Int32) -> Bool {
    addedTokenOfID[id] != nil || model.vocabulary.bytes(of: id) != nil
  }
}

extension FieldReader {
  func typeName() throws(TokenizerError) -> String {
    try reading { () throws(FieldError) in try string("type") }
  }
}
