// One persistent gliss process for tools/peers/gemm.py: the bf16 products of a model's layers on tiles, with
// the epilogues they have there (rotated heads, residual add, GeGLU) and nothing between them. One pass is M
// rows, as sequences of 128, by the four weights of every layer in turn.
// Usage: GemmBenchmark HIDDEN INTERMEDIATE LAYERS THREADS; a JSON object a line answers each request:
//   run M WARMUPS REPETITIONS   times of passes; row 0 of the last product, to compare
//   peak                        10^9 operations a second by unit, measured now
// Weights and rows are formulas that tools/peers/gemm_worker.py has too.

import BenchmarkSupport
import Benchmarking
import Kernels
import StrictJSON

func answer(_ record: JSON) {
  print(record.serialized())
  flushOutput()
}

let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard sizes.count == 4 else {
  fatalError("usage: GemmBenchmark HIDDEN INTERMEDIATE LAYERS THREADS")
}
let compute = try Compute(threads: sizes[3], precision: .bf16)
var products = LayerProducts(
  hidden: sizes[0], intermediate: sizes[1], layers: sizes[2], compute: compute)
answer(["kernels": .string(compute.kernels.name), "threads": .integer(compute.pool.threadCount)])

while let line = readLine() {
  let words = line.split(separator: " ")
  let numbers = words.dropFirst().compactMap { Int($0) }
  switch words.first {
  case "peak":
    answer(.object(JSONObject(compute.peaks().map { (key: $0, value: .number($1)) })))
  case "run" where numbers.count == 3 && numbers[0] > 0 && numbers[0].isMultiple(of: 16):
    products.prepare(rows: numbers[0])
    let result = products.lastRow().prefix(8).map { JSON.number(Double($0)) }
    let timing = Timing.measure(repetitions: numbers[2], warmUps: numbers[1]) { products.pass() }
    answer([
      "samples_ms": .array(timing.samples.map { .number($0) }), "result": .array(result),
    ])
  default:
    fatalError("expected \"peak\" or \"run\", a multiple of 16 and two numbers, got \(line)")
  }
}
