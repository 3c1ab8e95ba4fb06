// A model's folder and files, found before any of them is read.

internal import ModelStore

struct LocatedModel {
  let location: ModelLocation
  let files: [(name: String, byteCount: Int)]

  /// - Parameter model: as of `ModelSearch.resolve`.
  init(_ model: String?, _ options: Classifier.Options) throws(GlissError) {
    guard options.batchTokens > 0 else {
      throw GlissError(
        .usage, "batchTokens should be a positive integer, found \(options.batchTokens)",
        field: "batchTokens", expected: "a positive integer", found: "\(options.batchTokens)")
    }
    let search = ModelSearch()
    (location, files) = try GlissError.of { () throws(ModelStoreError) in
      let location = try search.resolve(model)
      return (location, try search.files(of: location))
    }
  }
}
