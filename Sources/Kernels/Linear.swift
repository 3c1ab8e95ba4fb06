/// A linear layer of a model's head: y = x W^T + b, packed for a kernel set.
package struct Linear: Sendable {
  private let matrix: PackedMatrix

  package var outputs: Int { matrix.outputs }

  /// - Parameters:
  ///   - weights: `[outputs, inputs]`, row-major as in the checkpoint.
  ///   - bias: `[outputs]` or nil.
  package init(weights: [Float], bias: [Float]?, outputs: Int, inputs: Int, compute: Compute) {
    matrix = weights.withUnsafeBufferPointer {
      PackedMatrix($0, outputs: outputs, inputs: inputs, bias: bias, compute: compute)
    }
  }

  /// y: `[rows, outputs]` from x: `[rows, inputs]`.
  package func apply(_ x: FloatRows, into y: FloatRows, compute: Compute) {
    compute.multiply(x, by: matrix, into: y)
  }
}
