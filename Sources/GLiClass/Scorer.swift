// From features to logits. gliclass 0.1.21, scorers.py.

internal import Kernels
internal import Safetensors

/// Features of a batch: one text row per sequence, and each sequence's label slots.
struct ScorerInput: Sendable {
  /// [sequences, width]
  let text: FloatRows
  /// [all slots, width]
  let labels: FloatRows
  /// The sequence that each slot belongs to.
  let sequenceOfSlot: [Int]
}

/// Turns features into one logit per label slot.
protocol Scorer: Sendable {
  /// [all slots] logits. A slot's bits depend on its own sequence alone.
  func logits(_ input: ScorerInput, compute: Compute) -> [Float]
}

extension GLiClassConfig {
  /// The scorer the config names; the next ones are added here.
  func makeScorer(_ weights: TensorScope, compute: Compute) throws(GLiClassError) -> any Scorer {
    switch scorer {
    case .simple: return DotScorer()
    case .mlp:
      return try GLiClassError.loading { () throws(SafetensorsError) in
        try MLPScorer(weights, width: hiddenSize, compute: compute)
      }
    case .hopfield, .weightedDot, .crossAttention, .decoderKV:
      throw .unsupported(
        file: file, field: "scorer_type", expected: "simple, mlp", found: scorer.rawValue)
    }
  }
}

/// logit = sum over d of text[d] * label[d].
struct DotScorer: Scorer {
  func logits(_ input: ScorerInput, compute: Compute) -> [Float] {
    input.sequenceOfSlot.enumerated().map { slot, sequence in
      let text = input.text.row(sequence)
      let label = input.labels.row(slot)
      // Summed in Double: one order, whatever the kernel set.
      var sum = 0.0
      for column in text.indices { sum += Double(text[column]) * Double(label[column]) }
      return Float(sum)
    }
  }
}

/// logit = mlp.4(relu(mlp.2(relu(mlp.0([text, label]))))).
///
/// Widths are 256 and 128 whatever `scorer_mlp_hidden_size` says, as upstream builds it.
struct MLPScorer: Scorer {
  private static let width = 256
  private let layers: [Linear]
  private let inputWidth: Int

  init(_ weights: TensorScope, width: Int, compute: Compute) throws(SafetensorsError) {
    let mlp = weights.scoped("mlp")
    inputWidth = 2 * width
    layers = [
      try Linear(mlp, "0", inputs: inputWidth, outputs: Self.width, compute: compute),
      try Linear(mlp, "2", inputs: Self.width, outputs: Self.width / 2, compute: compute),
      try Linear(mlp, "4", inputs: Self.width / 2, outputs: 1, compute: compute),
    ]
  }

  func logits(_ input: ScorerInput, compute: Compute) -> [Float] {
    let slots = input.labels.count
    let width = inputWidth / 2
    var x = FloatRows.zeros(count: slots, columns: inputWidth)
    for (slot, sequence) in input.sequenceOfSlot.enumerated() {
      x[slot].update(from: input.text[sequence], count: width)
      (x[slot] + width).update(from: input.labels[slot], count: width)
    }
    for (index, layer) in layers.enumerated() {
      let y = FloatRows.zeros(count: slots, columns: layer.outputs)
      layer.apply(x, into: y, compute: compute)
      if index < layers.count - 1 { relu(y) }
      x = y
    }
    return (0..<slots).map { x[$0][0] }
  }

  private func relu(_ x: FloatRows) {
    for row in 0..<x.count {
      for column in 0..<x.columns where x[row][column] < 0 { x[row][column] = 0 }
    }
  }
}
