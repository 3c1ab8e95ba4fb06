// The clock, and what is said of repeated timings.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Repeated timings in milliseconds, fastest first. There is at least one.
package struct Timing: Sendable, Equatable {
  package let samples: [Double]

  /// - Precondition: at least one sample.
  package init(_ samples: [Double]) {
    precondition(!samples.isEmpty, "no timings")
    self.samples = samples.sorted()
  }

  package var best: Double { samples[0] }
  package var median: Double { quantile(0.5) }
  /// How far a usual run is from the best one: median / best.
  package var spread: Double { median / best }
  package var total: Double { samples.reduce(0, +) }

  /// The sample that `share` of all samples do not exceed.
  package func quantile(_ share: Double) -> Double {
    samples[min(samples.count - 1, Int(share * Double(samples.count)))]
  }

  /// A clock that only goes forwards, in milliseconds.
  package static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }

  /// The milliseconds that `body` takes, and what it returns.
  package static func of<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> (value: Value, milliseconds: Double) {
    let start = now()
    let value = try body()
    return (value, now() - start)
  }
}

/// How often something is timed: a given number of rounds, or rounds for about a second. A round is one
/// run, or as many runs as it takes to see all of the input.
package struct Repetitions: Sendable {
  private let rounds: ClosedRange<Int>
  private let milliseconds: Double
  private let runsOfRound: Int

  /// Untimed runs before the timed ones go on for so long; there is at least one.
  static let warmUpMilliseconds = 50.0

  /// - Parameters:
  ///   - rounds: How many; nil: as many of `usual` as fit into a second.
  ///   - milliseconds: The second, unless told otherwise.
  ///   - runsOfRound: Runs that make a round.
  package init(
    _ rounds: Int?, usual: ClosedRange<Int> = 5...100, milliseconds: Double = 1000,
    runsOfRound: Int = 1
  ) {
    self.rounds = rounds.map { $0...$0 } ?? usual
    self.milliseconds = milliseconds
    self.runsOfRound = runsOfRound
  }

  func isEnough(_ runs: Int, milliseconds: Double) -> Bool {
    guard runs.isMultiple(of: runsOfRound) else { return false }
    let done = runs / runsOfRound
    if done >= rounds.upperBound { return true }
    return done >= rounds.lowerBound && milliseconds >= self.milliseconds
  }
}
