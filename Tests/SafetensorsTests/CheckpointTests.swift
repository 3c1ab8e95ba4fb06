// Checkpoint folders: one file, shards and their index, and the ways an index can lie.

import StrictJSON
import TestSupport
import Testing

import Safetensors

struct CheckpointTests {
  let folder: TemporaryFolder
  var index: String { folder.path("model.safetensors.index.json") }

  init() throws { folder = try TemporaryFolder() }

  private func writeShard(_ name: String, _ tensors: [String: Float]) throws {
    try writeSafetensors(
      try tensors.sorted { $0.key < $1.key }.map {
        try OutputTensor(name: $0.key, shape: [1], floats: [$0.value])
      }, to: folder.path(name))
  }

  private func writeIndex(_ map: JSON) throws {
    try folder.write(
      "model.safetensors.index.json",
      (["metadata": ["total_size": 12], "weight_map": map] as JSON).serialized())
  }

  private func open() throws -> Checkpoint { try Checkpoint(folder: folder.path) }

  @Test("shards are read as one checkpoint", arguments: [ReadingMode.pread, .mapped])
  func readsShards(reading: ReadingMode) throws {
    try writeShard("one.safetensors", ["a": 1, "b": 2])
    try writeShard("two.safetensors", ["c": 3])
    try writeIndex(["b": "one.safetensors", "c": "two.safetensors", "a": "one.safetensors"])
    let checkpoint = try Checkpoint(folder: folder.path, reading: reading)
    #expect(checkpoint.names == ["a", "b", "c"])
    let scope = checkpoint.scope()
    #expect(try scope.floats("c", shape: [1]) == [3])
    #expect(try scope.floats("b", shape: [1]) == [2])
    #expect(scope.unusedNames == ["a"])
    #expect(throws: SafetensorsError.missingTensor(file: index, tensor: "d", nearest: nil)) {
      try scope.floats("d", shape: [1])
    }
  }

  @Test("model.safetensors wins over an index")
  func prefersOneFile() throws {
    try writeShard("model.safetensors", ["a": 1])
    try writeIndex(["a": "missing.safetensors"])
    #expect(try open().names == ["a"])
  }

  @Test("noWeights")
  func folderWithoutWeights() throws {
    #expect(throws: SafetensorsError.noWeights(folder: folder.path, otherFormat: nil)) {
      try open()
    }
    try folder.write("pytorch_model.bin", "")
    let error = SafetensorsError.noWeights(
      folder: folder.path, otherFormat: "pytorch_model.bin")
    #expect(throws: error) { try open() }
  }

  @Test(
    "unsafeShardName",
    arguments: [
      "../one.safetensors", "/etc/passwd", "sub/one.safetensors", "..", ".", "",
      ".hidden.safetensors", "one.bin", "a\0.safetensors", "a\n.safetensors",
    ])
  func shardNamesThatLeaveTheFolder(name: String) throws {
    try writeIndex(["a": .string(name)])
    #expect(throws: SafetensorsError.unsafeShardName(index: index, shard: name)) { try open() }
  }

  @Test("shardOutsideFolder: a link that leads out")
  func linksThatLeaveTheFolder() throws {
    let other = try TemporaryFolder()
    try writeShard("one.safetensors", ["a": 1])
    let bytes = try readBytes(folder.path("one.safetensors"))
    try folder.link("out.safetensors", to: try other.write("one.safetensors", bytes))
    try writeIndex(["a": "out.safetensors"])
    #expect(
      throws: SafetensorsError.shardOutsideFolder(index: index, shard: "out.safetensors")
    ) { try open() }
    try folder.link("in.safetensors", to: "one.safetensors")
    try writeIndex(["a": "in.safetensors"])
    #expect(throws: Never.self) { try open() }
  }

  @Test("links of the Hugging Face cache layout are followed")
  func readsCacheLayout() throws {
    try folder.makeFolder("blobs")
    try folder.makeFolder("snapshots")
    let snapshot = try folder.makeFolder("snapshots/0123abcd")
    try writeShard("blobs/f00", ["a": 1])
    try folder.link("snapshots/0123abcd/one.safetensors", to: "../../blobs/f00")
    try folder.write(
      "snapshots/0123abcd/model.safetensors.index.json",
      #"{"weight_map":{"a":"one.safetensors"}}"#)
    #expect(try Checkpoint(folder: snapshot).names == ["a"])
  }

  @Test("notInShard, notInIndex and duplicateName")
  func indexThatLies() throws {
    try writeShard("one.safetensors", ["a": 1])
    try writeShard("two.safetensors", ["a": 1, "b": 2])
    try writeIndex(["c": "one.safetensors"])
    #expect(
      throws: SafetensorsError.notInShard(index: index, tensor: "c", shard: "one.safetensors")
    ) { try open() }
    try writeIndex(["a": "one.safetensors", "b": "two.safetensors"])
    #expect(
      throws: SafetensorsError.notInIndex(index: index, tensor: "a", shard: "two.safetensors")
    ) { try open() }
    // The same tensor under two spellings that Unicode calls equal.
    try writeShard("one.safetensors", ["\u{E9}": 1])
    try writeShard("two.safetensors", ["e\u{301}": 1])
    try writeIndex(["\u{E9}": "one.safetensors", "e\u{301}": "two.safetensors"])
    #expect(throws: SafetensorsError.duplicateName(file: index, tensor: "e\u{301}")) {
      try open()
    }
  }

  @Test("an index that is no index")
  func malformedIndex() throws {
    func expect(_ text: String, _ error: SafetensorsError) throws {
      try folder.write("model.safetensors.index.json", text)
      #expect(throws: error) { try open() }
    }
    func field(_ field: String, _ expected: String, _ found: String?) -> SafetensorsError {
      .invalidField(FieldError(file: index, field: field, expected: expected, found: found))
    }
    try expect("", .invalidHeader(file: index, .unexpectedEnd(expected: "a value", offset: 0)))
    try expect("[]", field("the file", "one object", "an array of 0"))
    try expect("{}", field("weight_map", "an object", nil))
    try expect(#"{"weight_map":3}"#, field("weight_map", "an object", "3"))
    try expect(
      #"{"weight_map":{"a":3}}"#, field("weight_map.a", "the name of a shard", "3"))
    try expect(
      #"{"weight_map":{"a":"x.safetensors","\u0061":"x.safetensors"}}"#,
      .invalidHeader(file: index, .duplicateKey("a", offset: 35)))
    try expect(
      #"{"weight_map":{"a":"x.safetensors"}}"#,
      .cannotOpen(file: folder.path("x.safetensors"), code: 2))
    let many = (0..<513).map { "\"\($0)\":\"\($0).safetensors\"" }.joined(separator: ",")
    try expect(
      "{\"weight_map\":{\(many)}}", .tooManyShards(index: index, count: 513, limit: 512))
  }
}
