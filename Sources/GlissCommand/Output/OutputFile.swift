// A file that appears under its name whole or not at all.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file beside its destination that takes the destination's name when it is committed. Without
/// that, or when a signal ends the process, it is removed, and what was there before stays. Devices
/// and pipes are written straight.
final class OutputFile {
  /// As it was asked for.
  let path: String
  let descriptor: Int32
  /// What a link leads to, so that the link stays one.
  private let destination: String
  private let temporary: String?
  private let removal: Interruption.Removal?
  private var isCommitted = false

  init(_ path: String) throws(CommandError) {
    self.path = path
    var status = stat()
    let isThere = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if isThere, kind == S_IFDIR { throw .isFolder(path: path) }
    if isThere, kind != S_IFREG {
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
      destination = path
      temporary = nil
      removal = nil
      guard descriptor >= 0 else { throw Self.refused(path) }
      return
    }
    if isThere, access(path, W_OK) != 0 { throw Self.refused(path) }
    destination = isThere ? Self.resolved(path) : path
    var template = Array("\(destination).XXXXXX".utf8CString)
    let made = Interruption.blocked {
      () -> (descriptor: Int32, name: String, Interruption.Removal?) in
      let descriptor = mkstemp(&template)
      let name = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      return (descriptor, name, descriptor < 0 ? nil : Interruption.Removal(of: name))
    }
    descriptor = made.descriptor
    guard descriptor >= 0 else { throw Self.refused(path) }
    temporary = made.name
    removal = made.2
    // mkstemp makes the file private; what it replaces keeps its mode, a new one gets the usual.
    let mode = isThere ? status.st_mode & 0o777 : 0o644
    guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, fchmod(descriptor, mode) == 0 else {
      throw Self.refused(path)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let temporary, !isCommitted {
      unlink(temporary)
      removal?.cancel()
    }
  }

  /// Brings the bytes to disk, then gives them their name.
  func commit() throws(CommandError) {
    guard let temporary, !isCommitted else { return }
    guard fsync(descriptor) == 0, rename(temporary, destination) == 0 else {
      throw .writeFailed(path: path, reason: systemMessage(errno))
    }
    isCommitted = true
    removal?.cancel()
  }

  private static func refused(_ path: String) -> CommandError {
    .cannotWrite(path: path, reason: systemMessage(errno))
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Whether both paths lead to the same file.
  static func isSame(_ first: String, _ second: String) -> Bool {
    if first == second { return true }
    var (a, b) = (stat(), stat())
    guard stat(first, &a) == 0, stat(second, &b) == 0, a.st_mode & S_IFMT == S_IFREG else {
      return false
    }
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }
}
