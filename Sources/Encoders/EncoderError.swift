package import Safetensors

/// Why an encoder cannot be loaded or cannot take a batch.
package enum EncoderError: Error, Sendable, CustomStringConvertible {
  /// The weights do not fit the configuration.
  case weights(SafetensorsError)
  /// A sequence is longer than the model's context.
  case sequenceTooLong(sequence: Int, found: Int, limit: Int)
  /// A token id outside the token table.
  case tokenOutOfRange(sequence: Int, position: Int, found: Int32, vocabularySize: Int)
  /// A segment id outside the segment table, or segment ids for a model without one.
  case segmentOutOfRange(position: Int, found: Int32, segmentCount: Int)
  /// The model needs a segment id for every token.
  case segmentsMissing(tokenCount: Int)

  package var description: String {
    switch self {
    case .weights(let error): error.description
    case .sequenceTooLong(let sequence, let found, let limit):
      "sequence \(sequence) has \(found) tokens, the model's context is \(limit)"
    case .tokenOutOfRange(let sequence, let position, let found, let vocabularySize):
      "sequence \(sequence), position \(position): token id \(found) should be below "
        + "\(vocabularySize), the size of the token table"
    case .segmentOutOfRange(let position, let found, let segmentCount):
      "position \(position): segment id \(found) should be below \(segmentCount)"
    case .segmentsMissing(let tokenCount):
      "the model has segment embeddings, but \(tokenCount) tokens came without segment ids"
    }
  }
}
