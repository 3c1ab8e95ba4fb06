// One pass over a text and all labels against one pass a label: same encoder geometry, same text.
// Both forms run in batches of texts, each at its own best size.
//
// usage: JointVersusPairwise JOINT-FOLDER PAIRS-FOLDER [labels=1,2,4,...,256] [tokens=128]
//          [precision=bf16] [threads=N] [seconds=3] [svg=FILE] [json=FILE]
//
// JOINT-FOLDER is a GLiClass model, PAIRS-FOLDER a sequence classifier with the same encoder:
// tools/peers/run joint makes random ones. A table in Markdown on standard output.

import BenchmarkSupport
import Benchmarking
import Kernels
import StrictJSON

let arguments = Arguments(CommandLine.arguments.dropFirst())
let compute = try Compute(threads: arguments.threads, precision: arguments.precision)
let comparison = Comparison(
  joint: try SequenceModel(folder: arguments.joint, compute: compute),
  pairs: try SequenceModel(folder: arguments.pairs, compute: compute), tokens: arguments.tokens,
  seconds: arguments.seconds)

print(
  "\(arguments.tokens) tokens of text, \(compute.precision.rawValue), \(compute.kernels.name), "
    + "\(compute.pool.threadCount) threads\n")
print(ComparisonRow.header)
var rows: [ComparisonRow] = []
for labels in arguments.labels {
  let row = try comparison.row(labels: labels)
  rows.append(row)
  print(row.markdown)
  flushOutput()
}
if let path = arguments.svg {
  writeFile(path, Plot(rows, title: "\(arguments.tokens) tokens of text").svg)
}
if let path = arguments.json {
  writeFile(path, JSON.array(rows.map(\.record)).serialized() + "\n")
}
