// JSON text from values: members in order, shortest digits that read back to the same number.

extension JSON {
  /// The value as JSON text: on one line, or indented by two blanks when `pretty`.
  ///
  /// A `.number` that is not finite has no JSON form: it is the caller's mistake and traps.
  package func serialized(pretty: Bool = false) -> String {
    var output: [UInt8] = []
    write(to: &output, pretty: pretty)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends what `serialized` returns, without a string in between.
  package func write(to output: inout [UInt8], pretty: Bool = false) {
    write(to: &output, indent: pretty ? 0 : nil)
  }

  /// `indent`: depth of this value when pretty, nil on one line.
  private func write(to output: inout [UInt8], indent: Int?) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): output.append(contentsOf: value.description.utf8)
    case .bigInteger(let digits): output.append(contentsOf: digits.utf8)
    case .number(let value):
      precondition(value.isFinite, "\(value) cannot be written as JSON")
      output.append(contentsOf: value.description.utf8)
    case .string(let value): Self.write(value, to: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (position, element) in elements.enumerated() {
        Self.separate(position, indent, &output)
        element.write(to: &output, indent: indent.map { $0 + 1 })
      }
      Self.close(elements.isEmpty ? nil : indent, "]", &output)
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (position, member) in object.members.enumerated() {
        Self.separate(position, indent, &output)
        Self.write(member.key, to: &output)
        output.append(contentsOf: (indent == nil ? ":" : ": ").utf8)
        member.value.write(to: &output, indent: indent.map { $0 + 1 })
      }
      Self.close(object.isEmpty ? nil : indent, "}", &output)
    }
  }

  private static func separate(_ position: Int, _ indent: Int?, _ output: inout [UInt8]) {
    if position > 0 { output.append(UInt8(ascii: ",")) }
    if let indent { breakLine(indent + 1, &output) }
  }

  private static func close(_ indent: Int?, _ bracket: Unicode.Scalar, _ output: inout [UInt8]) {
    if let indent { breakLine(indent, &output) }
    output.append(UInt8(ascii: bracket))
  }

  private static func breakLine(_ indent: Int, _ output: inout [UInt8]) {
    output.append(UInt8(ascii: "\n"))
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
  }

  private static func write(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
      case 0x08: output.append(contentsOf: "\\b".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0C: output.append(contentsOf: "\\f".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0..<0x20:
        output.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
        output.append(contentsOf: String(byte, radix: 16).utf8)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
