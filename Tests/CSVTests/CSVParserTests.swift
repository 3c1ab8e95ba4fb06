import CSV
import TestSupport
import Testing

@Suite("The csv parser")
struct CSVParserTests {
  private func fields(_ text: String, _ dialect: CSVDialect = CSVDialect()) -> [[String]] {
    parseCSV(Array(text.utf8), dialect, piece: 7).compactMap { event in
      guard case .record(let record) = event else { return nil }
      return (0..<record.count).map { String(decoding: record.field($0), as: UTF8.self) }
    }
  }

  @Test(
    "reads what RFC 4180 says",
    arguments: [
      ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]), ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
      ("\"a\",\"b\"\n", [["a", "b"]]), ("\"a,b\",c\n", [["a,b", "c"]]),
      ("\"a\r\nb\"\r\n", [["a\r\nb"]]), ("\"a\"\"b\"\n", [["a\"b"]]), ("\"\"\"\"\n", [["\""]]),
      ("\"\"\n", [[""]]), (",\n", [["", ""]]), (",", [["", ""]]), ("a,\n", [["a", ""]]),
      ("a,\"\"\n", [["a", ""]]), ("\n\na\n\n", [["a"]]), ("\r\n\r\na", [["a"]]), ("", []),
      ("\u{FEFF}a,b\n\u{FEFF}c,d", [["a", "b"], ["\u{FEFF}c", "d"]]),
      (" a , b \n", [[" a ", " b "]]),
      ("a\r", [["a"]]), ("\"a\"\r", [["a"]]), ("日本,é\n", [["日本", "é"]]), ("\"\n\"", [["\n"]]),
      ("a\0b\n", [["a\0b"]]), ("\u{FEFF}", []), ("\u{FEFF}\"a\nb\",c", [["a\nb", "c"]]),
    ] as [(String, [[String]])])
  func conforming(_ text: String, _ expected: [[String]]) {
    #expect(fields(text) == expected)
  }

  @Test("other delimiters, and quotes that are plain characters")
  func dialects() {
    let tab = CSVDialect(delimiter: UInt8(ascii: "\t"))
    #expect(fields("a,b\t\"c\td\"\n", tab) == [["a,b", "c\td"]])
    let plain = CSVDialect(delimiter: UInt8(ascii: "\t"), hasQuotes: false)
    #expect(fields("\"a\tb\"\nc\"\td\n", plain) == [["\"a", "b\""], ["c\"", "d"]])
  }

  @Test("says where a record is broken, and goes on behind the line of the fault")
  func faults() throws {
    let text = "a,b\nc\"d,e\nf,\"g\"h\ni,j\n\"k\nl\"m,n\no,p\rq\nr,s\n"
    let events = parseCSV(Array(text.utf8), piece: 3)
    let faults = events.compactMap { event -> CSVFault? in
      if case .fault(let fault) = event { fault } else { nil }
    }
    #expect(faults.map(\.kind) == [.strayQuote, .afterQuote, .afterQuote, .strayReturn])
    #expect(faults.map(\.recordLine) == [2, 3, 5, 7])
    #expect(faults.map(\.line) == [2, 3, 6, 7])
    #expect(faults.map(\.byte) == [2, 6, 3, 5])
    #expect(faults.map(\.field) == [1, 2, 1, 2])
    #expect(faults.first?.bytes == Array("c\"d,e".utf8))
    #expect(events.count == 7)
    let open = parseCSV(Array("a\n\"b\nc".utf8), piece: 2)
    guard case .fault(let fault) = try #require(open.last) else {
      Issue.record("no fault: \(open)")
      return
    }
    #expect((fault.kind, fault.recordLine, fault.line) == (.unclosedQuote, 2, 3))
  }

  @Test("lets go of a record beyond the limit, of too many fields, and goes on")
  func limits() {
    for piece in [1, 3, 1000] {
      let long = parseCSV(Array("\"abcdefgh\nij,k\"\nx,y\nz\n".utf8), limit: 6, piece: piece)
      let records = long.compactMap { event -> Int? in
        if case .record(let record) = event { record.count } else { nil }
      }
      #expect(records.suffix(2) == [2, 1])
      let isTold = long.contains { event in
        if case .fault(let fault) = event { fault.kind == .tooLong(limit: 6) } else { false }
      }
      #expect(isTold)
    }
    let commas = [UInt8](repeating: UInt8(ascii: ","), count: 70_000) + Array("\na\n".utf8)
    let many = parseCSV(commas, piece: 4096)
    #expect(many.count == 2)
    guard case .fault(let fault)? = many.first else { return }
    #expect(fault.kind == .tooManyFields(limit: 65_536))
  }

  @Test("yields the same in pieces of any size, for broken input too")
  func pieces() {
    let seed: UInt64 = 11
    var random = SeededGenerator(seed: seed)
    let good = Array("id,text\r\n1,\"a \"\"b\"\"\nc\"\r\n2,d\n,\n\"\",e\r\n".utf8)
    for round in 0..<3000 {
      let bytes = mutated(
        good, fragments: ["\"", ",", "\r", "\n", "\"\"", "\r\n", "\u{FEFF}", "\0"], using: &random)
      let limit = Int.random(in: 1...40, using: &random)
      let whole = parseCSV(bytes, limit: limit, piece: 1 << 16)
      let piece = Int.random(in: 1...9, using: &random)
      let cut = parseCSV(bytes, limit: 1 << 20, piece: piece)
      #expect(cut == parseCSV(bytes, limit: 1 << 20, piece: 1), "round \(round), seed \(seed)")
      for case .record(let record) in whole {
        #expect(record.bytes.count <= limit, "round \(round), seed \(seed)")
      }
    }
  }
}
