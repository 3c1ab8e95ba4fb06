// What `gliss classify` needs of a model; tests put a stand-in in its place.

package import Gliss

/// Scores requests, each on its own as far as errors go.
package protocol TextScorer: Sendable {
  func outcomes(of requests: [ClassificationRequest]) -> [Result<Classification, GlissError>]
}

extension Classifier: TextScorer {}
extension EntailmentClassifier: TextScorer {}

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
}

/// The library.
package struct LibraryLoader: ModelLoader {
  package init() {}

  package func load(_ choice: ModelChoice) throws(GlissError) -> any TextScorer {
    if let model = choice.model, try ModelKind(model: model) == .crossEncoder {
      return try EntailmentClassifier(model: model, options: choice.options)
    }
    return try Classifier(model: choice.model, options: choice.options)
  }
}
