// Products with the four weights of a layer, epilogues included.

import Kernels

extension Operation {
  static var linear: [Operation] {
    [
      product("qkv") { ($0.hidden, 3 * $0.hidden) },
      product("attention-out", .add) { ($0.hidden, $0.hidden) },
      product("mlp-in-geglu", arrangement: .gated) { ($0.hidden, 2 * $0.wide) },
      product("mlp-out", .add) { ($0.wide, $0.hidden) },
    ]
  }

  private static func product(
    _ name: String, _ epilogue: Compute.Epilogue = .store,
    arrangement: PackedMatrix.Arrangement = .plain,
    _ size: @escaping (Geometry) -> (inputs: Int, outputs: Int)
  ) -> Operation {
    Operation(name: name) { context in
      let compute = context.compute
      let (inputs, outputs) = size(context.geometry)
      let values = context.rows(outputs, inputs)
      let weights = (0..<context.cycle).map { _ in
        pack(values, arrangement, compute)
      }
      let weightByteCount = Double(weights[0].byteCount)
      return { rows in
        let a = context.rows(rows, inputs)
        let c = context.rows(rows, weights[0].resultColumns)
        let quantized = QuantizedRows()
        return Workload(
          operations: 2 * Double(rows) * Double(outputs) * Double(inputs),
          byteCount: weightByteCount + 4 * Double(rows) * Double(inputs + c.columns)
        ) { turn in
          compute.multiply(
            a, by: weights[turn % weights.count], into: c, epilogue, quantizing: quantized)
        }
      }
    }
  }

  /// A weight in the precision that `compute` multiplies in.
  private static func pack(
    _ values: FloatRows, _ arrangement: PackedMatrix.Arrangement, _ compute: Compute
  ) -> PackedMatrix {
    let (outputs, inputs) = (values.count, values.columns)
    let floats = UnsafeBufferPointer(start: values.base, count: outputs * inputs)
    guard compute.precision == .int8 else {
      return PackedMatrix(
        floats, outputs: outputs, inputs: inputs, arrangement: arrangement, compute: compute)
    }
    return quantized(values, compute) {
      PackedMatrix(
        $0, outputs: outputs, inputs: inputs, arrangement: arrangement, compute: compute)
    }
  }

  /// Hands `values` to `body` as an int8 weight.
  static func quantized<Result>(
    _ values: FloatRows, _ compute: Compute, _ body: (IntegerWeight) -> Result
  ) -> Result {
    let count = values.count * values.columns
    var bytes = [Int8](repeating: 0, count: count)
    var scales = [Float](repeating: 0, count: values.count)
    return bytes.withUnsafeMutableBufferPointer { bytes in
      compute.quantizeChannels(
        UnsafeBufferPointer(start: values.base, count: count), inputs: values.columns,
        into: bytes, scales: &scales)
      return body(IntegerWeight(bytes: UnsafeBufferPointer(bytes), scales: scales))
    }
  }
}
