// Reads config.json: small, bounded, through the operating system's own calls.

internal import StrictJSON

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

enum ConfigFile {
  /// Published files are about 4 kB.
  static let byteLimit = 1 << 20

  /// The fields of the file at `path`.
  static func fields(at path: String) throws(GLiClassError) -> FieldReader {
    let bytes = try read(path)
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: bytes, limits: JSONLimits(byteCount: byteLimit))
    } catch {
      throw .json(file: path, error)
    }
    do throws(FieldError) {
      return try FieldReader(json, file: path)
    } catch {
      throw .field(error)
    }
  }

  /// At most one byte over the limit, so that JSON refuses a file that is too long.
  private static func read(_ path: String) throws(GLiClassError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(file: path, reason: reason()) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    while bytes.count <= byteLimit {
      let got = chunk.withUnsafeMutableBytes { readSome(descriptor, $0) }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(file: path, reason: reason()) }
      if got == 0 { break }
      bytes.append(contentsOf: chunk[..<got])
    }
    return bytes
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}

private func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
