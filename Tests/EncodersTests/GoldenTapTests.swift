// Every intermediate of the encoder against the official package's: Tests/Goldens, taps.
// A wrong window, theta, norm, epsilon or activation shows at the first layer that has it.

import Encoders
import Kernels
import Safetensors
import StrictJSON
import TestSupport
import Testing

@Suite struct GoldenTapTests {
  /// |delta| <= tolerance x the larger of 1 and the tensor's largest value.
  private static let tolerance: Float = 5e-6

  @Test("every intermediate equals upstream's", arguments: KernelSet.available)
  func taps(_ set: KernelSet) throws {
    let compute = try Compute(kernels: set.name, threads: 2)
    var compared = 0
    for golden in try Golden.all() where !golden.taps.isEmpty {
      let encoder = try GoldenEncoder(golden, compute)
      for tap in golden.taps {
        let row = try #require(golden.rows.first { $0.name == tap.row })
        let expected = try SafetensorsFile(tap.file)
        var seen: Set<String> = []
        var worst: (distance: Float, name: String) = (0, "")
        for (name, found) in try encoder.intermediates(row.ids) {
          let info = try #require(expected.info(name), "\(golden), \(tap.row): \(name)")
          seen.insert(name)
          let distance = Self.distance(found, try Self.values(info, in: expected))
          if distance > worst.distance { worst = (distance, name) }
        }
        #expect(worst.distance <= Self.tolerance, "\(golden), \(tap.row), \(set): \(worst.name)")
        print("taps \(golden), \(tap.row), \(set): max |delta| \(worst.distance) \(worst.name)")
        // The features after the encoder are the head's business.
        let missing = expected.tensors.map { $0.name }.filter { !seen.contains($0) }
        #expect(missing.allSatisfy { $0.hasPrefix("text_") || $0.hasPrefix("class_") })
        compared += seen.count
      }
    }
    #expect(compared > 100)
  }

  private static func values(_ tensor: TensorInfo, in file: SafetensorsFile) throws -> [Float] {
    var values = [Float](repeating: 0, count: tensor.elementCount)
    try values.withUnsafeMutableBufferPointer {
      try file.readFloats(of: tensor, elements: 0..<tensor.elementCount, into: $0)
    }
    return values
  }

  private static func distance(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    let scale = max(1, expected.lazy.map(abs).max() ?? 0)
    var worst: Float = 0
    for (a, b) in zip(found, expected) {
      guard a.isFinite else { return .infinity }
      worst = max(worst, abs(a - b) / scale)
    }
    return worst
  }
}

/// The encoder of a golden checkpoint, and the segment ids its rows have.
private struct GoldenEncoder {
  let encoder: any TextEncoder
  let textToken: Int
  let exampleToken: Int?
  let hasSegments: Bool

  init(_ golden: Golden, _ compute: Compute) throws {
    let file = "config.json"
    let fields = try FieldReader(JSON(parsing: readBytes("\(golden.model)/\(file)")), file: file)
    let inner = try fields.object("encoder_config")
    textToken = try fields.int("text_token_index")
    exampleToken = try fields.optionalInt("example_token_index")
    hasSegments = try fields.bool("use_segment_embeddings", default: false)
    let model = try Checkpoint(folder: golden.model).scope().scoped("model")
    let weights = model.scoped("encoder_model")
    let segments =
      try hasSegments
      ? model.floats(
        "segment_embeddings.weight", shape: [3, inner.int("hidden_size")]) : nil
    if try inner.string("model_type") == "modernbert" {
      encoder = try ModernBERT(
        config: ModernBERTConfig(inner), weights: weights, segmentEmbeddings: segments,
        compute: compute)
    } else {
      encoder = try DeBERTa(
        config: DeBERTaConfig(inner), weights: weights, segmentEmbeddings: segments,
        compute: compute)
    }
  }

  /// Name and values of every intermediate, in the order they come.
  func intermediates(_ ids: [Int32]) throws -> [(name: String, values: [Float])] {
    var found: [(name: String, values: [Float])] = []
    var batch = PackedBatch()
    batch.append(ids: ids, segmentIDs: hasSegments ? segments(ids) : [])
    let tap: Tap = { name, rows in
      found.append((name: name, values: (0..<rows.count).flatMap { Array(rows.row($0)) }))
    }
    try encoder.encode(batch, tap: tap) { _ in }
    return found
  }

  /// 0 before the first `<<SEP>>`, 1 from it on; a row with an `<<EXAMPLE>>` is 2 throughout.
  private func segments(_ ids: [Int32]) -> [Int32] {
    if ids.contains(where: { Int($0) == exampleToken }) { return ids.map { _ in 2 } }
    let text = ids.firstIndex { Int($0) == textToken } ?? 0
    return ids.indices.map { $0 < text ? 0 : 1 }
  }
}
