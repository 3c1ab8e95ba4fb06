// Standard output or a file, written in whole lines.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Gathers bytes and writes them when told, always up to the end of a line: what reaches the reader
/// before an error or an interruption is whole.
struct OutputStream: ~Copyable {
  private let descriptor: Int32
  private let name: String
  private var pending: [UInt8] = []

  /// - Parameter name: what errors call it.
  init(_ descriptor: Int32, name: String = "standard output") {
    self.descriptor = descriptor
    self.name = name
  }

  /// Bytes gathered and not yet written.
  var byteCount: Int { pending.count }
  var isEmpty: Bool { pending.isEmpty }

  /// Adds bytes that `body` appends; nothing is written yet.
  mutating func append(_ body: (inout [UInt8]) -> Void) {
    body(&pending)
  }

  mutating func append(_ text: String) {
    pending.append(contentsOf: text.utf8)
  }

  /// Writes what was gathered.
  mutating func flush() throws(CommandError) {
    guard !pending.isEmpty else { return }
    let code = Interruption.deferred { writeAll(pending[...], to: descriptor) }
    pending.removeAll(keepingCapacity: pending.count <= 1 << 20)
    if code == EPIPE { throw .outputClosed }
    guard code == 0 else { throw .writeFailed(path: name, reason: systemMessage(code)) }
  }
}
