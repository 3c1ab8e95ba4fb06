// A JSON value (RFC 8259) as Gliss keeps it: exact integers, members in file order.

/// One JSON value.
///
/// Strings are compared by their bytes, never by Unicode equivalence: "é" written as one scalar and
/// as two are different keys, as they are different tokens.
package enum JSON: Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction or exponent that fits `Int` exactly.
  case integer(Int)
  /// A number written without fraction or exponent that does not fit `Int`: its digits as written.
  /// (Hugging Face writes `"model_max_length": 1000000000000000019884624838656`.) `int` is nil for
  /// it, `double` is the nearest value.
  case bigInteger(String)
  /// A number written with a fraction or an exponent. Always finite when it was parsed.
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

extension JSON {
  package var isNull: Bool { if case .null = self { true } else { false } }

  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The exact integer; nil for `1.0` and for integers beyond `Int`.
  package var int: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The number, rounded to the nearest `Double` when it was written as an integer.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .bigInteger(let digits): Double(digits)
    case .number(let value): value
    default: nil
    }
  }

  package var string: String? { if case .string(let value) = self { value } else { nil } }

  package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }

  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The member `key` of an object; nil for other kinds and for missing members.
  package subscript(key: String) -> JSON? { object?[key] }

  /// The value in words for an error message: short, on one line, quoted where it is text.
  package var excerpt: String {
    switch self {
    case .string(let value):
      value.utf8.count <= 60
        ? serialized() : JSON.string(String(value.unicodeScalars.prefix(40))).serialized() + "..."
    case .bigInteger(let digits):
      digits.utf8.count <= 60 ? digits : "an integer of \(digits.utf8.count) digits"
    case .array(let elements): "an array of \(elements.count)"
    case .object(let object): "an object of \(object.count)"
    default: serialized()
    }
  }
}

extension JSON: Equatable {
  /// Equal kind and equal content; strings byte for byte, objects whatever their order.
  /// `1` and `1.0` differ.
  package static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.bigInteger(let a), .bigInteger(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

extension JSON {
  /// A number that prints with the fewest digits that read back to the same `Float`.
  package init(_ value: Float) {
    // The Double nearest to those digits: its own shortest form is the same digits.
    self = .number(Double(value.description) ?? Double(value))
  }

  package init(_ value: Double) { self = .number(value) }
  package init(_ value: Int) { self = .integer(value) }
  package init(_ value: Bool) { self = .bool(value) }
  package init(_ value: String) { self = .string(value) }
  package init(_ elements: some Sequence<JSON>) { self = .array(Array(elements)) }
}

extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }

  /// Members in the order written. A key written twice is the caller's mistake and traps.
  package init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(JSONObject(elements.map { (key: $0.0, value: $0.1) }))
  }
}
