// The options that say where in a row the text is.

import ArgumentParser
import CSV

struct ColumnOptions: ParsableArguments {
  @Option(
    name: .customLong("text-column"),
    help: ArgumentHelp(
      "Where the text is: a column of csv and tsv by its name, or by its number from 1; a field of "
        + "JSON lines by its name. Default: text, or the only column.", valueName: "name"))
  var name: String?

  @Flag(
    name: .customLong("no-header"),
    help: "The first row of csv and tsv is a row like any other; columns have numbers.")
  var noHeader = false

  @Flag(
    name: .customLong("no-quotes"),
    help: "Quotes in csv and tsv are plain characters, and no field holds a line end.")
  var noQuotes = false

  @Option(
    help: ArgumentHelp(
      "What separates the columns of csv: one ASCII character, such as ; in many countries.",
      valueName: "character"))
  var delimiter: String?

  func validate() throws {
    guard let delimiter else { return }
    let byte = delimiter.utf8.first ?? 0
    guard delimiter.utf8.count == 1, byte == 0x09 || (0x20..<0x7F).contains(byte),
      byte != CSVParser.quote
    else {
      let found = VisibleText.oneLine(delimiter)
      throw ValidationError(
        "--delimiter should be one ASCII character and no quote, found '\(found)'")
    }
  }

  var choice: ColumnChoice {
    ColumnChoice(
      name: name, hasHeader: !noHeader, hasQuotes: !noQuotes, delimiter: delimiter?.utf8.first)
  }
}
