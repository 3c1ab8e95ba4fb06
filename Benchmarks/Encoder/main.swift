// Times the encoder of a model folder, for tools/peers: one request a line on standard input,
// "SEQUENCES TOKENS REPETITIONS [ROWS]"; one JSON object a line back. Token ids are a fixed formula that
// the peers use too; ROWS is how many rows of each sequence are read, its first ones (default: all).
// Usage: EncoderBenchmark FOLDER [THREADS] [KERNELS] [PRECISION]; KERNELS "auto": this machine's best.

import BenchmarkSupport
import Benchmarking
import Encoders
import GLiClass
import Kernels
import StrictJSON

/// Ids spread over the vocabulary: the same in tools/peers.
func tokenID(sequence: Int, position: Int, vocabularySize: Int) -> Int32 {
  Int32((sequence * 104_729 + position * 7_919) % min(50_000, vocabularySize))
}

let arguments = CommandLine.arguments
guard arguments.count > 1 else {
  fatalError("usage: EncoderBenchmark FOLDER [THREADS] [KERNELS] [PRECISION]")
}
let folder = arguments[1]
let config = try EncoderConfig(folder: folder)
let compute = try Compute(
  kernels: arguments.count > 3 && arguments[3] != "auto" ? arguments[3] : nil,
  threads: arguments.count > 2 ? Int(arguments[2]) : nil,
  precision: arguments.count > 4 ? Precision(rawValue: arguments[4]) : .f32)

/// GFLOP/s of the kernel set's multiply-adds, measured now.
func measuredPeak() -> Double { compute.pool.measurePeak(of: .multiplyAdd(of: compute.kernels)) }

let load = try Timing.of { try config.loadEncoder(.folder(folder), compute: compute) }
let encoder = load.value

while let line = readLine() {
  let numbers = line.split(separator: " ").compactMap { Int($0) }
  guard numbers.count == 3 || numbers.count == 4 else {
    fatalError("expected SEQUENCES TOKENS REPETITIONS [ROWS], got \(line)")
  }
  var batch = PackedBatch()
  for sequence in 0..<numbers[0] {
    batch.append(
      ids: (0..<numbers[1]).map {
        tokenID(sequence: sequence, position: $0, vocabularySize: encoder.vocabularySize)
      },
      outputRows: numbers.count == 4 ? Array(0..<numbers[3]) : nil)
  }
  var first: Float = 0
  var allocations: [Int] = []
  allocations.reserveCapacity(numbers[2] + 1)
  let peak = measuredPeak()
  let timing = try Timing.measure(repetitions: numbers[2], warmUps: 1) {
    let before = AllocationCount.now()
    first = try encoder.encode(batch) { $0[0][0] }
    allocations.append(AllocationCount.now() - before)
  }
  let steady = allocations.dropFirst().max() ?? 0
  let record: JSON = [
    "kernels": .string(compute.kernels.name), "threads": .integer(compute.pool.threadCount),
    "load_ms": .number(load.milliseconds), "median_ms": .number(timing.median),
    "best_ms": .number(timing.best), "samples_ms": .array(timing.samples.map { .number($0) }),
    "peak_gflops": .number(max(peak, measuredPeak())), "first": .number(Double(first)),
    "allocations": AllocationCount.isKnown ? .integer(steady) : .null,
  ]
  print(record.serialized())
  flushOutput()
}
