// The head's linear layers, and what is made of them. gliclass 0.1.21, layers.py.

internal import Kernels
internal import Safetensors

extension Linear {
  /// Reads `NAME.weight` `[outputs, inputs]` and, unless it has none, `NAME.bias` `[outputs]`.
  init(
    _ weights: TensorScope, _ name: String, inputs: Int, outputs: Int, hasBias: Bool = true,
    compute: Compute
  ) throws(SafetensorsError) {
    let scope = weights.scoped(name)
    self.init(
      weights: try scope.floats("weight", shape: [outputs, inputs]),
      bias: hasBias ? try scope.floats("bias", shape: [outputs]) : nil, outputs: outputs,
      inputs: inputs, compute: compute)
  }

  /// y = x W^T + b in rows of their own.
  func apply(_ x: FloatRows, compute: Compute) -> FloatRows {
    let y = FloatRows.zeros(count: x.count, columns: outputs)
    apply(x, into: y, compute: compute)
    return y
  }
}

/// Linear layers with an activation between them.
struct Perceptron: Sendable {
  private let layers: [Linear]
  private let activation: Activation

  /// - Parameters:
  ///   - names: Of the layers' tensors.
  ///   - widths: Inputs of every layer, and the outputs of the last.
  init(
    _ weights: TensorScope, _ names: [String], widths: [Int], _ activation: Activation,
    compute: Compute
  ) throws(SafetensorsError) {
    var layers: [Linear] = []
    for (index, name) in names.enumerated() {
      layers.append(
        try Linear(
          weights, name, inputs: widths[index], outputs: widths[index + 1], compute: compute))
    }
    self.layers = layers
    self.activation = activation
  }

  func apply(_ x: FloatRows, compute: Compute) -> FloatRows {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = layer.apply(x, compute: compute)
      if index < layers.count - 1 { activation.apply(x, compute: compute) }
    }
    return x
  }
}

/// A LayerNorm with weight and bias.
struct HeadNorm: Sendable {
  private let weight: AlignedFloats
  private let bias: AlignedFloats

  /// torch's default: no config names another.
  private static let epsilon: Float = 1e-5

  init(_ weights: TensorScope, _ name: String, width: Int) throws(SafetensorsError) {
    let scope = weights.scoped(name)
    weight = AlignedFloats(copying: try scope.floats("weight", shape: [width]))
    bias = AlignedFloats(copying: try scope.floats("bias", shape: [width]))
  }

  /// LN(x) in rows of their own.
  func apply(_ x: FloatRows, compute: Compute) -> FloatRows {
    let y = FloatRows.zeros(count: x.count, columns: x.columns)
    compute.layerNorm(x, weight: weight, bias: bias, eps: Self.epsilon, into: y)
    return y
  }
}

/// y = linear_2(activation(linear_1(x))).   x, y: [rows, encoder width].
struct Projector: Sendable {
  private let linear1: Linear
  private let linear2: Linear
  private let activation: Activation

  init(
    _ weights: TensorScope, _ config: GLiClassConfig, _ compute: Compute
  ) throws(SafetensorsError) {
    let (width, middle) = (config.encoder.hiddenSize, config.hiddenSize)
    linear1 = try Linear(weights, "linear_1", inputs: width, outputs: middle, compute: compute)
    linear2 = try Linear(weights, "linear_2", inputs: middle, outputs: width, compute: compute)
    activation = config.projectorActivation
  }

  func apply(_ x: FloatRows, into y: FloatRows, compute: Compute) {
    let middle = linear1.apply(x, compute: compute)
    activation.apply(middle, compute: compute)
    linear2.apply(middle, into: y, compute: compute)
  }
}

extension FloatRows {
  /// Zeroed rows of their own.
  static func zeros(count: Int, columns: Int) -> FloatRows {
    FloatRows(AlignedFloats(count: count * columns), count: count, columns: columns)
  }
}
