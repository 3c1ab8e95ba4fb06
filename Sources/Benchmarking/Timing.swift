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

/// How often something is timed.
package struct Repetitions: Sendable {
  /// A number of runs; nil: for about a second, at least 5 and at most 100 runs.
  package let count: Int?
  /// Untimed runs before the timed ones go on for so long; there is at least one.
  static let warmUpMilliseconds = 50.0

  package init(_ count: Int?) { self.count = count }

  func isEnough(_ runs: Int, milliseconds: Double) -> Bool {
    if let count { return runs >= count }
    return runs >= 100 || (runs >= 5 && milliseconds >= 1000)
  }
}
