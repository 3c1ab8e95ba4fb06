// What a model sees of a checkpoint: tensors by name and shape, as Float.

import TestSupport
import Testing

import Safetensors

struct TensorScopeTests {
  let folder: TemporaryFolder
  var path: String { folder.path("model.safetensors") }

  init() throws { folder = try TemporaryFolder() }

  private func checkpoint(
    _ tensors: [OutputTensor], reading: ReadingMode = .pread
  ) throws -> Checkpoint {
    try writeSafetensors(tensors, to: path)
    return try Checkpoint(folder: folder.path, reading: reading)
  }

  @Test("every floating-point type reads as Float", arguments: [ReadingMode.pread, .mapped])
  func readsFloatTypes(reading: ReadingMode) throws {
    let values: [Float] = [0, -0.0, 1, -2.5, 0.333_251_95, 65504, -6.1e-5, 5.96e-8, 3.25]
    var tensors = [OutputTensor(name: "odd", elementType: .u8, shape: [3], bytes: [1, 2, 3])]
    for type in [ElementType.f32, .f16, .bf16, .f64] {
      tensors.append(
        try OutputTensor(name: type.rawValue, shape: [3, 3], floats: values, as: type))
    }
    let scope = try checkpoint(tensors, reading: reading).scope()
    let bits = values.map(\.bitPattern)
    #expect(try scope.floats("F32", shape: [3, 3]).map(\.bitPattern) == bits)
    #expect(try scope.floats("F64", shape: [3, 3]).map(\.bitPattern) == bits)
    #expect(
      try scope.floats("F16", shape: [3, 3]).map(\.bitPattern)
        == values.map { Float(Float16($0)).bitPattern })
    let bf16 = try scope.floats("BF16", shape: [3, 3])
    for (value, read) in zip(values, bf16) {
      #expect(abs(read - value) <= abs(value) / 256)
      #expect(read.bitPattern & 0xFFFF == 0)
    }
  }

  @Test("every F16 and BF16 pattern converts as Swift's own types do")
  func convertsEveryHalf() throws {
    for (type, exponentMask) in [(ElementType.f16, 0x7C00), (.bf16, 0x7F80)] {
      let isFinite = { (pattern: Int) in pattern & exponentMask != exponentMask }
      let finite = (0...0xFFFF).filter(isFinite)
      let others = (0...0xFFFF).filter { !isFinite($0) }
      let tensors = [("finite", finite), ("others", others)].map { name, patterns in
        OutputTensor(
          name: name, elementType: type, shape: [patterns.count],
          bytes: patterns.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
      }
      let scope = try checkpoint(tensors).scope()
      let expected = finite.map { pattern in
        type == .f16
          ? Float(Float16(bitPattern: UInt16(pattern))) : Float(bitPattern: UInt32(pattern) << 16)
      }
      #expect(
        try scope.floats("finite", shape: [finite.count]).map(\.bitPattern)
          == expected.map(\.bitPattern))
      // One at a time, so that none hides behind another.
      let accepted = others.indices.filter { row in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 1) { buffer in
          buffer.initialize(repeating: 0)
          do throws(SafetensorsError) {
            try scope.readRows("others", shape: [others.count], rows: row..<(row + 1), into: buffer)
            return true
          } catch {
            return error != .notFinite(file: path, tensor: "others", position: row)
          }
        }
      }
      #expect(accepted == [])
    }
  }

  @Test("notFinite names the element", arguments: [ElementType.f32, .f16, .bf16, .f64])
  func refusesInfinitiesAndNaN(type: ElementType) throws {
    let count = 300_000
    for value in [Float.infinity, -.infinity, .nan] {
      var values = [Float](repeating: 0.5, count: count)
      values[count - 7] = value
      let scope = try checkpoint([
        try OutputTensor(name: "w", shape: [count], floats: values, as: type)
      ]).scope()
      #expect(
        throws: SafetensorsError.notFinite(file: path, tensor: "w", position: count - 7)
      ) { try scope.floats("w", shape: [count]) }
    }
  }

  @Test("an F64 beyond Float is not finite")
  func refusesOverflow() throws {
    let bytes = withUnsafeBytes(of: (1e39).bitPattern.littleEndian) { Array($0) }
    let scope = try checkpoint([
      OutputTensor(name: "w", elementType: .f64, shape: [1], bytes: bytes)
    ]).scope()
    #expect(throws: SafetensorsError.notFinite(file: path, tensor: "w", position: 0)) {
      try scope.floats("w", shape: [1])
    }
  }

  @Test("a large tensor, whole and by rows", arguments: [ElementType.f32, .bf16])
  func readsRows(type: ElementType) throws {
    let shape = [1000, 7, 41]
    let values = (0..<287_000).map { Float($0 % 251) }
    let scope = try checkpoint([
      try OutputTensor(name: "w", shape: shape, floats: values, as: type)
    ]).scope()
    #expect(try scope.floats("w", shape: shape) == values)
    for rows in [0..<1, 17..<600, 999..<1000, 500..<500] {
      var part = [Float](repeating: -1, count: rows.count * 287)
      try part.withUnsafeMutableBufferPointer {
        try scope.readRows("w", shape: shape, rows: rows, into: $0)
      }
      #expect(part == Array(values[(rows.lowerBound * 287)..<(rows.upperBound * 287)]))
    }
  }

  @Test("tensors that are missing, of another shape or of another type are named")
  func namesWhatDoesNotFit() throws {
    let scope = try checkpoint([
      try OutputTensor(name: "model.norm.weight", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6]),
      try OutputTensor(name: "model.ids", shape: [2], integers: [1, 2]),
    ]).scope().scoped("model")
    #expect(
      throws: SafetensorsError.missingTensor(
        file: path, tensor: "model.norms.weight", nearest: "model.norm.weight")
    ) { try scope.floats("norms.weight", shape: [2, 3]) }
    #expect(
      throws: SafetensorsError.missingTensor(
        file: path, tensor: "model.embeddings", nearest: nil)
    ) { try scope.floats("embeddings", shape: [2, 3]) }
    let mismatch = SafetensorsError.shapeMismatch(
      file: path, tensor: "model.norm.weight", expected: [3, 2], found: [2, 3])
    #expect(throws: mismatch) { try scope.floats("norm.weight", shape: [3, 2]) }
    #expect(
      "\(mismatch)" == "\(path): tensor model.norm.weight is [2, 3], the config needs [3, 2]")
    #expect(throws: SafetensorsError.noFloats(file: path, tensor: "model.ids", found: .i64)) {
      try scope.floats("ids", shape: [2])
    }
  }

  @Test("tensors nobody asked for are named, over all scopes")
  func namesUnusedTensors() throws {
    let scope = try checkpoint(
      ["a.w", "a.b", "layers.0.w", "layers.1.w", "layers.10.w"].map {
        try OutputTensor(name: $0, shape: [], floats: [1])
      }
    ).scope()
    let layers = scope.scoped("layers")
    #expect(layers.unusedNames == ["layers.0.w", "layers.1.w", "layers.10.w"])
    _ = try layers.scoped("1").floats("w", shape: [])
    _ = try scope.floats("a.w", shape: [])
    #expect(scope.contains("a.b") && !scope.contains("a.c"))
    #expect(scope.unusedNames == ["a.b", "layers.0.w", "layers.10.w"])
    scope.ignore("a.b")
    #expect(scope.unusedNames == ["layers.0.w", "layers.10.w"])
  }

  @Test("a file that changed gives an error", arguments: [ReadingMode.pread, .mapped])
  func noticesChanges(reading: ReadingMode) throws {
    let values = [Float](repeating: 1, count: 10_000)
    let scope = try checkpoint(
      [try OutputTensor(name: "w", shape: [10_000], floats: values)], reading: reading
    ).scope()
    #expect(try scope.floats("w", shape: [10_000]) == values)
    try setLength(path, 5000)
    #expect(throws: SafetensorsError.fileChanged(path)) {
      try scope.floats("w", shape: [10_000])
    }
    try setLength(path, 60_000)
    #expect(throws: SafetensorsError.fileChanged(path)) {
      try scope.floats("w", shape: [10_000])
    }
  }

  @Test("an open file survives a new one in its place", arguments: [ReadingMode.pread, .mapped])
  func survivesReplacement(reading: ReadingMode) throws {
    let old = try checkpoint(
      [try OutputTensor(name: "w", shape: [2], floats: [1, 2])], reading: reading
    ).scope()
    let new = try checkpoint(
      [try OutputTensor(name: "w", shape: [2], floats: [3, 4])], reading: reading
    ).scope()
    #expect(try old.floats("w", shape: [2]) == [1, 2])
    #expect(try new.floats("w", shape: [2]) == [3, 4])
  }

  @Test("several threads read one checkpoint", arguments: [ReadingMode.pread, .mapped])
  func readsConcurrently(reading: ReadingMode) async throws {
    let tensors = try (0..<8).map { index in
      try OutputTensor(
        name: "w\(index)", shape: [50_000],
        floats: [Float](repeating: Float(index), count: 50_000), as: index < 4 ? .bf16 : .f32)
    }
    let scope = try checkpoint(tensors, reading: reading).scope()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<64 {
        group.addTask {
          try scope.floats("w\(task % 8)", shape: [50_000]).allSatisfy { $0 == Float(task % 8) }
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
    #expect(scope.unusedNames.isEmpty)
  }
}
