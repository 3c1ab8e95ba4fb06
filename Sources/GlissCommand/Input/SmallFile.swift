// Files that are read whole: labels and examples.

import Gliss
import StrictJSON

enum SmallFile {
  /// The largest file that is read whole.
  static let limit = LineReader.defaultLimit

  /// The file's bytes without a byte order mark; `-` is standard input.
  static func bytes(_ path: String, console: Console) throws(CommandError) -> [UInt8] {
    guard path == "-" else { return try bytes(path) }
    return try bytes(
      LineReader(descriptor: console.input, name: "stdin", limit: limit), path: "stdin")
  }

  /// The file's bytes without a byte order mark.
  static func bytes(_ path: String) throws(CommandError) -> [UInt8] {
    try bytes(LineReader(path: path, limit: limit), path: path)
  }

  private static func bytes(_ reader: LineReader, path: String) throws(CommandError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      switch try reader.next(waiting: true) {
      case .line(let line):
        bytes += line
        bytes.append(UInt8(ascii: "\n"))
      case .tooLong:
        throw .malformed(path: path, "a line is longer than \(limit) bytes")
      case .end, .notReady: return bytes
      }
      guard bytes.count <= limit else {
        throw .malformed(path: path, "the file is longer than \(limit) bytes")
      }
    }
  }

  static func json(
    _ bytes: [UInt8], path: String, depth: Int = 16
  ) throws(CommandError) -> JSON {
    do {
      return try JSON(parsing: bytes, limits: JSONLimits(byteCount: limit + 1, depth: depth))
    } catch {
      let (line, column) = error.position(in: bytes)
      let location = RowLocation(source: .file(path), number: line)
      throw .row(RowError(location, byte: column, "not JSON: \(error.reason)"))
    }
  }

  /// In-context examples: a JSON array, or JSON lines, of `{"text", "labels"}`.
  static func examples(_ path: String, console: Console) throws(CommandError) -> [Example] {
    let bytes = try bytes(path, console: console)
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
      let json = try json(bytes, path: path)
      return try (json.array ?? []).enumerated().map { (index, element) throws(CommandError) in
        guard let object = element.object else {
          throw .malformed(
            path: path, "element \(index + 1) should be an object, found \(element.excerpt)")
        }
        return try example(FieldReader(object, file: path, path: "[\(index)]"))
      }
    }
    var examples: [Example] = []
    for (index, line) in bytes.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).enumerated() where line.contains(where: { $0 > 0x20 }) {
      let location = RowLocation(source: .file(path), number: index + 1)
      let fields: FieldReader
      do {
        fields = try RowFields.object(Array(line), at: location)
      } catch {
        throw .row(error)
      }
      examples.append(try example(fields))
    }
    return examples
  }

  private static func example(_ fields: FieldReader) throws(CommandError) -> Example {
    do {
      return try Example(text: fields.string("text"), labels: fields.strings("labels"))
    } catch {
      throw .malformed(path: fields.file, error.sentence)
    }
  }
}
