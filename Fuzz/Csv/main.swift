// Fuzzes the csv parser: whatever the bytes are, and in whatever pieces they come, it yields the same
// records and faults, within its bounds; and records that are written again read back.
// `tools/fuzz/run csv`.
//
// An input is a byte that chooses the dialect, one that is the size of a piece, and a file.

import CSV
import FuzzSupport
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Fields that are text, written as a record, read back as they were.
private func checkWriting(_ record: CSVRecord, _ delimiter: UInt8) {
  var cells: [String] = []
  for index in 0..<record.count {
    guard let cell = String(validating: record.field(index), as: UTF8.self) else { return }
    cells.append(cell)
  }
  var written: [UInt8] = []
  CSVWriter(delimiter: delimiter).append(cells, to: &written)
  let events = parseCSV(
    written, CSVDialect(delimiter: delimiter), limit: 1 << 20, piece: written.count)
  guard events.count == 1, case .record(let again) = events[0], again.count == cells.count,
    (0..<again.count).allSatisfy({ again.field($0) == Array(cells[$0].utf8) })
  else { fault("\(cells) was read back as \(events)") }
}

let status = fuzz { input in
  guard input.count >= 2 else { return }
  let delimiter = UInt8(ascii: input[0] & 1 == 0 ? "," : "\t")
  let dialect = CSVDialect(delimiter: delimiter, hasQuotes: input[0] & 2 == 0)
  let piece = Int(input[1]) + 1
  let bytes = Array(input[2...])
  let whole = parseCSV(bytes, dialect, limit: 1 << 20, piece: max(1, bytes.count))
  guard parseCSV(bytes, dialect, limit: 1 << 20, piece: piece) == whole else {
    fault("pieces of \(piece) bytes make a difference")
  }
  for case .record(let record) in whole { checkWriting(record, delimiter) }
  for case .record(let record) in parseCSV(bytes, dialect, limit: 16, piece: piece) {
    guard record.bytes.count <= 16, record.count > 0 else { fault("\(record)") }
  }
}
exit(status)
