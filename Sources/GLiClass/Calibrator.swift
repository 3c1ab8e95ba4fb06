// The calibrator behind the scorer (`use_calibrator`). gliclass 0.1.21, calibration.py.

internal import Encoders
internal import Kernels
internal import Safetensors

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// logit <- beta logit + bias, with beta = largest * sigmoid(o[0]) and bias = o[1] of
/// o = mlp.6(gelu(mlp.3(gelu(mlp.0([t, l, t * l, |t - l|, statistics]))))), t = text_norm(text),
/// l = label_norm(label). Slots without a label keep their logit.
struct Calibrator: Sendable {
  private let textNorm: HeadNorm
  private let labelNorm: HeadNorm
  private let mlp: Perceptron
  private let largestFactor: Double
  private let hasBias: Bool

  private static let statisticCount = 6

  init(
    _ weights: TensorScope, _ config: GLiClassConfig.Calibration, width: Int, compute: Compute
  ) throws(SafetensorsError) {
    textNorm = try HeadNorm(weights, "text_norm", width: width)
    labelNorm = try HeadNorm(weights, "label_norm", width: width)
    let (inputs, inner) = (4 * width + Self.statisticCount, config.innerSize)
    mlp = try Perceptron(
      weights.scoped("mlp"), ["0", "3", "6"],
      widths: [inputs, inner, inner, config.hasBias ? 2 : 1], .gelu, compute: compute)
    largestFactor = config.largestFactor
    hasBias = config.hasBias
  }

  /// Corrects the logits of the first `labelCounts` slots of each sequence.
  func calibrate(
    _ logits: inout [Float], _ input: ScorerInput, labelCounts: [Int], compute: Compute
  ) {
    let width = input.labels.columns
    let texts = textNorm.apply(input.text, compute: compute)
    let labels = labelNorm.apply(input.labels, compute: compute)
    let x = FloatRows.zeros(
      count: labels.count, columns: 4 * width + Self.statisticCount)
    for (sequence, slots) in input.slots.enumerated() {
      let text = texts[input.textRows[sequence].lowerBound]
      let labelled = slots.prefix(labelCounts[sequence])
      let statistics = LogitStatistics(logits[labelled])
      for slot in labelled {
        let (label, row) = (labels[slot], x[slot])
        for column in 0..<width {
          row[column] = text[column]
          row[width + column] = label[column]
          row[2 * width + column] = text[column] * label[column]
          row[3 * width + column] = abs(text[column] - label[column])
        }
        for (index, value) in statistics.values(of: logits[slot]).enumerated() {
          row[4 * width + index] = Float(value)
        }
      }
    }
    let outputs = mlp.apply(x, compute: compute)
    for (slots, count) in zip(input.slots, labelCounts) {
      for slot in slots.prefix(count) {
        let factor = largestFactor * sigmoid(Double(outputs[slot][0]))
        let bias = hasBias ? Double(outputs[slot][1]) : 0
        logits[slot] = Float(factor * Double(logits[slot]) + bias)
      }
    }
  }
}

/// What the calibrator knows of a text's logits.
private struct LogitStatistics {
  private let largest: Double
  private let mean: Double
  private let meanEntropy: Double
  private let logCount: Double

  init(_ logits: ArraySlice<Float>) {
    let count = Double(max(logits.count, 1))
    largest = logits.max().map(Double.init) ?? 0
    mean = logits.reduce(0) { $0 + Double($1) } / count
    meanEntropy = logits.reduce(0) { $0 + Self.entropy(Double($1)) } / count
    logCount = log(count)
  }

  /// z, |z|, z - largest, z - mean, mean entropy, log of the label count.
  func values(of logit: Float) -> [Double] {
    let z = Double(logit)
    return [z, abs(z), z - largest, z - mean, meanEntropy, logCount]
  }

  /// Of a coin that falls heads with probability sigmoid(z): log(1 + e^-|z|) + |z| sigmoid(-|z|).
  private static func entropy(_ z: Double) -> Double {
    log1p(exp(-abs(z))) + abs(z) * sigmoid(-abs(z))
  }
}
