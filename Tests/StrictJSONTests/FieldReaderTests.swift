// Field access of configuration files, and the sentences of its errors.

import StrictJSON
import Testing

struct FieldReaderTests {
  private enum Pooling: String, CaseIterable { case first, average = "avg" }

  private func reader(_ text: String) throws -> FieldReader {
    try FieldReader(try JSON(parsing: text), file: "config.json")
  }

  private func expectError(_ sentence: String, _ body: () throws -> some Any) {
    let error = #expect(throws: FieldError.self) { _ = try body() }
    #expect(error.map(String.init(describing:)) == sentence)
  }

  @Test("fields of every kind")
  func readsFields() throws {
    let fields = try reader(
      """
      {"size": 768, "eps": 1e-5, "one": 1, "bias": false, "kind": "avg", "none": null,
       "rope": {"theta": 10000.0}, "layers": ["a", "b"], "ids": [1, 2],
       "tokens": [{"id": 5}]}
      """)
    #expect(try fields.int("size", in: 1 ... .max) == 768)
    #expect(try fields.int("missing", default: 3) == 3)
    #expect(try fields.optionalInt("none") == nil)
    #expect(try fields.optionalInt("missing") == nil)
    #expect(try fields.double("eps") == 1e-5)
    #expect(try fields.double("one") == 1)
    #expect(try fields.optionalDouble("eps") == 1e-5)
    #expect(try fields.bool("bias", default: true) == false)
    #expect(try fields.optionalBool("none") == nil)
    #expect(try fields.string("kind") == "avg")
    #expect(try fields.choice("kind", default: Pooling.first) == .average)
    #expect(try fields.choice("missing", default: Pooling.first) == .first)
    #expect(try fields.object("rope").double("theta") == 10_000)
    #expect(try fields.optionalObject("none") == nil)
    #expect(try fields.strings("layers") == ["a", "b"])
    #expect(try fields.strings("missing", default: []) == [])
    #expect(try fields.ints("ids") == [1, 2])
    #expect(try fields.objects("tokens").map { try $0.int("id") } == [5])
    #expect(fields.contains("none") && fields.isAbsent("none") && !fields.contains("missing"))
  }

  @Test("errors name file, field, expected and found")
  func namesWhatIsWrong() throws {
    let fields = try reader(
      """
      {"size": "abc", "zero": 0, "none": null, "kind": "max", "layers": ["a", 1],
       "rope": {"theta": true}, "tokens": [{}, {"id": -1}], "real": 1.5}
      """)
    expectError(#"config.json: size should be a positive integer, found "abc""#) {
      try fields.int("size", in: 1 ... .max)
    }
    expectError("config.json: missing is missing, it should be an integer from 1 to 9") {
      try fields.int("missing", in: 1...9)
    }
    expectError("config.json: zero should be a positive integer, found 0") {
      try fields.int("zero", default: 1, in: 1 ... .max)
    }
    expectError("config.json: none should be an integer, found null") {
      try fields.int("none", default: 1)
    }
    expectError("config.json: real should be a non-negative integer, found 1.5") {
      try fields.optionalInt("real", in: 0 ... .max)
    }
    expectError(#"config.json: kind should be one of "first", "avg", found "max""#) {
      try fields.choice("kind", default: Pooling.first)
    }
    expectError("config.json: layers[1] should be a string, found 1") {
      try fields.strings("layers")
    }
    expectError("config.json: rope.theta should be a number, found true") {
      try fields.object("rope").double("theta")
    }
    expectError("config.json: tokens[0].id is missing, it should be an integer") {
      try fields.objects("tokens").map { try $0.int("id") }
    }
    expectError("config.json: tokens should be true or false, found an array of 2") {
      try fields.bool("tokens")
    }
    expectError("config.json: the file should be one object, found an array of 1") {
      try FieldReader(["a"], file: "config.json")
    }
  }
}
