// What the lines of an input are: plain texts, or JSON objects.

import ArgumentParser

/// How the lines of files and standard input are read.
enum InputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Every line is a text.
  case lines
  /// Every line is a JSON object with a "text"; blank lines are passed over.
  case jsonl

  /// What a file's name says, if it says anything.
  init?(path: String) {
    let name = path.lowercased()
    if [".jsonl", ".ndjson", ".json"].contains(where: name.hasSuffix) {
      self = .jsonl
    } else if [".txt", ".text"].contains(where: name.hasSuffix) {
      self = .lines
    } else {
      return nil
    }
  }

  /// What the first line says: `{` opens a JSON object.
  init(firstLine: [UInt8]) {
    let first = firstLine.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    self = first == UInt8(ascii: "{") ? .jsonl : .lines
  }
}
