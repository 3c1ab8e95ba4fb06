// JSON out, compact, straight into a byte buffer: no tree is built for a row of results.

import StrictJSON

/// Appends JSON values to bytes.
enum JSONText {
  static func append(_ text: String, to bytes: inout [UInt8]) {
    JSON.string(text).write(to: &bytes)
  }

  /// The shortest decimal that reads back as the same float. `value` is finite: the engine refuses
  /// a logit that is not.
  static func append(_ value: Float, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: value.description.utf8)
  }

  static func append(_ value: Int, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: String(value).utf8)
  }

  /// `[a,b,...]`, each element appended by `element`.
  static func appendArray<Elements: Sequence>(
    _ elements: Elements, to bytes: inout [UInt8],
    _ element: (Elements.Element, inout [UInt8]) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    var isFirst = true
    for value in elements {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      element(value, &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// `"key":`, with a comma before it unless it opens the object.
  static func appendKey(_ key: StaticString, to bytes: inout [UInt8]) {
    if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    key.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
  }
}
