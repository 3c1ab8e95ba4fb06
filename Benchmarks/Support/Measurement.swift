// What every benchmark here shares beside `Benchmarking`.

package import Benchmarking
package import Kernels

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

extension Timing {
  /// Times `repetitions` runs of `body` after `warmUps` untimed ones.
  package static func measure(
    repetitions: Int, warmUps: Int = 1, _ body: () throws -> Void
  ) rethrows -> Timing {
    for _ in 0..<warmUps { try body() }
    return Timing(try (0..<max(1, repetitions)).map { _ in try of(body).milliseconds })
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

/// Writes a whole file; a benchmark's output is trusted to have a place.
package func writeFile(_ path: String, _ text: String) {
  guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
  defer { fclose(file) }
  fputs(text, file)
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
