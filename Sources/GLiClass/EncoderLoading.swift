// The encoder of a model folder on its own, or a model of random weights: what benchmarks time.

package import Encoders
package import Kernels
internal import Safetensors

/// Where an encoder's weights come from.
package enum WeightOrigin: Sendable {
  case folder(String)
  /// Made in memory; the same seed gives the same weights.
  case random(seed: UInt64)

  /// The tensors of a GLiClass model.
  func tensors() throws(GLiClassError) -> TensorScope {
    switch self {
    case .folder(let folder):
      try GLiClassError.loading { () throws(SafetensorsError) in
        try Checkpoint(folder: folder).scope()
      }
    case .random(let seed): Checkpoint(randomSeed: seed).scope()
    }
  }

  /// Whether the linear layers are 8-bit integers already.
  func isQuantized() throws(GLiClassError) -> Bool {
    switch self {
    case .folder(let folder): try GLiClassModel.isQuantized(folder: folder)
    case .random: false
    }
  }
}

extension EncoderConfig {
  /// `compute` in a precision of this encoder: its own, or the one that suits the weights where that
  /// was left open.
  func choosing(
    for compute: Compute, isQuantized: Bool
  ) throws(GLiClassError) -> Compute {
    guard let compute = compute.computing(in: precisions, isQuantized: isQuantized) else {
      throw .precision(
        encoder: name, expected: precisions.map(\.rawValue), found: compute.precision.rawValue)
    }
    return compute
  }

  /// The encoder part of a folder's config.json.
  package init(folder: String) throws(GLiClassError) {
    self = try GLiClassConfig(ConfigFile.fields(at: folder + "/config.json")).encoder
  }

  /// `compute` in the precision in which an encoder with these weights computes on it.
  package func computing(
    _ origin: WeightOrigin, on compute: Compute
  ) throws(GLiClassError) -> Compute {
    try choosing(for: compute, isQuantized: origin.isQuantized())
  }

  /// The encoder of this config, without tokenizer, scorer and segment embeddings.
  package func loadEncoder(
    _ origin: WeightOrigin, compute: Compute
  ) throws(GLiClassError) -> any TextEncoder {
    let compute = try computing(origin, on: compute)
    let weights = try origin.tensors().scoped("model").scoped("encoder_model")
    do throws(EncoderError) {
      return try makeEncoder(weights: weights, segmentEmbeddings: nil, compute: compute)
    } catch {
      throw .encoder(error)
    }
  }
}

extension GLiClassModel {
  /// The tokenizer and the head of `folder` around another encoder; all weights are random.
  package convenience init(
    folder: String, encoder: EncoderConfig, seed: UInt64, compute: Compute
  ) throws(GLiClassError) {
    var config = try GLiClassConfig(ConfigFile.fields(at: folder + "/config.json"))
    config.encoder = encoder
    config.isQuantized = false
    try self.init(
      config, tokenizerFolder: folder, weights: .random(seed: seed), compute: compute)
  }
}
