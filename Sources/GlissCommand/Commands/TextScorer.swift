// What `gliss classify` needs of a model; tests put a stand-in in its place.

package import Gliss

/// Scores requests, each on its own as far as errors go.
package protocol TextScorer: Sendable {
  /// What it computes in; nil where nobody can tell.
  var precision: Precision? { get }

  /// The most tokens of one sequence.
  var contextLength: Int { get }

  func outcomes(of requests: [ClassificationRequest]) -> [Result<Classification, GlissError>]
}

extension TextScorer {
  package var precision: Precision? { nil }
}

extension Classifier: TextScorer {
  package var precision: Precision? { model.precision }
  package var contextLength: Int { model.contextLength }
}

extension EntailmentClassifier: TextScorer {
  package var precision: Precision? { encoder.model.precision }
  package var contextLength: Int { encoder.model.contextLength }
}

extension SimilarityClassifier: TextScorer {
  package var precision: Precision? { model.precision }
  package var contextLength: Int { model.contextLength }
}

/// The model a command line asks for.
package struct ModelChoice: Sendable, Equatable {
  package var model: String?
  package var options: Classifier.Options
  /// Whether the precision was asked for; else the settings may say another.
  package var namesPrecision = false
}

/// Where a model comes from.
package protocol ModelLoader: Sendable {
  func load(_ choice: ModelChoice) throws(GlissError) -> any TextScorer

  /// A model to be measured, which may be one that only says how near two texts are.
  func loadMeasured(_ choice: ModelChoice) throws(GlissError) -> any TextScorer
}

/// How a model tells entailment.
package enum PairJudge: Sendable {
  /// The premise is a text, the hypothesis its only label.
  case labels(any TextScorer)
  /// A pairwise model with a label for entailment.
  case pairs(EntailmentClassifier)
}

extension ModelLoader {
  package func loadMeasured(_ choice: ModelChoice) throws(GlissError) -> any TextScorer {
    try load(choice)
  }

  /// A model to be measured on pairs of premise and hypothesis.
  func loadJudge(_ choice: ModelChoice) throws(GlissError) -> PairJudge {
    let scorer = try loadMeasured(choice)
    return (scorer as? EntailmentClassifier).map { .pairs($0) } ?? .labels(scorer)
  }
}

/// The library.
package struct LibraryLoader: ModelLoader {
  package init() {}

  package func load(_ choice: ModelChoice) throws(GlissError) -> any TextScorer {
    guard try ModelKind(model: choice.model) == .crossEncoder else {
      return try Classifier(model: choice.model, options: choice.options)
    }
    return try EntailmentClassifier(model: choice.model, options: choice.options)
  }

  package func loadMeasured(_ choice: ModelChoice) throws(GlissError) -> any TextScorer {
    switch try ModelKind(model: choice.model) {
    case .gliClass: return try load(choice)
    case .sentenceEncoder:
      return SimilarityClassifier(
        try SentenceEncoder(model: choice.model, options: choice.options))
    case .crossEncoder:
      let encoder = try CrossEncoder(model: choice.model, options: choice.options)
      if let compared = SimilarityClassifier(encoder) { return compared }
      return try EntailmentClassifier(encoder)
    }
  }
}
