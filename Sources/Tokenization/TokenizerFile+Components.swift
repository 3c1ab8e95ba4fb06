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
      return PostProcessor(steps: [try template(reader, components)])
    case "BertProcessing", "RobertaProcessing":
      let isRoberta = type == "RobertaProcessing"
      try reader.allow(
        isRoberta
          ? ["type", "sep", "cls", "trim_offsets", "add_prefix_space"]
          : ["type", "sep", "cls"])
      let before = try surroundingToken(reader, "cls", components)
      let after = try surroundingToken(reader, "sep", components)
      let surround = PostProcessor.Step.surround(before: [before], after: [after])
      guard isRoberta else { return PostProcessor(steps: [surround]) }
      return PostProcessor(steps: try trimming(reader) + [surround])
    case "ByteLevel":
      try reader.allow(["type", "add_prefix_space", "trim_offsets", "use_regex"])
      return PostProcessor(steps: try trimming(reader))
    case "Sequence":
      try reader.allow(["type", "processors"])
      var steps: [PostProcessor.Step] = []
      for part in try reading({ () throws(FieldError) in try reader.objects("processors") }) {
        steps += try postProcessor(part, components).steps
      }
      return PostProcessor(steps: steps)
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

  /// The ids around `A` in `single`. `pair` is not used: texts are encoded one by one.
  private func template(
    _ reader: FieldReader, _ components: Tokenizer.Components
  ) throws(TokenizerError) -> PostProcessor.Step {
    let (pieces, special) = try reading { () throws(FieldError) in
      (try reader.objects("single"), try reader.object("special_tokens"))
    }
    var parts: (before: [Int32], after: [Int32]) = ([], [])
    var hasText = false
    for piece in pieces {
      try piece.allow(["Sequence", "SpecialToken"])
      guard piece.object.count == 1 else {
        throw .field(
          FieldError(
            file: file, field: piece.path, expected: "a Sequence or a SpecialToken",
            found: "an object of \(piece.object.count)"))
      }
      if piece.contains("Sequence") {
        let sequence = try reading { () throws(FieldError) in try piece.object("Sequence") }
        try sequence.allow(["id", "type_id"])
        guard sequence.value("id")?.string == "A", !hasText else {
          throw .field(sequence.error("id", expected: "\"A\", once"))
        }
        hasText = true
      } else {
        let token = try reading { () throws(FieldError) in try piece.object("SpecialToken") }
        try token.allow(["id", "type_id"])
        let ids = try templateIDs(token, special, components)
        if hasText { parts.after += ids } else { parts.before += ids }
      }
    }
    guard hasText else {
      throw .field(reader.error("single", expected: "a template with the Sequence \"A\""))
    }
    return .surround(before: parts.before, after: parts.after)
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
