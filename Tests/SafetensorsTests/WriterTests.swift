// Writing: what comes out can be read back, is aligned, and appears whole or not at all.

import StrictJSON
import TestSupport
import Testing

import Safetensors

struct WriterTests {
  let folder: TemporaryFolder
  var path: String { folder.path("model.safetensors") }

  init() throws { folder = try TemporaryFolder() }

  @Test("the bytes of a small file")
  func bytesOfASmallFile() throws {
    try writeSafetensors(
      [
        OutputTensor(name: "flag", shape: [1], booleans: [true]),
        try OutputTensor(name: "w", shape: [1, 2], floats: [1, -2]),
      ], metadata: ["format": "pt"], to: path)
    // Wider elements first, numbers little-endian.
    let header =
      #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
      + #""flag":{"dtype":"BOOL","shape":[1],"data_offsets":[8,9]}}"#
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(
      try readBytes(path)
        == fileBytes(header + padding, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 1]))
  }

  @Test("seeded random checkpoints come back as they were", arguments: 0..<20 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var tensors: [OutputTensor] = []
    for index in 0..<Int.random(in: 0...12, using: &random) {
      let shape = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        Int.random(in: 0...4, using: &random)
      }
      let types = ElementType.allCases.filter { $0.bitCount % 8 == 0 }
      let type = types.randomElement(using: &random) ?? .f32
      let byteCount = shape.reduce(type.bitCount / 8, *)
      let bytes = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
      let name = ["w", "层.weight", "a\"b\\c", "e\u{301}"].randomElement(using: &random) ?? "w"
      tensors.append(
        OutputTensor(name: "\(name).\(index)", elementType: type, shape: shape, bytes: bytes))
    }
    let metadata = seed % 2 == 0 ? [:] : ["k\u{1}": "v\n\u{1F600}", "": ""]
    try writeSafetensors(tensors, metadata: metadata, to: path)
    let file = try SafetensorsFile(path)
    #expect(file.metadata == metadata, "seed \(seed)")
    #expect(file.tensors.count == tensors.count, "seed \(seed)")
    for tensor in tensors {
      let info = try #require(file.info(tensor.name), "seed \(seed)")
      #expect(info.elementType == tensor.elementType && info.shape == tensor.shape)
      #expect(try file.bytes(of: info) == tensor.bytes, "seed \(seed), \(tensor.name)")
      #expect(info.byteRange.lowerBound % (info.elementType.bitCount / 8) == 0)
    }
  }

  @Test("the layout of a language model: 148 names of GPT-2, and 12 times as many")
  func writesManyTensors() throws {
    for layerCount in [12, 144] {
      var tensors = try ["wte", "wpe", "ln_f.weight", "ln_f.bias"].map {
        try OutputTensor(name: $0, shape: [2, 3], floats: [0, 1, 2, 3, 4, 5])
      }
      for layer in 0..<layerCount {
        for name in ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"] {
          for part in ["weight", "bias"] {
            tensors.append(
              try OutputTensor(
                name: "h.\(layer).\(name).\(part)", shape: [3],
                floats: [Float(layer), 1, 2], as: layer % 2 == 0 ? .f16 : .f32))
          }
        }
      }
      try writeSafetensors(tensors, to: path)
      let scope = try Checkpoint(folder: folder.path).scope()
      #expect(scope.unusedNames.count == 4 + 12 * layerCount)
      for layer in 0..<layerCount {
        let values = try scope.scoped("h.\(layer).mlp").floats("c_fc.bias", shape: [3])
        #expect(values == [Float(layer), 1, 2])
      }
      #expect(scope.unusedNames.count == 4 + 11 * layerCount)
    }
  }

  @Test("integers keep their value, or are refused")
  func writesIntegers() throws {
    let extremes: [(ElementType, [Int], Int)] = [
      (.i8, [-128, 127], 128), (.u8, [0, 255], -1), (.i16, [-32768, 32767], 32768),
      (.u16, [0, 65535], 65536), (.i32, [Int(Int32.min), Int(Int32.max)], 1 << 31),
      (.u32, [0, Int(UInt32.max)], -1), (.i64, [.min, .max], 0), (.u64, [0, .max], -1),
    ]
    for (type, values, beyond) in extremes {
      let tensor = try OutputTensor(name: "t", shape: [2], integers: values, as: type)
      #expect(tensor.bytes.count == 2 * type.bitCount / 8)
      guard type != .i64 else { continue }
      #expect(
        throws: SafetensorsError.valueOutOfRange(
          tensor: "t", position: 1, value: "\(beyond)", type: type)
      ) { try OutputTensor(name: "t", shape: [2], integers: [0, beyond], as: type) }
    }
  }

  @Test("floats round to nearest, ties to even, and never to infinity")
  func roundsFloats() throws {
    func bits(_ value: Float, _ type: ElementType) throws -> Int {
      let bytes = try OutputTensor(name: "t", shape: [], floats: [value], as: type).bytes
      return Int(bytes[0]) | Int(bytes[1]) << 8
    }
    #expect(try bits(1, .bf16) == 0x3F80)
    #expect(try bits(Float(bitPattern: 0x3F80_8000), .bf16) == 0x3F80)
    #expect(try bits(Float(bitPattern: 0x3F80_8001), .bf16) == 0x3F81)
    #expect(try bits(Float(bitPattern: 0x3F81_8000), .bf16) == 0x3F82)
    #expect(try bits(.infinity, .bf16) == 0x7F80)
    #expect(try bits(.nan, .bf16) & 0x7FFF > 0x7F80)
    #expect(try bits(1 / 3, .f16) == 0x3555)
    for (value, type) in [(Float(65520), ElementType.f16), (.greatestFiniteMagnitude, .bf16)] {
      #expect(
        throws: SafetensorsError.valueOutOfRange(
          tensor: "t", position: 0, value: "\(value)", type: type)
      ) { try bits(value, type) }
    }
  }

  @Test("what the reader refuses is not written, and what was there stays")
  func refusesInvalidTensors() throws {
    let good = try OutputTensor(name: "w", shape: [1], floats: [1])
    try writeSafetensors([good], to: path)
    let before = try readBytes(path)
    func expect(_ tensors: [OutputTensor], _ error: SafetensorsError) throws {
      #expect(throws: error) { try writeSafetensors(tensors, to: path) }
      #expect(try readBytes(path) == before)
      #expect(try folder.names() == ["model.safetensors"])
    }
    try expect([good, good], .duplicateName(file: path, tensor: "w"))
    try expect(
      [OutputTensor(name: "w", elementType: .f32, shape: [2], bytes: zeros(4))],
      .byteCountMismatch(file: path, tensor: "w", expected: 8, found: 4))
    try expect(
      [OutputTensor(name: "", elementType: .u8, shape: [0], bytes: [])], .emptyName(file: path))
    try expect(
      [OutputTensor(name: "../w", elementType: .u8, shape: [0], bytes: [])],
      .unsafeName(file: path, tensor: "../w"))
    try expect(
      [
        OutputTensor(
          name: "w", elementType: .u8, shape: [Int](repeating: 1, count: 9), bytes: [0])
      ], .rankTooHigh(file: path, tensor: "w", rank: 9, limit: 8))
    try expect(
      [OutputTensor(name: "__metadata__", elementType: .u8, shape: [0], bytes: [])],
      .duplicateName(file: path, tensor: "__metadata__"))
  }

  @Test("a folder that cannot be written to")
  func refusesMissingFolder() throws {
    let path = folder.path("missing/model.safetensors")
    #expect(throws: SafetensorsError.cannotWrite(file: path, code: 2)) {
      try writeSafetensors([], to: path)
    }
  }
}
