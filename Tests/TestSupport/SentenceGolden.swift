// What transformers and sentence-transformers compute on the tiny models of Tests/Goldens/sentences.
// Made by tools/goldens/sentences.py; sentences.json says with which versions.

internal import StrictJSON

/// A tiny sequence classifier, with pairs of texts.
package struct ClassifierGolden: Sendable, CustomStringConvertible {
  package let name: String
  package let why: String
  package let folder: String
  package let labels: [String]
  package let pairs: [Pair]
  /// Answers of transformers' zero-shot pipeline; none for what is no NLI model.
  package let answers: [Answer]

  package var description: String { name }

  package struct Pair: Sendable {
    package let first: String
    package let second: String
    package let ids: [Int32]
    /// Empty where upstream gives the model none.
    package let types: [Int32]
    package let logits: [Float]
    /// The most tokens, and which text was cut for it: "first" or "second".
    package let limit: Int?
    package let cut: String?
    package let truncated: Int
  }

  package struct Answer: Sendable {
    package let text: String
    package let labels: [String]
    package let template: String
    package let isMultiLabel: Bool
    package let scores: [Double]
  }

  package static func all() throws -> [ClassifierGolden] {
    try sentenceGoldens("classifiers").map { try ClassifierGolden($0) }
  }

  private init(_ fields: FieldReader) throws {
    name = try fields.string("name")
    why = try fields.string("why")
    folder = "\(sentenceFolder)/\(name)"
    labels = try fields.strings("labels")
    pairs = try fields.objects("rows").map { row in
      Pair(
        first: try row.string("first"), second: try row.string("second"),
        ids: try row.ints("ids", in: 0...Int(Int32.max)).map(Int32.init),
        types: try row.ints("types", in: 0...1).map(Int32.init),
        logits: try row.numbers("logits").map { Float($0) }, limit: try row.optionalInt("limit"),
        cut: try row.optionalString("cut"), truncated: try row.int("truncated", default: 0))
    }
    answers = try fields.objects("zero_shot").map { row in
      Answer(
        text: try row.string("text"), labels: try row.strings("labels"),
        template: try row.string("template"), isMultiLabel: try row.bool("multi"),
        scores: try row.numbers("scores"))
    }
  }
}

/// A tiny sentence encoder, with texts.
package struct EncoderGolden: Sendable, CustomStringConvertible {
  package let name: String
  package let why: String
  package let folder: String
  package let rows: [(text: String, ids: [Int32], vector: [Float])]

  package var description: String { name }

  package static func all() throws -> [EncoderGolden] {
    try sentenceGoldens("encoders").map { try EncoderGolden($0) }
  }

  private init(_ fields: FieldReader) throws {
    name = try fields.string("name")
    why = try fields.string("why")
    folder = "\(sentenceFolder)/\(name)"
    rows = try fields.objects("rows").map { row in
      (
        try row.string("text"), try row.ints("ids", in: 0...Int(Int32.max)).map(Int32.init),
        try row.numbers("vector").map { Float($0) }
      )
    }
  }
}

private let sentenceFolder = Golden.folder + "/sentences"

private func sentenceGoldens(_ kind: String) throws -> [FieldReader] {
  let file = sentenceFolder + "/sentences.json"
  return try FieldReader(JSON(parsing: readBytes(file)), file: file).objects(kind)
}

extension FieldReader {
  fileprivate func numbers(_ name: String) throws -> [Double] {
    try array(name).map { value in
      guard let number = value.double else { throw error(name, expected: "numbers") }
      return number
    }
  }
}
