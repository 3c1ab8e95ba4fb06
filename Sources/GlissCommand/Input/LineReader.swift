// Lines of an input, one at a time: a bounded buffer, never the whole input.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Splits what an input yields at `\n`. A byte order mark at the very start and a `\r` before the
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

  package let input: InputBytes
  private let limit: Int
  private var buffer: [UInt8] = []
  /// Where the unread part of `buffer` begins, and how far it is known to hold no `\n`.
  private var start = 0
  private var scanned = 0
  private var reachedEnd = false
  private var isDiscarding = false
  private var atFirstLine = true

  package init(_ input: InputBytes, limit: Int = LineReader.defaultLimit) {
    self.input = input
    self.limit = limit
  }

  /// Reads from an open descriptor, which stays the caller's.
  package convenience init(
    descriptor: Int32, name: String, limit: Int = LineReader.defaultLimit
  ) {
    self.init(InputBytes(descriptor: descriptor, name: name), limit: limit)
  }

  /// Opens a file; closes it when the reader goes.
  package convenience init(
    path: String, limit: Int = LineReader.defaultLimit
  ) throws(CommandError) {
    self.init(try InputBytes(path: path), limit: limit)
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
      if !waiting, !input.isReady() { return .notReady }
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
    start = last + 1
    scanned = start
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 4 * InputBytes.chunk)
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
    buffer.removeAll(keepingCapacity: false)
    start = 0
    scanned = 0
  }

  /// At most a line and a chunk are ever held: the limit is checked after every chunk.
  private func fill() throws(CommandError) {
    if start > 0 {
      buffer.removeFirst(start)
      scanned -= start
      start = 0
    }
    if try !input.read(into: &buffer) { reachedEnd = true }
  }
}
