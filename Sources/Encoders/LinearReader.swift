// The weight of a linear layer as the precision wants it: floats, or bytes with a scale a row.
//
// In a checkpoint it is NAME.weight, [outputs, inputs]: F32, F16, BF16 or F64; or, written by
// `gliss model quantize`, I8 in -127...127 beside NAME.weight_scale, F32 [outputs], so that
// weight[i][j] = weight_scale[i] * byte. Both ways give the same bytes under int8.

internal import Kernels
internal import Safetensors

/// What `LinearReader` hands out; valid during the call.
enum LinearWeight {
  /// `[outputs, inputs]`, row-major.
  case floats(UnsafeBufferPointer<Float>)
  case integers(IntegerWeight)
}

/// Reads one weight at a time into buffers that all of them share, so that loading holds the packed
/// weights and a single unpacked matrix.
struct LinearReader: ~Copyable {
  private let compute: Compute
  private let packer: WeightPacker
  private var floats = AlignedFloats(count: 0)
  private var bytes: [Int8] = []

  init(_ compute: Compute) {
    self.compute = compute
    packer = WeightPacker(compute: compute)
  }

  /// The name of the scales beside the weight of a linear layer.
  static func scaleName(_ name: String) -> String { "\(name).weight_scale" }

  /// Hands `body` the weight of the linear layer `name`: bytes if the precision is int8, quantised
  /// here in parallel where the checkpoint holds floats; otherwise floats.
  mutating func read<Value>(
    _ name: String, in scope: TensorScope, outputs: Int, inputs: Int,
    _ body: (LinearWeight) -> Value
  ) throws(SafetensorsError) -> Value {
    try scope.require("\(name).weight", shape: [outputs, inputs])
    let isQuantized = scope.info("\(name).weight")?.elementType == .i8
    guard compute.precision == .int8 else {
      if isQuantized { try refuse(name, in: scope) }
      return body(.floats(try readFloats(name, in: scope, outputs: outputs, inputs: inputs)))
    }
    var scales: [Float]
    let count = outputs * inputs
    if bytes.count < count { bytes = [Int8](repeating: 0, count: count) }
    if isQuantized {
      scales = try readScales(name, in: scope, outputs: outputs)
      try readBytes(name, in: scope, outputs: outputs, inputs: inputs)
    } else {
      let values = try readFloats(name, in: scope, outputs: outputs, inputs: inputs)
      scales = [Float](repeating: 0, count: outputs)
      bytes.withUnsafeMutableBufferPointer { bytes in
        compute.quantizeChannels(
          values, inputs: inputs, into: UnsafeMutableBufferPointer(rebasing: bytes[..<count]),
          scales: &scales)
      }
    }
    return bytes.withUnsafeBufferPointer { bytes in
      body(
        .integers(
          IntegerWeight(bytes: UnsafeBufferPointer(rebasing: bytes[..<count]), scales: scales)))
    }
  }

  private func refuse(_ name: String, in scope: TensorScope) throws(SafetensorsError) {
    throw .wrongType(
      file: try scope.file(of: "\(name).weight"), tensor: scope.fullName("\(name).weight"),
      expected: "F32, F16, BF16 or F64: a quantised model computes in int8, not in "
        + compute.precision.rawValue,
      found: .i8)
  }

  private mutating func readFloats(
    _ name: String, in scope: TensorScope, outputs: Int, inputs: Int
  ) throws(SafetensorsError) -> UnsafeBufferPointer<Float> {
    let count = outputs * inputs
    if floats.count < count { floats = AlignedFloats(count: count) }
    let values = UnsafeMutableBufferPointer(start: floats.base, count: count)
    try packer.fill(
      floats, rows: outputs, columns: inputs,
      scope.rowReader("\(name).weight", shape: [outputs, inputs]))
    return UnsafeBufferPointer(values)
  }

  private mutating func readBytes(
    _ name: String, in scope: TensorScope, outputs: Int, inputs: Int
  ) throws(SafetensorsError) {
    let weight = "\(name).weight"
    let count = outputs * inputs
    try bytes.withUnsafeMutableBufferPointer { (bytes) throws(SafetensorsError) in
      let values = UnsafeMutableBufferPointer(rebasing: bytes[..<count])
      try scope.readIntegers(weight, shape: [outputs, inputs], into: values)
      guard let position = values.firstIndex(of: -128) else { return }
      throw .wrongValue(
        file: try scope.file(of: weight), tensor: scope.fullName(weight), position: position,
        expected: "integers in -127...127", found: "-128")
    }
  }

  private func readScales(
    _ name: String, in scope: TensorScope, outputs: Int
  ) throws(SafetensorsError) -> [Float] {
    let scaleName = Self.scaleName(name)
    if let type = scope.info(scaleName)?.elementType, type != .f32 {
      throw .wrongType(
        file: try scope.file(of: scaleName), tensor: scope.fullName(scaleName), expected: "F32",
        found: type)
    }
    let scales = try scope.floats(scaleName, shape: [outputs])
    guard let position = scales.firstIndex(where: { $0.sign == .minus }) else { return scales }
    throw .wrongValue(
      file: try scope.file(of: scaleName), tensor: scope.fullName(scaleName), position: position,
      expected: "scales of 0 or more", found: "\(scales[position])")
  }
}
