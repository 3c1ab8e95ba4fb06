// Reading csv the way files are read: in pieces. For the tests of the parser and its fuzzer.

package import CSV

/// What comes of `bytes`, fed in pieces of at most `piece` bytes: records and faults, in order.
package func parseCSV(
  _ bytes: [UInt8], _ dialect: CSVDialect = CSVDialect(), limit: Int = 1 << 20, piece: Int
) -> [CSVParser.Event] {
  var parser = CSVParser(dialect, recordLimit: limit)
  var rest = bytes[...]
  var events: [CSVParser.Event] = []
  while true {
    let event = parser.next()
    switch event {
    case .needsBytes:
      parser.feed { buffer in
        buffer += rest.prefix(piece)
        rest = rest.dropFirst(piece)
        return !rest.isEmpty
      }
    case .end: return events
    default: events.append(event)
    }
  }
}
