// The activations a head may have: transformers 5.23, activations.py.

package import Kernels

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// An activation, by the name transformers has for it.
package enum Activation: String, Sendable, CaseIterable {
  case gelu, relu, silu, swish, linear
  case logistic = "sigmoid"
  case hyperbolicTangent = "tanh"
  case tanhGELU = "gelu_new"
  case fastGELU = "gelu_fast"
  case torchTanhGELU = "gelu_pytorch_tanh"
  case quickGELU = "quick_gelu"

  /// x <- activation(x), in place.
  package func apply(_ x: FloatRows, compute: Compute) {
    switch self {
    case .gelu: compute.gelu(x)
    case .linear: break
    case .relu: x.map { $0 < 0 ? 0 : $0 }
    case .silu, .swish: x.map { Float(Double($0) * sigmoid(Double($0))) }
    case .logistic: x.map { Float(sigmoid(Double($0))) }
    case .hyperbolicTangent: x.map { Float(tanh(Double($0))) }
    case .quickGELU: x.map { Float(Double($0) * sigmoid(1.702 * Double($0))) }
    case .tanhGELU, .fastGELU, .torchTanhGELU: x.map { approximateGELU(Double($0)) }
    }
  }
}

/// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
private func approximateGELU(_ x: Double) -> Float {
  Float(0.5 * x * (1 + tanh(0.797_884_560_802_865_4 * (x + 0.044715 * x * x * x))))
}

/// 1 / (1 + exp(-x)).
package func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

extension FloatRows {
  /// x <- body(x), in place.
  func map(_ body: (Float) -> Float) {
    for index in 0..<count {
      let row = self[index]
      for column in 0..<columns { row[column] = body(row[column]) }
    }
  }
}
