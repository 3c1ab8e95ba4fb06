// Zero-shot classification the pairwise way: a natural-language-inference model says whether a text
// entails a sentence about each label. Source: Yin et al., "Benchmarking Zero-shot Text Classification",
// 2019; transformers 5.23 pipelines/zero_shot_classification.py.

internal import SentenceModels

/// An NLI model that classifies: the text is the premise, each label's template is a hypothesis, and
/// they are read in one pass for every label.
///
/// ```swift
/// let classifier = try EntailmentClassifier(model: "models/nli-deberta-v3-base")
/// let options = ClassificationOptions(phrasing: LabelPhrasing(template: "This example is {}."))
/// let result = try classifier.classify(
///   [ClassificationRequest(text: "The bill was too high.", labels: ["billing"], options: options)])
/// ```
///
/// Scores are those of transformers' zero-shot pipeline. Multi-label: a label's logit is entailment
/// minus contradiction, its score the sigmoid. One choice: a label's logit is entailment, its score
/// the softmax over the labels; of a single label, as multi-label.
///
/// A template is needed. A text that does not fit is cut, or read in windows, label by label; a
/// hypothesis is never cut. Task prompts, examples, orders of labels, windows of characters and control
/// tokens that act are for ``Classifier`` alone, and refused.
public final class EntailmentClassifier: Sendable {
  /// The model.
  public let encoder: CrossEncoder
  /// The index of the logit for entailment.
  public let entailment: Int
  /// The index of the logit for contradiction, or for what is not entailment in a model of two labels.
  public let contradiction: Int

  /// Loads a model.
  ///
  /// - Throws: ``GlissError`` as ``CrossEncoder/init(model:options:)`` does, and for a model without a
  ///   label for entailment one that lists the labels it has.
  public convenience init(
    model: String?, options: CrossEncoder.Options = CrossEncoder.Options()
  ) throws(GlissError) {
    try self.init(CrossEncoder(model: model, options: options))
  }

  /// A classifier of a model that is loaded.
  ///
  /// The label for entailment is the first that begins with "entail", whatever its case. That for
  /// contradiction begins with "contradict"; without one it is the first label, or the last where the
  /// first is entailment, as upstream has it.
  public init(_ encoder: CrossEncoder) throws(GlissError) {
    let names = encoder.labels.map { $0.lowercased() }
    guard let entailment = names.firstIndex(where: { $0.hasPrefix("entail") }), names.count > 1
    else {
      let list = encoder.labels.map { GlissError.quoted($0) }.joined(separator: ", ")
      throw GlissError(
        .unavailable,
        "\(encoder.model.name) cannot say whether a text entails a label: it needs a label that "
          + "begins with \"entail\" and another, and has \(list)",
        file: encoder.model.folder + "/config.json", field: "id2label",
        expected: "a label that begins with \"entail\", and another", found: list)
    }
    self.encoder = encoder
    self.entailment = entailment
    contradiction =
      names.firstIndex { $0.hasPrefix("contradict") } ?? (entailment == 0 ? names.count - 1 : 0)
  }

  /// Classifies texts that each have their own labels and options, in order.
  ///
  /// - Throws: The first bad request's error, with its index in ``GlissError/item``; nothing is
  ///   returned then. ``outcomes(of:)`` returns results and errors side by side.
  public func classify(_ requests: [ClassificationRequest]) throws(GlissError) -> [Classification] {
    try outcomes(of: requests).values()
  }

  /// Classifies requests that fail one by one: a bad one does not stop the others.
  ///
  /// - Returns: One outcome per request, in order.
  public func outcomes(
    of requests: [ClassificationRequest]
  ) -> [Result<Classification, GlissError>] {
    var run = EntailmentRun(requests, classifier: self)
    return run.outcomes()
  }
}
