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
  private let total: Total?
  private let begin = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?

  /// What there is to do, where it is known: the size of all inputs, when every one is a regular
  /// file, or the number of rows.
  enum Total {
    case bytes(Int)
    case rows(Int)
  }

  /// - Parameter resultsComeLast: Whether there is nothing to see until the end.
  init(console: Console, total: Total?, resultsComeLast: Bool = false) {
    self.console = console
    self.total = total
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
    let share: Double? =
      switch total {
      case .bytes(let count) where count > 0 && consumedByteCount > 0:
        Double(consumedByteCount) / Double(count)
      case .rows(let count) where count > 0: Double(rowCount) / Double(count)
      default: nil
      }
    let terminal = Terminal(console.error, environment: console.environment)
    let text = Self.line(
      rowCount: rowCount, seconds: Self.seconds(now - begin), share: share, terminal: terminal)
    write("\r\u{1B}[K" + text)
  }

  /// Wipes the line.
  mutating func finish() {
    guard lastDrawn != nil else { return }
    write("\r\u{1B}[K")
    lastDrawn = nil
    Interruption.setClearsLine(false)
  }

  /// `[########------------]  43%  1200 rows  310 rows/s  about 5 s left`, as much of it as fits.
  ///
  /// - Parameter share: What is done of all; nil where that is not known.
  package static func line(
    rowCount: Int, seconds: Double, share: Double?, terminal: Terminal
  ) -> String {
    let rate = seconds > 0 ? Double(rowCount) / seconds : 0
    let rateText =
      rate >= 10 ? String(Int(rate.rounded())) : ScoreBars.decimal(Float(rate), places: 1)
    let counts = "\(rowCount) rows  \(rateText) rows/s"
    guard let share, share > 0 else {
      return DisplayWidth.clipped(counts, to: terminal.columns - 1)
    }
    let done = min(1, share)
    let left = seconds * (1 - done) / done
    let words = "\(Int(done * 100))%  \(counts)  about \(duration(left)) left"
    let width = min(30, terminal.columns - DisplayWidth.of(words) - 5)
    guard width >= 10 else { return DisplayWidth.clipped(words, to: terminal.columns - 1) }
    return "\(bar(done, width: width, isUnicode: terminal.isUnicode))  \(words)"
  }

  private static func bar(_ share: Double, width: Int, isUnicode: Bool) -> String {
    let filled = Int((share * Double(width)).rounded(.down))
    let (full, empty) = isUnicode ? ("█", "░") : ("#", "-")
    let cells =
      String(repeating: full, count: filled) + String(repeating: empty, count: width - filled)
    return isUnicode ? cells : "[\(cells)]"
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
