// The facts of an error apart from its sentence: for results that machines read, and for exit codes.

internal import Encoders
internal import Safetensors
internal import StrictJSON

extension GLiClassError {
  /// Where an error is, what was expected there and what was found.
  package struct Facts: Sendable, Equatable {
    package var file: String?
    package var field: String?
    package var expected: String?
    package var found: String?

    init(
      _ file: String? = nil, _ field: String? = nil, expected: String? = nil, found: String? = nil
    ) {
      self.file = file
      self.field = field
      self.expected = expected
      self.found = found
    }
  }

  /// Who can mend the error.
  package enum Category: Sendable {
    /// A file of the model folder is not what it should be.
    case malformed
    /// A file is not there or cannot be read.
    case unreadable
    /// The model or this version does not offer it.
    case unsupported
    /// The request does not fit the model.
    case request
    /// What was asked for has no meaning for this model.
    case usage
    /// The computation failed.
    case broken
  }

  package var category: Category {
    switch self {
    case .json, .field, .token, .vocabulary, .encoder(.segmentWidth): .malformed
    case .tokenizer(let error):
      error.isAboutOpening ? .unreadable : error.isUnsupported ? .unsupported : .malformed
    case .checkpoint(let error), .encoder(.weights(let error)):
      error.isAboutOpening ? .unreadable : .malformed
    case .unsupported, .precision, .noExampleToken: .unsupported
    case .alreadyQuantized, .notQuantized: .usage
    case .tooManyLabels, .tooManyBytes, .textTooLong, .noRoomForText, .labelsTooLong:
      .request
    case .encoder, .markerCount, .unexpected: .broken
    }
  }

  package var facts: Facts {
    switch self {
    case .json(let file, let error):
      Facts(file, "byte \(error.offset)", expected: "JSON", found: error.reason)
    case .field(let error): Facts(error)
    case .unsupported(let file, let field, let expected, let found):
      Facts(file, field, expected: expected, found: found)
    case .alreadyQuantized(let file):
      Facts(
        file, QuantizationField.key, expected: "none: a model in floats",
        found: QuantizationField.method)
    case .notQuantized(let file):
      Facts(file, QuantizationField.key, expected: "a quantised copy", found: "missing")
    case .precision(_, let expected, let found):
      Facts(nil, "precision", expected: expected.joined(separator: ", "), found: found)
    case .encoder(.segmentWidth(let expected, let found)):
      Facts(
        nil, "encoder_config.embedding_size",
        expected: "hidden_size \(found), for segment embeddings", found: "\(expected)")
    case .token(let file, let token, let expected, let found):
      Facts(file, token, expected: expected, found: found)
    case .vocabulary(let file, let highestID, let rows):
      Facts(file, "token ids", expected: "ids below \(rows)", found: "\(highestID)")
    case .tokenizer(let error): Facts(error)
    case .checkpoint(let error), .encoder(.weights(let error)): Facts(error)
    case .noExampleToken:
      Facts(nil, "examples", expected: "none: no <<EXAMPLE>> in the vocabulary", found: "some")
    case .tooManyLabels(let count, let limit):
      Facts(nil, "labels", expected: "at most \(limit)", found: "\(count)")
    case .tooManyBytes(let count, let limit):
      Facts(nil, "text", expected: "at most \(limit) bytes", found: "\(count)")
    case .textTooLong(let tokens, let limit):
      Facts(nil, "text", expected: "at most \(limit) tokens in all", found: "\(tokens)")
    case .noRoomForText(let tokens, let limit):
      Facts(
        nil, "labels", expected: "fewer than \(limit) tokens around the text", found: "\(tokens)")
    case .labelsTooLong(let tokens, let limit):
      Facts(
        nil, "labels", expected: "fewer than \(limit) tokens around the text",
        found: "more than \(tokens)")
    case .markerCount(let expected, let found):
      Facts(nil, "labels", expected: "\(expected) markers", found: "\(found)")
    case .encoder, .unexpected: Facts()
    }
  }
}
