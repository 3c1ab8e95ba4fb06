// Hashes, numbers and listings of model folders.

import ModelStore
import TestSupport
import Testing

private let commit = String(repeating: "0123456789", count: 4)

@Suite("Model folders are checked")
struct VerificationTests {
  @Test(
    "hashes are those of FIPS 180-4 and of Git",
    arguments: [
      (
        "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709"
      ),
      (
        "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "a9993e364706816aba3e25717850c26c9cd0d89d"
      ),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
      ),
    ])
  func hashes(_ text: String, _ sha256: String, _ sha1: String) {
    #expect(Digest.of(Array(text.utf8), .sha256) == sha256)
    #expect(Digest.of(Array(text.utf8), .sha1) == sha1)
  }

  @Test("hashes do not depend on how the bytes come", arguments: [1, 55, 56, 63, 64, 65, 200])
  func pieces(_ piece: Int) {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for algorithm in [Digest.Algorithm.sha256, .sha1] {
      var digest = Digest(algorithm)
      for start in stride(from: 0, to: bytes.count, by: piece) {
        digest.update(Array(bytes[start..<min(start + piece, bytes.count)]))
      }
      #expect(digest.finish() == Digest.of(bytes, algorithm))
    }
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      Digest.of(million, .sha256)
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("files are compared with SHA256SUMS")
  func sums() throws {
    let folder = try TemporaryFolder()
    try folder.write("a", "abc")
    try folder.write("b", "abc")
    try folder.write("c", "")
    let good = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let bad = String(good.reversed())
    try folder.write("SHA256SUMS", "\(good)  a\n\(bad) *b\n")
    let digests = try FileDigests.of(folder: folder.path)
    #expect(digests.map(\.name) == ["a", "b", "c"])
    #expect(digests.map(\.isExpected) == [true, false, true])
    #expect(digests.map(\.source) == [.sums, .sums, nil])
    #expect(digests[0].sha256 == good)
    #expect(digests.map(\.byteCount) == [3, 3, 0])
  }

  @Test(
    "a list of sums that is none is refused",
    arguments: ["x  a\n", "\(String(repeating: "g", count: 64))  a\n", "0123 a", "\0\0"])
  func malformedSums(_ content: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("a", "abc")
    let path = try folder.write("SHA256SUMS", content)
    do {
      _ = try FileDigests.of(folder: folder.path)
      Issue.record("it was taken")
    } catch {
      guard case .malformedSums(path, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
    try folder.write("SHA256SUMS", String(repeating: "0", count: 64) + "  ../a\n")
    #expect(throws: ModelStoreError.noSuchFile(name: "../a", file: path)) {
      try FileDigests.of(folder: folder.path)
    }
  }

  @Test("files of the cache are compared with the names of their blobs")
  func blobs() throws {
    let folder = try TemporaryFolder()
    let large = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    // git hash-object of a file with "abc" in it.
    let small = "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f"
    let wrong = String(small.reversed())
    for blob in [large, small, wrong] { try folder.write("m/blobs/\(blob)", "abc") }
    try folder.makeFolder("m/snapshots")
    try folder.makeFolder("m/snapshots/\(commit)")
    for (name, blob) in [("a", large), ("b", small), ("c", wrong)] {
      try folder.link("m/snapshots/\(commit)/\(name)", to: "../../blobs/\(blob)")
    }
    let digests = try FileDigests.of(folder: folder.path("m/snapshots/\(commit)"))
    #expect(digests.map(\.source) == [.cache, .cache, .cache])
    #expect(digests.map(\.isExpected) == [true, true, false])
  }

  @Test("numbers that are none are counted and placed")
  func numbers() throws {
    let folder = try TemporaryFolder()
    let header =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
      + "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[16,20]},"
      + "\"c\":{\"dtype\":\"I8\",\"shape\":[3],\"data_offsets\":[20,23]},"
      + "\"d\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[23,31]}}"
    var bytes = [UInt8](repeating: 0, count: 8)
    bytes[0] = UInt8(header.utf8.count & 255)
    bytes[1] = UInt8(header.utf8.count >> 8)
    bytes += Array(header.utf8)
    for value in [Float(1), .nan, -.infinity, .nan] {
      bytes += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    bytes += [0, 0x7C, 0, 0x3C, 1, 2, 3] + [UInt8](repeating: 0, count: 8)
    try folder.write("model.safetensors", bytes)
    let scan = try TensorScan(folder: folder.path)
    #expect((scan.tensorCount, scan.elementCount, scan.byteCount) == (4, 11, 31))
    #expect(scan.types == ["F32": 2, "F16": 1, "I8": 1])
    #expect(scan.faults.map(\.name) == ["a", "b"])
    #expect(scan.faults.map(\.nanCount) == [2, 1])
    #expect(scan.faults.map(\.infinityCount) == [1, 0])
    #expect(scan.faults.map(\.firstPosition) == [1, 0])
    #expect(scan.faults[0].summary == "[2, 2] F32")
    #expect(scan.zeros == ["d"])
  }

  @Test("lists the cache's refs and loose snapshots, and folders of folders")
  func listing() throws {
    let folder = try TemporaryFolder()
    let other = String(commit.reversed())
    let config =
      "{\"architecture_type\":\"uni-encoder\",\"encoder_config\":{\"model_type\":"
      + "\"modernbert\",\"hidden_size\":384,\"num_hidden_layers\":10}}"
    try folder.write("hub/models--a--b/refs/main", commit)
    try folder.write("hub/models--a--b/snapshots/\(commit)/config.json", config)
    try folder.write("hub/models--a--b/snapshots/\(other)/config.json", "{\"model_type\":\"bert\"}")
    try folder.write("hub/models--c/refs/main", "no commit")
    try folder.write("hub/datasets--a--b/refs/main", commit)
    try folder.write("own/x/config.json", "not JSON")
    try folder.write("own/y/other.json", "{}")
    let variables = ["HF_HUB_CACHE": folder.path("hub")]
    let search = ModelSearch(environment: { variables[$0] }, executable: nil)
    let found = search.list(folders: [folder.path("own/")])
    #expect(found.map(\.location.name) == ["a/b", "a/b@\(other)", folder.path("own/x")])
    #expect(found.map(\.isGLiClass) == [true, false, false])
    #expect(found.map(\.modelType) == ["modernbert", "bert", nil])
    #expect((found[0].layerCount, found[0].hiddenSize) == (10, 384))
    #expect(found[0].byteCount == config.utf8.count)
    #expect(found[2].problem != nil)
  }
}
