internal import Kernels

/// One pass through the layers of a post-norm encoder, as BERT and DeBERTa share it: everything but
/// the attention's own scores.
///
/// Every layer: x = LN(x + dense attention(x)); x = LN(x + dense gelu(dense x)).
struct PostNormPass {
  let layers: [PostNormLayer]
  /// Where the packed keys and values lie.
  let plan: AttentionPlan
  let shape: AttentionShape
  let epsilon: Float
  let tokens: Int
  /// The rows that the last layer computes alone; nil: all.
  let selected: [Int]?
  let tap: Tap?
  let compute: Compute

  /// - Parameters:
  ///   - rows: hold the normed embeddings in x.
  ///   - attend: writes the context of a layer's rows, of the selected ones alone where it is told
  ///     so, from their q and from the k and v of all, which lie in `rows`.
  /// - Returns: The final hidden states, `[tokens, hidden]`.
  func run(
    _ rows: borrowing PostNormRows,
    attend: (_ layer: Int, _ selected: Bool, _ context: FloatRows) -> Void
  ) -> FloatRows {
    var (x, context) = (rows.x(tokens), rows.context(tokens))
    tap?("embeddings", x)
    for (index, layer) in layers.enumerated() {
      compute.multiply(x, by: layer.key, into: rows.part(1, tokens), quantizing: rows.quantized)
      compute.multiply(x, by: layer.value, into: rows.part(2, tokens), quantizing: rows.quantized)
      compute.packKeysAndValues(
        rows.qkv(tokens), plan, rotary: nil, shape: shape, scratch: rows.keyValues)
      // The last layer reads keys and values of all rows, and computes the selected ones.
      let pruned = index == layers.count - 1 ? selected : nil
      if let pruned {
        x = x.compact(pruned)
        context = rows.context(pruned.count)
      }
      compute.multiply(
        x, by: layer.query, into: rows.part(0, x.count), quantizing: rows.quantized)
      attend(index, pruned != nil, context)
      if let tap { compute.tapAttention(tap, index, context, layer.attentionDense) }
      finish(layer, x, context: context, wide: rows.wide(x.count), rows.quantized)
      tap?("layers.\(index).out", x)
    }
    guard let selected else { return x }
    x = rows.x(tokens)
    x.spread(selected)
    return x
  }

  /// What follows a layer's attention, in x: `[rows, hidden]`; `wide`, `[rows, intermediate]`, is for
  /// what is between.
  private func finish(
    _ layer: PostNormLayer, _ x: FloatRows, context: FloatRows, wide: FloatRows,
    _ quantized: QuantizedRows
  ) {
    compute.multiply(context, by: layer.attentionDense, into: x, .add, quantizing: quantized)
    compute.normalize(x, layer.attentionNorm, epsilon)
    compute.multiply(x, by: layer.intermediateDense, into: wide, quantizing: quantized)
    compute.gelu(wide)
    compute.multiply(wide, by: layer.outputDense, into: x, .add, quantizing: quantized)
    compute.normalize(x, layer.outputNorm, epsilon)
  }
}

extension Compute {
  /// x = LN(x), in place.
  func normalize(_ x: FloatRows, _ norm: NormWeights, _ epsilon: Float) {
    layerNorm(x, weight: norm.weight, bias: norm.bias, eps: epsilon, into: x)
  }
}
