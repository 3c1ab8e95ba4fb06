// A timing with the machine's peak measured in the same seconds.

package import Kernels

/// The peak of a unit, as it was found around and between the runs of one measurement.
package struct PeakReadings: Sendable {
  /// For example `amx-bf16`.
  package let unit: String
  /// 10^9 operations a second on all threads, in the order they were measured: the first before,
  /// the last after the runs. There are at least two.
  package let values: [Double]

  package var mean: Double { values.reduce(0, +) / Double(values.count) }
  package var lowest: Double { values.min() ?? 0 }
  package var highest: Double { values.max() ?? 0 }
}

/// Timings of one workload, with the readings beside them.
package struct MeasuredRun: Sendable {
  package let timing: Timing
  /// nil where the machine has no unit for the precision.
  package let peak: PeakReadings?
  /// 10^9 bytes a second, read by all threads from `bandwidthByteCount` bytes: the mean of before
  /// and after.
  package let bandwidth: Double

  /// Enough to leave every level-2 cache; larger than some level-3 caches.
  package static let bandwidthByteCount = 64 << 20

  /// A run of this many milliseconds gets a reading of its own.
  private static let readingInterval = 200.0

  /// Warms `body` up, then times it, counting its runs from 0 both times: a reading of the peak
  /// before, after, and between runs when the last one is 200 ms old. Readings are not part of any
  /// timing.
  package init<Failure: Error>(
    _ compute: Compute, _ repetitions: Repetitions, memory: AlignedFloats,
    _ body: (_ run: Int) throws(Failure) -> Void
  ) throws(Failure) {
    let unit = compute.unit
    var readings: [Double] = []
    func read() {
      if let unit { readings.append(compute.pool.measurePeak(of: unit)) }
    }
    let before = compute.pool.measureReadBandwidth(of: memory)
    let warmUp = Timing.now()
    var run = 0
    repeat {
      try body(run)
      run += 1
    } while Timing.now() - warmUp < Repetitions.warmUpMilliseconds
    read()
    var lastReading = Timing.now()
    var samples: [Double] = []
    var total = 0.0
    repeat {
      if Timing.now() - lastReading > Self.readingInterval {
        read()
        lastReading = Timing.now()
      }
      let sample = try Timing.of { () throws(Failure) in try body(samples.count) }.milliseconds
      samples.append(sample)
      total += sample
    } while !repetitions.isEnough(samples.count, milliseconds: total)
    read()
    timing = Timing(samples)
    peak = unit.map { PeakReadings(unit: $0.name, values: readings) }
    bandwidth = (before + compute.pool.measureReadBandwidth(of: memory)) / 2
  }
}
