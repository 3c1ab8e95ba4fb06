// The errors of models that read sentences, as the one public error.

internal import Encoders
internal import GLiClass
package import SentenceModels

extension SentenceModelError: LayerError {
  package var published: GlissError { GlissError(self) }
}

extension GlissError {
  init(_ error: JSONFileError) {
    switch error {
    case .file(let error): self.init(GLiClassError.checkpoint(error))
    case .json(let file, let error): self.init(GLiClassError.json(file: file, error))
    case .field(let error): self.init(GLiClassError.field(error))
    }
  }

  package init(_ error: SentenceModelError) {
    switch error {
    // What both kinds of models say of the parts they share is said once.
    case .json(let file, let error): self.init(GLiClassError.json(file: file, error))
    case .field(let error): self.init(GLiClassError.field(error))
    case .unsupported(let file, let field, let expected, let found):
      self.init(
        GLiClassError.unsupported(file: file, field: field, expected: expected, found: found))
    case .precision(let encoder, let expected, let found):
      self.init(GLiClassError.precision(encoder: encoder, expected: expected, found: found))
    case .vocabulary(let file, let highestID, let rows):
      self.init(GLiClassError.vocabulary(file: file, highestID: highestID, rows: rows))
    case .tokenizer(let error): self.init(GLiClassError.tokenizer(error))
    case .checkpoint(let error): self.init(GLiClassError.checkpoint(error))
    case .encoder(let error): self.init(GLiClassError.encoder(error))
    case .unexpected(let reason): self.init(GLiClassError.unexpected(reason))

    case .alreadyQuantized(let file):
      self.init(
        .usage, "\(error)", file: file, field: QuantizationField.key,
        expected: "none: a model in floats", found: QuantizationField.method)
    case .noPairTemplate(let file):
      self.init(
        .data, "\(error)", file: file, field: "post_processor", expected: "a pair", found: "none")
    case .tokenType(let file, let highest, let rows):
      self.init(
        .data, "\(error)", file: file, field: "post_processor",
        expected: "types below \(rows)", found: "\(highest)")
    case .tooManyBytes(let count, let limit):
      self.init(
        .data, "\(error)", field: "text", expected: "at most \(limit) bytes", found: "\(count)")
    case .textTooLong(let tokens, let limit):
      self.init(
        .data, "\(error)", field: "text", expected: "at most \(limit) tokens in all",
        found: "\(tokens)")
    case .noRoom(let tokens, let limit):
      self.init(
        .data, "\(error)", field: "text",
        expected: "fewer than \(limit) tokens that are never cut", found: "\(tokens)")
    case .noTokens:
      self.init(.data, "\(error)", field: "text", expected: "a token", found: "none")
    }
  }
}
