// ModernBERT on the tile unit, bf16 or int8: the model of ModernBERT.swift with every product, its
// epilogue and the rows between two products fused. The pass itself is in TilePass.swift.

package import Kernels
package import Safetensors
internal import Synchronization

/// A loaded ModernBERT encoder whose layers multiply on the tile unit.
package final class TileModernBERT: TextEncoder {
  package let config: ModernBERTConfig
  private let weights: TileWeights
  private let compute: Compute
  private let kernels: TileKernels
  private let state: Mutex<State>

  /// What a pass needs beside the weights; passes take turns with it.
  private struct State: ~Copyable {
    var workspace: TileWorkspace
    var rotary: ModernBERTRotary
  }

  /// - Parameters: as of `ModernBERT`.
  /// - Precondition: the kernel set has tile kernels.
  package init(
    config: ModernBERTConfig, weights scope: TensorScope, segmentEmbeddings: [Float]? = nil,
    compute: Compute
  ) throws(EncoderError) {
    guard let kernels = TileKernels(compute.kernels) else {
      preconditionFailure("\(compute.kernels) has no tile kernels")
    }
    guard config.headDimension <= TileKernels.widestHead else {
      throw .headTooWide(
        found: config.headDimension, limit: TileKernels.widestHead,
        precision: compute.precision.rawValue)
    }
    self.kernels = kernels
    self.config = config
    self.compute = compute
    do throws(SafetensorsError) {
      weights = try TileWeights(config, scope, segmentEmbeddings: segmentEmbeddings, compute)
    } catch { throw .weights(error) }
    let width = TileMatrix.headWidth(dimension: config.headDimension)
    state = Mutex(
      State(
        workspace: TileWorkspace(config, operand: compute.precision == .int8 ? .int8 : .bf16),
        rotary: ModernBERTRotary(config, stride: width / 2)))
  }

  package var hiddenSize: Int { config.hiddenSize }
  package var positionLimit: Int { config.positionLimit }
  package var vocabularySize: Int { config.vocabularySize }
  package var weightByteCount: Int { weights.byteCount }

  package func encode<Result>(
    _ batch: PackedBatch, tap: Tap?, _ body: (FloatRows) throws -> Result
  ) throws -> Result {
    try batch.validate(for: self, segmentCount: weights.embeddings.segmentCount)
    return try state.withLock { state in
      state.rotary.grow(to: batch.longestSequence)
      state.workspace.prepare(
        batch, threads: compute.pool.threadCount, layerBytes: weights.layerBytes)
      let pass = TilePass(
        batch, state.workspace, config: config, weights: weights, compute: compute,
        kernels: kernels, rotary: state.rotary)
      return try body(pass.run(tap))
    }
  }
}
