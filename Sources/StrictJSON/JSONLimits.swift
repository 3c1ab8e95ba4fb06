// What a JSON text may cost before it is refused.

/// Bounds on one JSON text. Time and memory stay proportional to them.
package struct JSONLimits: Sendable {
  /// Bytes of the whole text.
  package var byteCount: Int
  /// Arrays and objects inside one another. Values above 512 count as 512: the parser recurses.
  package var depth: Int
  /// Values in the whole text, containers included: a value takes up to about 100 bytes of memory,
  /// a text as little as two.
  package var valueCount: Int

  /// The default value count is four times what the largest published tokenizer.json holds
  /// (262,144 tokens and 514,906 merges as pairs: 1.8 million values).
  package init(byteCount: Int = 64 << 20, depth: Int = 64, valueCount: Int = 8 << 20) {
    self.byteCount = byteCount
    self.depth = min(depth, 512)
    self.valueCount = valueCount
  }

  /// Characters of one number.
  static let numberLength = 1024
}
