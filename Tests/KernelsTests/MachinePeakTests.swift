import Kernels
import Testing

@Suite("Probes of the machine", .serialized)
struct MachinePeakTests {
  @Test("every kernel set's multiply-adds have a rate", arguments: KernelSet.available)
  func multiplyAdds(_ set: KernelSet) throws {
    let compute = try Compute(kernels: set.name, threads: 2)
    let unit = try #require(compute.unit)
    let rate = compute.pool.measurePeak(of: unit)
    #expect(rate.isFinite && rate > 0.01, "\(unit.name): \(rate) GFLOP/s")
  }

  @Test("a unit is there exactly where the processor has it")
  func units() throws {
    let features = CPUFeatures.current.names
    let pool = try WorkerPool(threadCount: 1)
    for (unit, feature) in [
      ("amx-bf16", "amx-bf16"), ("amx-int8", "amx-int8"), ("avx512-vnni", "avx512-vnni"),
      ("avx512-int8", "avx512"), ("avx2-int8", "avx2+fma"),
    ] {
      // A system may keep the tiles to itself, so AMX in the processor promises nothing here.
      guard let unit = ArithmeticUnit.named(unit) else {
        #expect(!features.contains(feature) || feature.hasPrefix("amx"))
        continue
      }
      #expect(features.contains(feature))
      #expect(pool.measurePeak(of: unit) > 0.1)
    }
    #expect(ArithmeticUnit.named("abacus") == nil)
  }

  @Test("tiles multiply faster than vectors, where there are tiles")
  func tiles() throws {
    guard let tiles = ArithmeticUnit.named("amx-bf16") else { return }
    let compute = try Compute(threads: 1)
    let vectors = try #require(compute.unit)
    let rates = (compute.pool.measurePeak(of: tiles), compute.pool.measurePeak(of: vectors))
    #expect(rates.0 > 2 * rates.1, "\(rates)")
  }

  @Test("memory has a rate, however small the buffer", arguments: [1, 15, 16, 33, 1 << 20])
  func bandwidth(_ count: Int) throws {
    let pool = try WorkerPool(threadCount: 2)
    let rate = pool.measureReadBandwidth(of: AlignedFloats(count: count))
    #expect(rate.isFinite && (rate > 0.01 || count < 32), "\(count) floats: \(rate) GB/s")
  }
}
