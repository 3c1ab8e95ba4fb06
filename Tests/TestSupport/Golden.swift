// What the official gliclass package computes on the tiny checkpoints of Tests/Goldens.
// Made by tools/goldens/make.py; manifest.json says with which versions, seed and arithmetic.

internal import StrictJSON

/// One tiny checkpoint and its rows.
package struct Golden: Sendable, CustomStringConvertible {
  package let name: String
  /// What the checkpoint is there to show.
  package let why: String
  /// Path of the checkpoint folder.
  package let model: String
  /// Rows with examples must be refused: the vocabulary has no `<<EXAMPLE>>`.
  package let refusesExamples: Bool
  /// One of many heads around the same encoder.
  package let isHead: Bool
  package let rows: [Row]
  package let taps: [Tap]

  package var description: String { name }

  /// One input with upstream's string, ids and logits.
  package struct Row: Sendable {
    package let name: String
    package let text: String
    package let labels: [String]
    package let prompt: String
    package let examples: [(text: String, labels: [String])]
    /// Upstream matched markers inside the strings of this row.
    package let matchesControlTokens: Bool
    package let string: String
    package let ids: [Int32]
    /// One per label.
    package let logits: [Float]
    /// Of the label slots beyond the labels: upstream scores their zero vectors like any other.
    package let missingSlotLogits: [Float]
    /// The projected text: one vector, or one a token. Empty in rows that hold no embeddings.
    package let textEmbedding: [[Float]]
    /// One a label.
    package let labelEmbeddings: [[Float]]
  }

  /// Intermediates of one row, in a safetensors file.
  package struct Tap: Sendable {
    package let row: String
    /// Path of the file.
    package let file: String
  }

  /// Tests/Goldens of this checkout.
  package static let folder = {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return here.dropLast(2).joined(separator: "/") + "/Goldens"
  }()

  /// Every golden of the manifest, in its order.
  package static func all() throws -> [Golden] {
    let manifest = try reader("manifest.json")
    let cases = try manifest.objects("cases")
    return try cases.map { try Golden($0) }
  }

  /// The golden called `name`.
  package static func named(_ name: String) throws -> Golden {
    guard let golden = try all().first(where: { $0.name == name }) else {
      throw TestFileError(path: "\(folder)/manifest.json: \(name)", code: 0)
    }
    return golden
  }

  private init(_ fields: FieldReader) throws {
    name = try fields.string("name")
    why = try fields.string("why")
    model = "\(Self.folder)/\(try fields.string("model"))"
    refusesExamples = try fields.bool("refuses_examples", default: false)
    isHead = try fields.bool("head", default: false)
    rows = try Self.reader(fields.string("rows")).objects("rows").map { try Row($0) }
    taps = try fields.objects("taps").map {
      Tap(row: try $0.string("row"), file: "\(Self.folder)/\(try $0.string("file"))")
    }
  }

  private static func reader(_ name: String) throws -> FieldReader {
    try FieldReader(JSON(parsing: readBytes("\(folder)/\(name)")), file: name)
  }
}

extension Golden.Row {
  fileprivate init(_ fields: FieldReader) throws {
    name = try fields.string("name")
    text = try fields.string("text")
    labels = try fields.strings("labels")
    prompt = try fields.string("prompt", default: "")
    examples = try fields.objects("examples", default: []).map {
      (text: try $0.string("text"), labels: try $0.strings("labels"))
    }
    matchesControlTokens = try fields.bool("raw_control_tokens", default: false)
    string = try fields.string("string")
    ids = try fields.ints("ids", in: 0...Int(Int32.max)).map(Int32.init)
    logits = try fields.floats("logits")
    missingSlotLogits =
      fields.contains("missing_slot_logits") ? try fields.floats("missing_slot_logits") : []
    textEmbedding = try fields.vectors("text_embedding")
    labelEmbeddings = try fields.vectors("label_embeddings")
    guard logits.count == labels.count else {
      throw fields.error("logits", expected: "\(labels.count) numbers")
    }
  }
}

extension FieldReader {
  fileprivate func floats(_ name: String) throws -> [Float] {
    try floats(array(name), name)
  }

  /// An array of arrays of numbers; none where the field is missing.
  fileprivate func vectors(_ name: String) throws -> [[Float]] {
    try array(name, default: []).map { vector in
      guard let values = vector.array else { throw error(name, expected: "arrays") }
      return try floats(values, name)
    }
  }

  private func floats(_ values: [JSON], _ name: String) throws -> [Float] {
    try values.map { value in
      guard let number = value.double else { throw error(name, expected: "numbers") }
      return Float(number)
    }
  }
}
