// What every benchmark here shares: the clock, the statistics and the machine's measured peak.

internal import CKernels
package import Kernels

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Median and best of repeated timings, in milliseconds.
package struct Timing: Sendable {
  package var median: Double
  package var best: Double
  /// Every timed run, fastest first.
  package var samples: [Double]

  /// Times `repetitions` runs of `body` after `warmUps` untimed ones.
  package static func measure(
    repetitions: Int, warmUps: Int = 1, _ body: () throws -> Void
  ) rethrows -> Timing {
    for _ in 0..<warmUps { try body() }
    var samples: [Double] = []
    for _ in 0..<max(1, repetitions) {
      let start = milliseconds()
      try body()
      samples.append(milliseconds() - start)
    }
    samples.sort()
    return Timing(median: samples[samples.count / 2], best: samples[0], samples: samples)
  }

  package static func milliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }
}

extension Compute {
  /// GFLOP/s of the kernel set's multiply-adds on all threads of the pool, measured now (about 20 ms).
  package func measuredPeak() -> Double {
    let iterations = 1_000_000
    let threads = pool.threadCount
    // Warm the clocks up, then take the better of two.
    let runs = (0..<3).map { _ in
      let start = Timing.milliseconds()
      pool.run(threads) { _ in _ = kernels.table.peak_f32(iterations) }
      let operations = Double(threads) * kernels.table.peak_f32(1) * Double(iterations)
      return operations / (Timing.milliseconds() - start) / 1e6
    }
    return max(runs[1], runs[2])
  }
}

extension Compute {
  /// 10^9 operations a second of the units that models run on, measured now (12 ms each): multiply-adds
  /// of the kernel set, AMX bf16 and int8 where the machine has them.
  package func peaks() -> [(name: String, rate: Double)] {
    let tiles = ["amx-bf16", "amx-int8"].compactMap(ArithmeticUnit.named)
    return ([.multiplyAdd(of: kernels)] + tiles).map { ($0.name, pool.measurePeak(of: $0)) }
  }
}

/// A whole file; a benchmark's input is trusted to be there.
package func readFile(_ path: String) -> [UInt8] {
  guard let file = fopen(path, "rb") else { fatalError("cannot open \(path)") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
    bytes.append(contentsOf: chunk[..<count])
  }
  return bytes
}

/// Sends printed lines on their way: the reader on the other end of the pipe waits for them.
package func flushOutput() { fflush(nil) }

/// `value` with a fixed number of decimals.
package func format(_ value: Double, decimals: Int) -> String {
  let scale = pow(10, Double(decimals))
  let rounded = (value * scale).rounded() / scale
  let text = "\(rounded)"
  guard let point = text.firstIndex(of: ".") else { return text }
  let end = text.index(point, offsetBy: decimals + 1, limitedBy: text.endIndex) ?? text.endIndex
  return decimals == 0 ? String(text[..<point]) : String(text[..<end])
}
