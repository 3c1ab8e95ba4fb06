// Norm, GELU, softmax and RoPE of every kernel set against Double.

import CKernels
import Kernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

func oracleGELU(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }

@Suite struct RowKernelTests {
  static let counts = [1, 7, 8, 9, 15, 16, 17, 31, 48, 100]

  @Test("layer norm", arguments: KernelSet.available)
  func layerNorm(_ set: KernelSet) throws {
    let compute = try compute(set)
    for count in Self.counts {
      let x = randomFloats(3 * count, seed: UInt64(count), in: -4...9)
      let weight = randomFloats(count, seed: 2, in: 0.5...1.5)
      for (bias, eps) in [(nil, 1e-5), (randomFloats(count, seed: 3), Float(1e-2))] {
        let out = GuardedRows(count: 3, columns: count)
        compute.layerNorm(
          GuardedRows(count: 3, columns: count, values: x).rows,
          weight: AlignedFloats(copying: weight),
          bias: bias.map(AlignedFloats.init(copying:)), eps: eps, into: out.rows)
        for (index, value) in out.values.enumerated() {
          let row = x[index / count * count..<(index / count + 1) * count].map(Double.init)
          let mean = row.reduce(0, +) / Double(count)
          let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
          let column = index % count
          let expected =
            (row[column] - mean) / (variance + Double(eps)).squareRoot() * Double(weight[column])
            + Double(bias?[column] ?? 0)
          #expect(abs(Double(value) - expected) < 1e-5, "\(set.name), \(count) columns")
        }
        #expect(out.brokenCanaries == 0)
      }
    }
  }

  @Test(
    "GELU is within 1e-6 of the exact one, relative to max(1, |x|)",
    arguments: KernelSet.available)
  func gelu(_ set: KernelSet) throws {
    let compute = try compute(set)
    let x = stride(from: Float(-12), through: 12, by: 0.0037).map { $0 } + [0, -0.0, 80, -80]
    let rows = GuardedRows(count: 1, columns: x.count, values: x)
    compute.gelu(rows.rows)
    for (index, value) in rows.values.enumerated() {
      let expected = oracleGELU(Double(x[index]))
      let error = abs(Double(value) - expected) / max(1, abs(Double(x[index])))
      #expect(error < 1e-6, "\(set.name): gelu(\(x[index])) = \(value), exact \(expected)")
    }
    #expect(rows.brokenCanaries == 0)
  }

  @Test(
    "softmax in blocks equals softmax at once; -inf weighs nothing",
    arguments: KernelSet.available)
  func softmax(_ set: KernelSet) {
    for count in Self.counts {
      var scores = randomFloats(count, seed: UInt64(count), in: -30...30)
      if count > 8 { scores[3] = -.infinity }
      let exact = scores.map { exp(Double($0) - Double(scores.max() ?? 0)) }
      let total = exact.reduce(0, +)
      var maximum = -Float.infinity
      var sum: Float = 0
      var weights: [Float] = []
      for first in stride(from: 0, to: count, by: 13) {
        var block = Array(scores[first..<min(count, first + 13)])
        let correction = set.table.softmax_block_f32(&block, block.count, &maximum, &sum)
        weights = weights.map { $0 * correction } + block
      }
      for (index, weight) in weights.enumerated() {
        #expect(abs(Double(weight / sum) - exact[index] / total) < 1e-6, "\(set.name) \(count)")
      }
      if count > 8 { #expect(weights[3] == 0) }
    }
  }

  @Test("a block of nothing but -inf leaves the softmax empty", arguments: KernelSet.available)
  func emptySoftmaxBlock(_ set: KernelSet) {
    var maximum = -Float.infinity
    var sum: Float = 0
    var block = [Float](repeating: -.infinity, count: 19)
    let correction = set.table.softmax_block_f32(&block, block.count, &maximum, &sum)
    #expect(block.allSatisfy { $0 == 0 } && sum == 0 && correction == 1)
    var next: [Float] = [2, 2]
    _ = set.table.softmax_block_f32(&next, 2, &maximum, &sum)
    #expect(next == [1, 1] && sum == 2 && maximum == 2)
  }

  @Test("NaN is never hidden", arguments: KernelSet.available)
  func notANumber(_ set: KernelSet) throws {
    let compute = try compute(set)
    let rows = GuardedRows(count: 1, columns: 20, values: [Float](repeating: .nan, count: 20))
    compute.gelu(rows.rows)
    #expect(rows.values.allSatisfy { $0.isNaN })
    var maximum = -Float.infinity
    var sum: Float = 0
    var block: [Float] = [0, .nan, 1]
    _ = set.table.softmax_block_f32(&block, 3, &maximum, &sum)
    #expect(sum.isNaN)
  }

  @Test("RoPE rotates the halves against each other", arguments: KernelSet.available)
  func rope(_ set: KernelSet) {
    for half in [1, 4, 8, 11, 16, 32, 48] {
      let x = randomFloats(2 * half, seed: UInt64(half))
      let angles = randomFloats(half, seed: 9, in: 0...6)
      let (cosines, sines) = (angles.map { cosf($0) }, angles.map { sinf($0) })
      var rotated = x
      set.table.rope_f32(&rotated, cosines, sines, half, 0.5)
      for i in 0..<half {
        let low = 0.5 * (x[i] * cosines[i] - x[i + half] * sines[i])
        let high = 0.5 * (x[i + half] * cosines[i] + x[i] * sines[i])
        #expect(abs(rotated[i] - low) < 1e-6 && abs(rotated[i + half] - high) < 1e-6)
      }
    }
  }
}
