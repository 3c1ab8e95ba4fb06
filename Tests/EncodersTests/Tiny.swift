// What the tests of every encoder share: random tensors and ids of models that a test makes in no time,
// and the hidden states of sequences.

import Encoders
import Kernels
import Safetensors
import TestSupport

enum Tiny {
  static let vocabulary = 97

  static func ids(_ length: Int, seed: UInt64) -> [Int32] {
    var generator = SeededGenerator(seed: seed)
    return (0..<length).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &generator) }
  }
}

/// The tensors of a checkpoint, each of random numbers of its own.
struct TinyTensors {
  private(set) var all: [OutputTensor] = []

  mutating func add(_ name: String, _ shape: [Int], _ range: ClosedRange<Float>) throws {
    var generator = SeededGenerator(seed: UInt64(all.count + 1))
    let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: range, using: &generator) }
    all.append(try OutputTensor(name: name, shape: shape, floats: values))
  }

  mutating func addNorm(_ name: String, _ size: Int, hasBias: Bool = true) throws {
    try add("\(name).weight", [size], 0.5...1.5)
    if hasBias { try add("\(name).bias", [size], -0.5...0.5) }
  }

  mutating func addLinear(
    _ name: String, _ outputs: Int, _ inputs: Int, hasBias: Bool = true
  ) throws {
    try add("\(name).weight", [outputs, inputs], -0.3...0.3)
    if hasBias { try add("\(name).bias", [outputs], -0.5...0.5) }
  }
}

extension TextEncoder {
  /// The final hidden states of each of `sequences`, in one batch: of every position or of `rows`.
  ///
  /// - Parameter segments: the segment id of a token, by its id; nil: without segment ids.
  func hidden(
    _ sequences: [[Int32]], segments: ((Int32) -> Int32)? = nil, rows: [[Int]]? = nil
  ) throws -> [[Float]] {
    var batch = PackedBatch()
    for (index, ids) in sequences.enumerated() {
      batch.append(
        ids: ids, segmentIDs: segments.map { ids.map($0) } ?? [], outputRows: rows?[index])
    }
    return try encode(batch) { found in
      (0..<batch.sequenceCount).map { sequence in
        let all = batch.rows(of: sequence)
        let wanted = rows.map { $0[sequence].map { all.lowerBound + $0 } } ?? Array(all)
        return wanted.flatMap { Array(found.row($0)) }
      }
    }
  }
}
