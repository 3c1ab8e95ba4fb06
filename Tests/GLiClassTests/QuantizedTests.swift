// Precision int8: near the official package's logits, the same bits quantised ahead or at load, and
// malformed quantised folders refused with the facts.

import Encoders
import GLiClass
import Kernels
import Safetensors
import StrictJSON
import TestSupport
import Testing

private let sets = KernelSet.available.filter { $0.precisions.contains(.int8) }.map(\.name)

@Suite("Precision int8")
struct QuantizedTests {
  /// |delta logit| <= bound x max(1, |logit|). The goldens are random and narrow (widths of 32 to
  /// 96), where a single rounding weighs more than in a trained model. Measured: 0.17 at most, 0.035 in
  /// the mean of the rows.
  private static let bound: Float = 0.25
  private static let meanBound: Float = 0.05

  @Test("logits stay near upstream's, whichever set computes", arguments: sets)
  func nearUpstream(kernels: String) throws {
    var worst: Float = 0
    var sum: Float = 0
    var count: Float = 0
    // The heads' one encoder is 20 wide, and its linear layers are all that int8 changes.
    for golden in try Golden.all() where !golden.isHead {
      let model = try GLiClassModel(
        folder: golden.model, compute: Compute(kernels: kernels, threads: 2, precision: .int8))
      for row in golden.rows {
        let found = try model.logits([(row.ids, row.labels.count)])[0]
        let distance = GoldenTests.distance(found, row.logits)
        #expect(distance <= Self.bound, "\(golden), \(row.name), \(kernels)")
        worst = max(worst, distance)
        sum += distance
        count += 1
      }
    }
    #expect(sum / count <= Self.meanBound)
    print("int8 \(kernels): max |delta| \(worst), mean of rows \(sum / count)")
  }

  @Test(
    "quantised ahead or at load, the logits are the same bits",
    arguments: ["edge", "modern", "bert", "deberta", "deberta-own-projections"], sets)
  func sameBits(name: String, kernels: String) throws {
    let golden = try Golden.named(name)
    let ahead = try QuantizedFolder(golden).load(kernels: kernels)
    let atLoad = try GLiClassModel(
      folder: golden.model, compute: Compute(kernels: kernels, threads: 2, precision: .int8))
    #expect(ahead.weights.unused.isEmpty)
    for row in golden.rows {
      let found = try ahead.logits([(row.ids, row.labels.count)])[0].map(\.bitPattern)
      let expected = try atLoad.logits([(row.ids, row.labels.count)])[0].map(\.bitPattern)
      #expect(found == expected, "\(row.name)")
    }
  }

  @Test("a row alone is the row in any batch, bit for bit", arguments: sets)
  func batchInvariance(kernels: String) throws {
    let golden = try Golden.named("edge")
    let rows = golden.rows.map { (ids: $0.ids, labelCount: $0.labels.count) }
    let folder = try QuantizedFolder(golden)
    let alone = try folder.load(kernels: kernels)
    let expected = try rows.map { try alone.logits([$0])[0].map(\.bitPattern) }
    for threads in [1, 2, 3] {
      let model = try folder.load(kernels: kernels, threads: threads)
      let together = try model.logits(rows).map { $0.map(\.bitPattern) }
      #expect(together == expected, "\(threads) threads")
    }
  }

  @Test(
    "in f32 it computes with what the integers stand for, as its copy in floats does",
    arguments: ["modern", "deberta-own-projections", "bert"], [false, true])
  func dequantized(name: String, tokenTable: Bool) throws {
    let golden = try Golden.named(name)
    let folder = try QuantizedFolder(golden, tokenTable: tokenTable)
    let target = try TemporaryFolder()
    try GLiClassModel.dequantize(folder: folder.folder.path, into: target.path)
    try target.write("tokenizer.json", readBytes(golden.model + "/tokenizer.json"))
    #expect(try GLiClassModel.isQuantized(folder: target.path) == false)
    let integers = try folder.load(precision: .f32)
    let floats = try GLiClassModel(
      folder: target.path, compute: Compute(threads: 1, precision: .f32))
    #expect(integers.weights.unused.isEmpty && floats.weights.unused.isEmpty)
    var worst: Float = 0
    for row in golden.rows {
      let found = try integers.logits([(row.ids, row.labels.count)])[0]
      let expected = try floats.logits([(row.ids, row.labels.count)])[0]
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(row.name)")
      worst = max(worst, GoldenTests.distance(found, row.logits))
    }
    #expect(worst > 0 && worst <= Self.bound)
    print("weights of \(name) in integers, f32: max |delta| \(worst)")
  }

  @Test(
    "with the token table in integers too, logits stay near upstream's",
    arguments: ["edge", "deberta-projection", "bert-segments"])
  func tokenTable(name: String) throws {
    let golden = try Golden.named(name)
    let folder = try QuantizedFolder(golden, tokenTable: true)
    let table = folder.tensors.filter { $0.name.contains("embeddings.") && $0.elementType == .i8 }
    #expect(table.count == 1)
    let model = try folder.load()
    #expect(model.weights.unused.isEmpty)
    for row in golden.rows {
      let found = try model.logits([(row.ids, row.labels.count)])[0]
      #expect(GoldenTests.distance(found, row.logits) <= Self.bound, "\(row.name)")
    }
  }

  @Test("a model in floats is not dequantised")
  func notQuantized() throws {
    let target = try TemporaryFolder()
    let error = #expect(throws: GLiClassError.self) {
      try GLiClassModel.dequantize(folder: Golden.named("modern").model, into: target.path)
    }
    #expect(error?.facts.field == "quantization_config" && error?.facts.found == "missing")
    #expect(try target.names().isEmpty)
  }

  @Test("a quantised model is not quantised again")
  func twice() throws {
    let folder = try QuantizedFolder(Golden.named("modern"))
    let target = try TemporaryFolder()
    let error = #expect(throws: GLiClassError.self) {
      try GLiClassModel.quantize(
        folder: folder.folder.path, into: target.path, compute: Compute(precision: .int8))
    }
    #expect(error?.category == .usage && error?.facts.found == "gliss_int8")
    #expect(try target.names().isEmpty)
  }

  @Test("another tool's quantisation is refused by name")
  func foreign() throws {
    var folder = try QuantizedFolder(Golden.named("modern"))
    try folder.edit(config: { $0.set("quantization_config.quant_method", "awq") })
    do {
      _ = try folder.load()
      Issue.record("loaded")
    } catch let error as GLiClassError {
      #expect(error.category == .unsupported)
      #expect(error.facts.field == "quantization_config.quant_method")
      #expect(error.facts.found == "awq" && error.facts.expected == "gliss_int8")
    }
  }
}

/// One way to spoil a quantised folder; the strings are parts of the error's facts.
struct MalformedQuantized: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let tensor: String
  let expected: String
  let found: String
  let edit: @Sendable (OutputTensor) throws -> OutputTensor?

  init(
    _ name: String, _ tensor: String, expected: String, found: String,
    _ edit: @escaping @Sendable (OutputTensor) throws -> OutputTensor?
  ) {
    (testDescription, self.tensor, self.expected, self.found) = (name, tensor, expected, found)
    self.edit = edit
  }
}

/// A tensor of one scale a row, the first changed.
private func scales(_ tensor: OutputTensor, first: Float) throws -> OutputTensor {
  try OutputTensor(
    name: tensor.name, shape: tensor.shape,
    floats: [first] + [Float](repeating: 0.01, count: tensor.shape[0] - 1))
}

private let (weight, scale) = (QuantizedFolder.weight, QuantizedFolder.scale)

let malformedQuantized: [MalformedQuantized] = [
  MalformedQuantized("no scales", scale, expected: "a tensor", found: "none") { _ in nil },
  MalformedQuantized("a scale too many", scale, expected: "[", found: "[") {
    try OutputTensor(
      name: $0.name, shape: [$0.shape[0] + 1],
      floats: [Float](repeating: 1, count: $0.shape[0] + 1))
  },
  MalformedQuantized("a scale too few", scale, expected: "[", found: "[") {
    try OutputTensor(
      name: $0.name, shape: [$0.shape[0] - 1],
      floats: [Float](repeating: 1, count: $0.shape[0] - 1))
  },
  MalformedQuantized("scales in a column", scale, expected: "[", found: ", 1]") {
    OutputTensor(
      name: $0.name, elementType: .f32, shape: [$0.shape[0], 1], bytes: $0.bytes)
  },
  MalformedQuantized("a scale that is no number", scale, expected: "finite", found: "element 0") {
    try scales($0, first: .nan)
  },
  MalformedQuantized("an infinite scale", scale, expected: "finite", found: "element 0") {
    try scales($0, first: .infinity)
  },
  MalformedQuantized("a negative scale", scale, expected: "0 or more", found: "element 0 is -1") {
    try scales($0, first: -1)
  },
  MalformedQuantized("scales in F16", scale, expected: "F32", found: "F16") {
    try OutputTensor(
      name: $0.name, shape: $0.shape, floats: [Float](repeating: 1, count: $0.shape[0]), as: .f16)
  },
  MalformedQuantized("scales in I8", scale, expected: "F32", found: "I8") {
    try OutputTensor(
      name: $0.name, shape: $0.shape, integers: [Int](repeating: 1, count: $0.shape[0]), as: .i8)
  },
  MalformedQuantized("no weight", weight, expected: "a tensor", found: "none") { _ in nil },
  MalformedQuantized("a row too many", weight, expected: "[", found: "[") {
    OutputTensor(
      name: $0.name, elementType: .i8, shape: [$0.shape[0] + 1, $0.shape[1]],
      bytes: $0.bytes + [UInt8](repeating: 0, count: $0.shape[1]))
  },
  MalformedQuantized("a weight turned", weight, expected: "[", found: "[") {
    OutputTensor(
      name: $0.name, elementType: .i8, shape: $0.shape.reversed(), bytes: $0.bytes)
  },
  MalformedQuantized("a weight of unsigned bytes", weight, expected: "F32", found: "U8") {
    OutputTensor(name: $0.name, elementType: .u8, shape: $0.shape, bytes: $0.bytes)
  },
  MalformedQuantized("a byte of -128", weight, expected: "-127...127", found: "element 3 is -128") {
    var bytes = $0.bytes
    bytes[3] = 0x80
    return OutputTensor(name: $0.name, elementType: .i8, shape: $0.shape, bytes: bytes)
  },
]

@Suite("A spoiled quantised folder is refused with file, tensor, expected and found")
struct MalformedQuantizedTests {
  @Test(
    "a linear layer and the token table, on every kernel set, in integers and in floats",
    arguments: malformedQuantized, ["layers.0.attn.Wqkv", "embeddings.tok_embeddings"])
  func refused(_ item: MalformedQuantized, matrix: String) throws {
    let tensor = item.tensor.replacing("layers.0.attn.Wqkv", with: matrix)
    var folder = try QuantizedFolder(Golden.named("modern"), tokenTable: true)
    try folder.edit(tensor, item.edit)
    for (kernels, precision) in sets.map({ ($0, Precision.int8) }) + [(sets[0], .f32)] {
      do {
        _ = try folder.load(kernels: kernels, precision: precision)
        Issue.record("the folder was loaded")
      } catch let error as GLiClassError {
        let facts = error.facts
        #expect(error.category == .malformed, "\(error)")
        #expect(facts.file == folder.folder.path("model.safetensors"), "\(error)")
        #expect(facts.field == tensor, "\(error)")
        #expect(facts.expected?.contains(item.expected) == true, "\(error)")
        #expect(facts.found?.contains(item.found) == true, "\(error)")
      }
    }
  }

  @Test("bytes flipped at random never end the process", arguments: 0..<4)
  func flipped(round: Int) throws {
    let folder = try QuantizedFolder(Golden.named("modern"))
    let original = try readBytes(folder.folder.path("model.safetensors"))
    var random = SeededGenerator(seed: UInt64(round))
    for _ in 0..<30 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<min(bytes.count, 8192), using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
      }
      try folder.folder.write("model.safetensors", bytes)
      do {
        let model = try folder.load()
        let prompt = try model.prepare(
          PromptInput(text: "some text", labels: ["a", "b"]), limit: nil, policy: .error)
        _ = try model.logits(prompt.sequences.map { ($0, 2) })
      } catch let error as GLiClassError {
        #expect(!"\(error)".isEmpty, "seed \(round)")
      }
    }
  }
}
