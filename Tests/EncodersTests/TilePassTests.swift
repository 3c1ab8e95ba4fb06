// The pass on tiles: close to f32, and the same bits in any batch. On a machine without tile kernels the
// suite has no arguments to run on.

import Encoders
import Kernels
import TestSupport
import Testing

/// A kernel set and a precision it computes in.
struct Arithmetic: Sendable, Equatable, CustomTestStringConvertible {
  let kernels: String
  let precision: Precision

  static let onTiles = KernelSet.available.filter(\.hasTiles).flatMap { set in
    [Precision.bf16, .int8].map { Arithmetic(kernels: set.name, precision: $0) }
  }

  /// Every set and precision whose rows do not depend on the batch.
  static let all = KernelSet.batchInvariant.flatMap { set in
    set.precisions.map { Arithmetic(kernels: set.name, precision: $0) }
  }

  func compute(threads: Int) throws -> Compute {
    try Compute(kernels: kernels, threads: threads, precision: precision)
  }

  var testDescription: String { "\(kernels) \(precision)" }
}

/// A small random encoder of each form that a pass on tiles has.
enum TileModel: String, CaseIterable, Sendable {
  case modernBERT
  case bert

  /// Of both.
  static let hiddenSize = TinyBERT.hiddenSize

  func encoder(_ compute: Compute) throws -> any TextEncoder {
    let table = (0..<3 * Self.hiddenSize).map { Float($0 % 7) / 7 }
    switch self {
    case .modernBERT:
      let model = try TinyModel(biases: true)
      return try ModernBERT.make(
        config: model.config, weights: model.scope(), segmentEmbeddings: table, compute: compute)
    case .bert: return try TinyBERT().encoder(compute, segmentEmbeddings: table)
    }
  }
}

@Suite("A pass on tiles")
struct TilePassTests {
  /// Of sequences that fill tiles, end inside them, and have an odd number of them.
  private static let lengths = [1, 9, 200, 31, 2, 64, 65, 150, 16, 17, 33, 48]

  private static let sequences = lengths.enumerated().map { Tiny.ids($1, seed: UInt64($0)) }

  @Test(
    "a sequence alone is the same bits as in any batch", arguments: Arithmetic.onTiles,
    TileModel.allCases)
  func batchInvariant(_ arithmetic: Arithmetic, _ model: TileModel) throws {
    let single = try model.encoder(arithmetic.compute(threads: 1))
    let alone = try Self.sequences.map { try single.hidden([$0], segments: { $0 % 3 })[0] }
    for threads in [1, 2, 3] {
      let encoder = try model.encoder(arithmetic.compute(threads: threads))
      for _ in 0..<2 {
        #expect(try encoder.hidden(Self.sequences, segments: { $0 % 3 }) == alone)
        let reversed = try encoder.hidden(Self.sequences.reversed(), segments: { $0 % 3 })
        #expect(Array(reversed.reversed()) == alone)
        #expect(
          try Self.sequences.map { try encoder.hidden([$0], segments: { $0 % 3 })[0] } == alone)
      }
    }
    #expect(alone.allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  @Test(
    "rows that are asked for alone are the same bits", arguments: Arithmetic.onTiles,
    TileModel.allCases)
  func outputRows(_ arithmetic: Arithmetic, _ model: TileModel) throws {
    let wanted = Self.lengths.map { length in [0, 31, 32, 63, 149, 199].filter { $0 < length } }
    for threads in [1, 2] {
      let encoder = try model.encoder(arithmetic.compute(threads: threads))
      let all = try encoder.hidden(Self.sequences, segments: { $0 % 3 })
      let width = TileModel.hiddenSize
      let expected = zip(all, wanted).map { rows, positions in
        positions.flatMap { Array(rows[$0 * width..<($0 + 1) * width]) }
      }
      #expect(try encoder.hidden(Self.sequences, segments: { $0 % 3 }, rows: wanted) == expected)
    }
  }

  @Test("an empty batch gives no rows", arguments: Arithmetic.onTiles, TileModel.allCases)
  func emptyBatch(_ arithmetic: Arithmetic, _ model: TileModel) throws {
    for threads in [1, 2] {
      let encoder = try model.encoder(arithmetic.compute(threads: threads))
      #expect(try encoder.encode(PackedBatch()) { $0.count } == 0)
    }
  }

  /// Final hidden states have variance about 1. bf16 rounds operands by 2^-9, int8 by 1/254 of the
  /// largest: a few layers of a model 40 wide add up to these.
  @Test(
    "hidden states are close to those in f32", arguments: Arithmetic.onTiles,
    TileModel.allCases)
  func closeToFloat(_ arithmetic: Arithmetic, _ model: TileModel) throws {
    let exact = try model.encoder(Compute(threads: 1)).hidden(
      Self.sequences, segments: { $0 % 3 })
    let found = try model.encoder(arithmetic.compute(threads: 2)).hidden(
      Self.sequences, segments: { $0 % 3 })
    var (worst, sum, count) = (0.0, 0.0, 0)
    for (a, b) in zip(exact.joined(), found.joined()) {
      worst = max(worst, Double(abs(a - b)))
      sum += Double(abs(a - b))
      count += 1
    }
    print(
      "tiles \(model) \(arithmetic.testDescription): max |delta| \(worst), mean \(sum / Double(count))"
    )
    #expect(worst < (arithmetic.precision == .bf16 ? 0.08 : 0.3))
    #expect(sum / Double(count) < (arithmetic.precision == .bf16 ? 0.008 : 0.03))
  }

  @Test(
    "a tap sees every layer, as the f32 pass shows them", arguments: Arithmetic.onTiles,
    TileModel.allCases)
  func taps(_ arithmetic: Arithmetic, _ model: TileModel) throws {
    var batch = PackedBatch()
    for ids in Self.sequences { batch.append(ids: ids, segmentIDs: ids.map { $0 % 3 }) }
    func names(_ compute: Compute) throws -> [String: Float] {
      var seen: [String: Float] = [:]
      try model.encoder(compute).encode(batch, tap: { seen[$0] = $1[70][3] }) { _ in }
      return seen
    }
    let exact = try names(Compute(threads: 1)).filter { !$0.key.hasSuffix("attn.out") }
    let found = try names(arithmetic.compute(threads: 2))
    #expect(Set(found.keys) == Set(exact.keys))
    for (name, value) in exact { #expect(abs(value - (found[name] ?? .nan)) < 0.3, "\(name)") }
  }
}
