// The errors of the layers below, as the one public error.

package import GLiClass
package import Kernels
package import ModelStore

/// An error of a layer below, for which there is a public one.
package protocol LayerError: Error {
  var published: GlissError { get }
}

extension GLiClassError: LayerError {
  package var published: GlissError { GlissError(self) }
}

extension KernelError: LayerError {
  package var published: GlissError { GlissError(self) }
}

extension ModelStoreError: LayerError {
  package var published: GlissError { GlissError(self) }
}

extension GlissError {
  /// What `body`, a step of a layer below, returns; its error as the public one.
  package static func of<Value: ~Copyable, Failure: LayerError>(
    _ body: () throws(Failure) -> Value
  ) throws(GlissError) -> Value {
    do throws(Failure) { return try body() } catch { throw error.published }
  }

  package init(_ error: ModelStoreError) {
    let kind: Kind
    switch error {
    case .malformedReference, .malformedSums, .noSuchFile: kind = .data
    case .unreadable, .cannotWrite: kind = .inputOutput
    case .alreadyThere: kind = .usage
    case .noSuchFolder, .notAFolder, .notAModel, .notInCache, .nearMiss, .noSuchRevision,
      .noBundledModel:
      kind = .noInput
    }
    self.init(kind, "\(error)")
    switch error {
    case .malformedReference(let path, let text):
      (file, expected, found) = (path, "a commit of 40 hexadecimal digits", text)
    case .malformedSums(let path, let text):
      (file, expected, found) = (path, "a SHA-256 and a name", text)
    case .noSuchFile(let name, let path): (file, expected, found) = (path, name, "no such file")
    case .unreadable(let path, let reason), .cannotWrite(let path, let reason):
      (file, found) = (path, reason)
    case .alreadyThere(let path): (file, expected, found) = (path, "nothing there", "something")
    case .notAFolder(let path): (file, expected, found) = (path, "a folder", "a file")
    case .notAModel(let folder): (file, expected) = (folder, "config.json in the folder")
    case .noSuchFolder(let name), .notInCache(let name, _), .nearMiss(let name, _),
      .noSuchRevision(let name, _, _):
      (field, expected, found) = ("model", "a model folder or a name in the cache", name)
    case .noBundledModel(let looked):
      (field, expected, found) = ("model", "the bundled model", "nothing in \(looked.count) places")
    }
  }

  package init(_ error: KernelError) {
    self.init(.usage, "\(error)")
    switch error {
    case .unknownKernelSet(let name, let choices):
      (field, expected, found) = ("kernels", choices.joined(separator: ", "), name)
    case .unsupportedKernelSet(let name, let choices):
      (kind, field) = (.unavailable, "kernels")
      (expected, found) = (choices.joined(separator: ", "), name)
    case .unsupportedPrecision(let name, _, let choices):
      (kind, field) = (.unavailable, "precision")
      (expected, found) = (choices.joined(separator: ", "), name)
    case .threadCount(let count, let limit):
      (field, expected, found) = ("threads", "1 to \(limit)", "\(count)")
    }
  }

  package init(_ error: GLiClassError) {
    let facts = error.facts
    self.init(
      Kind(error), "\(error)", file: facts.file, field: facts.field, expected: facts.expected,
      found: facts.found)
  }
}

extension GlissError.Kind {
  init(_ error: GLiClassError) {
    self =
      switch error.category {
      case .malformed, .request: .data
      case .unreadable: .noInput
      case .unsupported: .unavailable
      case .usage: .usage
      case .broken: .software
      }
  }
}
