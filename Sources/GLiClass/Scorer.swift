// From features to logits. gliclass 0.1.21, scorers.py.

internal import Encoders
internal import Kernels
internal import Safetensors

/// Projected features of a batch.
struct ScorerInput: Sendable {
  /// [text rows, width]: one a sequence, or one a token.
  let text: FloatRows
  /// The text rows of each sequence.
  let textRows: [Range<Int>]
  /// [all slots, width]
  let labels: FloatRows
  /// The label slots of each sequence.
  let slots: [Range<Int>]

  /// Calls `body` with every slot and the first text row of its sequence.
  func forEachSlot(_ body: (_ slot: Int, _ textRow: Int) -> Void) {
    for (rows, slots) in zip(textRows, slots) {
      for slot in slots { body(slot, rows.lowerBound) }
    }
  }
}

/// Turns features into one logit per label slot.
protocol Scorer: Sendable {
  /// [all slots] logits. A slot's bits depend on its own sequence alone.
  func logits(_ input: ScorerInput, compute: Compute) -> [Float]
}

extension GLiClassConfig {
  /// The scorer the config names.
  func makeScorer(_ weights: TensorScope, compute: Compute) throws(GLiClassError) -> any Scorer {
    // What the config calls hidden_size is the encoder's wherever a scorer has weights.
    let width = encoder.hiddenSize
    if let crossAttention {
      // An encoder put in the place of the config's own may have another width.
      guard width.isMultiple(of: crossAttention.headCount) else {
        throw .unsupported(
          file: file, field: "scorer_num_heads", expected: "a divisor of \(width)",
          found: "\(crossAttention.headCount)")
      }
    }
    return try GLiClassError.loading { () throws(SafetensorsError) -> any Scorer in
      switch (scorer, crossAttention) {
      case (.mlp, _): try MLPScorer(weights, width: width, compute: compute)
      case (.weightedDot, _): try WeightedDotScorer(weights, width: width, compute: compute)
      case (.hopfield, _): try HopfieldScorer(weights, width: width, compute: compute)
      case (.crossAttention, let sizes?):
        try CrossAttentionScorer(weights, width: width, sizes, compute: compute)
      default: DotScorer()
      }
    }
  }
}

/// logit = sum over d of text[d] * label[d].
struct DotScorer: Scorer {
  func logits(_ input: ScorerInput, compute: Compute) -> [Float] {
    var logits = [Float](repeating: 0, count: input.labels.count)
    input.forEachSlot { slot, textRow in
      logits[slot] = Float(dot(input.text.row(textRow), input.labels.row(slot)))
    }
    return logits
  }
}

/// logit = mlp.4(relu(mlp.2(relu(mlp.0([text, label]))))).
struct MLPScorer: Scorer {
  private let mlp: Perceptron

  init(_ weights: TensorScope, width: Int, compute: Compute) throws(SafetensorsError) {
    mlp = try .scorer(weights, inputs: 2 * width, compute: compute)
  }

  func logits(_ input: ScorerInput, compute: Compute) -> [Float] {
    let width = input.labels.columns
    let x = FloatRows.zeros(count: input.labels.count, columns: 2 * width)
    input.forEachSlot { slot, textRow in
      x[slot].update(from: input.text[textRow], count: width)
      (x[slot] + width).update(from: input.labels[slot], count: width)
    }
    return mlp.apply(x, compute: compute).firstColumn
  }
}

extension Perceptron {
  /// Widths behind the input of scorers "mlp" and "hopfield": these, whatever
  /// `scorer_mlp_hidden_size` says, as upstream builds them.
  private static let scorerWidth = 256

  /// The tensors `mlp.0`, `mlp.2` and `mlp.4`, with ReLU between them.
  static func scorer(
    _ weights: TensorScope, inputs: Int, compute: Compute
  ) throws(SafetensorsError) -> Perceptron {
    try Perceptron(
      weights.scoped("mlp"), ["0", "2", "4"], widths: [inputs, scorerWidth, scorerWidth / 2, 1],
      .relu, compute: compute)
  }
}

extension FloatRows {
  /// The first value of every row.
  var firstColumn: [Float] { (0..<count).map { self[$0][0] } }
}
