// A small random ModernBERT on disk, for tests that need an encoder but no golden.

import Encoders
import Kernels
import Safetensors
import StrictJSON
import TestSupport

struct TinyModel {
  static let vocabulary = 97
  let folder: TemporaryFolder
  let config: ModernBERTConfig

  init(
    biases: Bool = false,
    layers: [String] = [
      "full_attention", "sliding_attention", "sliding_attention", "full_attention",
    ],
    positions: Int = 200
  ) throws {
    folder = try TemporaryFolder()
    let names = layers.map { "\"\($0)\"" }.joined(separator: ", ")
    config = try ModernBERTConfig(
      FieldReader(
        JSON(
          parsing: Array(
            """
            {"vocab_size": \(Self.vocabulary), "hidden_size": 40, "intermediate_size": 24,
             "num_attention_heads": 2, "local_attention": 8,
             "num_hidden_layers": \(layers.count), "layer_types": [\(names)],
             "max_position_embeddings": \(positions), "attention_bias": \(biases), "mlp_bias": \(biases),
             "norm_bias": \(biases)}
            """.utf8)), file: "config.json"))
    try writeSafetensors(tensors(), to: folder.path("model.safetensors"))
  }

  func encoder(_ compute: Compute, segmentEmbeddings: [Float]? = nil) throws -> ModernBERT {
    try ModernBERT(
      config: config, weights: scope(),
      segmentEmbeddings: segmentEmbeddings, compute: compute)
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
      if config.hasNormBias { try add("\(name).bias", [config.hiddenSize], -0.5...0.5) }
    }
    func addLinear(_ name: String, _ outputs: Int, _ inputs: Int, _ bias: Bool) throws {
      try add("\(name).weight", [outputs, inputs], -0.3...0.3)
      if bias { try add("\(name).bias", [outputs], -0.5...0.5) }
    }
    let (hidden, wide) = (config.hiddenSize, config.intermediateSize)
    try add("embeddings.tok_embeddings.weight", [config.vocabularySize, hidden], -1...1)
    try addNorm("embeddings.norm")
    for layer in config.layers.indices {
      if layer > 0 { try addNorm("layers.\(layer).attn_norm") }
      try addLinear("layers.\(layer).attn.Wqkv", 3 * hidden, hidden, config.hasAttentionBias)
      try addLinear("layers.\(layer).attn.Wo", hidden, hidden, config.hasAttentionBias)
      try addNorm("layers.\(layer).mlp_norm")
      try addLinear("layers.\(layer).mlp.Wi", 2 * wide, hidden, config.hasMLPBias)
      try addLinear("layers.\(layer).mlp.Wo", hidden, wide, config.hasMLPBias)
    }
    try addNorm("final_norm")
    return tensors
  }
}
