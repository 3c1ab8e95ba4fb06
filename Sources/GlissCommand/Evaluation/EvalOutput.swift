// Evaluations out: tables with a head for people, one JSON object a line for programs.

import StrictJSON

/// Writes a line a measured set.
struct EvalOutput: ~Copyable {
  private let json: Bool
  private var output: OutputStream
  private var head = ""

  init(json: Bool, console: Console) {
    self.json = json
    output = OutputStream(console.output)
  }

  /// A line; where its columns are others than those of the line before, a head comes first.
  mutating func append(_ fields: [BenchField]) throws(CommandError) {
    if json {
      let object = JSONObject(fields.map { (key: $0.key, value: $0.value) })
      output.append(JSON.object(object).serialized() + "\n")
    } else {
      let titles = Self.line(fields, isTitle: true)
      if titles != head { output.append(head.isEmpty ? titles : "\n" + titles) }
      head = titles
      output.append(Self.line(fields, isTitle: false))
    }
    try output.flush()
  }

  private static func line(_ fields: [BenchField], isTitle: Bool) -> String {
    var line = fields.compactMap { $0.cell(isTitle: isTitle) }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }
}

extension BenchField {
  /// A metric: four decimals for people, all digits for programs; what is no number is a dash.
  static func metric(_ key: String, _ title: String, _ value: Double?) -> BenchField {
    let value = value.flatMap { $0.isFinite ? $0 : nil }
    return BenchField(
      key, .right(title, max(6, title.utf8.count)), value, places: 4,
      json: value.map { JSON($0) } ?? .null)
  }

  /// A metric that only programs see.
  static func metric(_ key: String, _ value: Double?) -> BenchField {
    BenchField(key, value.flatMap { $0.isFinite ? JSON($0) : nil } ?? .null)
  }

  /// How many texts a second.
  static func rate(_ count: Int, _ seconds: Double) -> BenchField {
    BenchField(
      "texts_per_s", .right("texts/s", 8), seconds > 0 ? Double(count) / seconds : nil, places: 1)
  }
}
