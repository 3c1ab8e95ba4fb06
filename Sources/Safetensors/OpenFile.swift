// A file opened for reading, by POSIX calls only; notices when the file changes under it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How the bytes of a checkpoint are read.
package enum ReadingMode: Sendable {
  /// Each read copies from the file. A file that shrinks gives an error. The default.
  case pread
  /// The file is mapped into memory, so several processes share its pages. A mapped file that
  /// shrinks ends the process (SIGBUS): only for files that nobody rewrites in place.
  case mapped
}

/// An open regular file. Reads are safe from several threads.
final class OpenFile: Sendable {
  let path: String
  let byteCount: Int
  private let descriptor: Int32
  private let modified: ModificationTime
  private nonisolated(unsafe) let mapping: UnsafeRawBufferPointer?

  /// `followsLink: false` refuses a symbolic link as the last part of the path.
  init(
    _ path: String, reading: ReadingMode = .pread, followsLink: Bool = true
  ) throws(SafetensorsError) {
    // Without O_NONBLOCK a named pipe would block here for ever.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW)
    let descriptor = open(path, flags)
    guard descriptor >= 0 else { throw .cannotOpen(file: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notAFile(path)
    }
    let byteCount = Int(status.st_size)
    var mapping: UnsafeRawBufferPointer?
    if case .mapped = reading, byteCount > 0 {
      let address = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let address, address != MAP_FAILED else {
        let code = errno
        close(descriptor)
        throw .cannotRead(file: path, code: code)
      }
      mapping = UnsafeRawBufferPointer(start: address, count: byteCount)
    }
    self.path = path
    self.descriptor = descriptor
    self.byteCount = byteCount
    self.modified = ModificationTime(status)
    self.mapping = mapping
  }

  deinit {
    if let mapping { munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress), mapping.count) }
    close(descriptor)
  }

  /// Throws when size or modification time are no longer those at opening.
  func checkUnchanged() throws(SafetensorsError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, Int(status.st_size) == byteCount,
      ModificationTime(status) == modified
    else { throw .fileChanged(path) }
  }

  /// Fills `destination` with the bytes from `offset` on, which lie inside the file as opened.
  func read(
    at offset: Int, into destination: UnsafeMutableRawBufferPointer
  ) throws(SafetensorsError) {
    if let mapping {
      destination.copyMemory(from: mapped(mapping, offset, destination.count))
      return
    }
    var filled = 0
    while filled < destination.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: destination[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .cannotRead(file: path, code: errno) }
      guard count > 0 else { throw .fileChanged(path) }
      filled += count
    }
  }

  /// The bytes of a range that lies inside the file as opened.
  func bytes(_ range: Range<Int>) throws(SafetensorsError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SafetensorsError) in
      try read(at: range.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }

  /// Hands the bytes of a range to `body` in order, in chunks of at most `chunkByteCount`: slices of
  /// the mapping, or of one buffer that is filled again and again.
  func withChunks(
    of range: Range<Int>, chunkByteCount: Int,
    _ body: (UnsafeRawBufferPointer) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    if let mapping {
      var offset = range.lowerBound
      while offset < range.upperBound {
        let count = min(chunkByteCount, range.upperBound - offset)
        try body(mapped(mapping, offset, count))
        offset += count
      }
      return
    }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(chunkByteCount, range.count), alignment: 64)
    defer { buffer.deallocate() }
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = min(buffer.count, range.upperBound - offset)
      let chunk = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try read(at: offset, into: chunk)
      try body(UnsafeRawBufferPointer(chunk))
      offset += count
    }
  }

  private func mapped(
    _ mapping: UnsafeRawBufferPointer, _ offset: Int, _ count: Int
  ) -> UnsafeRawBufferPointer {
    precondition(offset >= 0 && count <= mapping.count - offset, "a read outside \(path)")
    return UnsafeRawBufferPointer(rebasing: mapping[offset..<(offset + count)])
  }
}

private struct ModificationTime: Equatable {
  var seconds: Int
  var nanoseconds: Int

  init(_ status: stat) {
    #if canImport(Darwin)
      seconds = status.st_mtimespec.tv_sec
      nanoseconds = status.st_mtimespec.tv_nsec
    #else
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    #endif
  }
}

/// The bytes of a small file, such as `config.json`; longer than `limit` is an error.
package func readFile(_ path: String, limit: Int = 64 << 20) throws(SafetensorsError) -> [UInt8] {
  let file = try OpenFile(path)
  guard file.byteCount <= limit else {
    throw .fileTooLong(file: path, byteCount: file.byteCount, limit: limit)
  }
  let bytes = try file.bytes(0..<file.byteCount)
  try file.checkUnchanged()
  return bytes
}
