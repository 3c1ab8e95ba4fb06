package import Kernels

/// Token ids in, one vector a token out.
package protocol TextEncoder: Sendable {
  var hiddenSize: Int { get }
  /// Longest sequence the model was made for.
  var positionLimit: Int { get }
  /// Rows of the token table: ids below this are legal.
  var vocabularySize: Int { get }
  /// Bytes of weights held in memory, as packed.
  var weightByteCount: Int { get }

  /// Runs one forward pass and hands the final hidden states, `[tokens, hiddenSize]` in the batch's
  /// row order, to `body`. They are valid only inside it, and only in the batch's `outputRows`, whose
  /// bits are the same whichever rows are asked for. Passes take turns.
  func encode<Result>(
    _ batch: PackedBatch, tap: Tap?, _ body: (FloatRows) throws -> Result
  ) throws -> Result
}

extension TextEncoder {
  package func encode<Result>(
    _ batch: PackedBatch, _ body: (FloatRows) throws -> Result
  ) throws -> Result {
    try encode(batch, tap: nil, body)
  }
}
