// The labels of a run: from --labels, --label and --labels-file, in that order.

import Gliss
import StrictJSON

/// What makes a list of labels unusable, and how lists are read.
enum LabelList {
  /// The first thing that is wrong with `labels`, as the end of a sentence; nil if nothing is.
  static func fault(in labels: [Label], separator: String) -> String? {
    if labels.isEmpty { return "the list is empty, at least one label is needed" }
    var places: [String: Int] = [:]
    for (index, label) in labels.lazy.map(\.name).enumerated() {
      if label.allSatisfy(\.isWhitespace) { return "label \(index + 1) is empty" }
      if let earlier = places.updateValue(index, forKey: label) {
        let name = JSON.string(label).excerpt
        return "label \(index + 1), \(name), is the same as label \(earlier + 1)"
      }
    }
    guard labels.contains(where: \.isGroup) else { return nil }
    do throws(GlissError) {
      _ = try Label.fullNames(labels, separator: separator)
      return nil
    } catch {
      return error.message
    }
  }

  /// `a, b,c`: commas separate, blanks around a label do not belong to it.
  static func commaSeparated(_ list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map { String(trimmed($0)) }
  }

  /// A file of one label a line, or of JSON as `Label.parse(json:)` takes it.
  static func file(_ path: String, console: Console) throws(CommandError) -> [Label] {
    let bytes = try SmallFile.bytes(path, console: console)
    if let first = bytes.first(where: { $0 > 0x20 }), [0x5B, 0x7B].contains(first) {
      let json = try SmallFile.json(bytes, path: path, depth: Label.limits.depth)
      do throws(GlissError) {
        return try Label.list(json, at: "labels")
      } catch {
        throw .malformed(path: path, error.message)
      }
    }
    var labels: [Label] = []
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    while lines.last?.allSatisfy({ $0 <= 0x20 }) ?? false { lines.removeLast() }
    for (index, line) in lines.enumerated() {
      let location = RowLocation(source: .file(path), number: index + 1)
      guard let text = String(validating: line, as: UTF8.self) else {
        let byte = UTF8Check.firstInvalidByte(in: Array(line)).map { $0 + 1 }
        throw .row(RowError(location, byte: byte, "the label is not UTF-8"))
      }
      let label = String(trimmed(text[...]))
      if label.isEmpty {
        throw .row(RowError(location, "the line is blank, a label is needed on every line"))
      }
      labels.append(Label(label))
    }
    return labels
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return text
  }
}
