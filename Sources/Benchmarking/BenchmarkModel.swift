// What is measured: the shape of a published model with random weights, or a model folder.

package import Encoders
internal import GLiClass
package import Gliss
internal import Kernels
internal import ModelStore

/// A model to measure.
package struct BenchmarkModel: Sendable {
  /// The geometry's name, or the model's as it was asked for.
  package let name: String
  package let config: EncoderConfig
  let weights: WeightOrigin

  /// The seed of all random weights here.
  static let seed: UInt64 = 20_261_121

  /// Published shapes by name: `edge`, which is Ettin-32m, base and large of ModernBERT and DeBERTa-v3.
  private static let geometries: [(name: String, config: EncoderConfig)] = [
    ("edge", modernBERT(hidden: 384, wide: 576, heads: 6, layers: 10)),
    ("base", modernBERT(hidden: 768, wide: 1152, heads: 12, layers: 22)),
    ("large", modernBERT(hidden: 1024, wide: 2624, heads: 16, layers: 28)),
    (
      "deberta-base",
      .deBERTa(
        DeBERTaConfig(hiddenSize: 768, intermediateSize: 3072, headCount: 12, layerCount: 12))
    ),
    (
      "deberta-large",
      .deBERTa(
        DeBERTaConfig(hiddenSize: 1024, intermediateSize: 4096, headCount: 16, layerCount: 24))
    ),
  ]

  private static func modernBERT(
    hidden: Int, wide: Int, heads: Int, layers: Int
  ) -> EncoderConfig {
    .modernBERT(
      ModernBERTConfig(
        hiddenSize: hidden, intermediateSize: wide, headCount: heads, layerCount: layers))
  }

  package static var geometryNames: [String] { geometries.map(\.name) }

  /// The geometry called `name`; else the model that the name means to `Classifier`: a folder, a
  /// name in the Hugging Face cache, or, for nil, GLISS_MODEL or the bundled model.
  package init(_ name: String?) throws(GlissError) {
    if let geometry = Self.geometries.first(where: { $0.name == name }) {
      self.name = geometry.name
      config = geometry.config
      weights = .random(seed: Self.seed)
      return
    }
    let location = try GlissError.of { () throws(ModelStoreError) in
      try ModelSearch().resolve(name)
    }
    self.name = location.name
    weights = .folder(location.folder)
    config = try GlissError.of { () throws(GLiClassError) in
      try EncoderConfig(folder: location.folder)
    }
  }

  /// The engines as they are for this model, none twice: one whose precision was left open computes
  /// in what `Classifier` takes. Fails where the model does not compute in a precision that was named.
  package func engines(_ choices: [EngineChoice]) throws(GlissError) -> [EngineChoice] {
    var engines: [EngineChoice] = []
    for choice in choices {
      let compute = try choice.compute()
      let engine = EngineChoice(
        try GlissError.of { () throws(GLiClassError) in
          try config.computing(weights, on: compute)
        })
      if !engines.contains(engine) { engines.append(engine) }
    }
    return engines
  }

  func encoder(_ compute: Compute) throws(GlissError) -> any TextEncoder {
    try GlissError.of { () throws(GLiClassError) in
      try config.loadEncoder(weights, compute: compute)
    }
  }

  func classifier(_ engine: EngineChoice) throws(GlissError) -> Classifier {
    let options = Classifier.Options(
      precision: Gliss.Precision(rawValue: engine.precision) ?? .auto, kernels: engine.kernels,
      threads: engine.threads)
    switch weights {
    case .folder(let folder): return try Classifier(model: folder, options: options)
    case .random(let seed):
      return try Classifier(randomEncoder: config, seed: seed, options: options)
    }
  }
}
