// The calls of the operating system that writing a model folder takes.

internal import Safetensors

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

extension FileSystem {
  /// Whether there is anything at `path`, a broken link too.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// A new empty folder beside `path`, for this user's eyes until it is renamed.
  static func makeFolder(beside path: String) throws(ModelStoreError) -> String {
    var template = Array("\(path).XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .cannotWrite(path: path, reason: lastError())
    }
    let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard chmod(made, 0o755) == 0 else { throw .cannotWrite(path: made, reason: lastError()) }
    return made
  }

  /// A new folder in one that is in the making.
  static func makeFolder(_ path: String) throws(ModelStoreError) {
    guard mkdir(path, 0o755) == 0 else { throw .cannotWrite(path: path, reason: lastError()) }
  }

  /// A file of a folder in the making.
  static func write(_ bytes: [UInt8], to path: String) throws(ModelStoreError) {
    do throws(SafetensorsError) {
      try writeFile(bytes, to: path)
    } catch {
      guard case .cannotWrite(_, let code) = error else {
        throw .cannotWrite(path: path, reason: "\(error)")
      }
      throw .cannotWrite(path: path, reason: String(cString: strerror(code)))
    }
  }

  /// `to` may be an empty folder.
  static func rename(_ from: String, to: String) throws(ModelStoreError) {
    #if canImport(Darwin)
      let status = Darwin.rename(from, to)
    #elseif canImport(Musl)
      let status = Musl.rename(from, to)
    #else
      let status = Glibc.rename(from, to)
    #endif
    guard status == 0 else { throw .cannotWrite(path: to, reason: lastError()) }
  }

  /// Removes a folder, the plain files in it, and so the folders in it; what is deeper stays, and so
  /// does it then.
  static func removeFolder(_ path: String, levels: Int = 1) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard name != ".", name != ".." else { continue }
        let child = path + "/" + name
        if unlink(child) != 0, levels > 0 { removeFolder(child, levels: levels - 1) }
      }
      closedir(stream)
    }
    rmdir(path)
  }
}
