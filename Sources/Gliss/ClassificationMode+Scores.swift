// From logits to scores.

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

extension ClassificationMode {
  /// sigmoid of each logit, or softmax over all; in Double, rounded once.
  func scores(_ logits: [Float]) -> [Float] {
    switch self {
    case .multiLabel:
      return logits.map { Float(1 / (1 + exp(-Double($0)))) }
    case .singleLabel:
      let highest = Double(logits.max() ?? 0)
      let powers = logits.map { exp(Double($0) - highest) }
      let sum = powers.reduce(0, +)
      return powers.map { Float($0 / sum) }
    }
  }
}
