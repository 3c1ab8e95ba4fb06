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
    var globalRotary: RotaryTable
    var localRotary: RotaryTable
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
    let operand: TileOperand = compute.precision == .int8 ? .int8 : .bf16
    state = Mutex(
      State(
        workspace: TileWorkspace(config, operand: operand),
        globalRotary: Self.rotary(config, positions: 0, theta: config.globalTheta),
        localRotary: Self.rotary(config, positions: 0, theta: config.localTheta)))
  }

  package var hiddenSize: Int { config.hiddenSize }
  package var positionLimit: Int { config.positionLimit }
  package var vocabularySize: Int { config.vocabularySize }
  package var weightByteCount: Int { weights.byteCount }

  package func encode<Result>(
    _ batch: PackedBatch, tap: Tap?, _ body: (FloatRows) throws -> Result
  ) throws -> Result {
    try batch.validate(
      config, segmentCount: (weights.segmentTable?.count ?? 0) / config.hiddenSize)
    return try state.withLock { state in
      growRotary(&state, positions: batch.longestSequence)
      let plan = TilePlan(
        batch, threads: compute.pool.threadCount, layerBytes: weights.layerBytes)
      state.workspace.prepare(
        batch, plan, workers: plan.isNarrow ? 1 : compute.pool.threadCount)
      let pass = TilePass(
        batch, plan, state.workspace, config: config, weights: weights, compute: compute,
        kernels: kernels, globalRotary: state.globalRotary, localRotary: state.localRotary)
      return try body(pass.run(tap))
    }
  }

  /// Tables grow by doubling, up to the context: a short text does not pay for 8,192 positions.
  private func growRotary(_ state: inout State, positions: Int) {
    guard state.globalRotary.positions < positions else { return }
    var count = 256
    while count < positions { count *= 2 }
    state.globalRotary = Self.rotary(config, positions: count, theta: config.globalTheta)
    state.localRotary =
      config.localTheta == config.globalTheta
      ? state.globalRotary : Self.rotary(config, positions: count, theta: config.localTheta)
  }

  private static func rotary(
    _ config: ModernBERTConfig, positions: Int, theta: Double
  ) -> RotaryTable {
    let width = TileMatrix.headWidth(dimension: config.headDimension)
    return RotaryTable(
      positions: positions, headDimension: config.headDimension, theta: theta, stride: width / 2)
  }
}
