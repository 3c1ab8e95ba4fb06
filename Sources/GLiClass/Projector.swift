// What is made of the head's linear layers. gliclass 0.1.21, layers.py.

internal import Encoders
internal import Kernels
internal import Safetensors

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
