// The arrows of the house: every file's imports against the table in Architecture.md.

import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The import table")
struct ImportTableTests {
  /// Modules of the system that any target may import.
  static let system: Set = ["Glibc", "Musl", "Darwin", "Synchronization"]

  static let root = {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return here.dropLast(3).joined(separator: "/")
  }()

  /// Targets bottom-up, each with the modules it may import.
  static func table() throws -> [(target: String, modules: Set<String>)] {
    let page = String(
      decoding: try readBytes("\(root)/Sources/Gliss/Gliss.docc/Architecture.md"), as: UTF8.self)
    return page.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.split(separator: " ").joined(separator: " ") }
      guard cells.count == 6, cells[1] != "target" else { return nil }
      let modules = cells[2].split(separator: ",").map { $0.filter { $0 != " " } }
      return (cells[1], Set(modules))
    }
  }

  @Test("every file imports what its target may, and every target is in the table")
  func imports() throws {
    let table = Dictionary(
      uniqueKeysWithValues: try Self.table().map { ($0.target, $0.modules) })
    var fileCount = 0
    let folders = try entries("\(Self.root)/Sources").map { ($0, "\(Self.root)/Sources/\($0)") }
    for (target, folder) in folders + [("BundledModel", "\(Self.root)/weights")] {
      let files = try swiftFiles(folder)
      if files.isEmpty { continue }
      let allowed = try #require(table[target], "\(target) is not in Architecture.md")
      for file in files {
        fileCount += 1
        for module in try imports(of: file) where !Self.system.contains(module) {
          #expect(allowed.contains(module), "\(file) imports \(module)")
        }
      }
    }
    #expect(fileCount > 50)
  }

  @Test("the table points downwards only")
  func order() throws {
    let table = try Self.table()
    let places = Dictionary(
      uniqueKeysWithValues: table.enumerated().map { ($1.target, $0) })
    for (place, row) in table.enumerated() {
      for module in row.modules {
        #expect((places[module] ?? -1) < place, "\(row.target) imports \(module) above it")
      }
    }
    #expect(table.count >= 11)
  }

  private func imports(of path: String) throws -> [String] {
    let text = String(decoding: try readBytes(path), as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      var words = line.split(separator: " ").map(String.init)[...]
      while let first = words.first, first.hasPrefix("@") || Self.levels.contains(first) {
        words.removeFirst()
      }
      guard words.first == "import", words.count >= 2 else { return nil }
      return words.dropFirst().first { !Self.kinds.contains($0) }?
        .split(separator: ".").first.map(String.init)
    }
  }

  private static let levels: Set = ["public", "package", "internal", "fileprivate", "private"]
  private static let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let"]

  private func swiftFiles(_ folder: String) throws -> [String] {
    try entries(folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        return try swiftFiles(path)
      }
      return name.hasSuffix(".swift") ? [path] : []
    }
  }

  private func entries(_ folder: String) throws -> [String] {
    let stream = try #require(opendir(folder), "\(folder)")
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
