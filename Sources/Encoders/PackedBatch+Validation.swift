// What an encoder checks before a pass.

extension PackedBatch {
  /// Refuses what `encoder` cannot encode.
  func validate(
    for encoder: some TextEncoder, segmentCount: Int
  ) throws(EncoderError) {
    for sequence in 0..<sequenceCount {
      let rows = self.rows(of: sequence)
      guard rows.count <= encoder.positionLimit else {
        throw .sequenceTooLong(
          sequence: sequence, found: rows.count, limit: encoder.positionLimit)
      }
      for row in rows where !(0..<encoder.vocabularySize ~= Int(tokenIDs[row])) {
        throw .tokenOutOfRange(
          sequence: sequence, position: row - rows.lowerBound, found: tokenIDs[row],
          vocabularySize: encoder.vocabularySize)
      }
    }
    for (position, id) in segmentIDs.enumerated() where !(0..<segmentCount ~= Int(id)) {
      throw .segmentOutOfRange(position: position, found: id, segmentCount: segmentCount)
    }
    if segmentCount > 0, segmentIDs.isEmpty, tokenCount > 0 {
      throw .segmentsMissing(tokenCount: tokenCount)
    }
  }
}
