// Scorer "hopfield". gliclass 0.1.21, scorers.py, HopfieldScorer.

internal import Encoders
internal import Kernels
internal import Safetensors

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// a = softmax over the sequence's slots of 4 q(label) . k(text); x = label + a v(text);
/// logit = mlp.4(relu(mlp.2(relu(mlp.0(x))))). Slots without a label share in the softmax.
struct HopfieldScorer: Scorer {
  private static let inverseTemperature = 4.0
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let mlp: Perceptron

  init(_ weights: TensorScope, width: Int, compute: Compute) throws(SafetensorsError) {
    let projection = { (name: String) throws(SafetensorsError) in
      try Linear(
        weights, name, inputs: width, outputs: width, hasBias: false, compute: compute)
    }
    query = try projection("q_proj")
    key = try projection("k_proj")
    value = try projection("v_proj")
    mlp = try .scorer(weights, inputs: width, compute: compute)
  }

  func logits(_ input: ScorerInput, compute: Compute) -> [Float] {
    let queries = query.apply(input.labels, compute: compute)
    let keys = key.apply(input.text, compute: compute)
    let values = value.apply(input.text, compute: compute)
    let x = FloatRows.zeros(count: input.labels.count, columns: input.labels.columns)
    input.labels.copy(into: x)
    for (textRows, slots) in zip(input.textRows, input.slots) {
      let text = textRows.lowerBound
      let scores = slots.map {
        Self.inverseTemperature * dot(queries.row($0), keys.row(text))
      }
      for (slot, weight) in zip(slots, softmax(scores)) {
        for column in 0..<x.columns {
          x[slot][column] += Float(weight) * values[text][column]
        }
      }
    }
    return mlp.apply(x, compute: compute).firstColumn
  }

  private func softmax(_ scores: [Double]) -> [Double] {
    let largest = scores.max() ?? 0
    let weights = scores.map { exp($0 - largest) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
