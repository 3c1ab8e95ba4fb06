// The bidirectional LSTM over the text's tokens (`use_lstm`). gliclass 0.1.21, layers.py,
// LstmSeq2SeqEncoder; torch.nn.LSTM for the cell.

internal import Encoders
internal import Kernels
internal import Safetensors

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// [i, f, g, o] = W_ih x + b_ih + W_hh h + b_hh;
/// c <- sigmoid(f) c + sigmoid(i) tanh(g); h <- sigmoid(o) tanh(c).
///
/// One direction reads a text from its first token, the other from its last; their states lie side
/// by side in a token's row.
struct BidirectionalLSTM: Sendable {
  private let forward: Direction
  private let backward: Direction

  private struct Direction: Sendable {
    let input: Linear  // [4 * half, width]
    let recurrent: Linear  // [4 * half, half]

    init(
      _ weights: TensorScope, width: Int, suffix: String, compute: Compute
    ) throws(SafetensorsError) {
      let rows = 2 * width
      let linear = { (name: String, inputs: Int) throws(SafetensorsError) in
        Linear(
          weights: try weights.floats("weight_\(name)_l0\(suffix)", shape: [rows, inputs]),
          bias: try weights.floats("bias_\(name)_l0\(suffix)", shape: [rows]), outputs: rows,
          inputs: inputs, compute: compute)
      }
      input = try linear("ih", width)
      recurrent = try linear("hh", width / 2)
    }
  }

  /// - Parameter width: Of a token's row, in and out; even.
  init(_ weights: TensorScope, width: Int, compute: Compute) throws(SafetensorsError) {
    let scope = weights.scoped("lstm.lstm")
    forward = try Direction(scope, width: width, suffix: "", compute: compute)
    backward = try Direction(scope, width: width, suffix: "_reverse", compute: compute)
  }

  /// The states of every token, in rows of their own.
  ///
  /// - Parameters:
  ///   - x: [tokens of all texts, width]
  ///   - texts: The rows of each text.
  func apply(_ x: FloatRows, texts: [Range<Int>], compute: Compute) -> FloatRows {
    let y = FloatRows.zeros(count: x.count, columns: x.columns)
    // All texts take a step together: those that still have tokens are the first ones.
    let texts = texts.sorted { $0.count > $1.count }
    run(forward, x, texts, into: y, column: 0, compute) { text, step in text.lowerBound + step }
    run(backward, x, texts, into: y, column: x.columns / 2, compute) { text, step in
      text.upperBound - 1 - step
    }
    return y
  }

  private func run(
    _ direction: Direction, _ x: FloatRows, _ texts: [Range<Int>], into y: FloatRows,
    column first: Int, _ compute: Compute, _ row: (Range<Int>, Int) -> Int
  ) {
    let half = x.columns / 2
    let inputs = direction.input.apply(x, compute: compute)
    let (h, c) = (
      FloatRows.zeros(count: texts.count, columns: half),
      FloatRows.zeros(count: texts.count, columns: half)
    )
    let gates = FloatRows.zeros(count: texts.count, columns: 4 * half)
    var active = texts.count
    for step in 0..<(texts.first?.count ?? 0) {
      while texts[active - 1].count <= step { active -= 1 }
      let recurrent = gates.rows(0..<active)
      direction.recurrent.apply(h.rows(0..<active), into: recurrent, compute: compute)
      for text in 0..<active {
        let token = row(texts[text], step)
        let (input, gate) = (inputs[token], recurrent[text])
        for unit in 0..<half {
          func sum(_ part: Int) -> Double {
            Double(input[part * half + unit]) + Double(gate[part * half + unit])
          }
          let kept = sigmoid(sum(1)) * Double(c[text][unit])
          let cell = kept + sigmoid(sum(0)) * tanh(sum(2))
          let state = Float(sigmoid(sum(3)) * tanh(cell))
          c[text][unit] = Float(cell)
          h[text][unit] = state
          y[token][first + unit] = state
        }
      }
    }
  }
}
