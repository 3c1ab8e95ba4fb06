extension ModernBERTConfig {
  /// A published ModernBERT of these sizes: everything else is what all of them share (vocabulary of
  /// 50,368, context of 8,192, every third layer global, a window of 64 on each side, no biases).
  /// - Precondition: heads of an even width.
  package init(hiddenSize: Int, intermediateSize: Int, headCount: Int, layerCount: Int) {
    precondition(hiddenSize.isMultiple(of: 2 * headCount), "\(headCount) heads of \(hiddenSize)")
    vocabularySize = 50_368
    self.hiddenSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.headCount = headCount
    positionLimit = 8192
    layers = (0..<layerCount).map { $0.isMultiple(of: 3) ? .global : .local }
    window = 64
    globalTheta = 160_000
    localTheta = 10_000
    normEpsilon = 1e-5
    hasAttentionBias = false
    hasMLPBias = false
    hasNormBias = false
  }
}
