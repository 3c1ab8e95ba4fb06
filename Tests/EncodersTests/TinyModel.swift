// A small random ModernBERT on disk, for tests that need an encoder but no golden.

import Encoders
import Kernels
import Safetensors
import StrictJSON
import TestSupport

struct TinyModel {
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
            {"vocab_size": \(Tiny.vocabulary), "hidden_size": 40, "intermediate_size": 24,
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
    var tensors = TinyTensors()
    let (hidden, wide) = (config.hiddenSize, config.intermediateSize)
    try tensors.add("embeddings.tok_embeddings.weight", [config.vocabularySize, hidden], -1...1)
    try tensors.addNorm("embeddings.norm", hidden, hasBias: config.hasNormBias)
    for layer in config.layers.indices {
      if layer > 0 {
        try tensors.addNorm("layers.\(layer).attn_norm", hidden, hasBias: config.hasNormBias)
      }
      try tensors.addLinear(
        "layers.\(layer).attn.Wqkv", 3 * hidden, hidden, hasBias: config.hasAttentionBias)
      try tensors.addLinear(
        "layers.\(layer).attn.Wo", hidden, hidden, hasBias: config.hasAttentionBias)
      try tensors.addNorm("layers.\(layer).mlp_norm", hidden, hasBias: config.hasNormBias)
      try tensors.addLinear("layers.\(layer).mlp.Wi", 2 * wide, hidden, hasBias: config.hasMLPBias)
      try tensors.addLinear("layers.\(layer).mlp.Wo", hidden, wide, hasBias: config.hasMLPBias)
    }
    try tensors.addNorm("final_norm", hidden, hasBias: config.hasNormBias)
    return tensors.all
  }
}
