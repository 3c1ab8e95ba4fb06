// Malformed gzip: cut anywhere, damaged anywhere, made to fill a memory.

import GlissCommand
import Testing

@Suite("Malformed gzip is refused with the facts")
struct BadGzipTests {
  /// 2,000 lines that do not pack to nothing: a member of several kilobytes.
  static let packed = gzip(
    Array((0..<2000).map { "row \($0 &* 2_654_435_761 % 1_000_003)\n" }.joined().utf8))
  static let small = gzip(Array("one\ntwo\n".utf8))

  private static func changed(_ bytes: [UInt8], at index: Int, _ value: UInt8) -> [UInt8] {
    var bytes = bytes
    bytes[index] = value
    return bytes
  }

  private static func input(_ name: String, _ bytes: [UInt8], _ names: String...) -> BadInput {
    .bytes("lines", name, bytes, line: nil, names)
  }

  static let inputs: [BadInput] = [
    input("two bytes", Array(small[..<2]), "ends early"),
    input("half a header", Array(small[..<6]), "ends early"),
    input("a header alone", Array(small[..<10]), "ends early"),
    input("another method", changed(small, at: 2, 7), "damaged"),
    input("flags of the future", changed(small, at: 3, 0xE0), "damaged"),
    input(
      "a name that never ends",
      changed(Array(small[..<10]), at: 3, 8) + [UInt8](repeating: 1, count: 9),
      "ends early"),
    input("a header check that is wrong", changed(small, at: 3, 2), "damaged"),
    input("a block of no type", changed(small, at: 10, 0xFF), "damaged"),
    input("two bytes of another kind", [0x1F, 0x8B] + Array("hello world\n".utf8), "damaged"),
  ]

  /// Rows before the fault are answered; how many depends on where blocks end.
  @Test(
    "what came before the damage is answered",
    arguments: [
      ("no trailer", Array(packed.dropLast(8)), "ends early"),
      ("half a trailer", Array(packed.dropLast(4)), "ends early"),
      ("a byte short", Array(packed.dropLast(1)), "ends early"),
      ("half of it", Array(packed[..<(packed.count / 2)]), "ends early"),
      (
        "a sum that is wrong", changed(packed, at: packed.count - 8, packed[packed.count - 8] ^ 1),
        "incorrect data check"
      ),
      (
        "a length that is wrong",
        changed(packed, at: packed.count - 4, packed[packed.count - 4] ^ 1),
        "incorrect length check"
      ),
      ("text behind it", packed + Array("more\n".utf8), "something else"),
      ("half a magic behind it", packed + [0x1F], "ends early"),
      ("a broken member behind it", packed + [0x1F, 0x8C, 8, 0, 0, 0, 0, 0, 0, 3], "damaged"),
      ("a member cut off behind it", packed + small[..<12], "ends early"),
    ] as [(String, [UInt8], String)])
  func late(_ name: String, _ bytes: [UInt8], _ fact: String) throws {
    let run = try ToolRun(["classify", "--labels", "a", "--jsonl"], inputBytes: bytes)
    #expect(run.status == .data)
    #expect(run.error.contains("stdin: "), "\(run.error)")
    #expect(run.error.contains(fact), "\(run.error)")
    #expect(run.lines.count > 100)
    #expect(run.output.hasSuffix("}\n"))
  }

  @Test("damaged headers and cut streams", arguments: inputs)
  func checkInput(_ input: BadInput) throws {
    try input.check()
  }

  @Test("gzip in gzip is no text")
  func twice() throws {
    let run = try ToolRun(
      ["classify", "--labels", "a", "--jsonl"], inputBytes: gzip(gzip(Array("a\n".utf8))))
    #expect(run.status == .data)
    #expect(run.error.contains("stdin:1:2: the line is not UTF-8"))
  }

  @Test("every byte of a member changed: rows of a part, or an error; never another end")
  func everyByte() throws {
    for index in Self.small.indices {
      for value in [Self.small[index] ^ 0x01, Self.small[index] ^ 0x80] {
        let run = try ToolRun(
          ["classify", "--labels", "a", "--jsonl"],
          inputBytes: Self.changed(Self.small, at: index, value))
        #expect(run.status == .data || run.status == .success, "\(index): \(run.error)")
        #expect(run.status == .success || run.error.hasPrefix("gliss: stdin"), "\(run.error)")
      }
    }
  }
}
