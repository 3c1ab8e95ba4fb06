// Options that take several values: `--tokens 64,128,512`.

import ArgumentParser

/// Values between commas; blanks around them are dropped. An empty value is refused.
struct CommaList<Value: ExpressibleByArgument & Equatable>: ExpressibleByArgument {
  let values: [Value]

  init(_ values: [Value]) { self.values = values }

  init?(argument: String) {
    var values: [Value] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let word = word.split(separator: " ").joined(separator: " ")
      guard !word.isEmpty, let value = Value(argument: word) else { return nil }
      if !values.contains(value) { values.append(value) }
    }
    self.values = values
  }

  var defaultValueDescription: String {
    values.map(\.defaultValueDescription).joined(separator: ",")
  }

  static var allValueStrings: [String] { [] }
}

extension CommaList<Int> {
  func check(_ option: String, from least: Int, to most: Int) throws {
    if let value = values.first(where: { $0 < least || $0 > most }) {
      throw ValidationError("\(option) should be from \(least) to \(most), found \(value)")
    }
  }
}
