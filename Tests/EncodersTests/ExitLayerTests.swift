// Inner hidden states: an encoder that ends early hands out what a whole pass shows at that layer, in
// f32 and on tiles.

import Encoders
import Kernels
import Safetensors
import TestSupport
import Testing

@Suite("A pass that ends at an inner layer")
struct ExitLayerTests {
  // The longest is more than a block of keys.
  private static let lengths = [1, 9, 300, 31]

  private static let sequences = lengths.map { Tiny.ids($0, seed: UInt64($0)) }

  private static let arithmetics =
    KernelSet.batchInvariant.map { Arithmetic(kernels: $0.name, precision: .f32) }
    + Arithmetic.onTiles

  private static func rows(_ rows: FloatRows, _ wanted: [Int]) -> [[UInt32]] {
    wanted.map { rows.row($0).map(\.bitPattern) }
  }

  @Test("hands out that layer's rows, all or some of them", arguments: arithmetics)
  func innerLayers(_ arithmetic: Arithmetic) throws {
    let model = try TinyModel(biases: true, positions: 300)
    let compute = try arithmetic.compute(threads: 2)
    var batch = PackedBatch()
    var pruned = PackedBatch()
    for ids in Self.sequences {
      batch.append(ids: ids)
      // Both ends: a local layer's last row sees none of the first one's keys.
      pruned.append(ids: ids, outputRows: ids.count == 1 ? [0] : [0, ids.count - 1])
    }
    var layers: [[[UInt32]]] = []
    let all = Array(0..<batch.tokenCount)
    try ModernBERT.make(config: model.config, weights: model.scope(), compute: compute)
      .encode(
        batch,
        tap: { name, rows in
          if name == "embeddings" || name.hasSuffix(".out") && !name.hasSuffix("attn.out") {
            layers.append(Self.rows(rows, all))
          }
        }
      ) { _ in }
    #expect(layers.count == model.config.layers.count + 1)
    let ends = pruned.outputRows ?? []
    for (index, expected) in layers.enumerated() {
      var config = model.config
      config.exitLayer = index
      let scope = try model.scope()
      let encoder = try ModernBERT.make(config: config, weights: scope, compute: compute)
      #expect(scope.unusedNames.isEmpty)
      #expect(try encoder.encode(batch) { Self.rows($0, all) } == expected, "layer \(index)")
      let found = try encoder.encode(pruned) { Self.rows($0, ends) }
      #expect(found == ends.map { expected[$0] }, "layer \(index), both ends")
    }
  }
}
