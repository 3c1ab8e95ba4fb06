// The forward pass: the same bits in any batch, token types, positions and typed errors. Its values are
// checked by the goldens of SentenceModelsTests.

import Encoders
import Kernels
import Safetensors
import StrictJSON
import TestSupport
import Testing

@Suite struct BERTTests {
  private static func config(
    family: BERTConfig.Family = .bert, layers: Int = 3, heads: Int = 4
  ) throws -> BERTConfig {
    let fields = """
      {"vocab_size": \(Tiny.vocabulary), "hidden_size": 20, "intermediate_size": 28,
       "num_attention_heads": \(heads), "num_hidden_layers": \(layers), "pad_token_id": 1,
       "max_position_embeddings": 202, "type_vocab_size": 2}
      """
    return try BERTConfig(
      FieldReader(JSON(parsing: Array(fields.utf8)), file: "config.json"), family: family)
  }

  private static func encoder(
    _ config: BERTConfig, _ compute: Compute, segmentEmbeddings: [Float]? = nil
  ) throws -> any TextEncoder {
    try BERT.make(
      config: config, weights: Checkpoint(randomSeed: 5).scope(),
      segmentEmbeddings: segmentEmbeddings, compute: compute)
  }

  @Test(
    "a sequence alone is the same bits as in any batch, order and thread count",
    arguments: Arithmetic.all)
  func batchInvariant(_ arithmetic: Arithmetic) throws {
    let config = try Self.config()
    let sequences = [1, 9, 202, 31, 2, 64, 65, 150].enumerated().map {
      Tiny.ids($1, seed: UInt64($0))
    }
    let single = try Self.encoder(config, arithmetic.compute(threads: 1))
    let alone = try sequences.map { try single.hidden([$0], segments: { $0 % 2 })[0] }
    for threads in [1, 3] {
      let encoder = try Self.encoder(config, arithmetic.compute(threads: threads))
      #expect(try encoder.hidden(sequences, segments: { $0 % 2 }) == alone)
      #expect(
        try Array(encoder.hidden(sequences.reversed(), segments: { $0 % 2 }).reversed()) == alone)
    }
    #expect(alone.allSatisfy { $0.allSatisfy { $0.isFinite } })
  }

  @Test(
    "rows that are asked for alone are the same bits as among all",
    arguments: Arithmetic.all, [1, 2])
  func outputRows(_ arithmetic: Arithmetic, _ layers: Int) throws {
    let config = try Self.config(layers: layers)
    let sequences = [199, 1, 130, 48, 3].enumerated().map { Tiny.ids($1, seed: UInt64($0)) }
    let wanted = [[0, 47, 48, 49, 97, 198], [0], [129], [], [0, 2]]
    let encoder = try Self.encoder(config, arithmetic.compute(threads: 2))
    let all = try encoder.hidden(sequences)
    var batch = PackedBatch()
    for (ids, rows) in zip(sequences, wanted) { batch.append(ids: ids, outputRows: rows) }
    let fresh = try Self.encoder(config, arithmetic.compute(threads: 2))
    try fresh.encode(batch) { rows in
      for (sequence, positions) in wanted.enumerated() {
        for position in positions {
          let row = rows.row(batch.rows(of: sequence).lowerBound + position)
          #expect(Array(row) == Array(all[sequence][position * 20..<(position + 1) * 20]))
        }
      }
      // The row beside a wanted one was left out: this test compares more than two full passes.
      #expect(Array(rows.row(100)) != Array(all[0][100 * 20..<101 * 20]))
    }
  }

  @Test("without types every token is of type 0, and a type of its own is another vector")
  func types() throws {
    let encoder = try Self.encoder(Self.config(), Compute(threads: 1))
    let ids = [Tiny.ids(40, seed: 1)]
    let bare = try encoder.hidden(ids)
    #expect(try encoder.hidden(ids, segments: { _ in 0 }) == bare)
    #expect(try encoder.hidden(ids, segments: { _ in 1 }) != bare)
    let error = try #require(throws: EncoderError.self) {
      _ = try encoder.hidden(ids, segments: { _ in 2 })
    }
    #expect("\(error)" == "position 0: segment id 2 should be below 2")
  }

  @Test("segment embeddings are added beside type 0, and every token needs one")
  func segments() throws {
    let table = (0..<60).map { Float($0 % 7) / 7 }
    let compute = try Compute(threads: 1)
    let encoder = try Self.encoder(Self.config(), compute, segmentEmbeddings: table)
    let ids = [Tiny.ids(40, seed: 1)]
    let zero = try Self.encoder(
      Self.config(), compute, segmentEmbeddings: [Float](repeating: 0, count: 60))
    let bare = try Self.encoder(Self.config(), compute).hidden(ids)
    #expect(try zero.hidden(ids, segments: { $0 % 3 }) == bare)
    #expect(try encoder.hidden(ids, segments: { $0 % 3 }) != bare)
    let error = try #require(throws: EncoderError.self) {
      _ = try encoder.hidden(ids)
    }
    #expect("\(error)".contains("40 tokens came without segment ids"))
  }

  @Test("RoBERTa's positions begin behind the padding token's, and so many are left")
  func positions() throws {
    let compute = try Compute(threads: 1)
    let bert = try Self.encoder(Self.config(), compute)
    let roberta = try Self.encoder(Self.config(family: .xlmRoBERTa), compute)
    #expect(bert.positionLimit == 202 && roberta.positionLimit == 200)
    let ids = Tiny.ids(9, seed: 3)
    #expect(
      try bert.hidden([ids], segments: { $0 % 2 }) != roberta.hidden([ids], segments: { $0 % 2 }))
    let error = try #require(throws: EncoderError.self) {
      _ = try roberta.hidden([Tiny.ids(201, seed: 1)], segments: { $0 % 2 })
    }
    #expect("\(error)" == "sequence 0 has 201 tokens, the model's context is 200")
  }

  /// On tiles, the norm that ends a pass sums in another order than the same one between two layers.
  @Test(
    "an inner hidden state is the output of its layer, and of none the embeddings",
    arguments: Arithmetic.all)
  func exitLayer(_ arithmetic: Arithmetic) throws {
    let compute = try arithmetic.compute(threads: 2)
    let isOnTiles = Arithmetic.onTiles.contains { $0 == arithmetic }
    var outputs: [String: [Float]] = [:]
    var batch = PackedBatch()
    batch.append(ids: Tiny.ids(70, seed: 3))
    try Self.encoder(Self.config(), compute).encode(batch) { name, rows in
      outputs[name] = (0..<rows.count).flatMap { Array(rows.row($0)) }
    } _: { _ in
    }
    for (layer, name) in [(0, "embeddings"), (1, "layers.0.out"), (3, "layers.2.out")] {
      var config = try Self.config()
      config.exitLayer = layer
      var some = PackedBatch()
      some.append(ids: Tiny.ids(70, seed: 3), outputRows: [3, 69])
      try Self.encoder(config, compute).encode(some) { rows in
        let expected = try #require(outputs[name])
        for (row, position) in [(69, 1380), (3, 60)] {
          let deltas = zip(rows.row(row), expected[position..<position + 20]).map { abs($0 - $1) }
          #expect(deltas.count == 20 && deltas.allSatisfy { $0 <= (isOnTiles ? 1e-5 : 0) })
        }
      }
    }
  }

  @Test("an empty batch gives no rows")
  func emptyBatch() throws {
    let encoder = try Self.encoder(Self.config(), Compute(threads: 2))
    #expect(try encoder.encode(PackedBatch()) { $0.count } == 0)
  }

  @Test(
    "fields of other arithmetic and impossible sizes are refused by name",
    arguments: [
      ("hidden_act", "\"relu\""), ("position_embedding_type", "\"relative_key\""),
      ("is_decoder", "true"), ("num_attention_heads", "3"), ("hidden_size", "0"),
      ("layer_norm_eps", "0"), ("type_vocab_size", "0"), ("max_position_embeddings", "2"),
      ("vocab_size", "-1"), ("num_hidden_layers", "4096"),
    ])
  func refusals(field: String, value: String) throws {
    let json = "{\"hidden_size\": 20, \"num_attention_heads\": 4, \"pad_token_id\": 1}"
    var object = try #require(JSON(parsing: Array(json.utf8)).object)
    object[field] = try JSON(parsing: Array(value.utf8))
    let fields = FieldReader(object, file: "config.json")
    let error = try #require(throws: FieldError.self) {
      _ = try BERTConfig(fields, family: .roBERTa)
    }
    #expect(error.field == field)
  }
}
