// Reads the parts of a layer by name and shape: what the encoders have in common.

internal import Kernels
internal import Safetensors

/// Reads matrices and tables of a checkpoint straight into the form they are used in; weights for int8
/// one at a time.
struct MatrixReader: ~Copyable {
  private let compute: Compute
  private var reader: LinearReader
  var packer: WeightPacker

  /// - Parameter arena: where tables and floats go.
  init(compute: Compute, arena: WeightArena = WeightArena()) {
    self.compute = compute
    reader = LinearReader(compute)
    packer = WeightPacker(compute: compute, arena: arena)
  }

  mutating func matrix(
    _ name: String, in scope: TensorScope, outputs: Int, inputs: Int, hasBias: Bool,
    arrangement: PackedMatrix.Arrangement = .plain
  ) throws(SafetensorsError) -> PackedMatrix {
    let bias = try bias(of: name, in: scope, outputs, isThere: hasBias)
    if compute.precision != .int8 {
      return try packer.matrix(
        outputs: outputs, inputs: inputs, bias: bias, arrangement: arrangement,
        scope.rowReader("\(name).weight", shape: [outputs, inputs]))
    }
    let compute = compute
    return try reader.read(name, in: scope, outputs: outputs, inputs: inputs) { weight in
      switch weight {
      case .floats(let values):
        PackedMatrix(
          values, outputs: outputs, inputs: inputs, bias: bias, arrangement: arrangement,
          compute: compute)
      case .integers(let values):
        PackedMatrix(
          values, outputs: outputs, inputs: inputs, bias: bias, arrangement: arrangement,
          compute: compute)
      }
    }
  }

  /// As `matrix`, in floats whatever the precision: for weights that are not among the linear layers
  /// that int8 reaches.
  mutating func floatMatrix(
    _ name: String, in scope: TensorScope, outputs: Int, inputs: Int, hasBias: Bool
  ) throws(SafetensorsError) -> PackedMatrix {
    try packer.matrix(
      outputs: outputs, inputs: inputs,
      bias: bias(of: name, in: scope, outputs, isThere: hasBias),
      scope.rowReader("\(name).weight", shape: [outputs, inputs]))
  }

  private func bias(
    of name: String, in scope: TensorScope, _ outputs: Int, isThere: Bool
  ) throws(SafetensorsError) -> [Float]? {
    isThere ? try scope.floats("\(name).bias", shape: [outputs]) : nil
  }

  func table(
    _ name: String, in scope: TensorScope, rows: Int, columns: Int
  ) throws(SafetensorsError) -> AlignedFloats {
    try packer.table(
      rows: rows, columns: columns, scope.rowReader(name, shape: [rows, columns]))
  }
}
