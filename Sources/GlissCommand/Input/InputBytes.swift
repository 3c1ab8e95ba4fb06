// The bytes of a file or of standard input in chunks: gzip unpacked, other packings and encodings
// refused by name.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads a descriptor; gzip is recognised by its first bytes.
package final class InputBytes {
  /// What is asked of the system, and unpacked, at a time.
  static let chunk = 1 << 16

  /// As errors name it.
  let name: String
  private let descriptor: Int32
  private let closesDescriptor: Bool
  private var content = Content.unknown([])
  private var reachedEnd = false
  /// Bytes read from the descriptor so far: what progress is measured in.
  package private(set) var readByteCount = 0

  private enum Content {
    /// The first bytes, as long as they are too few to tell.
    case unknown([UInt8])
    case plain
    case gzip(GzipMembers)
  }

  /// Reads from an open descriptor, which stays the caller's.
  package init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
    closesDescriptor = false
  }

  /// Opens a file; closes it when the reader goes.
  package init(path: String) throws(CommandError) {
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else {
      throw errno == ENOENT
        ? .notFound(path: path) : .cannotOpen(path: path, reason: systemMessage(errno))
    }
    var status = stat()
    if fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(opened)
      throw .isFolder(path: path)
    }
    descriptor = opened
    name = path
    closesDescriptor = true
  }

  deinit {
    if closesDescriptor { close(descriptor) }
  }

  /// Whether `read` would return without waiting.
  func isReady() -> Bool {
    if case .gzip(let members) = content, members.hasInput { return true }
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 0) > 0
  }

  /// Appends a chunk at most, or nothing yet, to `buffer`; false at the end.
  func read(into buffer: inout [UInt8]) throws(CommandError) -> Bool {
    do {
      switch content {
      case .plain: return try readChunk(into: &buffer)
      case .gzip(let members):
        if !members.hasInput {
          var packed: [UInt8] = []
          guard try readChunk(into: &packed) else {
            try members.end()
            return false
          }
          members.take(packed)
        }
        try members.unpack(into: &buffer, limit: Self.chunk)
        return true
      case .unknown(var head):
        let isAtEnd = try !readChunk(into: &head)
        try recognise(head, isAtEnd: isAtEnd, into: &buffer)
        return !head.isEmpty
      }
    } catch let fault as GzipMembers.Fault {
      throw .malformed(path: name, fault.message)
    } catch let error as CommandError {
      throw error
    } catch {
      throw .readFailed(path: name, reason: "\(error)")
    }
  }

  private func recognise(_ head: [UInt8], isAtEnd: Bool, into buffer: inout [UInt8]) throws {
    if FileSignature.needsMore(head), !isAtEnd {
      content = .unknown(head)
    } else if head.starts(with: GzipMembers.magic) {
      let members = try GzipMembers()
      members.take(head)
      content = .gzip(members)
    } else if let refusal = FileSignature.refusal(of: head) {
      throw CommandError.malformed(path: name, refusal)
    } else {
      content = .plain
      buffer += head
    }
  }

  /// Appends what one call of the system gives; false at the end.
  private func readChunk(into buffer: inout [UInt8]) throws(CommandError) -> Bool {
    if reachedEnd { return false }
    let held = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    var count: Int
    repeat {
      count = buffer.withUnsafeMutableBytes {
        Self.systemRead(descriptor, $0.baseAddress.map { $0 + held }, Self.chunk)
      }
    } while count < 0 && errno == EINTR
    let code = errno
    buffer.removeLast(Self.chunk - max(0, count))
    guard count >= 0 else { throw .readFailed(path: name, reason: systemMessage(code)) }
    readByteCount += count
    if count == 0 { reachedEnd = true }
    return count > 0
  }

  private static func systemRead(
    _ descriptor: Int32, _ destination: UnsafeMutableRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, destination, count)
    #elseif canImport(Musl)
      Musl.read(descriptor, destination, count)
    #elseif canImport(Darwin)
      Darwin.read(descriptor, destination, count)
    #endif
  }
}
