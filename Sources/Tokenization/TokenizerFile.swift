// Reads a tokenizer.json: huggingface/tokenizers, the serialised form of `Tokenizer`.
// What is not implemented is refused by name, never approximated.

import StrictJSON

/// A parsed file and the steps from its fields to a tokenizer's components.
struct TokenizerFile {
  let file: String
  let root: FieldReader

  init(parsing bytes: [UInt8], file: String) throws(TokenizerError) {
    self.file = file
    let json: JSON
    do {
      json = try JSON(parsing: bytes)
    } catch {
      let (line, column) = error.position(in: bytes)
      throw .notJSON(file: file, line: line, column: column, reason: error.reason)
    }
    root = try reading { () throws(FieldError) in try FieldReader(json, file: file) }
  }

  func components() throws(TokenizerError) -> Tokenizer.Components {
    // Truncation and padding are the caller's business; upstream bakes in what was set last.
    try root.allow([
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model",
    ])
    if root.contains("version") {
      let version = try reading { () throws(FieldError) in try root.string("version") }
      guard version == "1.0" else {
        throw .unsupported(file: file, field: "version", found: version, supported: "1.0")
      }
    }
    let normalizer = try optional("normalizer", normalizer(_:))
    let preTokenizers = try preTokenizers()
    let (model, merges) = try model(bytes: preTokenizers.contains(where: \.isByteLevel))
    let tokens = try addedTokens(model)
    var components = Tokenizer.Components(
      file: file, normalizer: normalizer, preTokenizers: preTokenizers, model: model,
      vocabulary: model.vocabulary, merges: merges,
      addedTokens: try AddedTokens(tokens, normalizer: normalizer), idOfAddedToken: [:],
      addedTokenOfID: [:], postProcessor: PostProcessor(),
      controlTokenIDs: Set(tokens.lazy.filter(\.special).map(\.id)))
    for token in tokens {
      components.idOfAddedToken[Array(token.content.utf8)] = token.id
      components.addedTokenOfID[token.id] = token
    }
    let processor = try optional("post_processor") { reader throws(TokenizerError) in
      try postProcessor(reader, components)
    }
    if let processor { components.postProcessor = processor }
    try components.guardModel()
    return components
  }

  /// The component of a field, nil when it is missing or null.
  func optional<Component>(
    _ name: String, _ read: (FieldReader) throws(TokenizerError) -> Component
  ) throws(TokenizerError) -> Component? {
    let reader = try reading { () throws(FieldError) in try root.optionalObject(name) }
    guard let reader else { return nil }
    return try read(reader)
  }

  /// The error for a component that is not among `supported`.
  func unsupported(_ reader: FieldReader, _ type: String, _ supported: String) -> TokenizerError {
    .unsupported(
      file: file, field: reader.fieldPath("type"), found: type, supported: supported)
  }

  private func preTokenizers() throws(TokenizerError) -> [PreTokenizer] {
    let steps = try optional("pre_tokenizer", preTokenizer(_:))?.steps ?? []
    for step in steps.dropLast() where step.isByteLevel {
      throw .unsupported(
        file: file, field: "pre_tokenizer", found: "a Sequence that goes on after ByteLevel",
        supported: "ByteLevel in the last place")
    }
    return steps
  }

  private func addedTokens(_ model: Model) throws(TokenizerError) -> [AddedToken] {
    let readers = try reading { () throws(FieldError) in
      try root.isAbsent("added_tokens") ? [] : root.objects("added_tokens")
    }
    var tokens: [AddedToken] = []
    var ids: [[UInt8]: Int32] = [:]
    var highest: Int32 = -1
    for reader in readers {
      let (token, id) = try addedToken(reader)
      let bytes = Array(token.content.utf8)
      guard ids[bytes] == nil else {
        throw .field(reader.error("content", expected: "a token that was not added before"))
      }
      // Upstream hands ids out itself: the vocabulary's, or the next free one.
      let vocabulary = model.vocabulary
      let next = Int32(clamping: vocabulary.count)
      let expected = vocabulary.id(of: token.content) ?? (highest >= next ? highest + 1 : next)
      guard id == Int(expected) else {
        throw .addedTokenID(
          file: file, field: reader.fieldPath("id"), token: token.content, expected: expected,
          found: id)
      }
      ids[bytes] = expected
      highest = max(highest, expected)
      var added = token
      added.id = expected
      tokens.append(added)
    }
    return tokens
  }

  private func addedToken(
    _ reader: FieldReader
  ) throws(TokenizerError) -> (AddedToken, id: Int) {
    try reader.allow([
      "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special",
    ])
    let (token, id) = try reading { () throws(FieldError) in
      (
        AddedToken(
          id: 0, content: try reader.string("content"),
          singleWord: try reader.bool("single_word"), stripsLeft: try reader.bool("lstrip"),
          stripsRight: try reader.bool("rstrip"), normalized: try reader.bool("normalized"),
          special: try reader.bool("special")),
        try reader.int("id", in: 0...Vocabulary.idLimit - 1)
      )
    }
    guard 1...Self.longestAddedToken ~= token.content.utf8.count else {
      throw .field(
        reader.error("content", expected: "a token of 1 to \(Self.longestAddedToken) bytes"))
    }
    let isBlank = token.content.unicodeScalars.allSatisfy {
      UnicodeTables.shared.flags($0.value).contains(.stripped)
    }
    // Each of a run of them would take the rest of the run: quadratic, and of no use.
    if isBlank, token.stripsRight {
      throw .field(reader.error("rstrip", expected: "false for a token of white space"))
    }
    return (token, id)
  }

  /// Bytes of an added token: looking for one costs up to its length at every place of a text.
  static let longestAddedToken = 512
}

extension PreTokenizer {
  var isByteLevel: Bool { if case .byteLevel = self { true } else { false } }
}

extension FieldReader {
  /// Refuses fields that are not in `known`.
  func allow(_ known: Set<String>) throws(TokenizerError) {
    for key in object.keys where !known.contains(key) {
      throw .unknownField(file: file, field: fieldPath(key))
    }
  }
}

/// Runs `body` with its errors as this module's.
func reading<Value>(_ body: () throws(FieldError) -> Value) throws(TokenizerError) -> Value {
  do { return try body() } catch { throw .field(error) }
}
