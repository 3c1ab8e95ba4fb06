// Weights that no file holds, for measuring a model by its shape alone.
// Algorithm: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014);
// its n-th number is a function of n, so any range of a tensor can be drawn on its own.

/// Numbers for every tensor, in the shape it is asked for: functions of the seed, the tensor's name
/// and the element's place. Nothing is stored.
struct RandomTensors: Sendable {
  let seed: UInt64

  /// Standard deviation 0.02, with which transformers initialises a model, as a uniform range.
  private static let spread: Float = 0.02 * 1.732_050_8

  /// Fills `destination` with consecutive elements of a tensor. Weights of a norm lie around 1, all
  /// else around 0.
  func fill(
    _ name: String, elements: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(elements.count == destination.count, "\(elements), \(destination.count) floats")
    let centre: Float = name.lowercased().hasSuffix("norm.weight") ? 1 : 0
    // FNV-1a of the name sets the tensors apart.
    let origin = name.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    let step: Float = Self.spread / Float(1 << 23)
    for (position, element) in elements.enumerated() {
      var value = origin &+ UInt64(truncatingIfNeeded: element) &* 0x9E37_79B9_7F4A_7C15
      value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
      // 24 signed bits: exact as a Float.
      destination[position] = centre + Float(Int32(truncatingIfNeeded: value >> 32) >> 8) * step
    }
  }
}

/// Where the elements of a tensor come from.
struct TensorSource: Sendable {
  private enum Origin: Sendable {
    case file(SafetensorsFile)
    case random(RandomTensors)
  }

  let tensor: TensorInfo
  private let origin: Origin

  init(_ tensor: TensorInfo, in file: SafetensorsFile) {
    self.tensor = tensor
    origin = .file(file)
  }

  init(_ name: String, shape: [Int], from random: RandomTensors) {
    tensor = TensorInfo(name: name, elementType: .f32, shape: shape, byteRange: 0..<0)
    origin = .random(random)
  }

  /// The elements of slices along the first dimension.
  func elements(of rows: Range<Int>) -> Range<Int> {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= (tensor.shape.first ?? 0),
      "rows \(rows) of \(tensor.name) \(tensor.summary)")
    let width = tensor.shape.dropFirst().reduce(1, *)
    return rows.lowerBound * width..<rows.upperBound * width
  }

  /// Consecutive elements, as many as `destination` has room for.
  func readFloats(
    _ elements: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>
  ) throws(SafetensorsError) {
    switch origin {
    case .file(let file):
      try file.readFloats(of: tensor, elements: elements, into: destination)
    case .random(let random):
      random.fill(tensor.name, elements: elements, into: destination)
    }
  }

  /// Consecutive elements of an I8 tensor; random ones are floats.
  func readIntegers(
    _ elements: Range<Int>, into destination: UnsafeMutableBufferPointer<Int8>
  ) throws(SafetensorsError) {
    switch origin {
    case .file(let file):
      try file.readIntegers(of: tensor, elements: elements, into: destination)
    case .random:
      throw .wrongType(
        file: "random weights", tensor: tensor.name, expected: "I8", found: tensor.elementType)
    }
  }
}
