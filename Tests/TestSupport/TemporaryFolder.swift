// A folder for one test, removed with everything in it when the test lets go of it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A fresh folder under the system's temporary folder; it lives as long as this object.
package final class TemporaryFolder: Sendable {
  /// Path of the folder, without a slash at the end.
  package let path: String

  package init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/gliss-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFileError(path: base, code: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    Self.removeTree(path)
  }

  /// Links are removed, not followed.
  private static func removeTree(_ path: String) {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) {
      for name in names(folder) { removeTree("\(path)/\(name)") }
      closedir(folder)
    }
    remove(path)
  }

  private static func names(_ folder: OpaquePointer) -> [String] {
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Path of `name` inside the folder.
  package func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a folder inside this one and returns its path.
  @discardableResult
  package func makeFolder(_ name: String) throws -> String {
    guard mkdir(path(name), 0o755) == 0 else { throw TestFileError(path: path(name), code: errno) }
    return path(name)
  }

  /// Writes a new file inside the folder, in the place of one of the same name, and returns its
  /// path; makes the folders above it. Cutting the old one instead would make some file systems wait for the disk each time.
  @discardableResult
  package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    for slash in name.indices where name[slash] == "/" {
      let code = mkdir(path(String(name[..<slash])), 0o755)
      guard code == 0 || errno == EEXIST else { throw TestFileError(path: path(name), code: errno) }
    }
    remove(path(name))
    guard let file = fopen(path(name), "wb") else {
      throw TestFileError(path: path(name), code: errno)
    }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else {
      throw TestFileError(path: path(name), code: errno)
    }
    return path(name)
  }

  @discardableResult
  package func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  /// Names of the entries of the folder, sorted.
  package func names() throws -> [String] {
    guard let folder = opendir(path) else { throw TestFileError(path: path, code: errno) }
    defer { closedir(folder) }
    return Self.names(folder).sorted()
  }

  /// Removes a file inside the folder; one that is not there is no error.
  package func removeFile(_ name: String) {
    unlink(path(name))
  }

  /// Makes a symbolic link inside the folder.
  @discardableResult
  package func link(_ name: String, to target: String) throws -> String {
    guard symlink(target, path(name)) == 0 else {
      throw TestFileError(path: path(name), code: errno)
    }
    return path(name)
  }
}

/// The bytes of a file.
package func readBytes(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw TestFileError(path: path, code: errno) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
    bytes.append(contentsOf: chunk[..<count])
  }
  return bytes
}

/// A file operation of a test that failed.
package struct TestFileError: Error, CustomStringConvertible {
  package var path: String
  package var code: Int32

  package init(path: String, code: Int32) {
    self.path = path
    self.code = code
  }

  package var description: String { "\(path): \(String(cString: strerror(code)))" }
}
