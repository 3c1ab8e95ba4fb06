// What the first rows of a pass on tiles are summed from, whichever encoder's tables they are.

internal import Kernels

/// Tables of vectors, and the norm of their sum.
protocol TileEmbeddings: Sendable {
  var norm: NormWeights { get }
  var byteCount: Int { get }

  /// How many segment ids a batch may have, and must have.
  func segmentCount(_ batch: PackedBatch) -> Int

  /// out = the sum of each token's vectors.   out: rows `stride` apart
  ///
  /// - Parameters:
  ///   - tokens: neighbouring ones of one sequence.
  ///   - position: of the first of them in its sequence.
  func sum(
    _ batch: PackedBatch, tokens: Range<Int>, position: Int,
    into out: UnsafeMutablePointer<Float>, stride: Int)
}

extension EmbeddingWeights: TileEmbeddings {
  func segmentCount(_ batch: PackedBatch) -> Int { segmentCount }

  func sum(
    _ batch: PackedBatch, tokens range: Range<Int>, position: Int,
    into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for (row, token) in range.enumerated() {
      let out = out + row * stride
      out.update(from: tokens.base + Int(batch.tokenIDs[token]) * hidden, count: hidden)
      if let segments {
        out.add(segments.base + Int(batch.segmentIDs[token]) * hidden, count: hidden)
      }
    }
  }
}

extension PostNormEmbeddings: TileEmbeddings {
  func sum(
    _ batch: PackedBatch, tokens range: Range<Int>, position: Int,
    into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let chosen = segments ?? (batch.segmentIDs.isEmpty ? nil : types)
    // Type 0 for every token that has none.
    let constant = chosen === types ? nil : types
    for (row, token) in range.enumerated() {
      let out = out + row * stride
      out.update(from: tokens.base + Int(batch.tokenIDs[token]) * width, count: width)
      if let chosen { out.add(chosen.base + Int(batch.segmentIDs[token]) * width, count: width) }
      if let constant { out.add(constant.base, count: width) }
      if let positions {
        out.add(positions.base + (positionOffset + position + row) * width, count: width)
      }
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// self += values
  fileprivate func add(_ values: UnsafePointer<Float>, count: Int) {
    for index in 0..<count { self[index] += values[index] }
  }
}
