// Scorer "cross-attn". gliclass 0.1.21, scorers.py, CrossAttnScorer.

internal import Encoders
internal import Kernels
internal import Safetensors

/// Every label looks at the tokens of its text:
/// context = norm(out(softmax(q k^T / sqrt(head width)) v)), with q = q(q_norm(label)),
/// k = k(kv_norm(token)), v = v(token);
/// logit = score_mlp.4(gelu(score_mlp.2(gelu(score_mlp.0([context, label]))))).
struct CrossAttentionScorer: Scorer {
  private let headCount: Int
  private let queryNorm: HeadNorm
  private let keyNorm: HeadNorm
  private let contextNorm: HeadNorm
  private let query: Linear
  private let key: Linear
  private let value: Linear
  private let out: Linear
  private let mlp: Perceptron

  init(
    _ weights: TensorScope, width: Int, _ sizes: GLiClassConfig.CrossAttention, compute: Compute
  ) throws(SafetensorsError) {
    headCount = sizes.headCount
    queryNorm = try HeadNorm(weights, "q_norm", width: width)
    keyNorm = try HeadNorm(weights, "kv_norm", width: width)
    contextNorm = try HeadNorm(weights, "norm", width: width)
    let projection = { (name: String) throws(SafetensorsError) in
      try Linear(weights, name, inputs: width, outputs: width, compute: compute)
    }
    query = try projection("q")
    key = try projection("k")
    value = try projection("v")
    out = try projection("out")
    let inner = sizes.innerSize
    mlp = try Perceptron(
      weights.scoped("score_mlp"), ["0", "2", "4"], widths: [2 * width, inner, inner / 2, 1],
      .gelu, compute: compute)
  }

  func logits(_ input: ScorerInput, compute: Compute) -> [Float] {
    let width = input.labels.columns
    let queries = query.apply(queryNorm.apply(input.labels, compute: compute), compute: compute)
    let keys = key.apply(keyNorm.apply(input.text, compute: compute), compute: compute)
    let values = value.apply(input.text, compute: compute)
    let attended = FloatRows.zeros(count: queries.count, columns: width)
    compute.crossAttend(
      queries, keys, values, groups: Array(zip(input.slots, input.textRows)),
      headCount: headCount, into: attended)
    let context = contextNorm.apply(out.apply(attended, compute: compute), compute: compute)
    let x = FloatRows.zeros(count: queries.count, columns: 2 * width)
    for slot in 0..<x.count {
      x[slot].update(from: context[slot], count: width)
      (x[slot] + width).update(from: input.labels[slot], count: width)
    }
    return mlp.apply(x, compute: compute).firstColumn
  }
}
