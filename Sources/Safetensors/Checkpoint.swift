// A checkpoint folder: model.safetensors, or model.safetensors.index.json with its shards.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// All tensors of a checkpoint folder, by name. Reads are safe from several threads.
package final class Checkpoint: Sendable {
  package let folder: String
  /// `model.safetensors` alone, or the shards in the order of the index.
  package let files: [SafetensorsFile]
  /// The file that errors about a name point to: the one file, or the index.
  let source: String
  private let places: [String: Place]
  /// Draws every tensor, in place of files.
  let random: RandomTensors?

  private struct Place {
    var file: Int
    var tensor: TensorInfo
  }

  /// Opens the folder's weights and validates every header. As upstream, `model.safetensors` wins
  /// over an index beside it.
  package init(folder: String, reading: ReadingMode = .pread) throws(SafetensorsError) {
    let single = "\(folder)/model.safetensors"
    let index = "\(folder)/model.safetensors.index.json"
    var files: [SafetensorsFile] = []
    if access(single, F_OK) == 0 {
      source = single
      files.append(try SafetensorsFile(single, reading: reading))
    } else if access(index, F_OK) == 0 {
      source = index
      let shardIndex = try ShardIndex(parsing: try readFile(index), file: index)
      for (shard, names) in zip(shardIndex.shards, shardIndex.tensors) {
        let path = try Self.resolve(shard, in: folder, index: index)
        let file = try SafetensorsFile(OpenFile(path, reading: reading, followsLink: false))
        try Self.check(file, holds: names, shard: shard, index: index)
        files.append(file)
      }
    } else {
      let others = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.onnx"]
      throw .noWeights(
        folder: folder, otherFormat: others.first { access("\(folder)/\($0)", F_OK) == 0 })
    }
    var places: [String: Place] = [:]
    for (position, file) in files.enumerated() {
      for tensor in file.tensors {
        let place = Place(file: position, tensor: tensor)
        guard places.updateValue(place, forKey: tensor.name) == nil else {
          throw .duplicateName(file: source, tensor: tensor.name)
        }
      }
    }
    self.folder = folder
    self.files = files
    self.places = places
    random = nil
  }

  /// A checkpoint without files: whatever tensor is asked for is there, in the shape it is asked for
  /// with, and holds the numbers that `randomSeed` and its name give. It lists no names.
  package init(randomSeed: UInt64) {
    folder = ""
    files = []
    source = "random weights"
    places = [:]
    random = RandomTensors(seed: randomSeed)
  }

  /// Every tensor name, in the order of the files' bytes.
  package var names: [String] { files.flatMap { $0.tensors.map(\.name) } }

  package func info(_ name: String) -> TensorInfo? { places[name]?.tensor }

  /// The `__metadata__` of the first file.
  package var metadata: [String: String] { files.first?.metadata ?? [:] }

  /// All tensors, with a fresh record of which were asked for.
  package func scope() -> TensorScope { TensorScope(self) }

  /// The tensor and the file that holds it.
  func place(
    _ name: String
  ) throws(SafetensorsError) -> (file: SafetensorsFile, tensor: TensorInfo) {
    guard let place = places[name] else {
      throw .missingTensor(file: source, tensor: name, nearest: nearestName(name, in: names))
    }
    return (files[place.file], place.tensor)
  }

  /// The index and the shard must agree on what the shard holds.
  private static func check(
    _ file: SafetensorsFile, holds names: [String], shard: String, index: String
  ) throws(SafetensorsError) {
    if let name = names.first(where: { file.info($0) == nil }) {
      throw .notInShard(index: index, tensor: name, shard: shard)
    }
    guard names.count == file.tensors.count else {
      let listed = Set(names)
      let name = file.tensors.first { !listed.contains($0.name) }?.name ?? ""
      throw .notInIndex(index: index, tensor: name, shard: shard)
    }
  }

  /// The real path of a shard: inside the real folder, or a blob of the Hugging Face cache that the
  /// folder is a snapshot of (`<repository>/snapshots/<revision>`, `<repository>/blobs/<hash>`).
  private static func resolve(
    _ shard: String, in folder: String, index: String
  ) throws(SafetensorsError) -> String {
    let path = try realPath("\(folder)/\(shard)")
    let parent = parentFolder(path)
    let base = try realPath(folder)
    if parent == base { return path }
    let snapshots = parentFolder(base)
    if snapshots.hasSuffix("/snapshots"), parent == "\(parentFolder(snapshots))/blobs" {
      return path
    }
    throw .shardOutsideFolder(index: index, shard: shard)
  }

  private static func realPath(_ path: String) throws(SafetensorsError) -> String {
    guard let resolved = realpath(path, nil) else { throw .cannotOpen(file: path, code: errno) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func parentFolder(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[..<slash])
  }
}
