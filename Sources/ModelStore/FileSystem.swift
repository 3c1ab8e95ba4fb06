// The few calls of the operating system that finding a model takes.

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

enum FileSystem {
  enum Kind { case folder, file }

  /// What is at `path`, links followed; nil: nothing, or nothing this process may see.
  static func kind(_ path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return (status.st_mode & S_IFMT) == S_IFDIR ? .folder : .file
  }

  /// At most `limit` bytes of a small file.
  static func head(_ path: String, limit: Int) throws(ModelStoreError) -> [UInt8] {
    // Without O_NONBLOCK a named pipe would block here for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: lastError()) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: limit)
    var count = 0
    while count < limit {
      let got = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress.map { $0 + count }, limit - count)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(path: path, reason: lastError()) }
      if got == 0 { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }

  /// Names and sizes of the plain files in a folder (links followed), by name.
  static func files(in folder: String) throws(ModelStoreError) -> [(name: String, byteCount: Int)] {
    guard let stream = opendir(folder) else {
      throw .unreadable(path: folder, reason: lastError())
    }
    defer { closedir(stream) }
    var files: [(name: String, byteCount: Int)] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0, (status.st_mode & S_IFMT) == S_IFREG
      else { continue }
      files.append((name, Int(status.st_size)))
    }
    return files.sorted { $0.name < $1.name }
  }

  /// Names of the folders in a folder (links followed), by name; none if it cannot be read.
  static func folders(in folder: String) -> [String] {
    names(in: folder).filter { kind("\(folder)/\($0)") == .folder }
  }

  /// Names of the plain files in a folder (links followed), by name; none if it cannot be read.
  static func fileNames(in folder: String) -> [String] {
    names(in: folder).filter { kind("\(folder)/\($0)") == .file }
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The running executable's own path with links resolved; nil where the system does not tell.
  static func executablePath() -> String? {
    #if canImport(Darwin)
      var size = UInt32(PATH_MAX)
      var bytes = [CChar](repeating: 0, count: Int(size))
      guard _NSGetExecutablePath(&bytes, &size) == 0, let real = realpath(bytes, nil) else {
        return nil
      }
    #else
      guard let real = realpath("/proc/self/exe", nil) else { return nil }
    #endif
    defer { free(real) }
    return String(cString: real)
  }

  static func environmentValue(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// The user's home folder from the password database, for a process without HOME.
  static func homeFolder() -> String? {
    getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) }
  }

  static func lastError() -> String { String(cString: strerror(errno)) }
}
