// The fields of a JSON row: what `gliss classify` and `gliss tokenize` take from one.

import Gliss
import StrictJSON

/// A row of `gliss classify`: a text, and whatever it sets for itself.
struct ClassificationRow: Equatable, Sendable {
  var text: String
  private var labels: JSON?
  var prompt: String?
  var examples: [Example]?
  var threshold: Float?

  /// Fields other than these are the user's own and stay unread.
  init(_ row: InputRow) throws(RowError) {
    let fields: FieldReader
    switch row.content {
    case .text(let text), .cell(let text, _):
      self.text = text
      return
    case .json(let bytes):
      fields = try RowFields.object(bytes, at: row.location)
    }
    do {
      text = try RowFields.text(fields, row.textField)
      labels = fields.isAbsent("labels") ? nil : fields.value("labels")
      prompt = try fields.optionalString("prompt")
      threshold = try fields.optionalDouble("threshold", in: 0...1).map { Float($0) }
      examples =
        fields.isAbsent("examples") ? nil : try RowFields.examples(fields.objects("examples"))
    } catch {
      throw RowFields.rowError(error, at: row.location)
    }
  }

  /// The row's own labels with the thresholds of the options; nil if it has none.
  func labels(
    _ options: PipelineOptions, at location: RowLocation
  ) throws(RowError) -> [Label]? {
    try labels(separator: options.labelSeparator, at: location) { (list) throws(GlissError) in
      try options.withThresholds(list).labels
    }
  }

  /// The full names of the row's own labels, where only names are of use; nil if it has none.
  func labelNames(at location: RowLocation) throws(RowError) -> [String]? {
    try labels(separator: ".", at: location) { (list) throws(GlissError) in
      try Label.fullNames(list)
    }
  }

  private func labels<Value>(
    separator: String, at location: RowLocation,
    _ body: ([Label]) throws(GlissError) -> Value
  ) throws(RowError) -> Value? {
    guard let labels else { return nil }
    do throws(GlissError) {
      let list = try Label.list(labels, at: "labels")
      if let fault = LabelList.fault(in: list, separator: separator) {
        throw GlissError(.data, "labels: \(fault)")
      }
      return try body(list)
    } catch {
      throw RowError(location, error.message)
    }
  }
}

/// Shared reading of JSON rows.
enum RowFields {
  /// One row is a few strings and lists, and a tree of labels; anything larger is no row.
  private static let limits = JSONLimits(
    byteCount: LineReader.defaultLimit, depth: Label.limits.depth, valueCount: 1 << 20)

  /// The row's object; `bytes` is the line.
  static func object(_ bytes: [UInt8], at location: RowLocation) throws(RowError) -> FieldReader {
    let json: JSON
    do {
      json = try JSON(parsing: bytes, limits: limits)
    } catch {
      let advice =
        bytes.first == UInt8(ascii: "{")
        ? ""
        : "; a row is an object such as {\"text\": \"...\"}, and plain text, where a command reads "
          + "it, is --input-format lines"
      throw RowError(location, byte: error.offset + 1, "not JSON: \(error.reason)\(advice)")
    }
    guard let object = json.object else {
      throw RowError(
        location, "the row should be an object such as {\"text\": \"...\"}, found \(json.excerpt)")
    }
    return FieldReader(object, file: "\(location)")
  }

  /// The text of a row of `gliss tokenize`.
  static func text(_ row: InputRow) throws(RowError) -> String {
    switch row.content {
    case .text(let text), .cell(let text, _): return text
    case .json(let bytes):
      let fields = try object(bytes, at: row.location)
      do {
        return try self.text(fields, row.textField)
      } catch {
        throw rowError(error, at: row.location)
      }
    }
  }

  /// The field that holds the text; where it is missing, the error may know its right name.
  static func text(_ fields: FieldReader, _ name: String) throws(FieldError) -> String {
    guard !fields.contains(name),
      let near = Suggestion.nearest(to: name, among: fields.object.keys.prefix(1000).map { $0 })
    else { return try fields.string(name) }
    throw fields.error(name, expected: "a string; did you mean \(JSON(near).excerpt)?")
  }

  static func examples(_ objects: [FieldReader]) throws(FieldError) -> [Example] {
    var examples: [Example] = []
    for object in objects {
      examples.append(
        Example(text: try object.string("text"), labels: try object.strings("labels")))
    }
    return examples
  }

  static func rowError(_ error: FieldError, at location: RowLocation) -> RowError {
    RowError(location, error.sentence)
  }
}

extension FieldError {
  /// The description without the file, for messages that name it themselves.
  var sentence: String {
    guard let found else { return "\(field) is missing, it should be \(expected)" }
    return "\(field) should be \(expected), found \(found)"
  }
}
