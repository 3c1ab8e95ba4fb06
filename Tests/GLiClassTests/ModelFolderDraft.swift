// A valid tiny model folder, to be spoiled in one place.

import Safetensors
import StrictJSON
import TestSupport
import Testing

/// The parts of a golden's model folder, each open to edits.
struct ModelFolderDraft {
  var config: JSON
  var tokenizer: JSON
  var tensors: [OutputTensor]
  /// Files written as they are, over what the parts say; nil: not written.
  var files: [String: [UInt8]?] = [:]

  init(_ name: String) throws {
    let folder = try Golden.named(name).model
    config = try JSON(parsing: readBytes(folder + "/config.json"))
    tokenizer = try JSON(parsing: readBytes(folder + "/tokenizer.json"))
    let scope = try Checkpoint(folder: folder).scope()
    tensors = try scope.checkpoint.names.map { name in
      let shape = try #require(scope.info(name)).shape
      return try OutputTensor(
        name: name, shape: shape, floats: scope.floats(name, shape: shape))
    }
  }

  func write() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("config.json", config.serialized())
    try folder.write("tokenizer.json", tokenizer.serialized())
    try writeSafetensors(tensors, to: folder.path("model.safetensors"))
    for (name, bytes) in files {
      if let bytes { try folder.write(name, bytes) } else { folder.removeFile(name) }
    }
    return folder
  }

  /// The bytes of model.safetensors as they would be written.
  func weightBytes() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try writeSafetensors(tensors, to: folder.path("w"))
    return try readBytes(folder.path("w"))
  }

  /// Replaces the floats of a tensor, or removes it where `edit` says nil.
  mutating func tensor(
    _ name: String, _ edit: (_ shape: [Int]) -> (shape: [Int], floats: [Float])?
  ) throws {
    let index = try #require(tensors.firstIndex { $0.name == name })
    if let (shape, floats) = edit(tensors[index].shape) {
      tensors[index] = try OutputTensor(name: name, shape: shape, floats: floats)
    } else {
      tensors.remove(at: index)
    }
  }
}

extension JSON {
  /// Sets the field at a path such as `encoder_config.hidden_size`; nil removes it.
  mutating func set(_ path: String, _ value: JSON?) {
    guard case .object(var object) = self else { return }
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    if parts.count == 1 {
      object[path] = value
    } else {
      var inner = object[parts[0]] ?? .null
      inner.set(parts[1], value)
      object[parts[0]] = inner
    }
    self = .object(object)
  }
}
