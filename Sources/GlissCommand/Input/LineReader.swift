// Lines of a descriptor, one at a time: a bounded buffer, never the whole input.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Splits what a descriptor yields at `\n`. A byte order mark at the very start and a `\r` before the
/// `\n` are dropped. A line longer than the limit is passed over without being held.
package final class LineReader {
  package enum Event: Equatable {
    case line([UInt8])
    /// The line was longer than `LineReader.defaultLimit`; it has been passed over.
    case tooLong
    /// Nothing complete is there yet, and the caller did not want to wait.
    case notReady
    case end
  }

  /// The longest line that is taken: 16 MiB, about the text of thirty novels.
  package static let defaultLimit = 16 << 20
  private static let chunk = 1 << 16

  private let descriptor: Int32
  private let name: String
  private let limit: Int
  private let closesDescriptor: Bool
  private var buffer: [UInt8] = []
  /// Where the unread part of `buffer` begins, and how far it is known to hold no `\n`.
  private var start = 0
  private var scanned = 0
  private var reachedEnd = false
  private var isDiscarding = false
  private var atFirstLine = true
  /// Bytes handed out so far, line ends included: what progress is measured in.
  package private(set) var consumedByteCount = 0

  /// Reads from an open descriptor, which stays the caller's.
  package init(descriptor: Int32, name: String, limit: Int = LineReader.defaultLimit) {
    self.descriptor = descriptor
    self.name = name
    self.limit = limit
    closesDescriptor = false
  }

  /// Opens a file; closes it when the reader goes.
  package init(path: String, limit: Int = LineReader.defaultLimit) throws(CommandError) {
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
    self.limit = limit
    closesDescriptor = true
  }

  deinit {
    if closesDescriptor { close(descriptor) }
  }

  /// The next line. With `waiting` false, `.notReady` instead of a blocking read.
  package func next(waiting: Bool) throws(CommandError) -> Event {
    while true {
      if let newline = nextNewline() { return take(through: newline, lineEnd: newline) }
      scanned = buffer.count
      if buffer.count - start > limit { dropOverlongPart() }
      if reachedEnd {
        guard start < buffer.count || isDiscarding else { return .end }
        return take(through: buffer.count - 1, lineEnd: buffer.count)
      }
      if !waiting, !isReadable() { return .notReady }
      try fill()
    }
  }

  private func nextNewline() -> Int? {
    let from = scanned
    return buffer.withUnsafeBytes { bytes in
      guard from < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + from, 0x0A, bytes.count - from)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  /// Takes the line that ends before `lineEnd`; the next begins after `last`.
  private func take(through last: Int, lineEnd: Int) -> Event {
    let line = buffer[start..<lineEnd]
    let wasOverlong = isDiscarding || line.count > limit
    isDiscarding = false
    let event: Event = wasOverlong ? .tooLong : .line(trimmed(line))
    atFirstLine = false
    consumedByteCount += last + 1 - start
    start = last + 1
    scanned = start
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 4 * Self.chunk)
      start = 0
      scanned = 0
    }
    return event
  }

  private func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var line = line
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if atFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    return Array(line)
  }

  private func dropOverlongPart() {
    isDiscarding = true
    consumedByteCount += buffer.count - start
    buffer.removeAll(keepingCapacity: false)
    start = 0
    scanned = 0
  }

  private func isReadable() -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&ready, 1, 0) > 0
  }

  private func fill() throws(CommandError) {
    if start > 0 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    let held = buffer.count
    // At most a line and a chunk are ever held: the limit is checked after every chunk.
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    var count: Int
    repeat {
      count = buffer.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress.map { $0 + held }, Self.chunk)
      }
    } while count < 0 && errno == EINTR
    let code = errno
    buffer.removeLast(Self.chunk - max(0, count))
    guard count >= 0 else { throw .readFailed(path: name, reason: systemMessage(code)) }
    if count == 0 { reachedEnd = true }
  }
}
