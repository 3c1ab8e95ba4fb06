// Which folder a model name means: a path, a name in the Hugging Face cache, or the bundled model.
// Cache layout: huggingface_hub, "Manage your cache": models--OWNER--NAME/refs/REVISION holds the
// commit, snapshots/COMMIT holds the files. Nothing is downloaded.

internal import BundledModel

/// Finds model folders, for one environment and one executable.
package struct ModelSearch: Sendable {
  private let environment: @Sendable (String) -> String?
  private let executable: String?

  /// The search of this process: its environment and its executable.
  package init() {
    self.init(
      environment: { FileSystem.environmentValue($0) }, executable: FileSystem.executablePath())
  }

  /// A search in an environment of its own.
  ///
  /// - Parameters:
  ///   - environment: The value of an environment variable.
  ///   - executable: The path that the bundled model is looked up from.
  package init(environment: @escaping @Sendable (String) -> String?, executable: String?) {
    self.environment = environment
    self.executable = executable
  }

  /// The folder that `name` means.
  ///
  /// - Parameter name: A folder; `owner/model` or `owner/model@revision` in the Hugging Face cache;
  ///   nil: what `GLISS_MODEL` names, else the bundled model.
  package func resolve(_ name: String?) throws(ModelStoreError) -> ModelLocation {
    if let name { return try find(name) }
    if let name = variable("GLISS_MODEL") {
      var location = try find(name)
      location.origin = .environment
      return location
    }
    return try bundled()
  }

  /// The model that ships with Gliss, whatever `GLISS_MODEL` names.
  package func bundled() throws(ModelStoreError) -> ModelLocation {
    let places = bundledFolders()
    for folder in places where FileSystem.kind(folder + "/config.json") == .file {
      return ModelLocation(name: "bundled", folder: folder, origin: .bundled)
    }
    throw .noBundledModel(looked: places)
  }

  /// Whether there is a folder at `path`, or something else; nil: nothing.
  package static func isFolder(_ path: String) -> Bool? {
    FileSystem.exists(path) ? FileSystem.kind(path) == .folder : nil
  }

  /// Names and byte counts of the plain files of a model folder.
  package func files(
    of location: ModelLocation
  ) throws(ModelStoreError) -> [(name: String, byteCount: Int)] {
    try FileSystem.files(in: location.folder)
  }

  /// Where the bundled model is looked for, first choice first.
  package func bundledFolders() -> [String] {
    guard let executable, let slash = executable.lastIndex(of: "/") else { return [] }
    let folder = executable[..<slash]
    return [
      "\(folder)/\(BundledModel.resourceFolderName)",
      "\(folder)/../share/gliss/\(BundledModel.resourceFolderName)",
      "\(folder)/../share/gliss/model",
    ]
  }

  /// The root of the Hugging Face cache; nil without a home folder.
  package func cacheFolder() -> String? {
    if let folder = variable("HF_HUB_CACHE") { return expanded(folder) }
    if let folder = variable("HUGGINGFACE_HUB_CACHE") { return expanded(folder) }
    if let folder = variable("HF_HOME") { return expanded(folder).map { $0 + "/hub" } }
    if let folder = variable("XDG_CACHE_HOME") {
      return expanded(folder).map { $0 + "/huggingface/hub" }
    }
    return home().map { $0 + "/.cache/huggingface/hub" }
  }

  private func find(_ name: String) throws(ModelStoreError) -> ModelLocation {
    guard let path = expanded(name), !path.isEmpty, !path.utf8.contains(0) else {
      throw .noSuchFolder(name: name)
    }
    switch FileSystem.kind(path) {
    case .folder: return try location(name: name, folder: path, origin: .path)
    case .file: throw .notAFolder(path: path)
    case nil: break
    }
    guard let wanted = CacheName(name), let cache = cacheFolder() else {
      throw nearest(to: path).map { .nearMiss(name: name, nearest: $0) }
        ?? .noSuchFolder(name: name)
    }
    return try find(wanted, in: cache)
  }

  private func find(_ wanted: CacheName, in cache: String) throws(ModelStoreError) -> ModelLocation
  {
    let model = cache + "/" + wanted.folderName
    guard FileSystem.kind(model) == .folder else {
      throw nearest(to: wanted.name).map { .nearMiss(name: wanted.name, nearest: $0) }
        ?? .notInCache(name: wanted.name, looked: [model])
    }
    let revision = wanted.revision ?? "main"
    let reference = model + "/refs/" + revision
    let commit =
      FileSystem.kind(reference) == .file ? try readCommit(reference) : revision
    let snapshot = model + "/snapshots/" + commit
    guard !commit.contains("/"), FileSystem.kind(snapshot) == .folder else {
      throw .noSuchRevision(name: wanted.name, revision: revision, looked: [reference, snapshot])
    }
    return try location(name: wanted.name, folder: snapshot, origin: .cache, revision: commit)
  }

  private func readCommit(_ file: String) throws(ModelStoreError) -> String {
    let bytes = try FileSystem.head(file, limit: 256)
    let text = String(decoding: bytes, as: UTF8.self)
    let commit = String(text.prefix { !$0.isWhitespace })
    guard commit.utf8.count == 40, commit.allSatisfy({ $0.isASCII && $0.isHexDigit }),
      text.dropFirst(commit.count).allSatisfy(\.isWhitespace)
    else { throw .malformedReference(file: file, found: String(text.prefix(64))) }
    return commit
  }

  private func location(
    name: String, folder: String, origin: ModelLocation.Origin, revision: String? = nil
  ) throws(ModelStoreError) -> ModelLocation {
    guard FileSystem.kind(folder + "/config.json") == .file else {
      throw .notAModel(folder: folder)
    }
    return ModelLocation(name: name, folder: folder, origin: origin, revision: revision)
  }

  private func variable(_ name: String) -> String? {
    environment(name).flatMap { $0.isEmpty ? nil : $0 }
  }

  private func home() -> String? { variable("HOME") ?? FileSystem.homeFolder() }

  private func expanded(_ path: String) -> String? {
    guard path == "~" || path.hasPrefix("~/") else { return path }
    return home().map { $0 + path.dropFirst(1) }
  }
}

/// A name of the Hugging Face cache: `model`, `owner/model`, either with `@revision`.
struct CacheName: Equatable {
  var name: String
  var revision: String?

  /// Nil: not such a name. Characters are those the hub allows, so that no path leaves the cache.
  init?(_ text: String) {
    let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy(Self.isPart) else { return nil }
    name = String(halves[0])
    guard halves.count == 2 else { return }
    let steps = halves[1].split(separator: "/", omittingEmptySubsequences: false)
    guard steps.allSatisfy(Self.isPart) else { return nil }
    revision = String(halves[1])
  }

  /// The model's folder in the cache.
  var folderName: String {
    "models--" + name.split(separator: "/").joined(separator: "--")
  }

  private static func isPart(_ part: Substring) -> Bool {
    guard let first = part.first, first != ".", first != "-" else { return false }
    return part.allSatisfy { character in
      character.isASCII
        && (character.isLetter || character.isNumber || "._-".contains(character))
    }
  }
}
