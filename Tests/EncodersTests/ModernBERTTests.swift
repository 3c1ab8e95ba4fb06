// The forward pass: the same bits in any batch, and a typed error for what it cannot take. Its values
// are checked by the goldens.

import Encoders
import Kernels
import TestSupport
import Testing

@Suite struct ModernBERTTests {
  @Test(
    "a sequence alone is the same bits as in any batch, order and thread count",
    arguments: KernelSet.batchInvariant)
  func batchInvariant(_ set: KernelSet) throws {
    let model = try TinyModel(biases: true)
    let table = (0..<3 * model.config.hiddenSize).map { Float($0 % 7) / 7 }
    let sequences = [1, 9, 200, 31, 2, 64, 65, 150].enumerated().map {
      Tiny.ids($1, seed: UInt64($0))
    }
    let single = try model.encoder(
      Compute(kernels: set.name, threads: 1), segmentEmbeddings: table)
    let alone = try sequences.map { try single.hidden([$0], segments: { $0 % 3 })[0] }
    for threads in [1, 2, 3] {
      let encoder = try model.encoder(
        Compute(kernels: set.name, threads: threads), segmentEmbeddings: table)
      #expect(try encoder.hidden(sequences, segments: { $0 % 3 }) == alone)
      let reversed = try encoder.hidden(sequences.reversed(), segments: { $0 % 3 })
      #expect(Array(reversed.reversed()) == alone)
    }
    #expect(alone.allSatisfy { $0.allSatisfy { $0.isFinite } })
  }

  @Test(
    "rows that are asked for alone are the same bits as among all",
    arguments: KernelSet.batchInvariant,
    [
      ["full_attention", "full_attention"], ["full_attention", "sliding_attention"],
      ["full_attention"],
    ])
  func outputRows(_ set: KernelSet, _ layers: [String]) throws {
    let model = try TinyModel(biases: true, layers: layers)
    let sequences = [200, 1, 130, 48, 3].enumerated().map { Tiny.ids($1, seed: UInt64($0)) }
    let wanted = [[0, 47, 48, 49, 50, 97, 199], [0], [129], [], [0, 2]]
    let encoder = try model.encoder(Compute(kernels: set.name, threads: 2))
    let all = try encoder.hidden(sequences)
    var batch = PackedBatch()
    for (ids, rows) in zip(sequences, wanted) { batch.append(ids: ids, outputRows: rows) }
    let width = model.config.hiddenSize
    try encoder.encode(batch) { rows in
      for (sequence, positions) in wanted.enumerated() {
        for position in positions {
          let row = rows.row(batch.rows(of: sequence).lowerBound + position)
          #expect(Array(row) == Array(all[sequence][position * width..<(position + 1) * width]))
        }
      }
      // The row beside a wanted one was left out: this test compares more than two full passes.
      #expect(Array(rows.row(100)) != Array(all[0][100 * width..<101 * width]))
    }
  }

  @Test("kernel sets agree within 1e-4", arguments: KernelSet.available)
  func setsAgree(_ set: KernelSet) throws {
    let model = try TinyModel(biases: true)
    let sequences = [Tiny.ids(120, seed: 3), Tiny.ids(7, seed: 4)]
    let reference = try model.encoder(Compute(kernels: "scalar")).hidden(sequences)
    let found = try model.encoder(Compute(kernels: set.name)).hidden(sequences)
    for (a, b) in zip(reference, found) {
      let largest = zip(a, b).map { abs($0 - $1) }.max() ?? 0
      #expect(largest < 1e-4, "\(set.name)")
    }
  }

  @Test("biases and segments change the result")
  func biasesAndSegmentsCount() throws {
    let ids = [Tiny.ids(20, seed: 5)]
    let model = try TinyModel()
    let compute = try Compute(threads: 1)
    let plain = try model.encoder(compute).hidden(ids)
    let table = (0..<3 * model.config.hiddenSize).map { Float($0 % 5) }
    let segmented = try model.encoder(compute, segmentEmbeddings: table).hidden(
      ids, segments: { $0 % 3 })
    #expect(plain != segmented)
  }

  @Test("a sequence beyond the context is refused")
  func tooLong() throws {
    let encoder = try TinyModel().encoder(Compute(threads: 1))
    let error = try #require(throws: EncoderError.self) {
      _ = try encoder.hidden([[1], Tiny.ids(201, seed: 1)])
    }
    #expect("\(error)" == "sequence 1 has 201 tokens, the model's context is 200")
  }

  @Test("a token id outside the table is refused", arguments: [-1, 97, Int32.max])
  func outOfRange(_ id: Int32) throws {
    let encoder = try TinyModel().encoder(Compute(threads: 1))
    let error = try #require(throws: EncoderError.self) {
      _ = try encoder.hidden([[1, 2, id]])
    }
    #expect("\(error)".contains("position 2: token id \(id)"))
  }

  @Test("segment ids are asked for exactly when the model has a segment table")
  func segmentRules() throws {
    let model = try TinyModel()
    let compute = try Compute(threads: 1)
    #expect(throws: EncoderError.self) {
      _ = try model.encoder(compute).hidden([[1, 2]], segments: { $0 % 3 })
    }
    let table = [Float](repeating: 0.5, count: 3 * model.config.hiddenSize)
    #expect(throws: EncoderError.self) {
      _ = try model.encoder(compute, segmentEmbeddings: table).hidden([[1, 2]])
    }
  }

  @Test("a tensor of another shape, or none, is named")
  func wrongWeights() throws {
    let model = try TinyModel()
    var other = try TinyModel().config
    other.intermediateSize += 1
    let shape = try #require(throws: EncoderError.self) {
      _ = try ModernBERT(
        config: other, weights: model.scope(), compute: Compute(threads: 1))
    }
    #expect("\(shape)".contains("layers.0.mlp.Wi.weight"))
    other = model.config
    other.hasNormBias = true
    let missing = try #require(throws: EncoderError.self) {
      _ = try ModernBERT(
        config: other, weights: model.scope(), compute: Compute(threads: 1))
    }
    #expect("\(missing)".contains("embeddings.norm.bias"))
  }

  @Test("an empty batch gives no rows")
  func emptyBatch() throws {
    let encoder = try TinyModel().encoder(Compute(threads: 2))
    #expect(try encoder.encode(PackedBatch()) { $0.count } == 0)
  }
}
