// How far a long run is, on standard error, for a person who is waiting.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// One line that is drawn over itself. Drawn only when standard error is a terminal, and standard
/// output is not where results come as they are found (they are progress enough); and only once a run
/// has lasted two seconds.
package struct Progress: ~Copyable {
  private let console: Console
  private let isShown: Bool
  private let totalByteCount: Int?
  private let begin = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?

  /// - Parameter totalByteCount: the size of all inputs, when every one is a regular file.
  /// - Parameter resultsComeLast: Whether there is nothing to see until the end.
  init(console: Console, totalByteCount: Int?, resultsComeLast: Bool = false) {
    self.console = console
    self.totalByteCount = totalByteCount
    isShown =
      Console.isTerminal(console.error)
      && (resultsComeLast || !Console.isTerminal(console.output))
      && console.environment["TERM"] != "dumb"
  }

  /// Redraws, at most four times a second.
  mutating func update(rowCount: Int, consumedByteCount: Int) {
    guard isShown else { return }
    let now = ContinuousClock.now
    let quiet = lastDrawn.map { now - $0 < .milliseconds(250) } ?? (now - begin < .seconds(2))
    if quiet { return }
    lastDrawn = now
    Interruption.setClearsLine(true)
    let text = Self.line(
      rowCount: rowCount, seconds: Self.seconds(now - begin), consumedByteCount: consumedByteCount,
      totalByteCount: totalByteCount)
    write("\r\u{1B}[K" + text)
  }

  /// Wipes the line.
  mutating func finish() {
    guard lastDrawn != nil else { return }
    write("\r\u{1B}[K")
    lastDrawn = nil
    Interruption.setClearsLine(false)
  }

  /// `1200 rows  43%  310 rows/s  about 5 s left`.
  package static func line(
    rowCount: Int, seconds: Double, consumedByteCount: Int, totalByteCount: Int?
  ) -> String {
    let rate = seconds > 0 ? Double(rowCount) / seconds : 0
    let rateText =
      rate >= 10 ? String(Int(rate.rounded())) : ScoreBars.decimal(Float(rate), places: 1)
    guard let totalByteCount, totalByteCount > 0, consumedByteCount > 0 else {
      return "\(rowCount) rows  \(rateText) rows/s"
    }
    let share = min(1, Double(consumedByteCount) / Double(totalByteCount))
    let left = seconds * (1 - share) / share
    return
      "\(rowCount) rows  \(Int(share * 100))%  \(rateText) rows/s  about \(duration(left)) left"
  }

  package static func duration(_ seconds: Double) -> String {
    let whole = seconds.isFinite ? Int(min(seconds.rounded(.up), 1e9)) : 0
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private func write(_ text: String) {
    _ = writeAll(Array(text.utf8)[...], to: console.error)
  }
}
