// A golden's model folder, quantised, and open to edits.

import GLiClass
import Kernels
import Safetensors
import StrictJSON
import TestSupport
import Testing

struct QuantizedFolder {
  let folder: TemporaryFolder
  var tensors: [OutputTensor]

  /// The first linear layer's weight, `[96, 32]` or the like.
  static let weight = "model.encoder_model.layers.0.attn.Wqkv.weight"
  static let scale = "model.encoder_model.layers.0.attn.Wqkv.weight_scale"

  init(_ golden: Golden, tokenTable: Bool = false) throws {
    folder = try TemporaryFolder()
    _ = try GLiClassModel.quantize(
      folder: golden.model, into: folder.path, tokenTable: tokenTable,
      compute: Compute(kernels: "scalar", threads: 1, precision: .int8))
    try folder.write("tokenizer.json", readBytes(golden.model + "/tokenizer.json"))
    let file = try SafetensorsFile(folder.path("model.safetensors"))
    tensors = try file.tensors.map {
      OutputTensor(
        name: $0.name, elementType: $0.elementType, shape: $0.shape, bytes: try file.bytes(of: $0))
    }
  }

  func load(
    kernels: String? = nil, threads: Int = 1, precision: Precision = .int8
  ) throws -> GLiClassModel {
    try GLiClassModel(
      folder: folder.path,
      compute: Compute(kernels: kernels, threads: threads, precision: precision))
  }

  /// Replaces a tensor, or removes it where `edit` says nil, and writes the file.
  mutating func edit(
    _ name: String, _ edit: (OutputTensor) throws -> OutputTensor?
  ) throws {
    let index = try #require(tensors.firstIndex { $0.name == name })
    if let tensor = try edit(tensors[index]) {
      tensors[index] = tensor
    } else {
      tensors.remove(at: index)
    }
    try writeSafetensors(tensors, to: folder.path("model.safetensors"))
  }

  mutating func edit(config edit: (inout JSON) -> Void) throws {
    var config = try JSON(parsing: readBytes(folder.path("config.json")))
    edit(&config)
    try folder.write("config.json", config.serialized())
  }
}
