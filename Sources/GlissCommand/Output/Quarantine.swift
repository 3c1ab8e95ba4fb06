// The file of `--on-error quarantine`: bad rows with what is wrong with them, for a second look.

/// Writes one JSON object a bad row: `{"input", "line", "byte", "error", "row"}`. A row that is not
/// UTF-8 is `"row_hex"` instead; one that was too long to be held is left out.
struct Quarantine: ~Copyable {
  private let file: OutputFile
  private var output: OutputStream

  init(_ path: String) throws(CommandError) {
    file = try OutputFile(path)
    output = OutputStream(file.descriptor, name: path)
  }

  mutating func append(_ fault: RowError, original: [UInt8]?) throws(CommandError) {
    output.append { bytes in
      bytes.append(UInt8(ascii: "{"))
      JSONText.appendKey("input", to: &bytes)
      JSONText.append(fault.location.source.name, to: &bytes)
      JSONText.appendKey("line", to: &bytes)
      JSONText.append(fault.location.number, to: &bytes)
      if let byte = fault.byte {
        JSONText.appendKey("byte", to: &bytes)
        JSONText.append(byte, to: &bytes)
      }
      JSONText.appendKey("error", to: &bytes)
      JSONText.append(fault.message, to: &bytes)
      if let original { Self.append(original, to: &bytes) }
      bytes.append(contentsOf: [UInt8(ascii: "}"), UInt8(ascii: "\n")])
    }
    if output.byteCount >= 1 << 16 { try output.flush() }
  }

  private static func append(_ original: [UInt8], to bytes: inout [UInt8]) {
    if let text = String(validating: original, as: UTF8.self) {
      JSONText.appendKey("row", to: &bytes)
      JSONText.append(text, to: &bytes)
      return
    }
    JSONText.appendKey("row_hex", to: &bytes)
    bytes.append(UInt8(ascii: "\""))
    let digits = Array("0123456789abcdef".utf8)
    for byte in original {
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Gives the file its name, with rows in it or without, and returns it.
  mutating func finish() throws(CommandError) -> String {
    try output.flush()
    try file.commit()
    return file.path
  }
}
