// What the parser is told, and what it yields.

/// How a file of columns is written.
package struct CSVDialect: Sendable, Equatable {
  package let delimiter: UInt8
  /// Whether `"` quotes; else it is a character like any other, and no field holds a line end.
  package let hasQuotes: Bool

  package init(delimiter: UInt8 = UInt8(ascii: ","), hasQuotes: Bool = true) {
    self.delimiter = delimiter
    self.hasQuotes = hasQuotes
  }
}

/// One record: its bytes as they stood, and where in them its fields are.
package struct CSVRecord: Sendable, Equatable {
  /// A field's bytes inside the record, quotes around it left out.
  struct Field: Sendable, Equatable {
    let range: Range<Int>
    /// Whether quotes inside are written twice.
    let hasDoubledQuotes: Bool
  }

  /// The line it begins on, counted from 1.
  package let line: Int
  /// Without its line end.
  package let bytes: [UInt8]
  let fields: [Field]

  package var count: Int { fields.count }

  /// The field at `index`, counted from 0, as it was meant.
  package func field(_ index: Int) -> [UInt8] {
    let field = fields[index]
    guard field.hasDoubledQuotes else { return Array(bytes[field.range]) }
    var content: [UInt8] = []
    content.reserveCapacity(field.range.count)
    var isSecondQuote = false
    for byte in bytes[field.range] {
      if isSecondQuote, byte == CSVParser.quote {
        isSecondQuote = false
      } else {
        content.append(byte)
        isSecondQuote = byte == CSVParser.quote
      }
    }
    return content
  }
}

/// What is wrong with one record, and where.
package struct CSVFault: Error, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A quote inside a field that does not begin with one.
    case strayQuote
    /// Something between the closing quote and the next delimiter.
    case afterQuote
    /// A carriage return without a line feed, outside quotes.
    case strayReturn
    /// The input ends inside quotes.
    case unclosedQuote
    case tooLong(limit: Int)
    case tooManyFields(limit: Int)
  }

  package let kind: Kind
  /// The line and, counted in it from 1, the byte it was noticed at.
  package let line: Int
  package let byte: Int
  /// The line the record begins on; the field, counted from 1.
  package let recordLine: Int
  package let field: Int
  /// The record up to the end of that line; nil if it was too long to be held.
  package var bytes: [UInt8]?
}
