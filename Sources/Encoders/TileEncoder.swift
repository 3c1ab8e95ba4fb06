// An encoder on the tile unit, bf16 or int8: the models of ModernBERT.swift and BERT.swift with every
// product, its epilogue and the rows between two products fused. The pass itself is in TilePass.swift.

package import Kernels
package import Safetensors
internal import Synchronization

/// A loaded encoder whose layers multiply on the tile unit.
package final class TileEncoder: TextEncoder {
  package let positionLimit: Int
  package let vocabularySize: Int
  private let shape: TileShape
  private let weights: TileWeights
  private let compute: Compute
  private let kernels: TileKernels
  private let state: Mutex<State>

  /// What a pass needs beside the weights; passes take turns with it.
  private struct State: ~Copyable {
    var workspace: TileWorkspace
    /// nil: positions are in the embeddings.
    var rotary: ModernBERTRotary?
  }

  /// - Parameters: as of `ModernBERT`.
  /// - Precondition: the kernel set has tile kernels.
  package convenience init(
    config: ModernBERTConfig, weights scope: TensorScope, segmentEmbeddings: [Float]? = nil,
    compute: Compute
  ) throws(EncoderError) {
    let width = TileMatrix.headWidth(dimension: config.headDimension)
    try self.init(
      TileShape(config), config.positionLimit, config.vocabularySize,
      ModernBERTRotary(config, stride: width / 2), compute
    ) { () throws(SafetensorsError) in
      try TileWeights(config, scope, segmentEmbeddings: segmentEmbeddings, compute)
    }
  }

  /// - Parameters: as of `BERT`.
  /// - Precondition: the kernel set has tile kernels.
  package convenience init(
    config: BERTConfig, weights scope: TensorScope, segmentEmbeddings: [Float]? = nil,
    compute: Compute
  ) throws(EncoderError) {
    try self.init(
      TileShape(config), config.positionLimit, config.vocabularySize, nil, compute
    ) { () throws(SafetensorsError) in
      try TileWeights(config, scope, segmentEmbeddings: segmentEmbeddings, compute)
    }
  }

  private init(
    _ shape: TileShape, _ positionLimit: Int, _ vocabularySize: Int, _ rotary: ModernBERTRotary?,
    _ compute: Compute, _ readWeights: () throws(SafetensorsError) -> TileWeights
  ) throws(EncoderError) {
    guard let kernels = TileKernels(compute.kernels) else {
      preconditionFailure("\(compute.kernels) has no tile kernels")
    }
    guard shape.headDimension <= TileKernels.widestHead else {
      throw .headTooWide(
        found: shape.headDimension, limit: TileKernels.widestHead,
        precision: compute.precision.rawValue)
    }
    self.kernels = kernels
    self.shape = shape
    self.positionLimit = positionLimit
    self.vocabularySize = vocabularySize
    self.compute = compute
    do throws(SafetensorsError) { weights = try readWeights() } catch { throw .weights(error) }
    let operand: TileOperand = compute.precision == .int8 ? .int8 : .bf16
    state = Mutex(State(workspace: TileWorkspace(shape, operand: operand), rotary: rotary))
  }

  package var hiddenSize: Int { shape.hiddenSize }
  package var weightByteCount: Int { weights.byteCount }

  package func encode<Result>(
    _ batch: PackedBatch, tap: Tap?, _ body: (FloatRows) throws -> Result
  ) throws -> Result {
    try batch.validate(for: self, segmentCount: weights.embeddings.segmentCount(batch))
    return try state.withLock { state in
      state.rotary?.grow(to: batch.longestSequence)
      state.workspace.prepare(
        batch, threads: compute.pool.threadCount, layerBytes: weights.layerBytes)
      let pass = TilePass(
        batch, state.workspace, shape: shape, weights: weights, compute: compute,
        kernels: kernels, rotary: state.rotary)
      return try body(pass.run(tap))
    }
  }
}
