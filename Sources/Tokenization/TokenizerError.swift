// What can be wrong with a tokenizer.json.

package import StrictJSON

/// Why a tokenizer could not be made, or its patterns not be matched with a text. Reads as a sentence that begins with the file.
package enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case notJSON(file: String, line: Int, column: Int, reason: String)
  /// A field is missing or not what it must be.
  case field(FieldError)
  /// A field that we do not know and that could change what comes out.
  case unknownField(file: String, field: String)
  /// A component, or an option of one, that upstream has and we do not.
  case unsupported(file: String, field: String, found: String, supported: String)
  /// A pattern that PCRE2 does not compile; `offset` counts its UTF-8 bytes.
  case pattern(file: String, field: String, offset: Int, reason: String)
  /// A pattern that cannot go on with a text: what `encode` throws.
  case patternStopped(file: String, field: String, reason: String)
  /// A text has more bytes than offsets can count, once it is normalised.
  case textTooLong(file: String, byteCount: Int)
  /// A text has more tokens than `encode` was allowed to make.
  case tooManyTokens(limit: Int)
  case duplicateID(file: String, field: String, token: String, id: Int32)
  case mergeNotInVocabulary(file: String, field: String, merge: String, missing: String)
  /// An added token's id is not the one that upstream would give it.
  case addedTokenID(file: String, field: String, token: String, expected: Int32, found: Int)
  /// Two entries of a list of tokens are the same.
  case duplicateToken(file: String, field: String, token: String)
  /// The bytes of a SentencePiece character map are not one.
  case characterMap(file: String, field: String, reason: String)
  case tokenNotFound(file: String, field: String, token: String)
  case unknownControlToken(file: String, id: Int32)
  case byteAsControlToken(file: String, id: Int32, token: String)
  case unknownAsControlToken(file: String, id: Int32)

  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read, \(reason)"
    case .notJSON(let file, let line, let column, let reason):
      "\(file): line \(line), column \(column): \(reason)"
    case .field(let error): error.description
    case .unknownField(let file, let field):
      "\(file): \(field) is not a field this version knows, and it could change the tokens"
    case .unsupported(let file, let field, let found, let supported):
      "\(file): \(field) is \(found), which this version does not support; it supports \(supported)"
    case .pattern(let file, let field, let offset, let reason):
      "\(file): \(field) is not a pattern that PCRE2 compiles: at byte \(offset), \(reason)"
    case .patternStopped(let file, let field, let reason):
      "\(file): \(field) cannot be matched with this text: \(reason)"
    case .textTooLong(let file, let byteCount):
      "\(file): its normalizer makes \(byteCount) bytes of the text, the limit is \(Int32.max)"
    case .tooManyTokens(let limit): "the text has more than \(limit) tokens"
    case .duplicateID(let file, let field, let token, let id):
      "\(file): \(field) gives \(quoted(token)) the id \(id), which another token has"
    case .mergeNotInVocabulary(let file, let field, let merge, let missing):
      "\(file): \(field) merges \(quoted(merge)), but the vocabulary has no \(quoted(missing))"
    case .addedTokenID(let file, let field, let token, let expected, let found):
      "\(file): \(field) should be \(expected) for \(quoted(token)), found \(found)"
    case .duplicateToken(let file, let field, let token):
      "\(file): \(field) is \(quoted(token)), which stands before it in the list"
    case .characterMap(let file, let field, let reason):
      "\(file): \(field) is no character map: it \(reason)"
    case .tokenNotFound(let file, let field, let token):
      "\(file): \(field) is \(quoted(token)), which is not in the vocabulary"
    case .unknownControlToken(let file, let id): "\(file): no token has the id \(id)"
    case .byteAsControlToken(let file, let id, let token):
      "\(file): the control token \(id), \(quoted(token)), is also the only spelling of a part of "
        + "text, so text could not be told from it"
    case .unknownAsControlToken(let file, let id):
      "\(file): the token \(id) stands for unknown text, so it cannot be a control token"
    }
  }
}

private func quoted(_ token: String) -> String { JSON.string(token).excerpt }
