// What the machine can do at most, measured now and on the same threads as the work beside it: the
// arithmetic peak of the unit a precision runs on, and the rate at which memory is read.
//
// Virtual machines change their speed within seconds (the AMX unit here between 2.7 and 1.25 TFLOP/s
// a core), so a probe is cheap enough to run around every measurement.

internal import CKernels
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A unit of the processor that multiplies and adds, with a probe of its rate.
package struct ArithmeticUnit: Sendable {
  /// For example `amx-bf16`, or the kernel set's name and `f32`.
  package let name: String
  /// Rounds that take some tens of microseconds.
  fileprivate let rounds: Int
  fileprivate let run: @Sendable (Int) -> Double

  fileprivate init(
    _ name: String, rounds: Int, run: @escaping @Sendable (Int) -> Double
  ) {
    self.name = name
    self.rounds = rounds
    self.run = run
  }
}

extension ArithmeticUnit {
  /// The multiply-adds in f32 of a kernel set, by the registers they run in: several sets share them.
  package static func multiplyAdd(of kernels: KernelSet) -> ArithmeticUnit {
    let needs = kernels.table.required_features
    let registers =
      needs & UInt32(GK_CPU_AVX512) != 0
      ? "avx512"
      : needs & UInt32(GK_CPU_AVX2_FMA) != 0 ? "avx2" : String(cString: kernels.table.name)
    return ArithmeticUnit("\(registers)-f32", rounds: 4000) { kernels.table.peak_f32($0) }
  }

  /// The unit called `name` in the list of `probe/units.c`, if this machine has it and may use it.
  package static func named(_ name: String) -> ArithmeticUnit? {
    for index in 0..<gk_unit_count() {
      let unit = gk_unit_at(index).pointee
      guard String(cString: unit.name) == name else { continue }
      let isThere = unit.required_features & ~CPUFeatures.current.rawValue == 0
      let needsTiles = unit.required_features & UInt32(GK_CPU_AMX_BF16 | GK_CPU_AMX_INT8) != 0
      guard isThere, !needsTiles || gk_request_tile_permission() == 0, let peak = unit.peak
      else { return nil }
      return ArithmeticUnit(name, rounds: needsTiles ? 400 : 4000) { peak($0) }
    }
    return nil
  }

  /// Every unit of this machine: the multiply-adds of `kernels`, then those of the list.
  package static func all(beside kernels: KernelSet) -> [ArithmeticUnit] {
    let listed = (0..<gk_unit_count()).map { String(cString: gk_unit_at($0).pointee.name) }
    return [multiplyAdd(of: kernels)] + listed.compactMap(named)
  }
}

extension Compute {
  /// The unit that does this kernel set's products in this precision; nil where none is faster than
  /// plain code.
  package var unit: ArithmeticUnit? {
    let needs = kernels.table.required_features
    switch precision {
    case .f32: return .multiplyAdd(of: kernels)
    case .bf16: return .named("amx-bf16")
    case .int8:
      if kernels.hasTiles { return .named("amx-int8") }
      if needs & UInt32(GK_CPU_AVX512_VNNI) != 0 { return .named("avx512-vnni") }
      if needs & UInt32(GK_CPU_AVX512) != 0 { return .named("avx512-int8") }
      return needs & UInt32(GK_CPU_AVX2_FMA) != 0 ? .named("avx2-int8") : nil
    }
  }
}

extension WorkerPool {
  /// 10^9 operations a second of `unit` on all threads, measured for about 10 ms after 2 ms in which
  /// the clocks settle. A multiplication and an addition are two operations.
  package func measurePeak(of unit: ArithmeticUnit) -> Double {
    _ = rate(nanoseconds: 2_000_000) { _ in unit.run(unit.rounds) }
    return rate(nanoseconds: 10_000_000) { _ in unit.run(unit.rounds) }
  }

  /// 10^9 bytes a second that all threads together read from `memory`, each its own part, again and
  /// again for about 10 ms. What is far larger than the level-2 caches comes from
  /// the level-3 cache or from memory, as the weights of a model do.
  package func measureReadBandwidth(of memory: AlignedFloats) -> Double {
    let byteCount = memory.count * MemoryLayout<Float>.stride
    let part = byteCount / threadCount / 64 * 64
    nonisolated(unsafe) let base = UnsafeRawPointer(memory.base)
    let chunk = min(part, 256 << 10)
    guard chunk > 0 else { return 0 }
    return rate(nanoseconds: 10_000_000) { [threadCount] step in
      let (turn, thread) = step.quotientAndRemainder(dividingBy: threadCount)
      let start = turn * chunk % (part - chunk + 1) / 64 * 64
      _ = gk_read_bytes(base + thread * part + start, chunk)
      return Double(chunk)
    }
  }

  /// Runs `body` over and over on every thread until the time is over; the sum of what it returns by
  /// nanoseconds. `body` is told a number: `turn * threadCount + thread`.
  private func rate(nanoseconds limit: UInt64, _ body: @Sendable (Int) -> Double) -> Double {
    let total = Mutex(0.0)
    let start = Self.nanoseconds()
    run(threadCount) { [threadCount] thread in
      var sum = 0.0
      var step = thread
      repeat {
        sum += body(step)
        step += threadCount
      } while Self.nanoseconds() - start < limit
      total.withLock { $0 += sum }
    }
    return total.withLock { $0 } / Double(Self.nanoseconds() - start)
  }

  private static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
