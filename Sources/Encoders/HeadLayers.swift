// What heads behind an encoder are made of: linear layers by their names in a checkpoint, norms, means.

package import Kernels
package import Safetensors

extension Linear {
  /// Reads `NAME.weight` `[outputs, inputs]` and, unless it has none, `NAME.bias` `[outputs]`.
  package init(
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
  package func apply(_ x: FloatRows, compute: Compute) -> FloatRows {
    let y = FloatRows.zeros(count: x.count, columns: outputs)
    apply(x, into: y, compute: compute)
    return y
  }
}

/// A LayerNorm with weight and, unless it has none, bias.
package struct HeadNorm: Sendable {
  private let norm: NormWeights
  private let epsilon: Float

  /// torch's default.
  package static let usualEpsilon = 1e-5

  package init(
    _ weights: TensorScope, _ name: String, width: Int, hasBias: Bool = true,
    epsilon: Double = usualEpsilon
  ) throws(SafetensorsError) {
    norm = try NormWeights(name, in: weights, size: width, hasBias: hasBias)
    self.epsilon = Float(epsilon)
  }

  /// LN(x) in rows of their own.
  package func apply(_ x: FloatRows, compute: Compute) -> FloatRows {
    let y = FloatRows.zeros(count: x.count, columns: x.columns)
    compute.layerNorm(x, weight: norm.weight, bias: norm.bias, eps: epsilon, into: y)
    return y
  }
}

extension FloatRows {
  /// Zeroed rows of their own.
  package static func zeros(count: Int, columns: Int) -> FloatRows {
    FloatRows(AlignedFloats(count: count * columns), count: count, columns: columns)
  }
}

/// out = mean of `rows` over `span`, zero for an empty span.   out: [width]
package func mean(of rows: FloatRows, _ span: Range<Int>, into out: UnsafeMutablePointer<Float>) {
  if span.count == 1 {
    out.update(from: rows[span.lowerBound], count: rows.columns)
    return
  }
  withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.columns) { sums in
    sums.initialize(repeating: 0)
    for row in span {
      let values = rows.row(row)
      for column in values.indices { sums[column] += Double(values[column]) }
    }
    let count = Double(max(span.count, 1))
    for column in sums.indices { out[column] = Float(sums[column] / count) }
  }
}
