// Where a model was found, and the errors of not finding one.

/// A model folder that was found.
package struct ModelLocation: Sendable, Equatable {
  /// How the folder was found.
  package enum Origin: String, Sendable {
    /// A path was given.
    case path
    /// A name was found in the Hugging Face cache.
    case cache
    /// The model that ships with Gliss.
    case bundled
    /// The folder or name that `GLISS_MODEL` holds.
    case environment
  }

  /// The name as it was asked for; `bundled` for the model that ships with Gliss.
  package var name: String
  /// The folder's path.
  package var folder: String
  /// How the folder was found.
  package var origin: Origin
  /// The commit of a model from the Hugging Face cache.
  package var revision: String?

  /// Makes a location.
  package init(name: String, folder: String, origin: Origin, revision: String? = nil) {
    self.name = name
    self.folder = folder
    self.origin = origin
    self.revision = revision
  }
}

/// Why no model folder was found.
package enum ModelStoreError: Error, Equatable, Sendable {
  /// The name is not a folder, and cannot be a name of the Hugging Face cache.
  case noSuchFolder(name: String)
  /// The path is not a folder.
  case notAFolder(path: String)
  /// The folder has no `config.json`.
  case notAModel(folder: String)
  /// The Hugging Face cache has no folder for the name.
  case notInCache(name: String, looked: [String])
  /// Nothing of that name, and something of nearly that name.
  case nearMiss(name: String, nearest: String)
  /// The cache has the model, not the revision.
  case noSuchRevision(name: String, revision: String, looked: [String])
  /// A `refs` file does not hold a commit.
  case malformedReference(file: String, found: String)
  /// The bundled model is in none of the places.
  case noBundledModel(looked: [String])
  /// A line of `SHA256SUMS` is no hash and name.
  case malformedSums(file: String, found: String)
  /// `SHA256SUMS` names a file that is not there.
  case noSuchFile(name: String, file: String)
  /// A model folder should be written where there is something.
  case alreadyThere(path: String)
  /// A model folder cannot be written.
  case cannotWrite(path: String, reason: String)
  /// The operating system refused.
  case unreadable(path: String, reason: String)
}

extension ModelStoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSuchFolder(let name):
      "there is no folder \(name), and it is no name such as owner/model either"
    case .notAFolder(let path):
      "\(path) is a file; a model is a folder with config.json in it"
    case .notAModel(let folder):
      "\(folder) has no config.json, so it is no model folder"
    case .notInCache(let name, let looked):
      "\(name) is neither a folder nor in the Hugging Face cache; looked for "
        + looked.joined(separator: ", ") + " (nothing is downloaded)"
    case .nearMiss(let name, let nearest):
      "there is no model \(name); did you mean \(nearest)? gliss model list shows those of this "
        + "machine (nothing is downloaded)"
    case .malformedSums(let file, let found):
      "\(file) should hold lines of a SHA-256 and a name, and holds \(found)"
    case .noSuchFile(let name, let file):
      "\(file) names \(name), which is not in the folder"
    case .noSuchRevision(let name, let revision, let looked):
      "the Hugging Face cache has \(name), but not its revision \(revision); looked for "
        + looked.joined(separator: ", ")
    case .malformedReference(let file, let found):
      "\(file) should hold a commit of 40 hexadecimal digits, and holds \(found)"
    case .noBundledModel(let looked):
      "the bundled model was not found; looked for " + looked.joined(separator: ", ")
        + "; name a model folder, or set GLISS_MODEL"
    case .alreadyThere(let path):
      "\(path) is there already; name a new folder, or say that it may be replaced (--force)"
    case .cannotWrite(let path, let reason): "\(path) cannot be written: \(reason)"
    case .unreadable(let path, let reason):
      "\(path) cannot be read: \(reason)"
    }
  }
}
