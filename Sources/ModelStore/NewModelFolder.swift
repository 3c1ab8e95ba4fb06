// A model folder in the making: it appears under its name whole, or not at all.

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// A folder beside its destination that takes the destination's name when it is finished, and is
/// removed with its files when it is not.
package struct NewModelFolder: ~Copyable {
  /// Where the files go until then.
  package let path: String
  private let destination: String
  private var isFinished: Bool

  /// The files that go along with a model's config and weights, where it has them.
  package static let companions = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "spm.model", "README.md", "MODEL_CARD.md", "LICENSE",
    "NOTICE", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
  ]

  /// No file that is copied is longer.
  private static let byteLimit = 256 << 20

  /// - Throws: if there is something at `destination`, unless `replacing`, or no folder to be in.
  package init(for destination: String, replacing: Bool = false) throws(ModelStoreError) {
    var name = destination
    while name.count > 1, name.hasSuffix("/") { name.removeLast() }
    guard !name.isEmpty, !name.utf8.contains(0), name != "/", !name.hasSuffix("/."),
      !name.hasSuffix("/.."), name != ".", name != ".."
    else { throw .cannotWrite(path: destination, reason: "a new folder's name is needed") }
    if FileSystem.exists(name), !replacing { throw .alreadyThere(path: name) }
    let path = try FileSystem.makeFolder(beside: name)
    self.path = path
    self.destination = name
    isFinished = false
  }

  deinit {
    if !isFinished { FileSystem.removeFolder(path) }
  }

  /// Copies the files of `companions` that `folder` has, and of sentence-transformers' modules
  /// (`1_Pooling`) the config.json.
  package func copyCompanions(of folder: String) throws(ModelStoreError) {
    for file in try FileSystem.files(in: folder) where Self.companions.contains(file.name) {
      try copy(file, of: folder, into: path)
    }
    for module in FileSystem.folders(in: folder) where Self.isModule(module) {
      for file in try FileSystem.files(in: "\(folder)/\(module)") where file.name == "config.json" {
        try FileSystem.makeFolder("\(path)/\(module)")
        try copy(file, of: "\(folder)/\(module)", into: "\(path)/\(module)")
      }
    }
  }

  /// `1_Pooling`: a number, an underscore, a name.
  private static func isModule(_ name: String) -> Bool {
    let parts = name.split(separator: "_", maxSplits: 1)
    return parts.count == 2 && parts[0].utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private func copy(
    _ file: (name: String, byteCount: Int), of folder: String, into target: String
  ) throws(ModelStoreError) {
    guard file.byteCount <= Self.byteLimit else {
      throw .cannotWrite(
        path: destination, reason: "\(file.name) has more than \(Self.byteLimit) bytes")
    }
    let bytes = try FileSystem.head(folder + "/" + file.name, limit: file.byteCount)
    try FileSystem.write(bytes, to: target + "/" + file.name)
  }

  /// Gives the folder its name. What stood there goes; if the name cannot be given, it comes back.
  package mutating func finish() throws(ModelStoreError) {
    var old: String?
    if FileSystem.exists(destination) {
      let aside = try FileSystem.makeFolder(beside: destination)
      try FileSystem.rename(destination, to: aside)
      old = aside
    }
    do {
      try FileSystem.rename(path, to: destination)
    } catch {
      if let old { try FileSystem.rename(old, to: destination) }
      throw error
    }
    isFinished = true
    if let old { FileSystem.removeFolder(old) }
  }
}
