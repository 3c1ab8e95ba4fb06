// Texts in, results out, one JSON value per line.

import StrictJSON
import Tokenization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Each line is a text: `"..."`. Each answer is `[[id, ...], [start, end, ...]]`.
func encodeLines(_ tokenizer: Tokenizer, _ controlTokens: ControlTokensInText) throws {
  var output: [UInt8] = []
  while let line = readLine() {
    guard let text = try JSON(parsing: line).string else { fail("not a JSON string: \(line)") }
    let encoding = try tokenizer.encode(text, controlTokensInText: controlTokens)
    let offsets = encoding.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
    output.append(contentsOf: "[\(encoding.ids),\(offsets)]\n".utf8)
    if output.count > 1 << 16 {
      writeAll(output, to: STDOUT_FILENO)
      output.removeAll(keepingCapacity: true)
    }
  }
  writeAll(output, to: STDOUT_FILENO)
}

/// All texts of stdin, which has as many lines as `count` says.
func readTexts(_ count: Int) throws -> [String] {
  try (0..<count).map { _ in
    guard let text = try readLine().map({ try JSON(parsing: $0) })?.string else {
      fail("not enough texts")
    }
    return text
  }
}

func writeAll(_ bytes: [UInt8], to file: Int32) {
  bytes.withUnsafeBytes { bytes in
    var written = 0
    while written < bytes.count, let start = bytes.baseAddress {
      let count = write(file, start + written, bytes.count - written)
      if count <= 0 { exit(74) }
      written += count
    }
  }
}
