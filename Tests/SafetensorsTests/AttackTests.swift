// The reference's attack files, and what else costs little to write and much to read carelessly.

import StrictJSON
import TestSupport
import Testing

import Safetensors

struct AttackTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// `count` tensors; each `{"00000000":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},...`.
  private func header(count: Int, _ rest: (Int) -> String) -> [UInt8] {
    var bytes = Array("{".utf8)
    bytes.reserveCapacity(count * 64)
    for index in 0..<count {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(UInt8(ascii: "\""))
      bytes.append(contentsOf: "\(index)".utf8)
      bytes.append(contentsOf: rest(index).utf8)
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private let oneRange = #"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#

  @Test("ten tensors on one range")
  func tenTensorsOnOneRange() throws {
    let header = header(count: 10) { _ in oneRange }
    let error = try errorOpening(
      lengthBytes(UInt64(header.count)) + header + zeros(4), in: folder)
    guard case .overlap(_, _, begin: 0, previousEnd: 4) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("10 million tensors on one range: refused by the header's length, before it is read")
  func tenMillionTensors() throws {
    // What the reference's script writes is 564 MB; a sparse file shows the same first bytes.
    let path = try folder.write("model.safetensors", lengthBytes(563_888_891))
    try setLength(path, 563_888_903)
    #expect(
      throws: SafetensorsError.headerTooLong(
        file: path, byteCount: 563_888_891, limit: 100_000_000)
    ) { try SafetensorsFile(path) }
  }

  @Test("as many tensors as a header may have bytes for: refused by their number")
  func twoMillionTensors() throws {
    let header = header(count: 1_700_000) { _ in oneRange }
    #expect(header.count < 100_000_000)
    let started = ContinuousClock.now
    let error = try errorOpening(
      lengthBytes(UInt64(header.count)) + header + zeros(4), in: folder)
    guard case .invalidHeader(_, .tooManyValues(limit: 1 << 21, _)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(started.duration(to: .now) < .seconds(20), "seconds, not minutes, on a busy machine")
  }

  @Test("100,000 overlapping tensors")
  func manyOverlappingTensors() throws {
    // The sums of their sizes and the ends fit the file: only the overlap gives them away.
    let count = 100_000
    let header = header(count: count) { index in
      #"":{"dtype":"U8","shape":[\#(count - index)],"data_offsets":[\#(index),\#(count)]}"#
    }
    let error = try errorOpening(
      lengthBytes(UInt64(header.count)) + header + zeros(count), in: folder)
    guard case .overlap(_, _, begin: 1, previousEnd: count) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("100,000 brackets")
  func deepNesting() throws {
    let header = "{\"a\":" + String(repeating: "[", count: 100_000)
    let error = try errorOpening(fileBytes(header), in: folder)
    guard case .invalidHeader(_, .tooDeep(limit: 3, offset: 7)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
