// What the rows of an input are: plain texts, JSON objects, records of columns, labelled lines.

import ArgumentParser

/// How the rows of files and standard input are read.
enum InputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Every line is a text.
  case lines
  /// Every line is a JSON object with a "text"; blank lines are passed over.
  case jsonl
  /// RFC 4180: records of columns, a header first.
  case csv
  /// The same with tabs between the fields.
  case tsv
  /// Every line is a text with `__label__x` words before it.
  case fasttext

  /// What a file's name says, if it says anything; what stands before `.gz` counts.
  init?(path: String) {
    var name = path.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    let format = Self.endings.first { $0.value.contains(where: name.hasSuffix) }
    guard let format else { return nil }
    self = format.key
  }

  private static let endings: [InputFormat: [String]] = [
    .jsonl: [".jsonl", ".ndjson", ".json"], .lines: [".txt", ".text"], .csv: [".csv"],
    .tsv: [".tsv", ".tab"], .fasttext: [".ft", ".fasttext"],
  ]

  /// What the first line says: `{` opens a JSON object, `__label__` a labelled line.
  init(firstLine: [UInt8]) {
    let first = firstLine.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    self =
      first.first == UInt8(ascii: "{")
      ? .jsonl : first.starts(with: LabelledLine.prefix) ? .fasttext : .lines
  }

  /// What separates the columns; nil for a format without columns.
  var delimiter: UInt8? {
    switch self {
    case .csv: UInt8(ascii: ",")
    case .tsv: UInt8(ascii: "\t")
    case .lines, .jsonl, .fasttext: nil
    }
  }
}

/// A line of fastText's training files: `__label__x __label__y the text`.
enum LabelledLine {
  static let prefix = Array("__label__".utf8)

  /// The text behind the labels, which say what is known of it and are not scored; nil where a label
  /// has no name.
  static func text(_ line: String) -> String? {
    var rest = line[...]
    while rest.utf8.starts(with: prefix) {
      let word = rest.prefix { !Self.isBlank($0) }
      if word.utf8.count == prefix.count { return nil }
      rest = rest.dropFirst(word.count).drop(while: Self.isBlank)
    }
    return String(rest)
  }

  private static func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t"
  }
}
