// The weight of a linear layer as the precision wants it: floats, or bytes with a scale a row, whichever
// of the two the checkpoint holds (QuantizedTensors.swift).

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

  /// Hands `body` the weight of the linear layer `name`: bytes if the precision is int8, quantised
  /// here in parallel where the checkpoint holds floats; otherwise floats, multiplied out of bytes
  /// where it holds those.
  mutating func read<Value>(
    _ name: String, in scope: TensorScope, outputs: Int, inputs: Int,
    _ body: (LinearWeight) -> Value
  ) throws(SafetensorsError) -> Value {
    let (weight, shape) = ("\(name).weight", [outputs, inputs])
    guard compute.precision == .int8 else {
      return body(.floats(try readFloats(weight, in: scope, shape)))
    }
    var scales: [Float]
    let count = outputs * inputs
    if scope.isQuantized(weight) {
      try scope.require(weight, shape: shape)
      scales = try scope.scales(of: weight, rows: outputs)
      growBytes(to: count)
      try bytes.withUnsafeMutableBufferPointer { (bytes) throws(SafetensorsError) in
        try scope.readBytes(
          weight, shape: shape, rows: 0..<outputs,
          into: UnsafeMutableBufferPointer(rebasing: bytes[..<count]))
      }
    } else {
      let values = try readFloats(weight, in: scope, shape)
      scales = [Float](repeating: 0, count: outputs)
      growBytes(to: count)
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

  private mutating func growBytes(to count: Int) {
    if bytes.count < count { bytes = [Int8](repeating: 0, count: count) }
  }

  private mutating func readFloats(
    _ weight: String, in scope: TensorScope, _ shape: [Int]
  ) throws(SafetensorsError) -> UnsafeBufferPointer<Float> {
    let rows = try scope.rowReader(weight, shape: shape)
    let count = shape[0] * shape[1]
    if floats.count < count { floats = AlignedFloats(count: count) }
    try packer.fill(floats, rows: shape[0], columns: shape[1], rows)
    return UnsafeBufferPointer(UnsafeMutableBufferPointer(start: floats.base, count: count))
  }
}
