// Reads the fields of a configuration object; every error names file, field, expected and found.

/// Typed access to the members of one JSON object.
///
/// For each kind there are three ways to ask:
/// - `int("hidden_size")`: the field must be there;
/// - `int("hidden_size", default: 768)`: a missing field takes the default;
/// - `optionalInt("pad_token_id")`: missing and `null` are both nil.
///
/// `null` where the first two ask is an error: upstream's `None` is not its default.
package struct FieldReader: Sendable {
  package let object: JSONObject
  package let file: String
  /// Path of the object inside the file; empty for the whole file.
  package let path: String

  package init(_ object: JSONObject, file: String, path: String = "") {
    self.object = object
    self.file = file
    self.path = path
  }

  /// The whole file, which must be an object.
  package init(_ json: JSON, file: String) throws(FieldError) {
    guard let object = json.object else {
      throw FieldError(
        file: file, field: "the file", expected: "one object", found: json.excerpt)
    }
    self.init(object, file: file)
  }

  /// True when the field is there, even as `null`.
  package func contains(_ name: String) -> Bool { object[name] != nil }

  /// The field as it is; nil when it is missing.
  package func value(_ name: String) -> JSON? { object[name] }

  /// The error for a field whose content the caller cannot use.
  package func error(_ name: String, expected: String) -> FieldError {
    FieldError(
      file: file, field: fieldPath(name), expected: expected, found: object[name]?.excerpt)
  }

  package func int(
    _ name: String, default: Int? = nil, in range: ClosedRange<Int> = .min ... .max
  ) throws(FieldError) -> Int {
    try read(name, `default`, Self.words(range)) { $0.int.flatMap { range ~= $0 ? $0 : nil } }
  }

  package func optionalInt(
    _ name: String, in range: ClosedRange<Int> = .min ... .max
  ) throws(FieldError) -> Int? {
    isAbsent(name) ? nil : try int(name, in: range)
  }

  /// A finite number; one written as an integer counts too.
  package func double(
    _ name: String, default: Double? = nil,
    in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
  ) throws(FieldError) -> Double {
    try read(name, `default`, Self.words(range)) { $0.double.flatMap { range ~= $0 ? $0 : nil } }
  }

  package func optionalDouble(
    _ name: String,
    in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
  ) throws(FieldError) -> Double? {
    isAbsent(name) ? nil : try double(name, in: range)
  }

  package func bool(_ name: String, default: Bool? = nil) throws(FieldError) -> Bool {
    try read(name, `default`, "true or false", \.bool)
  }

  package func optionalBool(_ name: String) throws(FieldError) -> Bool? {
    isAbsent(name) ? nil : try bool(name)
  }

  package func string(_ name: String, default: String? = nil) throws(FieldError) -> String {
    try read(name, `default`, "a string", \.string)
  }

  package func optionalString(_ name: String) throws(FieldError) -> String? {
    isAbsent(name) ? nil : try string(name)
  }

  /// A string that must be one of the enum's raw values; the error lists them.
  package func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, default: Choice? = nil
  ) throws(FieldError) -> Choice {
    try read(name, `default`, Self.words(Choice.self)) {
      $0.string.flatMap(Choice.init(rawValue:))
    }
  }

  /// The fields of an object inside this one.
  package func object(_ name: String) throws(FieldError) -> FieldReader {
    let inner = try read(name, nil, "an object", \.object)
    return FieldReader(inner, file: file, path: fieldPath(name))
  }

  package func optionalObject(_ name: String) throws(FieldError) -> FieldReader? {
    isAbsent(name) ? nil : try object(name)
  }

  package func array(_ name: String, default: [JSON]? = nil) throws(FieldError) -> [JSON] {
    try read(name, `default`, "an array", \.array)
  }

  package func optionalArray(_ name: String) throws(FieldError) -> [JSON]? {
    isAbsent(name) ? nil : try array(name)
  }

  /// An array of objects, each with its own path: `added_tokens[3]`.
  package func objects(
    _ name: String, default: [FieldReader]? = nil
  ) throws(FieldError) -> [FieldReader] {
    if let `default`, !contains(name) { return `default` }
    return try elements(name, "an object") { element, path in
      element.object.map { FieldReader($0, file: file, path: path) }
    }
  }

  package func strings(_ name: String, default: [String]? = nil) throws(FieldError) -> [String] {
    if let `default`, !contains(name) { return `default` }
    return try elements(name, "a string") { element, _ in element.string }
  }

  package func ints(
    _ name: String, default: [Int]? = nil, in range: ClosedRange<Int> = .min ... .max
  ) throws(FieldError) -> [Int] {
    if let `default`, !contains(name) { return `default` }
    return try elements(name, Self.words(range)) { element, _ in
      element.int.flatMap { range ~= $0 ? $0 : nil }
    }
  }

  /// True when the field is missing or `null`.
  package func isAbsent(_ name: String) -> Bool { object[name]?.isNull ?? true }

  /// The path of a field of this object, as errors name it.
  package func fieldPath(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  private func read<Value>(
    _ name: String, _ default: Value?, _ expected: @autoclosure () -> String,
    _ convert: (JSON) -> Value?
  ) throws(FieldError) -> Value {
    guard let json = object[name] else {
      if let `default` { return `default` }
      throw error(name, expected: expected())
    }
    guard let value = convert(json) else { throw error(name, expected: expected()) }
    return value
  }

  private func elements<Value>(
    _ name: String, _ expected: @autoclosure () -> String, _ convert: (JSON, String) -> Value?
  ) throws(FieldError) -> [Value] {
    let elements = try array(name)
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for (position, element) in elements.enumerated() {
      let elementPath = "\(fieldPath(name))[\(position)]"
      guard let value = convert(element, elementPath) else {
        throw FieldError(
          file: file, field: elementPath, expected: expected(), found: element.excerpt)
      }
      values.append(value)
    }
    return values
  }

  private static func words<Choice: RawRepresentable<String> & CaseIterable>(
    _ choices: Choice.Type
  ) -> String {
    let names = choices.allCases.map { "\"\($0.rawValue)\"" }
    return names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))"
  }

  private static func words(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): "an integer"
    case (1, .max): "a positive integer"
    case (0, .max): "a non-negative integer"
    case (let lower, .max): "an integer of at least \(lower)"
    case (.min, let upper): "an integer of at most \(upper)"
    case (let lower, let upper): "an integer from \(lower) to \(upper)"
    }
  }

  private static func words(_ range: ClosedRange<Double>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude): "a number"
    case (.leastNonzeroMagnitude, .greatestFiniteMagnitude): "a positive number"
    case (0, .greatestFiniteMagnitude): "a non-negative number"
    case (let lower, let upper): "a number from \(lower) to \(upper)"
    }
  }
}
