// The forward pass: the same bits in any batch, and a typed error for what it cannot take. Its values
// are checked by the goldens.

import Encoders
import Kernels
import TestSupport
import Testing

@Suite struct DeBERTaTests {
  @Test(
    "a sequence alone is the same bits as in any batch, order and thread count",
    arguments: KernelSet.batchInvariant, [true, false])
  func batchInvariant(_ set: KernelSet, absolute: Bool) throws {
    let model = try TinyDeBERTa(absolute: absolute)
    let table =
      absolute ? nil : (0..<3 * model.config.hiddenSize).map { Float($0 % 7) / 7 }
    let sequences = [1, 9, absolute ? 200 : 560, 31, 2, 64, 65, 150].enumerated().map {
      Tiny.ids($1, seed: UInt64($0))
    }
    let single = try model.encoder(
      Compute(kernels: set.name, threads: 1), segmentEmbeddings: table)
    let alone = try sequences.map {
      try single.hidden([$0], segments: absolute ? nil : { $0 % 3 })[0]
    }
    for threads in [1, 2, 3] {
      let encoder = try model.encoder(
        Compute(kernels: set.name, threads: threads), segmentEmbeddings: table)
      #expect(try encoder.hidden(sequences, segments: absolute ? nil : { $0 % 3 }) == alone)
      let reversed = try encoder.hidden(sequences.reversed(), segments: absolute ? nil : { $0 % 3 })
      #expect(Array(reversed.reversed()) == alone)
    }
    #expect(alone.allSatisfy { $0.allSatisfy { $0.isFinite } })
  }

  @Test(
    "rows that are asked for alone are the same bits as among all",
    arguments: KernelSet.batchInvariant, [(1, Precision.f32), (2, .f32), (2, .int8)])
  func outputRows(_ set: KernelSet, _ kind: (layers: Int, precision: Precision)) throws {
    let model = try TinyDeBERTa(layers: kind.layers)
    let sequences = [600, 1, 130, 48, 3].enumerated().map { Tiny.ids($1, seed: UInt64($0)) }
    let wanted = [[0, 47, 48, 49, 50, 97, 599], [0], [129], [], [0, 2]]
    let encoder = try model.encoder(
      Compute(kernels: set.name, threads: 2, precision: kind.precision))
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

  @Test("a model without a table of positions takes 8192 tokens, with one as many as it has rows")
  func contexts() throws {
    let open = try TinyDeBERTa().encoder(Compute(threads: 1))
    #expect(open.positionLimit == 8192)
    let closed = try TinyDeBERTa(absolute: true).encoder(Compute(threads: 1))
    let error = try #require(throws: EncoderError.self) {
      _ = try closed.hidden([[1], Tiny.ids(201, seed: 1)])
    }
    #expect("\(error)" == "sequence 1 has 201 tokens, the model's context is 200")
  }

  @Test("a token id outside the table is refused", arguments: [-1, 97, Int32.max])
  func outOfRange(_ id: Int32) throws {
    let encoder = try TinyDeBERTa().encoder(Compute(threads: 1))
    let error = try #require(throws: EncoderError.self) {
      _ = try encoder.hidden([[1, 2, id]])
    }
    #expect("\(error)".contains("position 2: token id \(id)"))
  }

  @Test("segment embeddings cannot be added to a narrower token table")
  func segmentsBesideProjection() throws {
    let model = try TinyDeBERTa(absolute: true)
    let table = [Float](repeating: 0, count: 3 * model.config.hiddenSize)
    let error = try #require(throws: EncoderError.self) {
      _ = try model.encoder(Compute(threads: 1), segmentEmbeddings: table)
    }
    #expect("\(error)".contains("40 wide, the token table 24"))
  }

  @Test("an inner hidden state is the output of its layer, and of none the embeddings")
  func exitLayer() throws {
    let model = try TinyDeBERTa()
    let compute = try Compute(threads: 2)
    var outputs: [String: [Float]] = [:]
    var batch = PackedBatch()
    batch.append(ids: Tiny.ids(70, seed: 3))
    try model.encoder(compute).encode(batch) { name, rows in
      outputs[name] = (0..<rows.count).flatMap { Array(rows.row($0)) }
    } _: { _ in
    }
    for (layer, name) in [(0, "embeddings"), (1, "layers.0.out"), (3, "layers.2.out")] {
      var config = model.config
      config.exitLayer = layer
      let encoder = try DeBERTa(config: config, weights: model.scope(), compute: compute)
      var some = PackedBatch()
      some.append(ids: Tiny.ids(70, seed: 3), outputRows: [3, 69])
      try encoder.encode(some) { rows in
        #expect(Array(rows.row(69)) == outputs[name].map { Array($0.suffix(40)) })
        #expect(Array(rows.row(3)) == outputs[name].map { Array($0[120..<160]) })
      }
    }
  }

  @Test("an empty batch gives no rows")
  func emptyBatch() throws {
    let encoder = try TinyDeBERTa().encoder(Compute(threads: 2))
    #expect(try encoder.encode(PackedBatch()) { $0.count } == 0)
  }
}
