// One persistent gliss process for tools/peers: a model folder's forward passes, token ids in, logits
// out, on request. Usage: PeerBenchmark FOLDER [THREADS] [PRECISION] [KERNELS]
//
// The first line printed describes the process. Then one JSON object a line answers each request line
// (one with "error" is the last):
//   run SEQUENCES TOKENS DRAW WARMUPS REPETITIONS   times and logits of one batch
//   peak                                            10^9 operations a second by unit, measured now
// The ids are a formula that tools/peers/inputs.py has too.

import BenchmarkSupport
import Benchmarking
import GLiClass
import Kernels
import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Labels of every sequence.
let labelCount = 4

/// `[CLS] <<LABEL>> x <<LABEL>> x <<LABEL>> x <<LABEL>> x <<SEP>> text... [SEP]`: text ids are spread
/// over the vocabulary, and another `draw` gives another batch.
func tokenIDs(sequence: Int, tokens: Int, draw: Int, config: GLiClassConfig) -> [Int32] {
  var ids = (0..<tokens).map { position in
    Int32((sequence * 104_729 + position * 7_919 + draw * 15_485_863) % 50_000)
  }
  ids[0] = 50_281
  for label in 0..<labelCount { ids[1 + 2 * label] = Int32(config.classTokenID) }
  ids[1 + 2 * labelCount] = Int32(config.textTokenID)
  ids[tokens - 1] = 50_282
  return ids
}

func answer(_ record: JSON) {
  print(record.serialized())
  flushOutput()
}

/// A precision or a shape that this machine or build does not compute is an answer, not a crash.
func refuse(_ error: any Error) -> Never {
  answer(["error": .string("\(error)")])
  exit(1)
}

func load(_ arguments: [String]) throws -> (GLiClassModel, Timing) {
  guard arguments.count > 1 else {
    fatalError("usage: PeerBenchmark FOLDER [THREADS] [PRECISION] [KERNELS]")
  }
  guard let precision = Precision(rawValue: arguments.count > 3 ? arguments[3] : "f32") else {
    fatalError("unknown precision \(arguments[3])")
  }
  let compute = try Compute(
    kernels: arguments.count > 4 ? arguments[4] : nil,
    threads: arguments.count > 2 ? Int(arguments[2]) : nil, precision: precision)
  var model: GLiClassModel?
  let timing = try Timing.measure(repetitions: 1, warmUps: 0) {
    model = try GLiClassModel(folder: arguments[1], compute: compute)
  }
  guard let model else { fatalError("unreachable: loading throws or loads") }
  return (model, timing)
}

let model: GLiClassModel
do {
  let timing: Timing
  (model, timing) = try load(CommandLine.arguments)
  answer([
    "kernels": .string(model.compute.kernels.name),
    "precision": .string(model.compute.precision.rawValue),
    "threads": .integer(model.compute.pool.threadCount), "load_ms": .number(timing.median),
  ])
} catch {
  refuse(error)
}

while let line = readLine() {
  let words = line.split(separator: " ")
  let numbers = words.dropFirst().compactMap { Int($0) }
  switch words.first {
  case "peak":
    answer(.object(JSONObject(model.compute.peaks().map { (key: $0, value: .number($1)) })))
  case "run" where numbers.count == 5 && numbers[1] > 2 * labelCount + 2:
    let batch = (0..<numbers[0]).map { sequence in
      (
        ids: tokenIDs(
          sequence: sequence, tokens: numbers[1], draw: numbers[2], config: model.config),
        labelCount: labelCount
      )
    }
    var logits: [[Float]] = []
    do {
      let timing = try Timing.measure(repetitions: numbers[4], warmUps: numbers[3]) {
        logits = try model.logits(batch)
      }
      answer([
        "samples_ms": .array(timing.samples.map { .number($0) }),
        "logits": .array(logits.joined().map { $0.isFinite ? .number(Double($0)) : .null }),
      ])
    } catch {
      refuse(error)
    }
  default:
    fatalError("expected \"peak\" or \"run\" and five numbers, got \(line)")
  }
}
