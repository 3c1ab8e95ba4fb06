// One classified text as a JSON object: the contract that programs rely on.

import Gliss

enum ResultObject {
  /// The machine contract: `{"index", "scores": [{"label", "logit", "score"}], "tokens",
  /// "truncated"}`; `logit` and `tree` only when asked for, `spread` only of several label orders,
  /// `label_chunks` only if there are several.
  static func append(
    _ result: Classification, _ scores: [LabelScore], index: Int, logits: Bool,
    tree: TreeOutput?, to bytes: inout [UInt8]
  ) {
    bytes.append(UInt8(ascii: "{"))
    JSONText.appendKey("index", to: &bytes)
    JSONText.append(index, to: &bytes)
    JSONText.appendKey("scores", to: &bytes)
    JSONText.appendArray(scores, to: &bytes) { score, bytes in
      bytes.append(UInt8(ascii: "{"))
      JSONText.appendKey("label", to: &bytes)
      JSONText.append(score.label, to: &bytes)
      if logits {
        JSONText.appendKey("logit", to: &bytes)
        JSONText.append(score.logit, to: &bytes)
      }
      JSONText.appendKey("score", to: &bytes)
      JSONText.append(score.score, to: &bytes)
      if let spread = score.spread {
        JSONText.appendKey("spread", to: &bytes)
        JSONText.append(spread, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
    if let tree { ResultTree.append(result.tree, as: tree, to: &bytes) }
    if result.labelChunks > 1 {
      JSONText.appendKey("label_chunks", to: &bytes)
      JSONText.append(result.labelChunks, to: &bytes)
    }
    JSONText.appendKey("tokens", to: &bytes)
    JSONText.append(result.tokens, to: &bytes)
    JSONText.appendKey("truncated", to: &bytes)
    JSONText.append(result.truncated, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}
