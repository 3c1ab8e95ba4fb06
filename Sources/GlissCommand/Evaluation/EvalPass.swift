// One set through one model: rows in slices, how far it is, and how long the model takes.

import Gliss

/// A row of a set that a model is measured on.
protocol MeasuredRow {
  var location: RowLocation { get }
  /// What of it may be long.
  var text: String { get }
}

/// The rows of a set on their way through a model. A bad row and an answer that is an error end the
/// run: a set without some of its rows is another set.
struct EvalPass {
  /// A file; `-` is standard input.
  let path: String
  let options: EvalOptions
  let console: Console

  /// Whether a slice takes no more rows. It is what the model gets at once, and a step of the progress
  /// bar: many rows, and few where they are long.
  private static func isSlice(ofCount count: Int, byteCount: Int) -> Bool {
    count >= 256 || byteCount >= 1 << 16
  }

  /// Measures.
  ///
  /// - Parameters:
  ///   - answers: The model's, one a row.
  ///   - add: Takes them one by one.
  /// - Returns: The seconds the model took.
  func run<Row: MeasuredRow, Answer>(
    reading read: (InputRow) throws(CommandError) -> Row,
    answers: ([Row]) -> [Result<Answer, GlissError>],
    add: (Answer, Row) throws(GlissError) -> Void
  ) throws(CommandError) -> Double {
    var progress = Progress(
      console: console, total: try options.total(of: path, console: console),
      resultsComeLast: true)
    defer { progress.finish() }
    var rows = JSONRows(path, limit: options.limit, console: console)
    var clock = Stopwatch()
    while true {
      var slice: [Row] = []
      var byteCount = 0
      while !Self.isSlice(ofCount: slice.count, byteCount: byteCount), let next = try rows.next() {
        let row = try read(next)
        byteCount += row.text.utf8.count
        slice.append(row)
      }
      guard !slice.isEmpty else { break }
      let found = clock.time { answers(slice) }
      for (row, answer) in zip(slice, found) {
        do throws(GlissError) {
          try add(try answer.get(), row)
        } catch {
          throw .row(RowError(row.location, error.message, status: ExitStatus(error)))
        }
      }
      progress.update(rowCount: rows.rowCount, consumedByteCount: rows.consumedByteCount)
    }
    guard rows.rowCount > 0 else {
      throw .malformed(path: path, "there is no row in it to measure with")
    }
    return clock.seconds
  }
}

/// Adds up what parts of a run take.
struct Stopwatch {
  private var total = Duration.zero

  var seconds: Double {
    Double(total.components.seconds) + Double(total.components.attoseconds) * 1e-18
  }

  mutating func time<Value>(_ body: () -> Value) -> Value {
    let begin = ContinuousClock.now
    let value = body()
    total += ContinuousClock.now - begin
    return value
  }
}
