// A small random BERT on disk, whose layers weigh enough for a wrong one to show.

import Encoders
import Kernels
import Safetensors
import StrictJSON
import TestSupport

struct TinyBERT {
  let folder: TemporaryFolder
  let config: BERTConfig

  static let hiddenSize = 40

  init() throws {
    folder = try TemporaryFolder()
    // Widths that are no whole tiles, nor heads: 20 dimensions in 32 columns, 72 units in 96.
    let fields = """
      {"vocab_size": \(Tiny.vocabulary), "hidden_size": \(Self.hiddenSize),
       "intermediate_size": 72, "num_attention_heads": 2, "num_hidden_layers": 4,
       "max_position_embeddings": 200}
      """
    config = try BERTConfig(
      FieldReader(JSON(parsing: Array(fields.utf8)), file: "config.json"), family: .bert)
    try writeSafetensors(tensors(), to: folder.path("model.safetensors"))
  }

  func encoder(_ compute: Compute, segmentEmbeddings: [Float]? = nil) throws -> any TextEncoder {
    try BERT.make(
      config: config, weights: Checkpoint(folder: folder.path).scope(),
      segmentEmbeddings: segmentEmbeddings, compute: compute)
  }

  private func tensors() throws -> [OutputTensor] {
    var tensors = TinyTensors()
    let (hidden, wide) = (config.hiddenSize, config.intermediateSize)
    for (name, rows) in [
      ("word", config.vocabularySize), ("position", config.positionCount),
      ("token_type", config.tokenTypeCount),
    ] {
      try tensors.add("embeddings.\(name)_embeddings.weight", [rows, hidden], -1...1)
    }
    try tensors.addNorm("embeddings.LayerNorm", hidden)
    for layer in 0..<config.layerCount {
      let name = "encoder.layer.\(layer)"
      for part in ["self.query", "self.key", "self.value", "output.dense"] {
        try tensors.addLinear("\(name).attention.\(part)", hidden, hidden)
      }
      try tensors.addNorm("\(name).attention.output.LayerNorm", hidden)
      try tensors.addLinear("\(name).intermediate.dense", wide, hidden)
      try tensors.addLinear("\(name).output.dense", hidden, wide)
      try tensors.addNorm("\(name).output.LayerNorm", hidden)
    }
    return tensors.all
  }
}
