// Who may import whom: the architecture's table, held against every source file. The compiler checks
// that a target declares what it imports, not that it may.

import Foundation
import Testing

/// What each target may import besides the system.
private let arrows: [String: Set<String>] = [
  "CKernels": [],
  "StrictJSON": [],
  "CSV": [],
  "BundledModel": [],
  "Kernels": ["CKernels", "COpenBLAS"],
  "Safetensors": ["StrictJSON"],
  "Tokenization": ["StrictJSON", "CPCRE2"],
  "Encoders": ["Kernels", "Safetensors", "StrictJSON"],
  "GLiClass": ["Encoders", "Kernels", "Safetensors", "StrictJSON", "Tokenization"],
  "SentenceModels": ["Encoders", "Kernels", "Safetensors", "StrictJSON", "Tokenization"],
  "ModelStore": ["BundledModel", "Safetensors", "StrictJSON"],
  // Kernels: the machine report, and the kernel set a classifier is made with.
  // Encoders: the shape of a random one.
  "Gliss": ["Encoders", "GLiClass", "Kernels", "ModelStore", "SentenceModels", "StrictJSON"],
  "Learning": ["Gliss"],
  "Benchmarking": ["Encoders", "GLiClass", "Gliss", "Kernels", "ModelStore"],
  "GlissCommand": [
    "ArgumentParser", "Benchmarking", "CSV", "CZlib", "Gliss", "Learning", "ModelStore",
    "StrictJSON", "Tokenization",
  ],
]

private let systemModules: Set<String> = ["Darwin", "Glibc", "Musl", "Synchronization"]
/// Costs start-up time, so the engine does without it.
private let foundationUsers: Set<String> = ["GlissCommand"]

private let root = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private func files(in folder: URL, _ suffixes: Set<String>) -> [URL] {
  let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
  return (found?.compactMap { $0 as? URL } ?? []).filter { suffixes.contains($0.pathExtension) }
}

/// Modules that a Swift text imports.
private func imports(_ text: String) -> Set<String> {
  let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let"]
  var modules: Set<String> = []
  for line in text.split(separator: "\n") {
    var words = line.split(separator: " ").drop { $0.hasPrefix("@") }
    if let first = words.first, ["public", "package", "internal", "private"].contains(first) {
      words = words.dropFirst()
    }
    guard words.first == "import" else { continue }
    words = words.dropFirst().drop { kinds.contains($0) }
    guard let path = words.first else { continue }
    modules.insert(String(path.prefix { $0 != "." && $0 != ";" }))
  }
  return modules
}

@Suite("Imports follow the architecture's arrows")
struct ImportArrowsTests {
  @Test("every target is in the table, and every file keeps to it")
  func swiftFiles() throws {
    let sources = root.appendingPathComponent("Sources")
    let targets = try FileManager.default.contentsOfDirectory(atPath: sources.path)
    var folders = targets.map { ($0, sources.appendingPathComponent($0)) }
    folders.append(("BundledModel", root.appendingPathComponent("weights")))
    var fileCount = 0
    for (target, folder) in folders {
      let sources = files(in: folder, ["swift"])
      if sources.isEmpty && target != "CKernels" { continue }
      guard let allowed = arrows[target] else {
        Issue.record("\(target) is in no row of the table")
        continue
      }
      for file in sources {
        fileCount += 1
        let modules = imports(try String(contentsOf: file, encoding: .utf8))
        for module in modules.subtracting(allowed).subtracting(systemModules) {
          if module == "Foundation", foundationUsers.contains(target) { continue }
          Issue.record("\(target)/\(file.lastPathComponent) imports \(module)")
        }
      }
    }
    #expect(fileCount > 20, "the sources were not found under \(root.path)")
  }

  @Test("the C kernels include no allocator, no threads and no files")
  func headers() throws {
    let forbidden = ["stdlib.h", "malloc.h", "stdio.h", "pthread.h", "fcntl.h", "cblas.h"]
    for file in files(in: root.appendingPathComponent("Sources/CKernels"), ["c", "h", "inc"]) {
      let text = try String(contentsOf: file, encoding: .utf8)
      for line in text.split(separator: "\n") where line.hasPrefix("#include") {
        #expect(
          !forbidden.contains { line.contains("<\($0)>") }, "\(file.lastPathComponent): \(line)")
      }
    }
  }

  @Test(
    "the reader of import lines sees every spelling",
    arguments: [
      ("import A", "A"), ("internal import A", "A"), ("@testable import A", "A"),
      ("@preconcurrency public import A", "A"), ("  package import struct A.B", "A"),
    ])
  func spellings(line: String, module: String) {
    #expect(imports(line) == [module])
    #expect(imports("// import A\nlet important = 1").isEmpty)
  }
}
