package import Safetensors

/// Why an encoder cannot be loaded or cannot take a batch.
package enum EncoderError: Error, Sendable, CustomStringConvertible {
  /// The weights do not fit the configuration.
  case weights(SafetensorsError)
  /// A sequence is longer than the model's context.
  case sequenceTooLong(sequence: Int, found: Int, limit: Int)
  /// The head dimension is more than the kernels of that precision take.
  case headTooWide(found: Int, limit: Int, precision: String)
  /// A token id outside the token table.
  case tokenOutOfRange(sequence: Int, position: Int, found: Int32, vocabularySize: Int)
  /// A segment id outside the segment table, or segment ids for a model without one.
  case segmentOutOfRange(position: Int, found: Int32, segmentCount: Int)
  /// Segment embeddings of another width than the token table.
  case segmentWidth(expected: Int, found: Int)
  /// The model needs a segment id for every token.
  case segmentsMissing(tokenCount: Int)

  package var description: String {
    switch self {
    case .weights(let error): error.description
    case .sequenceTooLong(let sequence, let found, let limit):
      "sequence \(sequence) has \(found) tokens, the model's context is \(limit)"
    case .headTooWide(let found, let limit, let precision):
      "heads have \(found) dimensions, in \(precision) at most \(limit) are supported; use f32"
    case .tokenOutOfRange(let sequence, let position, let found, let vocabularySize):
      "sequence \(sequence), position \(position): token id \(found) should be below "
        + "\(vocabularySize), the size of the token table"
    case .segmentOutOfRange(let position, let found, let segmentCount):
      "position \(position): segment id \(found) should be below \(segmentCount)"
    case .segmentWidth(let expected, let found):
      "segment embeddings are \(found) wide, the token table \(expected): upstream cannot add them"
    case .segmentsMissing(let tokenCount):
      "the model has segment embeddings, but \(tokenCount) tokens came without segment ids"
    }
  }
}
