// Ways to spoil model.safetensors, in itself and against config.json.

import GLiClass
import Safetensors
import StrictJSON

private let file = "model.safetensors"

/// The folder without a tensor.
private func missing(_ tensor: String, golden: String = "modern") -> MalformedFolder {
  MalformedFolder(
    "without \(tensor)", golden: golden, file: file, field: tensor, expected: "a tensor",
    found: "none"
  ) { try $0.tensor(tensor) { _ in nil } }
}

/// The folder with a tensor of one more row.
private func longer(_ tensor: String, golden: String = "modern") -> MalformedFolder {
  MalformedFolder(
    "\(tensor) of one row too many", golden: golden, file: file, field: tensor, expected: "[",
    found: "["
  ) {
    try $0.tensor(tensor) { shape in
      let shape = [shape[0] + 1] + shape.dropFirst()
      return (shape, [Float](repeating: 0.5, count: shape.reduce(1, *)))
    }
  }
}

/// The file with other bytes.
private func bytes(
  _ name: String, found: String, _ edit: @escaping @Sendable ([UInt8]) -> [UInt8]
) -> MalformedFolder {
  MalformedFolder(
    "model.safetensors: \(name)", file: file, field: "format", expected: "valid", found: found
  ) { $0.files[file] = .some(edit(try $0.weightBytes())) }
}

/// A config field that asks for other tensors than there are.
private func config(
  _ field: String, _ value: JSON, tensor: String, found: String = "", golden: String = "modern"
) -> MalformedFolder {
  MalformedFolder(
    "\(field) \(value.excerpt) without such tensors", golden: golden, file: file, field: tensor,
    expected: "", found: found
  ) { $0.config.set(field, value) }
}

let malformedWeights: [MalformedFolder] = malformedModernBERTWeights + malformedDeBERTaWeights

private let encoder = "model.encoder_model."

private let malformedDeBERTaWeights: [MalformedFolder] = [
  missing(encoder + "embeddings.word_embeddings.weight", golden: "deberta"),
  missing(encoder + "embeddings.LayerNorm.bias", golden: "deberta"),
  missing(encoder + "embeddings.position_embeddings.weight", golden: "deberta-absolute"),
  missing(encoder + "embeddings.token_type_embeddings.weight", golden: "deberta-types"),
  missing(encoder + "embeddings.embed_proj.weight", golden: "deberta-projection"),
  missing(encoder + "encoder.rel_embeddings.weight", golden: "deberta"),
  missing(encoder + "encoder.LayerNorm.weight", golden: "deberta"),
  missing(encoder + "encoder.layer.0.attention.self.query_proj.bias", golden: "deberta"),
  missing(encoder + "encoder.layer.1.attention.self.pos_key_proj.weight", golden: "deberta-c2p"),
  missing(
    encoder + "encoder.layer.0.attention.self.pos_query_proj.bias",
    golden: "deberta-own-projections"),
  missing(encoder + "encoder.layer.1.attention.output.LayerNorm.weight", golden: "deberta"),
  missing(encoder + "encoder.layer.2.output.dense.weight", golden: "deberta"),
  longer(encoder + "embeddings.word_embeddings.weight", golden: "deberta"),
  longer(encoder + "embeddings.position_embeddings.weight", golden: "deberta-absolute"),
  longer(encoder + "embeddings.token_type_embeddings.weight", golden: "deberta-types"),
  longer(encoder + "encoder.rel_embeddings.weight", golden: "deberta"),
  longer(encoder + "encoder.layer.1.attention.self.value_proj.weight", golden: "deberta"),
  longer(encoder + "encoder.layer.0.intermediate.dense.bias", golden: "deberta"),
  config(
    "encoder_config.position_buckets", 18, tensor: "rel_embeddings", golden: "deberta"),
  config(
    "encoder_config.share_att_key", false, tensor: "pos_key_proj", found: "none", golden: "deberta"),
  config(
    "encoder_config.position_biased_input", true, tensor: "position_embeddings", found: "none",
    golden: "deberta"),
  config(
    "encoder_config.norm_rel_ebd", "layer_norm", tensor: "encoder.LayerNorm", found: "none",
    golden: "deberta-no-buckets"),
  MalformedFolder(
    "a position vector that is infinite", golden: "deberta", file: file, field: "rel_embeddings",
    expected: "finite", found: "element 5"
  ) {
    try $0.tensor(encoder + "encoder.rel_embeddings.weight") { shape in
      var floats = [Float](repeating: 0, count: shape.reduce(1, *))
      floats[5] = .infinity
      return (shape, floats)
    }
  },
]

private let malformedModernBERTWeights: [MalformedFolder] = [
  .file(
    file, "empty", [], field: "format", expected: "valid", found: "0 bytes"),
  .file(
    file, "a page of text", Array("<html>not a model</html>".utf8), field: "format",
    expected: "valid", found: "header"),
  bytes("cut in the data", found: "follow the header") { Array($0.dropLast(64)) },
  bytes("longer than its tensors", found: "follow the header") { $0 + [0, 0, 0, 0] },
  bytes("cut in the header", found: "header") { Array($0.prefix(100)) },
  bytes("a header of 2^60 bytes", found: "limit") { [0, 0, 0, 0, 0, 0, 0, 16] + $0.dropFirst(8) },
  bytes("a header that is a list", found: "'{'") { bytes in
    var bytes = bytes
    bytes[8] = UInt8(ascii: "[")
    return bytes
  },
  bytes("a header that is not JSON", found: "header") { bytes in
    var bytes = bytes
    bytes[9] = UInt8(ascii: "}")
    return bytes
  },
  missing("model.text_projector.linear_1.weight"),
  missing("model.text_projector.linear_2.bias"),
  missing("model.classes_projector.linear_1.bias"),
  missing("model.encoder_model.embeddings.tok_embeddings.weight"),
  missing("model.encoder_model.embeddings.norm.weight"),
  missing("model.encoder_model.layers.0.attn.Wqkv.weight"),
  missing("model.encoder_model.layers.1.attn_norm.weight"),
  missing("model.encoder_model.layers.1.mlp.Wi.weight"),
  missing("model.encoder_model.final_norm.weight"),
  missing("model.scorer.mlp.0.weight", golden: "edge"),
  missing("model.scorer.mlp.4.bias", golden: "edge"),
  missing("model.logit_scale", golden: "normalized"),
  missing("model.segment_embeddings.weight", golden: "segments"),
  longer("model.text_projector.linear_1.weight"),
  longer("model.classes_projector.linear_2.bias"),
  longer("model.encoder_model.embeddings.tok_embeddings.weight"),
  longer("model.encoder_model.layers.0.mlp.Wo.weight"),
  longer("model.scorer.mlp.2.weight", golden: "edge"),
  longer("model.segment_embeddings.weight", golden: "segments"),
  config("scorer_type", "mlp", tensor: "model.scorer.mlp", found: "none"),
  config("use_segment_embeddings", true, tensor: "segment_embeddings", found: "none"),
  config("encoder_config.num_hidden_layers", 9, tensor: "layers.", golden: "edge"),
  config("encoder_config.intermediate_size", 30, tensor: "mlp.Wi"),
  config("encoder_config.norm_bias", true, tensor: "norm.bias", found: "none"),
  config("hidden_size", 20, tensor: "linear_1"),
  MalformedFolder(
    "a weight that is not a number", file: file, field: "linear_1.bias", expected: "finite",
    found: "element 0"
  ) {
    try $0.tensor("model.text_projector.linear_1.bias") { shape in
      (shape, [.nan] + [Float](repeating: 0, count: shape[0] - 1))
    }
  },
  MalformedFolder(
    "a weight of integers", file: file, field: "final_norm", expected: "F32", found: "I32"
  ) { draft in
    let name = "model.encoder_model.final_norm.weight"
    let index = draft.tensors.firstIndex { $0.name == name } ?? 0
    let count = draft.tensors[index].shape[0]
    draft.tensors[index] = try OutputTensor(
      name: name, shape: [count], integers: Array(repeating: 1, count: count), as: .i32)
  },
  MalformedFolder(
    "no weights at all", .unreadable, file: "", field: "file", expected: "readable",
    found: "model.safetensors"
  ) { $0.files[file] = .some(nil) },
  MalformedFolder(
    "a shard outside the folder", file: "model.safetensors.index.json", field: "format",
    expected: "valid", found: "plain file name"
  ) {
    $0.files[file] = .some(nil)
    $0.files["model.safetensors.index.json"] = Array(
      #"{"metadata": {}, "weight_map": {"a": "../outside.safetensors"}}"#.utf8)
  },
  MalformedFolder(
    "a shard that is not there", .unreadable, file: "gone.safetensors", field: "file",
    expected: "readable", found: "No such"
  ) {
    $0.files[file] = .some(nil)
    $0.files["model.safetensors.index.json"] = Array(
      #"{"metadata": {}, "weight_map": {"a": "gone.safetensors"}}"#.utf8)
  },
]

extension OutputTensor {
  func renamed(_ name: String) -> OutputTensor {
    OutputTensor(name: name, elementType: elementType, shape: shape, bytes: bytes)
  }
}
