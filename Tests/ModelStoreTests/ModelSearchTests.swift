// Which folder a model name means.

import BundledModel
import ModelStore
import TestSupport
import Testing

private let commit = String(repeating: "0123456789", count: 4)

private func search(_ variables: [String: String], executable: String? = nil) -> ModelSearch {
  ModelSearch(environment: { variables[$0] }, executable: executable)
}

@Suite("A model name means one folder")
struct ModelSearchTests {
  @Test("a path is that folder")
  func path() throws {
    let scratch = try TemporaryFolder()
    try scratch.write("config.json", "{}")
    let found = try search([:]).resolve(scratch.path)
    #expect(found == ModelLocation(name: scratch.path, folder: scratch.path, origin: .path))
    let files = try search([:]).files(of: found)
    #expect(files.map(\.name) == ["config.json"])
    #expect(files.map(\.byteCount) == [2])
  }

  @Test("a path through the home folder")
  func homePath() throws {
    let scratch = try TemporaryFolder()
    try scratch.write("m/config.json", "{}")
    #expect(try search(["HOME": scratch.path]).resolve("~/m").folder == scratch.path + "/m")
  }

  @Test(
    "the cache is found through each of its variables",
    arguments: [
      ("HF_HUB_CACHE", ""), ("HUGGINGFACE_HUB_CACHE", ""), ("HF_HOME", "hub/"),
      ("XDG_CACHE_HOME", "huggingface/hub/"), ("HOME", ".cache/huggingface/hub/"),
    ])
  func cache(variable: String, prefix: String) throws {
    let scratch = try TemporaryFolder()
    let model = prefix + "models--knowledgator--gliclass-edge-v3.0"
    try scratch.write(model + "/refs/main", commit + "\n")
    try scratch.write(model + "/snapshots/\(commit)/config.json", "{}")
    let found = try search([variable: scratch.path]).resolve("knowledgator/gliclass-edge-v3.0")
    #expect(found.folder == "\(scratch.path)/\(model)/snapshots/\(commit)")
    #expect(found.origin == .cache)
    #expect(found.revision == commit)
    #expect(found.name == "knowledgator/gliclass-edge-v3.0")
  }

  @Test("a revision is a ref or a commit", arguments: ["v1", "refs-of/pr", commit])
  func revision(_ revision: String) throws {
    let scratch = try TemporaryFolder()
    let other = String(commit.reversed())
    try scratch.write("models--a--b/refs/main", other)
    try scratch.write("models--a--b/refs/v1", commit)
    try scratch.write("models--a--b/refs/refs-of/pr", commit)
    try scratch.write("models--a--b/snapshots/\(commit)/config.json", "{}")
    let found = try search(["HF_HUB_CACHE": scratch.path]).resolve("a/b@" + revision)
    #expect(found.revision == commit)
  }

  @Test("HF_HUB_CACHE goes before HF_HOME")
  func precedence() throws {
    let folder = search(["HF_HUB_CACHE": "/x", "HF_HOME": "/y", "HOME": "/z"]).cacheFolder()
    #expect(folder == "/x")
    #expect(search(["HF_HOME": "~/y", "HOME": "/z"]).cacheFolder() == "/z/y/hub")
  }

  @Test("what is not there is said with the places looked at")
  func failures() throws {
    let scratch = try TemporaryFolder()
    let file = try scratch.write("plain", "{}")
    try scratch.write("empty/other", "{}")
    try scratch.write("models--a--b/refs/main", "../../../etc")
    try scratch.write("models--a--c/refs/main", commit)
    try scratch.write("models--a--d/refs/main", commit)
    try scratch.write("models--a--d/snapshots/\(commit)/other", "{}")
    let finder = search(["HF_HUB_CACHE": scratch.path])
    let model = scratch.path + "/models--a--"
    let cases: [(String, ModelStoreError)] = [
      (file, .notAFolder(path: file)),
      (scratch.path + "/empty", .notAModel(folder: scratch.path + "/empty")),
      (scratch.path + "/none", .noSuchFolder(name: scratch.path + "/none")),
      ("../up", .noSuchFolder(name: "../up")),
      ("a/../b", .noSuchFolder(name: "a/../b")),
      ("a/b/c", .noSuchFolder(name: "a/b/c")),
      ("", .noSuchFolder(name: "")),
      ("a\0b", .noSuchFolder(name: "a\0b")),
      ("a/b@../x", .noSuchFolder(name: "a/b@../x")),
      ("a/elsewhere", .notInCache(name: "a/elsewhere", looked: [model + "elsewhere"])),
      ("a/dd", .nearMiss(name: "a/dd", nearest: "a/d")),
      (scratch.path + "/emptyy", .noSuchFolder(name: scratch.path + "/emptyy")),
      ("a/b", .malformedReference(file: model + "b/refs/main", found: "../../../etc")),
      (
        "a/c",
        .noSuchRevision(
          name: "a/c", revision: "main",
          looked: [model + "c/refs/main", model + "c/snapshots/" + commit])
      ),
      ("a/d", .notAModel(folder: model + "d/snapshots/" + commit)),
    ]
    for (name, expected) in cases {
      #expect(throws: expected, "\(name)") { try finder.resolve(name) }
      #expect(!expected.description.isEmpty)
    }
  }

  @Test("the bundled model is found from the executable, beside it first")
  func bundled() throws {
    let scratch = try TemporaryFolder()
    let finder = search([:], executable: scratch.path + "/bin/gliss")
    #expect(throws: ModelStoreError.noBundledModel(looked: finder.bundledFolders())) {
      try finder.resolve(nil)
    }
    try scratch.write("bin/gliss", "{}")
    try scratch.write("share/gliss/model/config.json", "{}")
    #expect(try finder.resolve(nil).folder == scratch.path + "/bin/../share/gliss/model")
    try scratch.write("bin/\(BundledModel.resourceFolderName)/config.json", "{}")
    let found = try finder.resolve(nil)
    #expect(found.folder == scratch.path + "/bin/" + BundledModel.resourceFolderName)
    #expect(found.origin == .bundled)
  }

  @Test("GLISS_MODEL replaces the bundled model, and no name that was given")
  func variable() throws {
    let scratch = try TemporaryFolder()
    try scratch.write("one/config.json", "{}")
    try scratch.write("two/config.json", "{}")
    let finder = search(["GLISS_MODEL": scratch.path + "/one"])
    #expect(try finder.resolve(nil).folder == scratch.path + "/one")
    #expect(try finder.resolve(nil).origin == .environment)
    #expect(try finder.resolve(scratch.path + "/two").origin == .path)
    #expect(throws: ModelStoreError.noSuchFolder(name: "/nowhere/at/all")) {
      try search(["GLISS_MODEL": "/nowhere/at/all"]).resolve(nil)
    }
  }

  @Test("this process knows its executable")
  func executable() throws {
    #expect(ModelSearch().bundledFolders().allSatisfy { $0.hasPrefix("/") })
    #expect(ModelSearch().bundledFolders().count == 3)
  }
}
