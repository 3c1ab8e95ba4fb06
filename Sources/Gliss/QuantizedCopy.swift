// Quantising a model ahead, so that it loads faster and takes less room.

internal import GLiClass
internal import Kernels
internal import ModelStore

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
  /// Writes a copy of a model with its linear layers quantised, for precision `int8`: the same
  /// logits, bit for bit, as the model itself gives at that precision.
  ///
  /// The folder appears whole or not at all; before it does, it has been loaded once.
  ///
  /// - Parameters:
  ///   - model: A model as in ``init(model:options:)``, not quantised itself.
  ///   - folder: Where the copy goes; there must be nothing yet.
  ///   - replacing: Whether `folder` may be there, if it is a quantised copy.
  public static func quantize(
    model: String? = nil, to folder: String, replacing: Bool = false
  ) throws(GlissError) -> QuantizedCopy {
    let search = ModelSearch()
    let source = try store { () throws(ModelStoreError) in try search.resolve(model) }
    if replacing { try checkReplaceable(folder) }
    let compute = try Options().compute(precision: .int8)
    var target = try store { () throws(ModelStoreError) in
      try NewModelFolder(for: folder, replacing: replacing)
    }
    let path = target.path
    let layerCount: Int
    do throws(GLiClassError) {
      layerCount = try GLiClassModel.quantize(
        folder: source.folder, into: path, compute: compute)
    } catch { throw GlissError(error) }
    do throws(ModelStoreError) { try target.copyCompanions(of: source.folder) } catch {
      throw GlissError(error)
    }
    do throws(GLiClassError) {
      _ = try GLiClassModel(folder: path, compute: compute)
    } catch { throw GlissError(error) }
    do throws(ModelStoreError) { try target.finish() } catch { throw GlissError(error) }
    return try store { () throws(ModelStoreError) in
      QuantizedCopy(
        folder: folder, layerCount: layerCount,
        sourceByteCount: try byteCount(source, search),
        byteCount: try byteCount(
          ModelLocation(name: folder, folder: folder, origin: .path), search))
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

  private static func store<Value>(
    _ body: () throws(ModelStoreError) -> Value
  ) throws(GlissError) -> Value where Value: ~Copyable {
    do throws(ModelStoreError) { return try body() } catch { throw GlissError(error) }
  }

  private static func byteCount(
    _ location: ModelLocation, _ search: ModelSearch
  ) throws(ModelStoreError) -> Int {
    try search.files(of: location).reduce(0) { $0 + $1.byteCount }
  }
}
