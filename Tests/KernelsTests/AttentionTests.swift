// Attention of every kernel set against a plain Double attention, and its batch invariance.

import Kernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct AttentionTests {
  private struct Case {
    var lengths: [Int]
    var heads: Int
    var dimension: Int
    var window: Int?
  }

  private static let cases = [
    Case(lengths: [1], heads: 1, dimension: 2, window: nil),
    Case(lengths: [5, 1, 17], heads: 2, dimension: 8, window: 2),
    Case(lengths: [49], heads: 2, dimension: 12, window: 0),
    Case(lengths: [130, 33], heads: 1, dimension: 64, window: 16),
    Case(lengths: [300, 64], heads: 2, dimension: 20, window: nil),
    Case(lengths: [400], heads: 1, dimension: 40, window: 170),
  ]

  @Test("every kernel set agrees with Double", arguments: KernelSet.available)
  func agreesWithDouble(_ set: KernelSet) throws {
    for item in Self.cases {
      let qkv = randomFloats(
        item.lengths.reduce(0, +) * 3 * item.heads * item.dimension, seed: 4, in: -2...2)
      let context = try run(item, qkv, compute(set))
      let expected = oracle(item, qkv)
      for (value, exact) in zip(context, expected) {
        #expect(abs(Double(value) - exact) < 3e-6, "\(set.name) \(item)")
      }
    }
  }

  @Test(
    "a sequence's bits do not depend on its batch or the threads",
    arguments: KernelSet.batchInvariant)
  func batchInvariant(_ set: KernelSet) throws {
    for window in [nil, 5, 64] {
      let together = Case(lengths: [77, 1, 301, 50], heads: 2, dimension: 16, window: window)
      let width = 3 * together.heads * together.dimension
      let qkv = randomFloats(together.lengths.reduce(0, +) * width, seed: 5, in: -3...3)
      let all = try run(together, qkv, compute(set, threads: 3))
      var token = 0
      for length in together.lengths {
        var alone = together
        alone.lengths = [length]
        let rows = Array(qkv[token * width..<(token + length) * width])
        let context = try run(alone, rows, compute(set, threads: 1))
        #expect(context == Array(all[token * width / 3..<(token + length) * width / 3]))
        token += length
      }
    }
  }

  private func run(_ item: Case, _ values: [Float], _ compute: Compute) throws -> [Float] {
    let hidden = item.heads * item.dimension
    let tokens = item.lengths.reduce(0, +)
    let offsets = item.lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    let shape = AttentionShape(
      headCount: item.heads, headDimension: item.dimension, window: item.window)
    let qkv = GuardedRows(count: tokens, columns: 3 * hidden, values: values)
    let context = GuardedRows(count: tokens, columns: hidden)
    var plan = AttentionPlan()
    compute.plan(&plan, offsets: offsets, shape: shape)
    let scratch = AlignedFloats(count: plan.scratchCount)
    scratch.buffer.update(repeating: .nan)  // stale memory must not matter
    let rotary = RotaryTable(positions: 512, headDimension: item.dimension, theta: 10_000)
    compute.packKeysAndValues(qkv.rows, plan, rotary: rotary, shape: shape, scratch: scratch)
    compute.attend(
      qkv.rows, plan, rotary: rotary, shape: shape, scratch: scratch, into: context.rows)
    #expect(qkv.brokenCanaries == 0 && context.brokenCanaries == 0)
    return context.values
  }

  private func oracle(_ item: Case, _ qkv: [Float]) -> [Double] {
    let (d, hidden) = (item.dimension, item.heads * item.dimension)
    var context: [Double] = []
    var first = 0
    for length in item.lengths {
      for query in 0..<length {
        for head in 0..<item.heads {
          func vector(_ position: Int, _ part: Int) -> [Double] {
            let start = (first + position) * 3 * hidden + part * hidden + head * d
            return qkv[start..<start + d].map(Double.init)
          }
          let q = rotated(vector(query, 0), query)
          let weights = (0..<length).map { key -> Double in
            if let window = item.window, abs(key - query) > window { return 0 }
            let k = rotated(vector(key, 1), key)
            return exp(zip(q, k).reduce(0) { $0 + $1.0 * $1.1 } / Double(d).squareRoot())
          }
          let total = weights.reduce(0, +)
          var out = [Double](repeating: 0, count: d)
          for key in 0..<length where weights[key] != 0 {
            for (i, v) in vector(key, 2).enumerated() { out[i] += weights[key] / total * v }
          }
          context += out
        }
      }
      first += length
    }
    return context
  }

  private func rotated(_ x: [Double], _ position: Int) -> [Double] {
    let half = x.count / 2
    var result = x
    for i in 0..<half {
      // The angle is float32 by definition (RotaryTable): 3e-5 off the exact one at position 512.
      let frequency = 1 / Float(pow(10_000, Double(Float(2 * i) / Float(x.count))))
      let angle = Double(Float(position) * frequency)
      result[i] = x[i] * cos(angle) - x[i + half] * sin(angle)
      result[i + half] = x[i + half] * cos(angle) + x[i] * sin(angle)
    }
    return result
  }
}
