// What the first rows of a post-norm encoder are summed from, as BERT and DeBERTa share it: vectors of
// tokens, of segments or token types, and of positions.

internal import Kernels
internal import Safetensors

/// The tables. Immutable, shared between passes.
struct PostNormEmbeddings: Sendable {
  /// Rows and columns, and where positions begin.
  struct Shape {
    let vocabulary: Int
    let width: Int
    /// Rows of the table of positions; 0: there is none.
    let positions: Int
    /// The row of the first token's position.
    let positionOffset: Int
    /// Rows of the table of token types; 0: there is none.
    let types: Int
  }

  let tokens: AlignedFloats  // [vocabulary, width]
  let segments: AlignedFloats?  // [segments, width]
  let positions: AlignedFloats?  // [positions, width]
  let types: AlignedFloats?  // [types, width]
  let width: Int
  let positionOffset: Int
  let norm: NormWeights

  /// - Parameters:
  ///   - scope: of `embeddings`.
  ///   - segments: `[segments, width]`, added to the tokens; every token is of type 0 then.
  ///   - normWidth: of the norm behind the sum.
  init(
    _ shape: Shape, in scope: TensorScope, segments: [Float]?, normWidth: Int,
    _ reader: inout MatrixReader
  ) throws(SafetensorsError) {
    // Buffers that old files hold: 0, 1, 2, ... and zeros.
    scope.ignore("position_ids")
    scope.ignore("token_type_ids")
    width = shape.width
    positionOffset = shape.positionOffset
    tokens = try reader.table(
      "word_embeddings.weight", in: scope, rows: shape.vocabulary, columns: width)
    self.segments = segments.map(AlignedFloats.init(copying:))
    positions =
      shape.positions == 0
      ? nil
      : try reader.table(
        "position_embeddings.weight", in: scope, rows: shape.positions, columns: width)
    types =
      shape.types == 0
      ? nil
      : try reader.table(
        "token_type_embeddings.weight", in: scope, rows: shape.types, columns: width)
    norm = try NormWeights("LayerNorm", in: scope, size: normWidth, hasBias: true)
  }

  var byteCount: Int {
    [tokens, segments, positions, types].reduce(0) { $0 + ($1?.count ?? 0) }
      * MemoryLayout<Float>.stride
  }

  /// How many segment ids a batch may have, and must have; token types may be left out: all are 0.
  func segmentCount(_ batch: PackedBatch) -> Int {
    if segments == nil, batch.segmentIDs.isEmpty { return 0 }
    return ((segments ?? types)?.count ?? 0) / width
  }

  /// out = token + segment or token type + position.   out: [tokens, width]
  func sum(_ batch: PackedBatch, into out: FloatRows, _ compute: Compute) {
    let chosen = segments ?? (batch.segmentIDs.isEmpty ? nil : types)
    compute.gather(
      batch.tokenIDs, from: table(tokens), segmentIDs: batch.segmentIDs,
      segments: chosen.map(table), into: out)
    if let types, chosen !== types {
      // Stride 0: type 0 for every position.
      let row = FloatRows(types, count: batch.longestSequence, columns: width, stride: 0)
      compute.addByPosition(row, offsets: batch.sequenceOffsets, into: out)
    }
    if let positions {
      let rows = FloatRows(
        positions, offset: positionOffset * width,
        count: positions.count / width - positionOffset, columns: width)
      compute.addByPosition(rows, offsets: batch.sequenceOffsets, into: out)
    }
  }

  private func table(_ floats: AlignedFloats) -> FloatRows {
    FloatRows(floats, count: floats.count / width, columns: width)
  }
}
