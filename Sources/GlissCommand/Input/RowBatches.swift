// Rows on their way to a model: read, counted, made requests of, and handed over in bounded batches.

import Gliss

/// Rows that go through the model together, and what stopped their gathering.
struct RowBatch<Request> {
  struct Row {
    /// Its number among all rows, bad ones included.
    let index: Int
    let row: InputRow
    let request: Request
  }

  enum End {
    case input
    /// A bad row behind them, as it stood.
    case fault(RowError, original: [UInt8]?)
    /// The input cannot be read on.
    case failure(CommandError)
  }

  var rows: [Row] = []
  /// Nil where more has to arrive, or the batch is full.
  var end: End?
}

/// Reads rows batch by batch; at most a batch is held at a time. Rows that came before a bad one or
/// before a failure are handed over first: a run writes their results, then asks `goOn`.
struct RowBatches: ~Copyable {
  private let rowLimit: Int
  private let byteLimit: Int
  private var source: RowSource
  private var faults: RowFaults

  /// - Parameters:
  ///   - rowLimit: The most rows of a batch: enough to fill the model's own batches, few enough
  ///     that results keep coming.
  ///   - byteLimit: The bytes of rows beyond which none is added to a batch.
  init(
    _ source: consuming RowSource, faults: consuming RowFaults, rowLimit: Int,
    byteLimit: Int = 1 << 16
  ) {
    self.source = source
    self.faults = faults
    self.rowLimit = rowLimit
    self.byteLimit = byteLimit
  }

  var rowCount: Int { faults.rowCount }
  var consumedByteCount: Int { source.consumedByteCount }

  /// Rows that have arrived, up to a batch. Waits only for the first: a text typed at a terminal or
  /// trickling through a pipe is answered at once. A row that `request` refuses ends the batch, as a
  /// bad one does.
  mutating func next<Request>(
    _ request: (InputRow) throws(RowError) -> Request
  ) -> RowBatch<Request> {
    var batch = RowBatch<Request>()
    var byteCount = 0
    while batch.end == nil, batch.rows.count < rowLimit, byteCount < byteLimit {
      let event: RowSource.Event
      do {
        event = try source.next(waiting: batch.rows.isEmpty)
      } catch {
        batch.end = .failure(error)
        break
      }
      switch event {
      case .end: batch.end = .input
      case .notReady: return batch
      case .bad(let error, let original):
        faults.countRow()
        batch.end = .fault(error, original: original)
      case .row(let row):
        let index = faults.countRow()
        do {
          batch.rows.append(.init(index: index, row: row, request: try request(row)))
          byteCount += row.byteCount
        } catch {
          batch.end = .fault(error, original: row.original)
        }
      }
    }
    return batch
  }

  /// What the library said of a row of a batch: throws, or reports it or sets the row aside.
  mutating func refuse(_ row: InputRow, _ error: GlissError) throws(CommandError) {
    try faults.handle(RowError(row.location, error), original: row.original)
  }

  /// Whether more comes behind a batch whose results are written. Throws what ended it, unless that
  /// is a bad row and bad rows do not end the run.
  mutating func goOn<Request>(behind batch: RowBatch<Request>) throws(CommandError) -> Bool {
    switch batch.end {
    case .input: return false
    case .fault(let fault, let original): try faults.handle(fault, original: original)
    case .failure(let error): throw error
    case nil: break
    }
    return true
  }

  /// Gives the quarantine file its name. Throws at the end of a run that has left rows out.
  mutating func finish() throws(CommandError) { try faults.finish() }
}
