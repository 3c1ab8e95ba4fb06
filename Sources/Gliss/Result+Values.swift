extension Sequence {
  /// The values of outcomes, in order.
  ///
  /// - Throws: The first failure.
  func values<Value>() throws(GlissError) -> [Value] where Element == Result<Value, GlissError> {
    var values: [Value] = []
    values.reserveCapacity(underestimatedCount)
    for outcome in self { values.append(try outcome.get()) }
    return values
  }
}
