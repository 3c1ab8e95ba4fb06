// Writing JSON: escapes, numbers that read back to the same bits, order, layout.

import StrictJSON
import TestSupport
import Testing

struct JSONOutputTests {
  @Test("one line, and indented")
  func layouts() {
    let json: JSON = ["b": [1, -2.5, "x"], "a": [:], "c": [], "d": ["e": true, "f": .null]]
    #expect(
      json.serialized() == #"{"b":[1,-2.5,"x"],"a":{},"c":[],"d":{"e":true,"f":null}}"#)
    #expect(
      json.serialized(pretty: true) == """
        {
          "b": [
            1,
            -2.5,
            "x"
          ],
          "a": {},
          "c": [],
          "d": {
            "e": true,
            "f": null
          }
        }
        """)
  }

  @Test("strings escape what they must and nothing else")
  func escapes() {
    #expect(
      JSON.string("\"\\/\u{8}\t\n\u{C}\r\0\u{1F}\u{7F}é\u{2028}😀").serialized()
        == #""\"\\/\b\t\n\f\r\u0000\u001f"# + "\u{7F}é\u{2028}😀\"")
  }

  @Test("doubles and floats read back to the same bits")
  func numbersRoundTrip() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      let double = Double(bitPattern: random.next())
      if double.isFinite {
        let read = try JSON(parsing: JSON(double).serialized()).double
        #expect(read?.bitPattern == double.bitPattern)
      }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if float.isFinite {
        let text = JSON(float).serialized()
        #expect(Float(text)?.bitPattern == float.bitPattern)
        let digits = text.prefix { $0 != "e" }.filter { $0.isNumber }
        #expect(digits.drop { $0 == "0" }.reversed().drop { $0 == "0" }.count <= 9)
      }
    }
    #expect(JSON(Float(0.1)).serialized() == "0.1")
    #expect(JSON(Float(-0.0)).serialized() == "-0.0")
    #expect(JSON(5.0).serialized() == "5.0")
    #expect(JSON(Int.min).serialized() == "-9223372036854775808")
    let digits = "1000000000000000019884624838656"
    #expect(try JSON(parsing: digits).serialized() == digits)
  }

  @Test("members are set, replaced and removed in place")
  func editsObjects() throws {
    var object = JSONObject()
    for index in 0..<12 { object["k\(index)"] = .integer(index) }
    object["k3"] = "three"
    object["k5"] = nil
    object["missing"] = nil
    #expect(object.keys == (0..<12).filter { $0 != 5 }.map { "k\($0)" })
    #expect(object["k3"] == "three" && object["k5"] == nil && object["k11"] == 11)
    let reversed = JSONObject(object.members.reversed())
    #expect(object == reversed)
    object["k0"] = nil
    #expect(object != reversed)
  }

  @Test(
    "an excerpt is short and on one line",
    arguments: [
      ("a\nb", #""a\nb""#), (1.5, "1.5"), ([1, 2], "an array of 2"), (["a": 1], "an object of 1"),
      (.bigInteger(String(repeating: "9", count: 100)), "an integer of 100 digits"),
      (
        .string(String(repeating: "é", count: 1000)),
        "\"" + String(repeating: "é", count: 40) + "\"..."
      ),
    ] as [(JSON, String)])
  func excerpts(json: JSON, excerpt: String) {
    #expect(json.excerpt == excerpt)
  }
}
