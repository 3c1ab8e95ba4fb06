// A small random DeBERTa on disk, for tests that need an encoder but no golden.

import Encoders
import Kernels
import Safetensors
import StrictJSON
import TestSupport

struct TinyDeBERTa {
  static let vocabulary = 97
  let folder: TemporaryFolder
  let config: DeBERTaConfig

  /// - Parameter absolute: with tables of positions and types and a projection besides; 200 positions.
  init(absolute: Bool = false, layers: Int = 3) throws {
    folder = try TemporaryFolder()
    config = try DeBERTaConfig(
      FieldReader(
        JSON(
          parsing: Array(
            """
            {"vocab_size": \(Self.vocabulary), "hidden_size": 40, "intermediate_size": 56,
             "num_attention_heads": 2, "num_hidden_layers": \(layers),
             "max_position_embeddings": 200, "position_buckets": 32, "relative_attention": true,
             "pos_att_type": ["c2p", "p2c"], "norm_rel_ebd": "layer_norm",
             "share_att_key": true, "position_biased_input": \(absolute),
             "type_vocab_size": \(absolute ? 2 : 0), "embedding_size": \(absolute ? 24 : 40)}
            """.utf8)), file: "config.json"))
    try writeSafetensors(tensors(), to: folder.path("model.safetensors"))
  }

  func encoder(_ compute: Compute, segmentEmbeddings: [Float]? = nil) throws -> DeBERTa {
    try DeBERTa(
      config: config, weights: scope(), segmentEmbeddings: segmentEmbeddings, compute: compute)
  }

  func scope() throws -> TensorScope { try Checkpoint(folder: folder.path).scope() }

  private func tensors() throws -> [OutputTensor] {
    var tensors: [OutputTensor] = []
    var seed: UInt64 = 1
    func add(_ name: String, _ shape: [Int], _ range: ClosedRange<Float>) throws {
      var generator = SeededGenerator(seed: seed)
      seed += 1
      let count = shape.reduce(1, *)
      let values = (0..<count).map { _ in Float.random(in: range, using: &generator) }
      tensors.append(try OutputTensor(name: name, shape: shape, floats: values))
    }
    func addNorm(_ name: String) throws {
      try add("\(name).weight", [config.hiddenSize], 0.5...1.5)
      try add("\(name).bias", [config.hiddenSize], -0.5...0.5)
    }
    func addLinear(_ name: String, _ outputs: Int, _ inputs: Int) throws {
      try add("\(name).weight", [outputs, inputs], -0.3...0.3)
      try add("\(name).bias", [outputs], -0.5...0.5)
    }
    let (hidden, wide, width) = (config.hiddenSize, config.intermediateSize, config.embeddingSize)
    try add("embeddings.word_embeddings.weight", [config.vocabularySize, width], -1...1)
    if let positions = config.positionCount {
      try add("embeddings.position_embeddings.weight", [positions, width], -1...1)
      try add("embeddings.token_type_embeddings.weight", [config.tokenTypeCount, width], -1...1)
      try add("embeddings.embed_proj.weight", [hidden, width], -0.3...0.3)
    }
    try addNorm("embeddings.LayerNorm")
    for layer in 0..<config.layerCount {
      let name = "encoder.layer.\(layer)"
      for part in ["query_proj", "key_proj", "value_proj"] {
        try addLinear("\(name).attention.self.\(part)", hidden, hidden)
      }
      try addLinear("\(name).attention.output.dense", hidden, hidden)
      try addNorm("\(name).attention.output.LayerNorm")
      try addLinear("\(name).intermediate.dense", wide, hidden)
      try addLinear("\(name).output.dense", hidden, wide)
      try addNorm("\(name).output.LayerNorm")
    }
    try add("encoder.rel_embeddings.weight", [64, hidden], -1...1)
    try addNorm("encoder.LayerNorm")
    return tensors
  }
}
