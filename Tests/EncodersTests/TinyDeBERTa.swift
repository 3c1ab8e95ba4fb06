// A small random DeBERTa on disk, for tests that need an encoder but no golden.

import Encoders
import Kernels
import Safetensors
import StrictJSON
import TestSupport

struct TinyDeBERTa {
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
            {"vocab_size": \(Tiny.vocabulary), "hidden_size": 40, "intermediate_size": 56,
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
    var tensors = TinyTensors()
    let (hidden, wide, width) = (config.hiddenSize, config.intermediateSize, config.embeddingSize)
    try tensors.add("embeddings.word_embeddings.weight", [config.vocabularySize, width], -1...1)
    if let positions = config.positionCount {
      try tensors.add("embeddings.position_embeddings.weight", [positions, width], -1...1)
      try tensors.add(
        "embeddings.token_type_embeddings.weight", [config.tokenTypeCount, width], -1...1)
      try tensors.add("embeddings.embed_proj.weight", [hidden, width], -0.3...0.3)
    }
    try tensors.addNorm("embeddings.LayerNorm", hidden)
    for layer in 0..<config.layerCount {
      let name = "encoder.layer.\(layer)"
      for part in ["query_proj", "key_proj", "value_proj"] {
        try tensors.addLinear("\(name).attention.self.\(part)", hidden, hidden)
      }
      try tensors.addLinear("\(name).attention.output.dense", hidden, hidden)
      try tensors.addNorm("\(name).attention.output.LayerNorm", hidden)
      try tensors.addLinear("\(name).intermediate.dense", wide, hidden)
      try tensors.addLinear("\(name).output.dense", hidden, wide)
      try tensors.addNorm("\(name).output.LayerNorm", hidden)
    }
    try tensors.add("encoder.rel_embeddings.weight", [64, hidden], -1...1)
    try tensors.addNorm("encoder.LayerNorm", hidden)
    return tensors.all
  }
}
