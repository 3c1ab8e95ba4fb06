// Titles and values in two columns, for people.

import StrictJSON

enum FactTable {
  static func text(_ facts: [(title: String, text: String)]) -> String {
    let widest = facts.reduce(0) { max($0, DisplayWidth.of($1.title)) }
    let indent = String(repeating: " ", count: widest + 2)
    return facts.map { fact in
      let lines = fact.text.split(separator: "\n", omittingEmptySubsequences: false)
      return DisplayWidth.padded(fact.title, to: widest) + "  "
        + lines.joined(separator: "\n" + indent) + "\n"
    }.joined()
  }

  /// A JSON value as a person reads it.
  static func words(_ value: JSON) -> String {
    switch value {
    case .null: "-"
    case .bool(let flag): flag ? "yes" : "no"
    case .integer(let number): grouped(number)
    case .string(let text): VisibleText.oneLine(text)
    case .array(let elements):
      elements.isEmpty ? "none" : elements.map(row).joined(separator: "\n")
    case .object(let object):
      object.members.map { "\($0.key) \(words($0.value))" }.joined(separator: ", ")
    default: value.serialized()
    }
  }

  /// An element of a list: of an object, the values without their keys.
  private static func row(_ value: JSON) -> String {
    guard case .object(let object) = value else { return words(value) }
    return object.members.map { words($0.value) }.joined(separator: "  ")
  }

  /// `12,345,678`.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
