// What the machine says of itself and does at most, for the head of a table.

package import Gliss
internal import Kernels

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The processor, and its peaks just now.
package struct MachineRates: Sendable {
  /// The processor's name, if the system gives one.
  package let processor: String?
  package let processorCount: Int
  package let threads: Int
  /// Units with 10^9 operations a second on `threads` threads.
  package let peaks: [(unit: String, rate: Double)]
  /// 10^9 bytes a second over `MeasuredRun.bandwidthByteCount`.
  package let bandwidth: Double

  /// Measures every unit, on the threads and beside the kernel set of `engine`.
  package init(_ engine: EngineChoice) throws(GlissError) {
    let compute = try engine.compute()
    processor = Self.processorName()
    processorCount = WorkerPool.processorCount
    threads = compute.pool.threadCount
    peaks = ArithmeticUnit.all(beside: compute.kernels).map {
      ($0.name, compute.pool.measurePeak(of: $0))
    }
    bandwidth = compute.pool.measureReadBandwidth(
      of: AlignedFloats(count: MeasuredRun.bandwidthByteCount / MemoryLayout<Float>.stride))
  }

  /// AMX bf16 by the multiply-adds of AVX-512, and whether it is near the 16 that the two units are
  /// made for. Where another tenant shares the core, AMX falls to half.
  package var tileState: (ratio: Double, isFull: Bool)? {
    guard let tiles = peaks.first(where: { $0.unit == "amx-bf16" }),
      let vectors = peaks.first(where: { $0.unit == "avx512-f32" }), vectors.rate > 0
    else { return nil }
    let ratio = tiles.rate / vectors.rate
    return (ratio, ratio >= 13)
  }

  private static func processorName() -> String? {
    guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") else { continue }
      let name = text[text.index(after: colon)...].split(whereSeparator: \.isWhitespace)
      return name.isEmpty ? nil : name.joined(separator: " ")
    }
    return nil
  }
}
