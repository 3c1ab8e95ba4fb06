internal import Kernels

extension DeBERTaConfig {
  /// A published DeBERTa-v3 of these sizes: everything else is what all of them share (vocabulary of
  /// 128,100, relative positions alone, in 2 x 256 buckets that share the projections).
  /// - Precondition: heads that divide the width.
  package init(hiddenSize: Int, intermediateSize: Int, headCount: Int, layerCount: Int) {
    precondition(hiddenSize.isMultiple(of: headCount), "\(headCount) heads of \(hiddenSize)")
    vocabularySize = 128_100
    self.hiddenSize = hiddenSize
    embeddingSize = hiddenSize
    self.intermediateSize = intermediateSize
    self.headCount = headCount
    self.layerCount = layerCount
    positionCount = nil
    tokenTypeCount = 0
    normEpsilon = 1e-7
    relative = Relative(
      rule: RelativePositions.Rule(buckets: 256, reach: 512), sharesProjections: true,
      isNormalized: true)
    scoresQueries = true
    scoresKeys = true
  }
}
