// The head's linear layers, and the projector made of two. gliclass 0.1.21, layers.py.

internal import Kernels
internal import Safetensors

extension Linear {
  /// Reads `NAME.weight` `[outputs, inputs]` and `NAME.bias` `[outputs]`.
  init(
    _ weights: TensorScope, _ name: String, inputs: Int, outputs: Int, compute: Compute
  ) throws(SafetensorsError) {
    let scope = weights.scoped(name)
    self.init(
      weights: try scope.floats("weight", shape: [outputs, inputs]),
      bias: try scope.floats("bias", shape: [outputs]), outputs: outputs, inputs: inputs,
      compute: compute)
  }
}

/// y = linear_2(gelu(linear_1(x))), with the erf GELU.   x, y: [rows, encoder width].
struct Projector: Sendable {
  private let linear1: Linear
  private let linear2: Linear

  init(
    _ weights: TensorScope, _ config: GLiClassConfig, _ compute: Compute
  ) throws(SafetensorsError) {
    let (width, middle) = (config.encoder.hiddenSize, config.hiddenSize)
    linear1 = try Linear(weights, "linear_1", inputs: width, outputs: middle, compute: compute)
    linear2 = try Linear(weights, "linear_2", inputs: middle, outputs: width, compute: compute)
  }

  func apply(_ x: FloatRows, into y: FloatRows, compute: Compute) {
    let middle = FloatRows.zeros(count: x.count, columns: linear1.outputs)
    linear1.apply(x, into: middle, compute: compute)
    compute.gelu(middle)
    linear2.apply(middle, into: y, compute: compute)
  }
}

extension FloatRows {
  /// Zeroed rows of their own.
  static func zeros(count: Int, columns: Int) -> FloatRows {
    FloatRows(AlignedFloats(count: count * columns), count: count, columns: columns)
  }
}
