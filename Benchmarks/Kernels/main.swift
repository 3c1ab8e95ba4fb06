// Times single operations of every kernel set on the shapes of a published model, with the share of the
// peak measured beside each. The weights of all layers take turns, so that they come from where they
// come in a forward pass: the level-3 cache or memory, not level 2.
//
// Usage: KernelBenchmark [geometry=base] [rows=64,512] [threads=2] [kernels=avx512,avx2]
//          [precision=f32,int8] [operations=qkv,attention-local] [cycle=22] [milliseconds=100]
// cycle: matrices that take turns; 1 keeps one weight in the cache. Defaults: edge and base, all
// kernel sets with all their precisions, all operations, as many matrices as the model has layers.

import Benchmarking
import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

let arguments = BenchmarkArguments(CommandLine.arguments.dropFirst())
let memory = AlignedFloats(count: MeasuredRun.bandwidthByteCount / MemoryLayout<Float>.stride)
let repetitions = Repetitions(
  nil, usual: 5...10_000, milliseconds: Double(arguments.milliseconds))

print(
  "geometry kernels type threads operation rows  median_us best_us spread  GFLOP/s peak share  GB/s"
)
for geometry in arguments.geometries {
  for set in KernelSet.available where arguments.runs(set.name, of: "kernels") {
    for precision in set.precisions where arguments.runs(precision.rawValue, of: "precision") {
      for threads in arguments.threads {
        let compute = try Compute(kernels: set.name, threads: threads, precision: precision)
        for operation in Operation.all(precision, set)
        where arguments.runs(operation.name, of: "operations") {
          let prepare = operation.make(
            OperationContext(compute, geometry, cycle: arguments.cycle ?? geometry.layerCount))
          for rows in arguments.rows {
            let work = prepare(rows)
            let run = MeasuredRun(compute, repetitions, memory: memory) { work.run($0) }
            report(geometry, compute, operation, rows, work, run)
          }
        }
      }
    }
  }
}

func report(
  _ geometry: Geometry, _ compute: Compute, _ operation: Operation, _ rows: Int, _ work: Workload,
  _ run: MeasuredRun
) {
  let rate = work.operations / run.timing.median / 1e6
  let peak = run.peak?.mean
  let isProduct = work.operations > 0
  let columns = [
    geometry.name, compute.kernels.name, compute.precision.rawValue,
    "\(compute.pool.threadCount)", operation.name, "\(rows)",
    decimal(run.timing.median * 1e3, 1), decimal(run.timing.best * 1e3, 1),
    decimal(run.timing.spread, 2),
    isProduct ? decimal(rate, 0) : "-", isProduct ? peak.map { decimal($0, 0) } ?? "-" : "-",
    isProduct ? peak.map { decimal(rate / $0, 3) } ?? "-" : "-",
    "\(decimal(work.byteCount / run.timing.median / 1e6, 1)) of \(decimal(run.bandwidth, 1))",
  ]
  print(columns.joined(separator: " "))
  fflush(nil)
}

/// A positive number with so many decimals.
func decimal(_ value: Double, _ places: Int) -> String {
  let scale = pow(10, Double(places))
  let (whole, part) = Int((value * scale).rounded()).quotientAndRemainder(dividingBy: Int(scale))
  guard places > 0 else { return "\(whole)" }
  let digits = "\(part)"
  return "\(whole)." + String(repeating: "0", count: places - digits.count) + digits
}
