// The facts of the errors that reading tokenizers and checkpoints throws.

internal import Safetensors
internal import StrictJSON
internal import Tokenization

extension GLiClassError.Facts {
  init(_ error: FieldError) {
    self.init(error.file, error.field, expected: error.expected, found: error.found ?? "nothing")
  }

  init(_ error: TokenizerError) {
    switch error {
    case .unreadable(let file, let reason):
      self.init(file, "the file", expected: "a readable file", found: reason)
    case .notJSON(let file, let line, let column, let reason):
      self.init(file, "line \(line), column \(column)", expected: "JSON", found: reason)
    case .field(let error): self.init(error)
    case .unknownField(let file, let field):
      self.init(file, field, expected: "a field this version knows", found: "another")
    case .unsupported(let file, let field, let found, let supported):
      self.init(file, field, expected: supported, found: found)
    case .pattern(let file, let field, let offset, let reason):
      self.init(file, field, expected: "a pattern", found: "\(reason) at byte \(offset)")
    case .patternStopped(let file, let field, let reason):
      self.init(file, field, expected: "a text within the match limits", found: reason)
    case .textTooLong(let file, let byteCount):
      self.init(
        file, "normalizer", expected: "a text of at most \(Int32.max) bytes", found: "\(byteCount)")
    case .tooManyTokens(let limit):
      self.init(nil, "text", expected: "at most \(limit) tokens", found: "more")
    case .duplicateID(let file, let field, let token, let id):
      self.init(file, field, expected: "an id of its own for \(token)", found: "\(id)")
    case .mergeNotInVocabulary(let file, let field, let merge, let missing):
      self.init(file, field, expected: "\(missing) in the vocabulary", found: merge)
    case .addedTokenID(let file, let field, let token, let expected, let found):
      self.init(file, field, expected: "\(expected) for \(token)", found: "\(found)")
    case .duplicateToken(let file, let field, let token):
      self.init(file, field, expected: "a token of its own", found: token)
    case .characterMap(let file, let field, let reason):
      self.init(file, field, expected: "a character map", found: "one that \(reason)")
    case .tokenNotFound(let file, let field, let token):
      self.init(file, field, expected: "a token of the vocabulary", found: token)
    case .unknownControlToken(let file, let id), .byteAsControlToken(let file, let id, _),
      .unknownAsControlToken(let file, let id):
      self.init(file, "token \(id)", expected: "a token of its own", found: "\(error)")
    }
  }

  init(_ error: SafetensorsError) {
    switch error {
    case .invalidField(let error): self.init(error)
    case .missingTensor(let file, let tensor, let nearest):
      self.init(
        file, tensor, expected: "a tensor",
        found: nearest.map { "none; the nearest is \($0)" } ?? "none")
    case .shapeMismatch(let file, let tensor, let expected, let found):
      self.init(file, tensor, expected: "\(expected)", found: "\(found)")
    case .noFloats(let file, let tensor, let found):
      self.init(file, tensor, expected: "F32, F16, BF16 or F64", found: found.rawValue)
    case .notFinite(let file, let tensor, let position):
      self.init(file, tensor, expected: "finite numbers", found: "element \(position) is not")
    case .wrongType(let file, let tensor, let expected, let found):
      self.init(file, tensor, expected: expected, found: found.rawValue)
    case .wrongValue(let file, let tensor, let position, let expected, let found):
      self.init(file, tensor, expected: expected, found: "element \(position) is \(found)")
    case .cannotOpen(let file, _), .cannotRead(let file, _), .notAFile(let file),
      .noWeights(let file, _):
      self.init(file, "the file", expected: "a readable checkpoint", found: "\(error)")
    default:
      // The rules of the format: the sentence holds the facts.
      self.init(error.file, "the format", expected: "a valid checkpoint", found: "\(error)")
    }
  }
}

extension TokenizerError {
  var isAboutOpening: Bool {
    if case .unreadable = self { true } else { false }
  }

  var isUnsupported: Bool {
    if case .unsupported = self { true } else { false }
  }
}

extension SafetensorsError {
  var isAboutOpening: Bool {
    switch self {
    case .cannotOpen, .cannotRead, .notAFile, .noWeights: true
    default: false
    }
  }

  /// The file the error is about.
  var file: String? {
    switch self {
    case .invalidHeader(let file, _), .headerIsNoObject(let file), .emptyName(let file),
      .fileChanged(let file), .fileTooLong(let file, _, _), .noHeaderLength(let file, _),
      .headerTooLong(let file, _, _), .headerBeyondFile(let file, _, _),
      .unknownField(let file, _, _), .unsafeName(let file, _), .duplicateName(let file, _),
      .rankTooHigh(let file, _, _, _), .tensorTooLarge(let file, _), .partialByte(let file, _, _),
      .reversedOffsets(let file, _, _, _), .byteCountMismatch(let file, _, _, _),
      .overlap(let file, _, _, _), .hole(let file, _, _, _),
      .dataByteCountMismatch(let file, _, _), .unsafeShardName(let file, _),
      .shardOutsideFolder(let file, _), .tooManyShards(let file, _, _),
      .notInShard(let file, _, _), .notInIndex(let file, _, _):
      file
    default: nil
    }
  }
}
