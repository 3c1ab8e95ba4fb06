// One persistent gliss process for tools/peers: a model folder's forward passes, token ids in, logits
// out, on request. Usage: PeerBenchmark FOLDER [THREADS] [PRECISION] [KERNELS]
//
// The first line printed describes the process. Then one JSON object a line answers each request line
// (one with "error" is the last):
//   run CELL DRAW WARMUPS REPETITIONS   times and logits of one batch
//   peak                                10^9 operations a second by unit, measured now
// CELL as BatchCell writes it.

import BenchmarkSupport
import Benchmarking
import Kernels
import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

func answer(_ record: JSON) {
  print(record.serialized())
  flushOutput()
}

/// A precision or a shape that this machine or build does not compute is an answer, not a crash.
func refuse(_ error: any Error) -> Never {
  answer(["error": .string("\(error)")])
  exit(1)
}

func load(_ arguments: [String]) throws -> (SequenceModel, Compute, milliseconds: Double) {
  guard arguments.count > 1 else {
    fatalError("usage: PeerBenchmark FOLDER [THREADS] [PRECISION] [KERNELS]")
  }
  guard let precision = Precision(rawValue: arguments.count > 3 ? arguments[3] : "f32") else {
    fatalError("unknown precision \(arguments[3])")
  }
  let compute = try Compute(
    kernels: arguments.count > 4 ? arguments[4] : nil,
    threads: arguments.count > 2 ? Int(arguments[2]) : nil, precision: precision)
  let (model, milliseconds) = try Timing.of {
    try SequenceModel(folder: arguments[1], compute: compute)
  }
  return (model, compute, milliseconds)
}

let model: SequenceModel
let compute: Compute
do {
  let milliseconds: Double
  (model, compute, milliseconds) = try load(CommandLine.arguments)
  answer([
    "kernels": .string(compute.kernels.name),
    "precision": .string(compute.precision.rawValue),
    "threads": .integer(compute.pool.threadCount), "load_ms": .number(milliseconds),
  ])
} catch {
  refuse(error)
}

while let line = readLine() {
  let words = line.split(separator: " ")
  let numbers = words.dropFirst(2).compactMap { Int($0) }
  let cell = words.count > 1 ? BatchCell(words[1]) : nil
  switch (words.first, cell) {
  case ("peak", _):
    answer(.object(JSONObject(compute.peaks().map { (key: $0, value: .number($1)) })))
  case ("run", let cell?) where numbers.count == 3:
    var logits: [[Float]] = []
    do {
      let pass = try model.pass(cell, draw: numbers[0])
      let timing = try Timing.measure(repetitions: numbers[2], warmUps: numbers[1]) {
        logits = try pass()
      }
      answer([
        "samples_ms": .array(timing.samples.map { .number($0) }),
        "logits": .array(logits.joined().map { $0.isFinite ? .number(Double($0)) : .null }),
      ])
    } catch {
      refuse(error)
    }
  default:
    fatalError("expected \"peak\", or \"run\", a cell and three numbers; got \(line)")
  }
}
