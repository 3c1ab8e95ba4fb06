// Malformed JSON rows and foreign bytes; the older half is in MalformedTests.

import Testing

@Suite("Malformed rows are refused with the facts")
struct BadRowTests {
  static let json: [BadInput] = [
    .file("jsonl", "a key twice", "{\"text\":\"a\",\"text\":\"b\"}\n", line: 1, "text"),
    .file("jsonl", "NaN", "{\"text\":\"a\",\"threshold\":NaN}\n", line: 1, "not JSON"),
    .file("jsonl", "Infinity", "{\"text\":\"a\",\"threshold\":-Infinity}\n", line: 1, "not JSON"),
    .file("jsonl", "a comma too many", "{\"text\":\"a\",}\n", line: 1, "not JSON"),
    .file("jsonl", "single quotes", "{'text':'a'}\n", line: 1, "not JSON"),
    .file("jsonl", "a bare key", "{text:\"a\"}\n", line: 1, "not JSON"),
    .file("jsonl", "a comment", "{\"text\":\"a\"} // b\n", line: 1, "not JSON"),
    .file("jsonl", "two objects", "{\"text\":\"a\"}{\"text\":\"b\"}\n", line: 1, "not JSON"),
    .file("jsonl", "an array", "[{\"text\":\"a\"}]\n", line: 1, "an array of 1"),
    .file("jsonl", "a word", "\"a\"\n", line: 1, "object"),
    .file("jsonl", "a truth", "true\n", line: 1, "found true"),
    .file("jsonl", "a pretty object", "{\n\"text\":\"a\"\n}\n", line: 1, "not JSON"),
    .file("jsonl", "a control character", "{\"text\":\"a\u{1}\"}\n", line: 1, "not JSON"),
    .file("jsonl", "a zero byte", "{\"text\":\"a\0\"}\n", line: 1, "not JSON"),
    .file("jsonl", "a zero byte behind", "{\"text\":\"a\"}\0\n", line: 1, "not JSON"),
    .file("jsonl", "half a pair", "{\"text\":\"\\ud800\"}\n", line: 1, "not JSON"),
    .file("jsonl", "the other half", "{\"text\":\"\\udc00x\"}\n", line: 1, "not JSON"),
    .file("jsonl", "an unknown escape", "{\"text\":\"\\x41\"}\n", line: 1, "not JSON"),
    .file("jsonl", "half an escape", "{\"text\":\"\\u00\"}\n", line: 1, "not JSON"),
    .file("jsonl", "an open string", "{\"text\":\"a\n", line: 1, "not JSON"),
    .file("jsonl", "a leading zero", "{\"text\":\"a\",\"n\":01}\n", line: 1, "not JSON"),
    .file("jsonl", "a bare point", "{\"text\":\"a\",\"n\":.5}\n", line: 1, "not JSON"),
    .bytes(
      "jsonl", "a mark inside",
      Array("{\"text\":\"a\"}\n\u{FEFF}{\"text\":\"b\"}\n".utf8), line: 2, ["not JSON"],
      rowCount: 1),
    .file("jsonl", "a field near text", "{\"Text\":\"a\"}\n", line: 1, "did you mean \"Text\""),
    .file("jsonl", "a slip", "{\"txt\":\"a\"}\n", line: 1, "did you mean \"txt\""),
    .file("jsonl", "an empty object", "{}\n", line: 1, "text is missing"),
    .file("jsonl", "a text in pieces", "{\"text\":[\"a\"]}\n", line: 1, "an array of 1"),
    .file(
      "jsonl", "a label of objects", "{\"text\":\"a\",\"labels\":[{}]}\n", line: 1, "labels[0]"),
    .file("jsonl", "a blank label", "{\"text\":\"a\",\"labels\":[\"\\t\"]}\n", line: 1, "label 1"),
    .file(
      "jsonl", "a huge threshold", "{\"text\":\"a\",\"threshold\":1e308}\n", line: 1, "threshold"),
    .file(
      "jsonl", "examples of numbers",
      "{\"text\":\"a\",\"examples\":[{\"text\":1,\"labels\":[]}]}\n", line: 1, "examples[0].text"),
    .bytes(
      "jsonl", "a tree of 100,000 levels",
      Array("{\"text\":\"a\",\"x\":".utf8) + [UInt8](repeating: 0x5B, count: 100_000), line: 1,
      ["not JSON"]),
    .bytes(
      "jsonl", "two million values",
      Array("{\"text\":\"a\",\"x\":[".utf8)
        + Array(repeatElement([0x31, 0x2C], count: 2_000_000).joined()),
      line: 1, ["not JSON"]),
    .bytes(
      "jsonl", "a number of a million digits",
      Array("{\"text\":\"a\",\"x\":".utf8) + [UInt8](repeating: 0x39, count: 1_000_000), line: 1,
      ["not JSON"]),
    .bytes(
      "jsonl", "no text in another field", Array("{\"text\":\"a\"}\n".utf8), line: 1,
      ["body is missing"], options: ["--text-column", "body"]),
    .bytes(
      "jsonl", "a slip of the field", Array("{\"body\":\"a\"}\n".utf8), line: 1,
      ["did you mean \"body\""], options: ["--text-column", "bdoy"]),
    .bytes(
      "jsonl", "another field that is null", Array("{\"body\":null}\n".utf8), line: 1,
      ["body should be a string"], options: ["--text-column", "body"]),
  ]

  static let bytes: [BadInput] = [
    .bytes("lines", "UTF-16", [0xFF, 0xFE, 0x61, 0, 0x0A, 0], line: nil, ["UTF-16", "iconv"]),
    .bytes(
      "lines", "UTF-16, the other way", [0xFE, 0xFF, 0, 0x61, 0, 0x0A], line: nil, ["UTF-16"]),
    .bytes("lines", "UTF-16 without a mark", [0x61, 0, 0x62, 0, 0x0A, 0], line: nil, ["UTF-16"]),
    .bytes("csv", "UTF-16, reversed, no mark", [0, 0x61, 0, 0x2C, 0, 0x62], line: nil, ["UTF-16"]),
    .bytes("jsonl", "UTF-32", [0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0], line: nil, ["UTF-16"]),
    .bytes("lines", "a spreadsheet", Array("PK".utf8) + [3, 4, 20, 0], line: nil, ["zip", "CSV"]),
    .bytes("lines", "zstd", [0x28, 0xB5, 0x2F, 0xFD, 4, 0], line: nil, ["zstd -dc"]),
    .bytes("csv", "xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], line: nil, ["xz -dc"]),
    .bytes("jsonl", "bzip2", Array("BZh91AY&SY".utf8), line: nil, ["bzip2 -dc"]),
    .bytes("lines", "one byte of 255", [0xFF], line: 1, ["not UTF-8"]),
    .bytes(
      "lines", "an open sequence at the end", Array("a\nb".utf8) + [0xF0, 0x9F], line: 2,
      ["not UTF-8"], rowCount: 1),
    .bytes(
      "lines", "a random file", (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 128) },
      line: 1, ["not UTF-8"]),
    .bytes(
      "lines", "a line beyond the limit", [UInt8](repeating: 0x20, count: (16 << 20) + 1), line: 1,
      ["longer than"]),
    .bytes(
      "jsonl", "a row beyond the limit",
      Array("{\"text\":\"".utf8) + [UInt8](repeating: 0x61, count: 17 << 20), line: 1,
      ["longer than"]),
  ]

  @Test("JSON", arguments: json)
  func checkJSON(_ input: BadInput) throws {
    try input.check()
  }

  @Test("bytes", arguments: bytes)
  func checkBytes(_ input: BadInput) throws {
    try input.check()
  }
}
