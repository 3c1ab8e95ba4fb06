// Quantising a model ahead, so that it loads faster and takes less room.

internal import GLiClass
internal import Kernels
internal import ModelStore
internal import SentenceModels

/// A model folder whose linear layers are 8-bit integers, as
/// ``Classifier/quantize(model:to:replacing:)`` wrote it.
public struct QuantizedCopy: Sendable, Hashable {
  /// The folder's path.
  public var folder: String
  /// The linear layers quantised.
  public var layerCount: Int
  /// Bytes of the files of the model it was made from.
  public var sourceByteCount: Int
  /// Bytes of its own files.
  public var byteCount: Int
}

extension Classifier {
  /// Writes a copy of a model of any kind with its linear layers quantised. In precision `int8` it gives
  /// the same logits or vectors, bit for bit, as the model itself; in another it computes with what the
  /// integers stand for.
  ///
  /// The folder appears whole or not at all; before it does, it has been loaded once.
  ///
  /// - Parameters:
  ///   - model: A model as in ``init(model:options:)``, not quantised itself.
  ///   - folder: Where the copy goes; there must be nothing yet.
  ///   - tokenEmbeddings: Whether the vectors of the tokens are quantised too: half of a small model's
  ///     file. Logits are then not the same bits any more.
  ///   - replacing: Whether `folder` may be there, if it is a quantised copy.
  public static func quantize(
    model: String? = nil, to folder: String, tokenEmbeddings: Bool = false,
    replacing: Bool = false
  ) throws(GlissError) -> QuantizedCopy {
    let search = ModelSearch()
    let source = try GlissError.of { () throws(ModelStoreError) in try search.resolve(model) }
    let kind = try ModelKind(model: model)
    if replacing { try checkReplaceable(folder) }
    let compute = try Options().compute(precision: .int8)
    var target = try GlissError.of { () throws(ModelStoreError) in
      try NewModelFolder(for: folder, replacing: replacing)
    }
    let path = target.path
    let layerCount = try write(
      kind, source.folder, into: path, tokenTable: tokenEmbeddings, compute)
    try GlissError.of { () throws(ModelStoreError) in
      try target.copyCompanions(of: source.folder)
    }
    try load(kind, path, compute)
    try GlissError.of { () throws(ModelStoreError) in try target.finish() }
    return try GlissError.of { () throws(ModelStoreError) in
      QuantizedCopy(
        folder: folder, layerCount: layerCount,
        sourceByteCount: try byteCount(source, search),
        byteCount: try byteCount(
          ModelLocation(name: folder, folder: folder, origin: .path), search))
    }
  }

  /// Writes a copy of a quantised GLiClass model in floats, F32: what every other program reads.
  ///
  /// The folder appears whole or not at all.
  ///
  /// - Parameters:
  ///   - model: A model as in ``init(model:options:)``, quantised.
  ///   - folder: Where the copy goes; there must be nothing yet.
  public static func dequantize(model: String? = nil, to folder: String) throws(GlissError) {
    let source = try GlissError.of { () throws(ModelStoreError) in try ModelSearch().resolve(model)
    }
    var target = try GlissError.of { () throws(ModelStoreError) in try NewModelFolder(for: folder) }
    try GlissError.of { () throws(GLiClassError) in
      try GLiClassModel.dequantize(folder: source.folder, into: target.path)
    }
    try GlissError.of { () throws(ModelStoreError) in
      try target.copyCompanions(of: source.folder)
      try target.finish()
    }
  }

  private static func write(
    _ kind: ModelKind, _ folder: String, into target: String, tokenTable: Bool,
    _ compute: Compute
  ) throws(GlissError) -> Int {
    guard kind == .gliClass else {
      return try GlissError.of { () throws(SentenceModelError) in
        try SentenceModelParts.quantize(
          folder: folder, into: target, tokenTable: tokenTable, compute: compute)
      }
    }
    return try GlissError.of { () throws(GLiClassError) in
      try GLiClassModel.quantize(
        folder: folder, into: target, tokenTable: tokenTable, compute: compute)
    }
  }

  private static func load(
    _ kind: ModelKind, _ folder: String, _ compute: Compute
  ) throws(GlissError) {
    switch kind {
    case .gliClass:
      try GlissError.of { () throws(GLiClassError) in
        _ = try GLiClassModel(folder: folder, compute: compute)
      }
    case .crossEncoder:
      try GlissError.of { () throws(SentenceModelError) in
        _ = try CrossEncoderModel(folder: folder, compute: compute)
      }
    case .sentenceEncoder:
      try GlissError.of { () throws(SentenceModelError) in
        _ = try SentenceEncoderModel(folder: folder, compute: compute)
      }
    }
  }

  /// Only what this function wrote goes: a quantised copy.
  private static func checkReplaceable(_ folder: String) throws(GlissError) {
    guard let isFolder = ModelSearch.isFolder(folder) else { return }
    do throws(GLiClassError) {
      if isFolder, try GLiClassModel.isQuantized(folder: folder) { return }
    } catch {
      // No config.json, or none that can be read: nothing that was written here.
    }
    throw GlissError(
      .usage, "\(folder) is there and is no quantised copy of a model, so it is not replaced",
      file: folder, expected: "nothing, or a quantised copy", found: "something else")
  }

  private static func byteCount(
    _ location: ModelLocation, _ search: ModelSearch
  ) throws(ModelStoreError) -> Int {
    try search.files(of: location).reduce(0) { $0 + $1.byteCount }
  }
}
