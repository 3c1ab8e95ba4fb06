// What becomes of bad rows: the first one ends the run, or all are reported, or set aside, and
// counted.

/// Follows `--on-error` through one run.
struct RowFaults: ~Copyable {
  private let console: Console
  private let skips: Bool
  private var quarantine: Quarantine?
  /// Rows so far, bad ones included.
  private(set) var rowCount = 0
  private var badCount = 0

  /// - Throws: if the file of `--on-error quarantine` cannot be written.
  init(_ options: InputOptions, console: Console) throws(CommandError) {
    self.console = console
    skips = options.onError == .skip
    if let path = options.quarantine { quarantine = try Quarantine(path) }
  }

  /// Counts a row and returns its index.
  @discardableResult
  mutating func countRow() -> Int {
    rowCount += 1
    return rowCount - 1
  }

  /// Throws the fault, or reports it or sets the row aside and goes on.
  ///
  /// - Parameter original: the row as it stood; nil if it was too long to be held.
  mutating func handle(_ fault: RowError, original: [UInt8]?) throws(CommandError) {
    badCount += 1
    if quarantine != nil {
      try quarantine?.append(fault, original: original)
    } else if skips {
      console.report("gliss: skipped \(fault)")
    } else {
      throw .row(fault)
    }
  }

  /// Gives the quarantine file its name. Throws at the end of a run that has left rows out.
  mutating func finish() throws(CommandError) {
    if let path = try quarantine?.finish() {
      if badCount > 0 {
        throw .rowsQuarantined(count: badCount, total: rowCount, path: path)
      }
    } else if badCount > 0 {
      throw .rowsSkipped(count: badCount, total: rowCount)
    }
  }
}
