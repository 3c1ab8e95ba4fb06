// One test per rule of the format, named after the rule; the meaning of the reference's own tests
// (safetensors/src/tensor.rs) and our stricter rules.

import StrictJSON
import TestSupport
import Testing

import Safetensors

struct HeaderTests {
  let folder: TemporaryFolder
  var path: String { folder.path("model.safetensors") }

  init() throws { folder = try TemporaryFolder() }

  private func expect(
    _ expected: SafetensorsError, header: String, data: [UInt8] = [],
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let error = try errorOpening(fileBytes(header, data: data), in: folder)
    #expect(error == expected, sourceLocation: location)
  }

  private func field(_ field: String, _ expected: String, _ found: String?) -> SafetensorsError {
    .invalidField(FieldError(file: path, field: field, expected: expected, found: found))
  }

  private func open(_ header: String, data: [UInt8] = []) throws -> SafetensorsFile {
    try SafetensorsFile(try folder.write("model.safetensors", fileBytes(header, data: data)))
  }

  @Test("a file of one tensor")
  func readsTensors() throws {
    let file = try open(
      #"{"t":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]},"__metadata__":{"a":"b"}}"#,
      data: Array(0..<16))
    #expect(file.metadata == ["a": "b"])
    let tensor = try #require(file.info("t"))
    #expect(tensor.shape == [2, 2] && tensor.elementType == .i32 && tensor.elementCount == 4)
    #expect(try file.bytes(of: tensor) == Array(0..<16))
  }

  @Test(
    "unusual and valid",
    arguments: [
      ("{}", 0), ("{}   ", 0), (#"{"__metadata__":{}}"#, 0),
      (#"{"t":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}"#, 4),
      (#"{"t":{"dtype":"I32","shape":[2,0],"data_offsets":[0,0]}}"#, 0),
      (
        #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"#
          + #""b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"#
          + #""c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4
      ),
      (#"{"t":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}"#, 1),
      (#"{"t":{"dtype":"F4","shape":[1,2],"data_offsets":[0,1]}}"#, 1),
      (#"{"t":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}"#, 3),
      // The data may begin at an odd byte.
      (#"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} "#, 4),
    ])
  func acceptsUnusualFiles(header: String, dataByteCount: Int) throws {
    #expect(throws: Never.self) { try open(header, data: zeros(dataByteCount)) }
  }

  @Test("noHeaderLength", arguments: [0, 1, 7])
  func fileShorterThanLength(byteCount: Int) throws {
    let error = try errorOpening(zeros(byteCount), in: folder)
    #expect(error == .noHeaderLength(file: path, byteCount: byteCount))
  }

  @Test("headerTooLong", arguments: [100_000_001, UInt64(1) << 63, .max])
  func headerOverLimit(length: UInt64) throws {
    let error = try errorOpening(lengthBytes(length) + zeros(8), in: folder)
    #expect(error == .headerTooLong(file: path, byteCount: length, limit: 100_000_000))
  }

  @Test("headerBeyondFile", arguments: [3, 100_000_000])
  func headerLongerThanFile(length: UInt64) throws {
    let error = try errorOpening(lengthBytes(length) + Array("{}".utf8), in: folder)
    #expect(
      error
        == .headerBeyondFile(file: path, headerByteCount: Int(length), fileByteCount: 10))
  }

  @Test("headerIsNoObject", arguments: ["", " {}", "\n{}", "[]", "1", "\u{FEFF}{}", "aaaaaaaa"])
  func headerBeginsWithSomethingElse(header: String) throws {
    try expect(.headerIsNoObject(file: path), header: header)
  }

  @Test(
    "invalidHeader",
    arguments: [
      ("{", .unexpectedEnd(expected: "a key", offset: 1)),
      ("{}x", .trailingBytes(offset: 2)), ("{}\0", .trailingBytes(offset: 2)),
      ("{}{}", .trailingBytes(offset: 2)),
      (#"{"t":[[[1]]]}"#, .tooDeep(limit: 3, offset: 7)),
      (#"{"__metadata__":{},"__metadata__":{}}"#, .duplicateKey("__metadata__", offset: 19)),
      (#"{"t":{},"t":{}}"#, .duplicateKey("t", offset: 8)),
      (#"{"a":{},"\u0061":{}}"#, .duplicateKey("a", offset: 8)),
      (#"{"t":{"dtype":"U8","dtype":"U8"}}"#, .duplicateKey("dtype", offset: 19)),
      (#"{"t":{"dtype":"U8","shape":[01]}}"#, .leadingZero(offset: 28)),
      (#"{"t":{"shape":[1,]}}"#, .unexpectedByte(0x5D, expected: "a value", offset: 17)),
      (#"{"t":NaN}"#, .unexpectedByte(0x4E, expected: "a value", offset: 5)),
      (#"{"\ud800":{}}"#, .loneSurrogate(0xD800, offset: 2)),
      ("{\"a\u{1}\":{}}", .controlCharacter(1, offset: 3)),
    ] as [(String, JSONError)])
  func headerIsNotJSON(header: String, error: JSONError) throws {
    try expect(.invalidHeader(file: path, error), header: header)
  }

  @Test("invalidHeader: not UTF-8", arguments: [[0xFF], [0xC0, 0xAE], [0xED, 0xA0, 0x80]])
  func headerIsNotUTF8(bytes: [UInt8]) throws {
    let header = Array("{\"".utf8) + bytes + Array("\":{}}".utf8)
    let error = try errorOpening(lengthBytes(UInt64(header.count)) + header, in: folder)
    #expect(error == .invalidHeader(file: path, .invalidUTF8(offset: 2)))
  }

  @Test("invalidField")
  func fieldsOfTheWrongKind() throws {
    let size = "a non-negative integer"
    try expect(field("t", "an object", "an array of 0"), header: #"{"t":[]}"#)
    let names = ElementType.allCases.map { "\"\($0.rawValue)\"" }
    let types = "one of \(names.joined(separator: ", "))"
    try expect(field("t.dtype", types, nil), header: #"{"t":{}}"#)
    for type in ["f32", "F31", ""] {
      try expect(field("t.dtype", types, "\"\(type)\""), header: #"{"t":{"dtype":"\#(type)"}}"#)
    }
    try expect(field("t.shape", "an array", nil), header: #"{"t":{"dtype":"U8"}}"#)
    for number in ["-1", "1.0", "1e2", "true", "null", "18446744073709551616"] {
      let found = number == "1e2" ? "100.0" : number
      try expect(
        field("t.shape[1]", size, found),
        header: #"{"t":{"dtype":"U8","shape":[1,\#(number)],"data_offsets":[0,1]}}"#)
      try expect(
        field("t.data_offsets[1]", size, found),
        header: #"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,\#(number)]}}"#)
    }
    for offsets in ["[]", "[0]", "[0,1,2]"] {
      let count = offsets.split(separator: ",").count
      try expect(
        field(
          "t.data_offsets", "two integers, begin and end",
          "an array of \(offsets == "[]" ? 0 : count)"),
        header: #"{"t":{"dtype":"U8","shape":[1],"data_offsets":\#(offsets)}}"#, data: zeros(1))
    }
    try expect(
      field("__metadata__", "an object", "null"), header: #"{"__metadata__":null}"#)
    try expect(
      field("__metadata__.a", "a string", "1"), header: #"{"__metadata__":{"a":1}}"#)
  }

  @Test("unknownField")
  func fieldNobodyKnows() throws {
    try expect(
      .unknownField(file: path, tensor: "t", field: "x"),
      header: #"{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":0}}"#, data: zeros(1))
  }

  @Test("emptyName, unsafeName, duplicateName")
  func names() throws {
    let rest = #":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    try expect(.emptyName(file: path), header: "{\"\"\(rest)}")
    for (name, text) in [
      ("../../x", "../../x"), ("a..b", "a..b"), (#"a\nb"#, "a\nb"), (#"\u0000"#, "\0"),
      (#"\u007f"#, "\u{7F}"), (#"\u0085"#, "\u{85}"),
    ] {
      try expect(.unsafeName(file: path, tensor: text), header: "{\"\(name)\"\(rest)}")
    }
    try expect(
      .duplicateName(file: path, tensor: "\u{E9}"),
      header: #"{"\u00e9"\#(rest),"e\u0301"\#(rest)}"#)
  }

  @Test("rankTooHigh", arguments: [9, 1000])
  func rankOverLimit(rank: Int) throws {
    let shape = [String](repeating: "1", count: rank).joined(separator: ",")
    try expect(
      .rankTooHigh(file: path, tensor: "t", rank: rank, limit: 8),
      header: #"{"t":{"dtype":"U8","shape":[\#(shape)],"data_offsets":[0,1]}}"#, data: zeros(1))
  }

  @Test(
    "tensorTooLarge",
    arguments: [
      // 2^62 * 2 * 2 elements; a multiplication by the element size; one undone by a later 0; an
      // end that overflows with the header before it.
      ("F32", "[4611686018427387904,2,2]", "[0,16]"), ("F32", "[4611686018427387904]", "[0,4]"),
      ("U8", "[9223372036854775807,9223372036854775807,0]", "[0,0]"),
      ("U8", "[0]", "[9223372036854775807,9223372036854775807]"),
    ])
  func sizeOverflows(type: String, shape: String, offsets: String) throws {
    try expect(
      .tensorTooLarge(file: path, tensor: "t"),
      header: #"{"t":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#)
  }

  @Test("partialByte", arguments: [("F4", 1, 4), ("F4", 3, 12), ("F6_E3M2", 1, 6)])
  func bitsThatFillNoBytes(type: String, count: Int, bitCount: Int) throws {
    try expect(
      .partialByte(file: path, tensor: "t", bitCount: bitCount),
      header: #"{"t":{"dtype":"\#(type)","shape":[\#(count)],"data_offsets":[0,1]}}"#,
      data: zeros(1))
  }

  @Test("reversedOffsets and byteCountMismatch")
  func offsetsThatDoNotFit() throws {
    try expect(
      .reversedOffsets(file: path, tensor: "t", begin: 4, end: 0),
      header: #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, data: zeros(4))
    try expect(
      .byteCountMismatch(file: path, tensor: "t", expected: 16, found: 4),
      header: #"{"t":{"dtype":"I32","shape":[2,2],"data_offsets":[0,4]}}"#, data: zeros(4))
  }

  @Test("overlap and hole")
  func tensorsThatDoNotTile() throws {
    func header(_ first: (Int, Int), _ second: (Int, Int)) -> String {
      #"{"a":{"dtype":"U8","shape":[\#(first.1 - first.0)],"data_offsets":[\#(first.0),\#(first.1)]},"#
        + #""b":{"dtype":"U8","shape":[\#(second.1 - second.0)],"#
        + #""data_offsets":[\#(second.0),\#(second.1)]}}"#
    }
    try expect(
      .overlap(file: path, tensor: "b", begin: 3, previousEnd: 4), header: header((0, 4), (3, 8)),
      data: zeros(8))
    try expect(
      .hole(file: path, tensor: "a", begin: 5, previousEnd: 4), header: header((5, 8), (0, 4)),
      data: zeros(8))
    try expect(
      .hole(file: path, tensor: "a", begin: 1, previousEnd: 0), header: header((1, 4), (4, 8)),
      data: zeros(8))
  }

  @Test("dataByteCountMismatch", arguments: [-4, -2, 1, 8])
  func dataOfTheWrongLength(extra: Int) throws {
    // More: another format could hide behind the tensors. Less: the file was cut.
    try expect(
      .dataByteCountMismatch(file: path, expected: 4, found: 4 + extra),
      header: #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: zeros(4 + extra))
  }

  @Test("a file cut anywhere is refused")
  func cutAnywhere() throws {
    let bytes = fileBytes(
      #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: zeros(4))
    for length in 0..<bytes.count {
      #expect(try errorOpening(Array(bytes[..<length]), in: folder) != nil, "\(length) bytes")
    }
  }

  @Test("cannotOpen and notAFile")
  func pathsThatAreNoFiles() throws {
    #expect(throws: SafetensorsError.cannotOpen(file: folder.path("missing"), code: 2)) {
      try SafetensorsFile(folder.path("missing"))
    }
    #expect(throws: SafetensorsError.notAFile(folder.path)) { try SafetensorsFile(folder.path) }
  }
}
