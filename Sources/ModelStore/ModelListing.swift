// The models of this machine: the bundled one, what the environment names, the Hugging Face cache,
// and folders that are named.

internal import Safetensors
internal import StrictJSON

/// A model folder, and what its config.json says of it.
package struct ModelEntry: Sendable, Equatable {
  package var location: ModelLocation
  /// GLiClass's architecture, such as `uni-encoder`; nil for a model of another kind.
  package var architecture: String?
  /// The encoder's model type, or the model's own, such as `modernbert`.
  package var modelType: String?
  package var layerCount: Int?
  package var hiddenSize: Int?
  /// Of all files.
  package var byteCount: Int
  /// Why the config could not be read.
  package var problem: String?

  package var isGLiClass: Bool { architecture != nil }
}

extension ModelSearch {
  /// All models that a name would find, and those in `folders`: a folder that is a model, or one of
  /// models. A place that cannot be read holds none.
  package func list(folders: [String] = []) -> [ModelEntry] {
    var locations: [ModelLocation] = []
    if let bundled = try? bundled() { locations.append(bundled) }
    if let named = try? resolve(nil), named.origin == .environment { locations.append(named) }
    locations += cachedModels()
    for folder in folders { locations += models(in: folder) }
    return locations.map(entry)
  }

  private func models(in folder: String) -> [ModelLocation] {
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let inside = FileSystem.folders(in: folder).map { "\(folder)/\($0)" }
    return ([folder] + inside).filter { FileSystem.kind("\($0)/config.json") == .file }
      .map { ModelLocation(name: $0, folder: $0, origin: .path) }
  }

  /// What the Hugging Face cache holds: every revision that a ref names, and snapshots without one.
  private func cachedModels() -> [ModelLocation] {
    guard let cache = cacheFolder() else { return [] }
    var locations: [ModelLocation] = []
    for folder in FileSystem.folders(in: cache) where folder.hasPrefix("models--") {
      let name = String(folder.dropFirst(8)).replacing("--", with: "/")
      var commits: Set<String> = []
      for reference in FileSystem.fileNames(in: "\(cache)/\(folder)/refs") {
        let shown = reference == "main" ? name : "\(name)@\(reference)"
        guard var found = try? resolve(shown), let commit = found.revision else { continue }
        commits.insert(commit)
        found.name = shown
        locations.append(found)
      }
      for commit in FileSystem.folders(in: "\(cache)/\(folder)/snapshots")
      where !commits.contains(commit) {
        guard var found = try? resolve("\(name)@\(commit)") else { continue }
        found.name = "\(name)@\(commit)"
        locations.append(found)
      }
    }
    return locations
  }

  private func entry(_ location: ModelLocation) -> ModelEntry {
    let files = (try? FileSystem.files(in: location.folder)) ?? []
    var entry = ModelEntry(
      location: location, byteCount: files.reduce(0) { $0 + $1.byteCount })
    let path = location.folder + "/config.json"
    do {
      let config = try JSON(parsing: readFile(path, limit: 16 << 20))
      let encoder = config["encoder_config"]
      entry.architecture = config["architecture_type"]?.string
      entry.modelType = encoder?["model_type"]?.string ?? config["model_type"]?.string
      entry.layerCount =
        encoder?["num_hidden_layers"]?.int ?? config["num_hidden_layers"]?.int
      entry.hiddenSize = encoder?["hidden_size"]?.int ?? config["hidden_size"]?.int
    } catch {
      entry.problem = "\(path): \(error)"
    }
    return entry
  }

  /// The model that a name which leads nowhere was probably meant to be: of the cache, or beside
  /// where the name points.
  func nearest(to name: String) -> String? {
    var names =
      cacheFolder().map { cache in
        FileSystem.folders(in: cache).filter { $0.hasPrefix("models--") }
          .map { String($0.dropFirst(8)).replacing("--", with: "/") }
      } ?? []
    let slash = name.lastIndex(of: "/")
    let parent = slash.map { String(name[..<$0]) } ?? "."
    let prefix = slash.map { String(name[...$0]) } ?? ""
    names += FileSystem.folders(in: parent.isEmpty ? "/" : parent)
      .map { prefix + $0 }.filter { FileSystem.kind("\($0)/config.json") == .file }
    return nearestName(name, in: names)
  }
}
