// A classifier whose answers mean nothing: the shape of a model, to measure with.

package import Encoders
internal import GLiClass
internal import Kernels
internal import ModelStore

extension Classifier {
  /// The bundled model's tokenizer and head around an encoder of this shape; all weights are random.
  package convenience init(
    randomEncoder encoder: EncoderConfig, seed: UInt64, options: Options
  ) throws(GlissError) {
    let location = try GlissError.of { () throws(ModelStoreError) in
      try ModelSearch().bundled()
    }
    let compute = try options.compute()
    let engine = try GlissError.of { () throws(GLiClassError) in
      try GLiClassModel(folder: location.folder, encoder: encoder, seed: seed, compute: compute)
    }
    self.init(
      engine, model: ModelInfo(engine, location, files: []), batchTokens: options.batchTokens)
  }
}
