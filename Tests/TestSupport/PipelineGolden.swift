// What the official pipelines answered on the tiny checkpoints of Tests/Goldens.
// Made by tools/goldens/pipelines.py; the file says with which versions.

internal import StrictJSON

/// One call of an official pipeline: texts, options, and what came back.
package struct PipelineGolden: Sendable, CustomStringConvertible {
  package let name: String
  /// Path of the checkpoint folder.
  package let model: String
  package let rows: [Row]
  package let separator: String
  package let template: String?
  package let lowercases: Bool
  /// Of labels, by full name.
  package let descriptions: [String: String]
  package let maxTokens: Int?
  /// Labels a chunk; nil: the pipeline without chunks.
  package let chunk: Int?
  /// Characters of a window and of its overlap.
  package let window: (size: Int, overlap: Int)?

  package var description: String { "\(name), \(model.split(separator: "/").last ?? "")" }
  /// Labels whose words for the model are not their names: upstream got the words.
  package var rewordsLabels: Bool { template != nil || lowercases || !descriptions.isEmpty }

  package struct Row: Sendable {
    package let text: String
    /// JSON as upstream takes it: a list or nested objects.
    package let labels: String
    package let isSingle: Bool
    package let threshold: Float
    package let prompt: String?
    package let examples: [(text: String, labels: [String])]
    /// The labels of the answer, in its order.
    package let found: [(label: String, score: Float)]
    /// All scores, nested as the labels.
    package let nested: [Node]
  }

  package struct Node: Sendable {
    package let name: String
    /// Nil for a group.
    package let score: Float?
    package let children: [Node]
  }

  package static func all() throws -> [PipelineGolden] {
    let path = "\(Golden.folder)/pipelines.json"
    let file = try FieldReader(JSON(parsing: readBytes(path)), file: path)
    return try file.objects("cases").map { try PipelineGolden($0) }
  }

  private init(_ fields: FieldReader) throws {
    name = try fields.string("name")
    model = "\(Golden.folder)/\(try fields.string("model"))"
    separator = try fields.string("separator", default: ".")
    template = try fields.optionalString("template")
    lowercases = try fields.bool("lowercase", default: false)
    maxTokens = try fields.optionalInt("max_tokens")
    chunk = try fields.optionalInt("chunk")
    let window = try fields.ints("window", default: [])
    self.window = window.count == 2 ? (window[0], window[1]) : nil
    let described = try fields.optionalObject("describe")?.object.members ?? []
    descriptions = Dictionary(
      uniqueKeysWithValues: described.map { ($0.key, $0.value.string ?? "") })
    let texts = try fields.strings("texts")
    let found = try fields.array("found")
    let nested = try fields.array("nested")
    func element(_ list: String, _ one: String, _ index: Int) -> JSON? {
      fields.value(list)?.array?[index] ?? fields.value(one)
    }
    rows = try texts.indices.map { index in
      let examples = element("row_examples", "examples", index)?.array ?? []
      return Row(
        text: texts[index],
        labels: element("row_labels", "labels", index)?.serialized() ?? "",
        isSingle: element("modes", "mode", index)?.string == "single-label",
        threshold: Float(element("thresholds", "threshold", index)?.double ?? 0.5),
        prompt: element("prompts", "prompt", index)?.string,
        examples: examples.map { example in
          (
            text: example["text"]?.string ?? "",
            labels: (example["labels"]?.array ?? []).compactMap(\.string)
          )
        },
        found: try (found[index].array ?? []).map { prediction in
          guard let label = prediction["label"]?.string, let score = prediction["score"]?.double
          else { throw fields.error("found", expected: "labels and scores") }
          return (label, Float(score))
        },
        nested: Self.nodes(nested[index]))
    }
  }

  private static func nodes(_ json: JSON) -> [Node] {
    (json.object?.members ?? []).map {
      Node(
        name: $0.key, score: $0.value.double.map { Float($0) }, children: nodes($0.value))
    }
  }
}
