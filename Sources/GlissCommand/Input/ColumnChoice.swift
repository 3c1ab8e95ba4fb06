// Which column or field of a row is the text.

struct ColumnChoice: Sendable, Equatable {
  /// A name, or for columns a number from 1; nil: `text`, or the only column.
  var name: String?
  var hasHeader = true
  var hasQuotes = true
  /// Of csv; nil: a comma.
  var delimiter: UInt8?

  static let usualName = "text"

  /// The field of a JSON row that holds the text.
  var textField: String { name ?? Self.usualName }

  struct Fault: Error {
    let message: String
  }

  /// The text's column, counted from 0, of a table with the header `names`; empty without a header.
  func textColumn(names: [String], count: Int) throws(Fault) -> Int {
    let wanted = name ?? Self.usualName
    let places = names.indices.filter { names[$0] == wanted }
    if places.count > 1 {
      let numbers = places.map { "\($0 + 1)" }.joined(separator: " and ")
      throw Fault(message: "the columns \(numbers) are both called \(wanted); give one's number")
    }
    if let place = places.first { return place }
    if let name, let number = Int(name), (1...count).contains(number) { return number - 1 }
    if name == nil, count == 1 {
      if let mark = names.first?.first(where: { ",;|\t".contains($0) }) {
        throw Fault(message: Self.wrongDelimiter(names[0], mark))
      }
      return 0
    }
    throw Fault(message: absence(of: wanted, names: names, count: count))
  }

  /// A name as a message shows it, whatever it is and however long.
  private static func shown(_ name: String) -> String {
    DisplayWidth.clipped(VisibleText.oneLine(String(name.prefix(200))), to: 60)
  }

  private static func wrongDelimiter(_ name: String, _ mark: Character) -> String {
    let advice =
      switch mark {
      case "\t": "--input-format tsv"
      case ",": "--input-format csv"
      default: "--input-format csv --delimiter '\(mark)'"
      }
    return "the header is one column, \(shown(name)); if there are several: \(advice)"
  }

  private func absence(of wanted: String, names: [String], count: Int) -> String {
    guard hasHeader else {
      return name == nil
        ? "there are \(count) columns and no header; say which is the text: --text-column 1"
        : "there is no column \(wanted), the first row has \(count) fields and no header"
    }
    let near = Suggestion.nearest(to: wanted, among: names)
    let shown = names.prefix(20).map(Self.shown).joined(separator: ", ")
    let rest = names.count > 20 ? " and \(names.count - 20) more" : ""
    let advice = name == nil ? "; say which is the text: --text-column NAME" : ""
    return "there is no column \(Self.shown(wanted))"
      + (near.map { "; did you mean \(Self.shown($0))?" } ?? ".")
      + " The columns are: \(shown)\(rest)\(advice)"
  }
}
