// One way to spoil a model folder, and what the error must name.

import Encoders
import GLiClass
import Kernels
import StrictJSON
import TestSupport
import Testing

/// A spoiled folder. The strings are parts of the error's facts.
struct MalformedFolder: Sendable, CustomTestStringConvertible {
  let name: String
  let golden: String
  let category: GLiClassError.Category
  let file: String
  let field: String
  let expected: String
  let found: String
  let edit: @Sendable (inout ModelFolderDraft) throws -> Void

  var testDescription: String { name }

  init(
    _ name: String, golden: String = "modern", _ category: GLiClassError.Category = .malformed,
    file: String, field: String, expected: String, found: String,
    _ edit: @escaping @Sendable (inout ModelFolderDraft) throws -> Void
  ) {
    self.name = name
    self.golden = golden
    self.category = category
    self.file = file
    self.field = field
    self.expected = expected
    self.found = found
    self.edit = edit
  }

  /// config.json with one field changed; nil removes it.
  static func config(
    _ field: String, _ value: JSON?, expected: String, found: String? = nil,
    _ category: GLiClassError.Category = .malformed, golden: String = "modern"
  ) -> MalformedFolder {
    let found = found ?? value?.excerpt ?? "nothing"
    return MalformedFolder(
      "\(field) is \(value?.excerpt ?? "missing")", golden: golden, category,
      file: "config.json", field: field, expected: expected, found: found
    ) { $0.config.set(field, value) }
  }

  /// config.json with several fields changed, of which the error names `field`.
  static func config(
    _ values: [String: JSON], _ field: String, expected: String, found: String
  ) -> MalformedFolder {
    let changes = values.sorted { $0.key < $1.key }
    return MalformedFolder(
      changes.map { "\($0.key) is \($0.value.excerpt)" }.joined(separator: ", "),
      file: "config.json", field: field, expected: expected, found: found
    ) { draft in
      for (name, value) in changes { draft.config.set(name, value) }
    }
  }

  /// A file with other bytes; nil: without the file.
  static func file(
    _ name: String, _ why: String, _ bytes: [UInt8]?, field: String, expected: String,
    found: String, _ category: GLiClassError.Category = .malformed
  ) -> MalformedFolder {
    MalformedFolder(
      "\(name): \(why)", category, file: name, field: field, expected: expected, found: found
    ) { $0.files[name] = .some(bytes) }
  }

  /// Loads the spoiled folder and holds the error's facts against the table.
  func check() throws {
    var draft = try ModelFolderDraft(golden)
    try edit(&draft)
    let folder = try draft.write()
    do {
      _ = try GLiClassModel(folder: folder.path, compute: Compute(threads: 1))
      Issue.record("the folder was loaded")
    } catch let error as GLiClassError {
      let facts = error.facts
      #expect(error.category == category, "\(error)")
      #expect(facts.file == (file.isEmpty ? folder.path : folder.path(file)), "\(error)")
      #expect(facts.field?.contains(field) == true, "field \(facts.field ?? "nil"): \(error)")
      #expect(
        facts.expected?.contains(expected) == true, "expected \(facts.expected ?? "nil"): \(error)")
      #expect(facts.found?.contains(found) == true, "found \(facts.found ?? "nil"): \(error)")
      #expect("\(error)".contains(file), "\(error)")
    }
  }
}

@Suite("A spoiled model folder is refused with file, field, expected and found")
struct MalformedFolderTests {
  @Test("config.json", arguments: malformedConfigs)
  func configs(folder: MalformedFolder) throws { try folder.check() }

  @Test("tokenizer.json", arguments: malformedTokenizers)
  func tokenizers(folder: MalformedFolder) throws { try folder.check() }

  @Test("model.safetensors", arguments: malformedWeights)
  func weights(folder: MalformedFolder) throws { try folder.check() }

  @Test("the table is long enough, and no row is there twice")
  func table() {
    let all = malformedConfigs + malformedTokenizers + malformedWeights
    #expect(all.count >= 90)
    #expect(Set(all.map(\.name)).count == all.count)
  }

  @Test(
    "the folder that is spoiled is valid itself",
    arguments: ["modern", "edge", "normalized", "deberta"])
  func valid(name: String) throws {
    let folder = try ModelFolderDraft(name).write()
    let model = try GLiClassModel(folder: folder.path, compute: Compute(threads: 1))
    #expect(model.weights.unused.isEmpty)
  }

  @Test("tensors that nobody reads are named, not refused")
  func unused() throws {
    var draft = try ModelFolderDraft("modern")
    draft.tensors.append(draft.tensors[0].renamed("model.label_encoder.weight"))
    let folder = try draft.write()
    let model = try GLiClassModel(folder: folder.path, compute: Compute(threads: 1))
    #expect(model.weights.unused == ["model.label_encoder.weight"])
  }

  @Test(
    "bytes flipped at random never end the process", arguments: 0..<8, ["modern", "deberta"])
  func flipped(round: Int, golden: String) throws {
    let seed = UInt64(round)
    var random = SeededGenerator(seed: seed)
    let valid = try ModelFolderDraft(golden).write()
    let names = ["config.json", "tokenizer.json", "model.safetensors"]
    let originals = try names.map { try readBytes(valid.path($0)) }
    for _ in 0..<40 {
      let which = Int.random(in: 0..<names.count, using: &random)
      var bytes = originals[which]
      // Headers and settings are at the front; weights behind them are only numbers.
      let reach = which == 2 ? min(bytes.count, 4096) : bytes.count
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<reach, using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
      }
      try valid.write(names[which], bytes)
      do {
        let model = try GLiClassModel(folder: valid.path, compute: Compute(threads: 1))
        let prompt = try model.prepare(
          PromptInput(text: "some text", labels: ["a", "b"]), limit: nil, policy: .error)
        _ = try model.logits(prompt.sequences.map { ($0, 2) })
      } catch let error as GLiClassError {
        #expect(!"\(error)".isEmpty, "seed \(seed)")
      }
      try valid.write(names[which], originals[which])
    }
  }
}
