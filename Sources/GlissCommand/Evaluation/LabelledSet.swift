// Labelled data: JSON lines {"text", "labels"}, read once for the names of the labels and once for
// the rows.

import Gliss
import Learning
import StrictJSON

/// A row of a labelled set.
struct LabelledRow {
  let location: RowLocation
  let text: String
  let labels: [String]

  /// `"labels"` is a list; `"label"`, one string, is a list of one.
  init(_ row: InputRow) throws(RowError) {
    location = row.location
    guard case .json(let bytes) = row.content else {
      throw RowError(
        row.location, "the row should be an object such as {\"text\": \"...\", \"labels\": [...]}")
    }
    let fields = try RowFields.object(bytes, at: row.location)
    do throws(FieldError) {
      text = try RowFields.text(fields, row.textField)
      labels =
        fields.isAbsent("labels") && fields.contains("label")
        ? [try fields.string("label")] : try fields.strings("labels")
    } catch {
      throw RowFields.rowError(error, at: row.location)
    }
    var seen: Set<String> = []
    if let twice = labels.first(where: { !seen.insert($0).inserted }) {
      throw RowError(row.location, "the label \(JSON(twice).excerpt) is there twice")
    }
  }
}

/// Rows of a file, in order. A bad one is an error: a set without some of its rows is another set.
struct JSONRows: ~Copyable {
  private var source: RowSource
  private let limit: Int?
  private(set) var rowCount = 0

  /// - Parameter path: A file; `-` is standard input.
  init(_ path: String, limit: Int? = nil, console: Console) {
    source = RowSource(
      [path == "-" ? .standardInput : .file(path)], format: .jsonl, console: console)
    self.limit = limit
  }

  var consumedByteCount: Int { source.consumedByteCount }

  /// Nil at the end, or after the limit.
  mutating func next() throws(CommandError) -> InputRow? {
    if let limit, rowCount >= limit { return nil }
    while true {
      switch try source.next(waiting: true) {
      case .row(let row):
        rowCount += 1
        return row
      case .bad(let error, _): throw .row(error)
      case .notReady: continue
      case .end: return nil
      }
    }
  }
}

/// The labels of a set, and whether its rows have one each.
struct SetLabels {
  /// As rows name them, in the order the model reads them.
  let names: [String]
  let kind: LabelKind
  /// The place of each name.
  private let places: [String: Int]
  private let ignored: Set<String>

  init(_ names: [String], kind: LabelKind, ignored: Set<String> = []) {
    (self.names, self.kind, self.ignored) = (names, kind, ignored)
    places = Dictionary(
      names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The names of all rows, sorted by their bytes; one label in every row makes the kind single.
  init(readingFrom path: String, ignored: Set<String>, console: Console) throws(CommandError) {
    var names: Set<String> = []
    var kind = LabelKind.single
    var rows = JSONRows(path, console: console)
    while let row = try rows.next() {
      let labels = try LabelledRow.read(row).labels.filter { !ignored.contains($0) }
      if labels.count != 1 { kind = .multiple }
      names.formUnion(labels)
    }
    guard !names.isEmpty else { throw .malformed(path: path, "no row has a label") }
    self.init(
      names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, kind: kind, ignored: ignored)
  }

  /// The labels of a row, as places in `names`.
  func truth(of row: LabelledRow) throws(CommandError) -> [Int] {
    var truth: [Int] = []
    for label in row.labels where !ignored.contains(label) {
      guard let place = places[label] else {
        let near = Suggestion.nearest(to: label, among: names)
        throw .row(
          RowError(
            row.location,
            "the label \(JSON(label).excerpt) is none of the \(names.count) labels"
              + (near.map { "; did you mean \(JSON($0).excerpt)?" } ?? "")))
      }
      truth.append(place)
    }
    if kind == .single, truth.count != 1 {
      throw .row(
        RowError(
          row.location, "the row has \(truth.count) labels, exactly one is needed (or --multi)"))
    }
    return truth
  }
}

extension LabelledRow {
  static func read(_ row: InputRow) throws(CommandError) -> LabelledRow {
    do {
      return try LabelledRow(row)
    } catch {
      throw .row(error)
    }
  }
}
