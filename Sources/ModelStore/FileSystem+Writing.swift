// The calls of the operating system that writing a model folder takes.

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

  static func write(_ bytes: [UInt8], to path: String) throws(ModelStoreError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: lastError()) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        #if canImport(Darwin)
          Darwin.write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
        #elseif canImport(Musl)
          Musl.write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
        #else
          Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
        #endif
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .cannotWrite(path: path, reason: lastError()) }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw .cannotWrite(path: path, reason: lastError()) }
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

  /// Removes a folder and the plain files in it; folders in it stay, and so does it then.
  static func removeFolder(_ path: String) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { unlink(path + "/" + name) }
      }
      closedir(stream)
    }
    rmdir(path)
  }
}
