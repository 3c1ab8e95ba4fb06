// The `model` of a tokenizer.json.

import StrictJSON

extension TokenizerFile {
  /// The model, and the merges in order when it has any. `bytes`: words reach the model as bytes.
  func model(bytes: Bool) throws(TokenizerError) -> (Model, [BytePairModel.Merge]) {
    let reader = try reading { () throws(FieldError) in try root.object("model") }
    // Old files name no type; upstream knows them by their fields.
    let type =
      reader.contains("type")
      ? try reader.typeName()
      : reader.contains("merges")
        ? "BPE"
        : reader.contains("max_input_chars_per_word")
          ? "WordPiece"
          : reader.contains("unk_id") ? "Unigram" : "a model without a type"
    switch type {
    case "BPE":
      let (model, merges) = try bytePairModel(reader, bytes ? .bytes : .characters)
      return (.bytePair(model), merges)
    case "WordPiece":
      guard !bytes else {
        throw .unsupported(
          file: file, field: "model.type", found: "WordPiece over bytes",
          supported: "WordPiece without a ByteLevel pre-tokenizer")
      }
      return (.wordPiece(try wordPieceModel(reader)), [])
    case "Unigram":
      guard !bytes else {
        throw .unsupported(
          file: file, field: "model.type", found: "Unigram over bytes",
          supported: "Unigram without a ByteLevel pre-tokenizer")
      }
      return (.unigram(try unigramModel(reader)), [])
    default: throw unsupported(reader, type, "BPE, WordPiece, Unigram")
    }
  }

  private func bytePairModel(
    _ reader: FieldReader, _ symbols: BytePairModel.Symbols
  ) throws(TokenizerError) -> (BytePairModel, [BytePairModel.Merge]) {
    try reader.allow([
      "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
      "byte_fallback", "ignore_merges", "vocab", "merges",
    ])
    for option in ["continuing_subword_prefix", "end_of_word_suffix"] {
      guard try reading({ () throws(FieldError) in try reader.optionalString(option) }) ?? "" == ""
      else { throw unsupportedOption(reader, option, "null") }
    }
    // Null and 0 are the same: nothing is dropped.
    guard try reading({ () throws(FieldError) in try reader.optionalDouble("dropout") }) ?? 0 == 0
    else { throw unsupportedOption(reader, "dropout", "null") }

    let vocabulary = try vocabulary(reader)
    let merges = try merges(reader, vocabulary)
    var options = BytePairModel.Options(symbols: symbols)
    let unknown = try reading { () throws(FieldError) in
      options.fusesUnknown = try reader.optionalBool("fuse_unk") ?? false
      options.fallsBack = try reader.optionalBool("byte_fallback") ?? false
      options.takesWholeWords = try reader.optionalBool("ignore_merges") ?? false
      return try reader.optionalString("unk_token")
    }
    options.unknown = try unknown.map { name throws(TokenizerError) in
      try find(name, in: vocabulary, reader.fieldPath("unk_token"))
    }
    return (BytePairModel(vocabulary: vocabulary, merges: merges, options: options), merges)
  }

  private func wordPieceModel(_ reader: FieldReader) throws(TokenizerError) -> WordPieceModel {
    try reader.allow([
      "type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab",
    ])
    let vocabulary = try vocabulary(reader)
    let (unknown, continuation, longest) = try reading { () throws(FieldError) in
      (
        try reader.string("unk_token"), try reader.string("continuing_subword_prefix"),
        try reader.int(
          "max_input_chars_per_word", in: 0...WordPieceModel.longestWordLimit)
      )
    }
    return WordPieceModel(
      vocabulary: vocabulary,
      unknown: try find(unknown, in: vocabulary, reader.fieldPath("unk_token")),
      continuation: Array(continuation.utf8), longestWord: longest)
  }

  private func unsupportedOption(
    _ reader: FieldReader, _ name: String, _ supported: String
  ) -> TokenizerError {
    .unsupported(
      file: file, field: reader.fieldPath(name), found: reader.value(name)?.excerpt ?? "missing",
      supported: supported)
  }

  private func find(
    _ token: String, in vocabulary: Vocabulary, _ field: String
  ) throws(TokenizerError) -> Int32 {
    guard let id = vocabulary.id(of: token) else {
      throw .tokenNotFound(file: file, field: field, token: token)
    }
    return id
  }

  private func vocabulary(_ reader: FieldReader) throws(TokenizerError) -> Vocabulary {
    let fields = try reading { () throws(FieldError) in try reader.object("vocab") }
    var vocabulary = Vocabulary(capacity: fields.object.count)
    for (token, value) in fields.object.members {
      guard case .integer(let id) = value, 0..<Vocabulary.idLimit ~= id else {
        throw .field(
          FieldError(
            file: file, field: fields.fieldPath(token),
            expected: "an integer from 0 to \(Vocabulary.idLimit - 1)", found: value.excerpt))
      }
      var token = token
      do throws(Vocabulary.Duplicate) {
        let inserted = token.withUTF8 { bytes -> Result<Void, Vocabulary.Duplicate> in
          do throws(Vocabulary.Duplicate) {
            return .success(try vocabulary.insert(bytes, id: Int32(truncatingIfNeeded: id)))
          } catch {
            return .failure(error)
          }
        }
        try inserted.get()
      } catch {
        // The same token twice is the JSON parser's to refuse.
        throw .duplicateID(
          file: file, field: fields.path, token: token, id: Int32(truncatingIfNeeded: id))
      }
    }
    return vocabulary
  }

  /// Merges as `"a b"` strings or as `["a", "b"]` pairs.
  private func merges(
    _ reader: FieldReader, _ vocabulary: Vocabulary
  ) throws(TokenizerError) -> [BytePairModel.Merge] {
    let list = try reading { () throws(FieldError) in try reader.array("merges") }
    var merges: [BytePairModel.Merge] = []
    merges.reserveCapacity(list.count)
    var bytes: [UInt8] = []
    let arePairs = list.first?.array != nil
    for (index, element) in list.enumerated() {
      bytes.removeAll(keepingCapacity: true)
      var middle: Int?
      if arePairs, case .array(let pair) = element, pair.count == 2,
        case .string(let left) = pair[0], case .string(let right) = pair[1]
      {
        bytes.append(contentsOf: left.utf8)
        middle = bytes.count
        bytes.append(contentsOf: right.utf8)
      } else if !arePairs, case .string(let line) = element {
        // Upstream skips the first line of a merges.txt that ended up in the list.
        if line.utf8.starts(with: "#version".utf8) { continue }
        bytes.append(contentsOf: line.utf8)
        middle = bytes.firstIndex(of: 0x20)
        if let middle { bytes.remove(at: middle) }
        if bytes.contains(0x20) { middle = nil }
      }
      guard let middle else {
        throw .field(
          FieldError(
            file: file, field: "\(reader.fieldPath("merges"))[\(index)]",
            expected: arePairs ? "a pair of strings" : "two tokens with a space between them",
            found: element.excerpt))
      }
      let ids = bytes.withUnsafeBufferPointer { bytes in
        (
          vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[..<middle])),
          vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[middle...])),
          vocabulary.id(of: bytes)
        )
      }
      guard case (let left?, let right?, let joined?) = ids else {
        let missing = ids.0 == nil ? bytes[..<middle] : ids.1 == nil ? bytes[middle...] : bytes[...]
        throw .mergeNotInVocabulary(
          file: file, field: "\(reader.fieldPath("merges"))[\(index)]",
          merge: String(decoding: bytes[..<middle] + [0x20] + bytes[middle...], as: UTF8.self),
          missing: String(decoding: missing, as: UTF8.self))
      }
      merges.append(BytePairModel.Merge(left: left, right: right, joined: joined))
    }
    return merges
  }
}
