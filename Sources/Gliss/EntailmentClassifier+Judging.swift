// What an NLI model says of pairs as they are: premise and hypothesis, all its labels.

/// What an NLI model says of a premise and a hypothesis.
public struct Entailment: Sendable, Hashable {
  /// One a label of the model, in the order of ``CrossEncoder/labels``.
  public var logits: [Float]
  /// Their softmax: they sum to 1.
  public var scores: [Float]
  /// The label with the highest logit, the first of equal ones.
  public var best: Int
  /// Tokens that were encoded, special tokens included.
  public var tokens: Int
  /// Tokens that were cut.
  public var truncated: Int
}

extension EntailmentClassifier {
  /// Judges pairs of premise and hypothesis that fail one by one: a bad one does not stop the others.
  ///
  /// - Returns: One outcome per pair, in order.
  public func judge(
    _ pairs: [TextPair], options: PairOptions = PairOptions()
  ) -> [Result<Entailment, GlissError>] {
    encoder.outcomes(of: pairs, options: options).map { outcome in
      outcome.map { pair in
        let logits = pair.logits
        let best = logits.indices.dropFirst().reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
        return Entailment(
          logits: logits, scores: TreeScores.softmax(logits.map { Double($0) }).map { Float($0) },
          best: best, tokens: pair.tokens, truncated: pair.truncated)
      }
    }
  }
}
