// Seeded inputs and a Double oracle for the kernel tests.

import Kernels
import TestSupport

func randomFloats(_ count: Int, seed: UInt64, in range: ClosedRange<Float> = -1...1) -> [Float] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float.random(in: range, using: &generator) }
}

/// Rows with a canary before, between (stride beyond columns) and after them.
final class GuardedRows {
  static let canary: Float = -12345.5
  let floats: AlignedFloats
  let rows: FloatRows

  init(count: Int, columns: Int, gap: Int = 3, lead: Int = 5, values: [Float] = []) {
    let stride = columns + gap
    floats = AlignedFloats(count: lead + count * stride + 7)
    floats.buffer.update(repeating: Self.canary)
    rows = FloatRows(floats, offset: lead, count: count, columns: columns, stride: stride)
    for (index, value) in values.enumerated() { rows[index / columns][index % columns] = value }
  }

  /// The values, row by row.
  var values: [Float] { (0..<rows.count).flatMap { Array(rows.row($0)) } }

  /// How many floats that are no part of a row have changed.
  var brokenCanaries: Int {
    var inside = Set<Int>()
    for row in 0..<rows.count {
      let start = rows[row] - floats.base
      for column in 0..<rows.columns { inside.insert(start + column) }
    }
    return (0..<floats.count).filter { !inside.contains($0) && floats.base[$0] != Self.canary }
      .count
  }
}

func compute(_ set: KernelSet, threads: Int = 2) throws -> Compute {
  try Compute(kernels: set.name, threads: threads)
}

/// A W^T in Double, with sum |a||b| beside it for error bounds.
func oracleProduct(
  _ a: [Float], _ weight: [Float], rows: Int, outputs: Int, inputs: Int
) -> [(value: Double, magnitude: Double)] {
  var result: [(value: Double, magnitude: Double)] = []
  for r in 0..<rows {
    for o in 0..<outputs {
      var value = 0.0
      var magnitude = 0.0
      for i in 0..<inputs {
        let term = Double(a[r * inputs + i]) * Double(weight[o * inputs + i])
        value += term
        magnitude += abs(term)
      }
      result.append((value, magnitude))
    }
  }
  return result
}
