// Every way that loading a model or scoring a text can fail, with the facts.

package import Encoders
package import Safetensors
package import StrictJSON
package import Tokenization

/// Why a model folder was refused, or a text could not be scored.
package enum GLiClassError: Error, Sendable {
  /// config.json is not JSON.
  case json(file: String, JSONError)
  /// A field of config.json is missing or wrong.
  case field(FieldError)
  /// A value that upstream knows and this version does not compute.
  case unsupported(file: String, field: String, expected: String, found: String)
  /// A quantised copy was to be quantised.
  case alreadyQuantized(file: String)
  /// A model in floats was to be dequantised.
  case notQuantized(file: String)
  /// A precision was asked for by name that the encoder does not compute in.
  case precision(encoder: String, expected: [String], found: String)
  /// A token the config names is not where the tokenizer has it.
  case token(file: String, token: String, expected: String, found: String)
  /// The tokenizer can yield an id beyond the embedding table.
  case vocabulary(file: String, highestID: Int, rows: Int)
  case tokenizer(TokenizerError)
  case checkpoint(SafetensorsError)
  case encoder(EncoderError)

  /// Examples were passed to a model whose vocabulary has no `<<EXAMPLE>>`.
  case noExampleToken
  /// More labels than the config's `max_labels_alloc` allows.
  case tooManyLabels(count: Int, limit: Int)
  /// More text than the tokenizer's offsets can count.
  case tooManyBytes(count: Int, limit: Int)
  /// The text does not fit, and cutting it was not asked for.
  case textTooLong(tokens: Int, limit: Int)
  /// What surrounds the text leaves no room for it.
  case noRoomForText(fixedTokens: Int, limit: Int)
  /// The same where so many tokens were not even counted.
  case labelsTooLong(moreThan: Int, limit: Int)
  /// The prompt holds another number of `<<LABEL>>` markers than labels: never score that.
  case markerCount(expected: Int, found: Int)
  /// An encoder failed in a way of its own.
  case unexpected(String)
}

extension GLiClassError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .json(let file, let error): "\(file) is not JSON: \(error)"
    case .field(let error): "\(error)"
    case .unsupported(let file, let field, let expected, let found):
      "\(file): \(field) is \(found), which is not yet supported; supported is \(expected)"
    case .alreadyQuantized(let file):
      "\(file): the model is quantised already; gliss model dequantize writes it in floats"
    case .notQuantized(let file):
      "\(file): the model is in floats already: there is no quantization_config"
    case .precision(let encoder, let expected, let found):
      "the encoder \(encoder) computes in \(expected.joined(separator: " or ")), not in \(found)"
    case .token(let file, let token, let expected, let found):
      "\(file): the token \(token) should be \(expected), found \(found)"
    case .vocabulary(let file, let highestID, let rows):
      "\(file): the highest token id is \(highestID), but the embedding table has \(rows) rows"
    case .tokenizer(let error): "\(error)"
    case .checkpoint(let error): "\(error)"
    case .encoder(let error): "\(error)"
    case .noExampleToken:
      "this model takes no examples: its vocabulary has no <<EXAMPLE>> token"
    case .tooManyLabels(let count, let limit):
      "\(count) labels, but this model scores at most \(limit) (max_labels_alloc)"
    case .tooManyBytes(let count, let limit):
      "text, labels, prompt and examples are \(count) bytes, the limit is \(limit)"
    case .textTooLong(let tokens, let limit):
      "the text with its labels takes \(tokens) tokens, at most \(limit) fit; truncate it or read "
        + "it in windows"
    case .noRoomForText(let fixedTokens, let limit):
      "labels, prompt and examples take \(fixedTokens) of \(limit) tokens and leave no room for "
        + "the text; they are never cut"
    case .labelsTooLong(let fixedTokens, let limit):
      "labels, prompt and examples take more than \(fixedTokens) tokens, \(limit) fit; they are "
        + "never cut"
    case .markerCount(let expected, let found):
      "the prompt holds \(found) <<LABEL>> tokens for \(expected) labels"
    case .unexpected(let reason): reason
    }
  }
}
