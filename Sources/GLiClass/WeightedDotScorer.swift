// Scorer "weighted-dot". gliclass 0.1.21, scorers.py, ScorerWeightedDot.

internal import Encoders
internal import Kernels
internal import Safetensors

/// [ta, tb] = proj_text(text), [la, lb] = proj_label(label);
/// logit = out_mlp.3(relu(out_mlp.0([ta, la, tb * lb]))).
struct WeightedDotScorer: Scorer {
  private let textProjection: Linear
  private let labelProjection: Linear
  private let mlp: Perceptron

  init(_ weights: TensorScope, width: Int, compute: Compute) throws(SafetensorsError) {
    textProjection = try Linear(
      weights, "proj_text", inputs: width, outputs: 2 * width, compute: compute)
    labelProjection = try Linear(
      weights, "proj_label", inputs: width, outputs: 2 * width, compute: compute)
    mlp = try Perceptron(
      weights.scoped("out_mlp"), ["0", "3"], widths: [3 * width, 4 * width, 1], .relu,
      compute: compute)
  }

  func logits(_ input: ScorerInput, compute: Compute) -> [Float] {
    let width = input.labels.columns
    let texts = textProjection.apply(input.text, compute: compute)
    let labels = labelProjection.apply(input.labels, compute: compute)
    let x = FloatRows.zeros(count: labels.count, columns: 3 * width)
    input.forEachSlot { slot, textRow in
      let (text, label, row) = (texts[textRow], labels[slot], x[slot])
      row.update(from: text, count: width)
      (row + width).update(from: label, count: width)
      for column in 0..<width {
        row[2 * width + column] = text[width + column] * label[width + column]
      }
    }
    return mlp.apply(x, compute: compute).firstColumn
  }
}
