// What a ModernBERT encoder checks before a pass.

extension PackedBatch {
  /// Refuses what a model of this configuration cannot encode.
  func validate(_ config: ModernBERTConfig, segmentCount: Int) throws(EncoderError) {
    for sequence in 0..<sequenceCount {
      let rows = self.rows(of: sequence)
      guard rows.count <= config.positionLimit else {
        throw .sequenceTooLong(
          sequence: sequence, found: rows.count, limit: config.positionLimit)
      }
      for row in rows where !(0..<config.vocabularySize ~= Int(tokenIDs[row])) {
        throw .tokenOutOfRange(
          sequence: sequence, position: row - rows.lowerBound, found: tokenIDs[row],
          vocabularySize: config.vocabularySize)
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
