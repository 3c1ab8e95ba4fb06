// Every way that loading a sentence model or reading a text with it can fail, with the facts.

package import Encoders
package import Safetensors
package import StrictJSON
package import Tokenization

/// Why a model folder was refused, or texts could not be read.
package enum SentenceModelError: Error, Sendable {
  /// A file of the folder is not JSON.
  case json(file: String, JSONError)
  /// A field of a file is missing or wrong.
  case field(FieldError)
  /// A value that upstream knows and this version does not compute.
  case unsupported(file: String, field: String, expected: String, found: String)
  /// A quantised copy was to be quantised.
  case alreadyQuantized(file: String)
  /// A precision was asked for by name that the encoder does not compute in.
  case precision(encoder: String, expected: [String], found: String)
  /// The tokenizer can yield an id beyond the embedding table.
  case vocabulary(file: String, highestID: Int, rows: Int)
  /// The tokenizer does not say how two texts become one sequence.
  case noPairTemplate(file: String)
  /// The tokenizer gives tokens types that the encoder has no vector for.
  case tokenType(file: String, highest: Int, rows: Int)
  case tokenizer(TokenizerError)
  case checkpoint(SafetensorsError)
  case encoder(EncoderError)

  /// More text than the tokenizer's offsets can count.
  case tooManyBytes(count: Int, limit: Int)
  /// The text, or the pair of texts, does not fit, and cutting it was not asked for.
  case textTooLong(tokens: Int, limit: Int)
  /// What may not be cut leaves no room for what may.
  case noRoom(fixedTokens: Int, limit: Int)
  /// Neither the text nor the tokenizer gives a token.
  case noTokens
  /// An encoder failed in a way of its own.
  case unexpected(String)
}

extension SentenceModelError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .json(let file, let error): "\(file) is not JSON: \(error)"
    case .field(let error): "\(error)"
    case .unsupported(let file, let field, let expected, let found):
      "\(file): \(field) is \(found), which is not yet supported; supported is \(expected)"
    case .alreadyQuantized(let file):
      "\(file): the model is quantised already; quantise the one in floats that it was made of"
    case .precision(let encoder, let expected, let found):
      "the encoder \(encoder) computes in \(expected.joined(separator: " or ")), not in \(found)"
    case .vocabulary(let file, let highestID, let rows):
      "\(file): the highest token id is \(highestID), but the embedding table has \(rows) rows"
    case .noPairTemplate(let file):
      "\(file): post_processor does not say how two texts become one sequence (pair)"
    case .tokenType(let file, let highest, let rows):
      "\(file): post_processor gives tokens type \(highest), but the encoder has \(rows) types"
    case .tokenizer(let error): "\(error)"
    case .checkpoint(let error): "\(error)"
    case .encoder(let error): "\(error)"
    case .tooManyBytes(let count, let limit): "a text has \(count) bytes, the limit is \(limit)"
    case .textTooLong(let tokens, let limit):
      "the sequence takes \(tokens) tokens, at most \(limit) fit; truncate it"
    case .noRoom(let fixedTokens, let limit):
      "what is never cut takes \(fixedTokens) of \(limit) tokens and leaves no room for the text"
    case .noTokens: "the text gives no tokens, and the tokenizer adds none"
    case .unexpected(let reason): reason
    }
  }
}

extension SentenceModelError {
  static func decoding<Value>(
    _ body: () throws(FieldError) -> Value
  ) throws(SentenceModelError) -> Value {
    do throws(FieldError) { return try body() } catch { throw .field(error) }
  }

  static func loading<Value>(
    _ body: () throws(SafetensorsError) -> Value
  ) throws(SentenceModelError) -> Value {
    do throws(SafetensorsError) { return try body() } catch { throw .checkpoint(error) }
  }

  static func reading<Value>(
    _ body: () throws(JSONFileError) -> Value
  ) throws(SentenceModelError) -> Value {
    do throws(JSONFileError) { return try body() } catch {
      switch error {
      case .file(let error): throw .checkpoint(error)
      case .json(let file, let error): throw .json(file: file, error)
      case .field(let error): throw .field(error)
      }
    }
  }
}
