// What becomes of bad rows: the first one ends the run, or all are reported, counted and left out.

/// Follows `--on-error` through one run.
struct RowFaults {
  private let action: OnError
  private let console: Console
  /// Rows so far, bad ones included.
  private(set) var rowCount = 0
  private var skippedCount = 0

  init(_ action: OnError, console: Console) {
    self.action = action
    self.console = console
  }

  /// Counts a row and returns its index.
  @discardableResult
  mutating func countRow() -> Int {
    rowCount += 1
    return rowCount - 1
  }

  /// Throws the fault, or reports it and goes on.
  mutating func handle(_ fault: RowError) throws(CommandError) {
    guard action == .skip else { throw .row(fault) }
    skippedCount += 1
    console.report("gliss: skipped \(fault)")
  }

  /// Throws at the end of a run that has left rows out.
  func finish() throws(CommandError) {
    if skippedCount > 0 { throw .rowsSkipped(count: skippedCount, total: rowCount) }
  }
}
