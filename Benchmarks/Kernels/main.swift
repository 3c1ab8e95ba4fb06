// GFLOP/s of every kernel set's matrix products on ModernBERT-base and edge shapes, with the share of
// the multiply-add peak measured beside each. Usage: KernelBenchmark [threads] [kernel set]

import BenchmarkSupport
import Kernels

let threads = CommandLine.arguments.dropFirst().first.flatMap { Int($0) }
let only = CommandLine.arguments.dropFirst(2).first
let shapes: [(outputs: Int, inputs: Int)] = [
  (2304, 768), (768, 768), (768, 1152), (1152, 384), (384, 384), (384, 576),
]

for set in KernelSet.available where only == nil || set.name == only {
  let compute = try Compute(kernels: set.name, threads: threads)
  for shape in shapes {
    let weight = (0..<shape.outputs * shape.inputs).map { Float($0 % 13) / 13 - 0.5 }
    let packed = weight.withUnsafeBufferPointer {
      PackedMatrix($0, outputs: shape.outputs, inputs: shape.inputs, compute: compute)
    }
    for rows in [1, 16, 64, 128, 512, 2048] {
      let a = FloatRows(
        AlignedFloats(count: rows * shape.inputs), count: rows, columns: shape.inputs)
      let c = FloatRows(
        AlignedFloats(count: rows * shape.outputs), count: rows, columns: shape.outputs)
      for row in 0..<rows { for i in 0..<shape.inputs { a[row][i] = Float(i % 7) / 7 - 0.4 } }
      let operations = 2 * Double(rows) * Double(shape.outputs) * Double(shape.inputs)
      let timing = Timing.measure(repetitions: max(5, Int(2e9 / operations)), warmUps: 2) {
        compute.multiply(a, by: packed, into: c)
      }
      let rate = operations / timing.median / 1e6
      let peak = compute.measuredPeak()
      print(
        "\(set.name) threads \(compute.pool.threadCount) M \(rows) N \(shape.outputs) "
          + "K \(shape.inputs): \(format(rate, decimals: 0)) GFLOP/s, "
          + "\(format(100 * rate / peak, decimals: 0))% of \(format(peak, decimals: 0)), "
          + "median \(format(timing.median, decimals: 3)) ms, best \(format(timing.best, decimals: 3))"
      )
    }
  }
}
