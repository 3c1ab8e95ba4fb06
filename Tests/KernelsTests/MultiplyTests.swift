// Matrix products: every kernel set against Double, with canaries, and bit for bit where promised.

import Kernels
import Testing

@Suite struct MultiplyTests {
  static let sizes = [1, 2, 5, 6, 7, 11, 12, 13, 31, 32, 33, 65]

  @Test(
    "every kernel set agrees with Double within 2 k eps sum|a||b|",
    arguments: KernelSet.available)
  func agreesWithDouble(_ set: KernelSet) throws {
    let compute = try compute(set)
    for rows in Self.sizes {
      for outputs in Self.sizes {
        for inputs in [1, 3, 16, 67] {
          let seed = UInt64(rows * 10_000 + outputs * 100 + inputs)
          try check(compute, rows: rows, outputs: outputs, inputs: inputs, seed: seed)
        }
      }
    }
  }

  private func check(
    _ compute: Compute, rows: Int, outputs: Int, inputs: Int, seed: UInt64
  ) throws {
    let a = randomFloats(rows * inputs, seed: seed)
    let weight = randomFloats(outputs * inputs, seed: seed + 1)
    let bias = randomFloats(outputs, seed: seed + 2)
    let initial = randomFloats(rows * outputs, seed: seed + 3)
    let oracle = oracleProduct(a, weight, rows: rows, outputs: outputs, inputs: inputs)
    let input = GuardedRows(count: rows, columns: inputs, values: a)
    for (usesBias, epilogue) in [
      (false, Compute.Epilogue.store), (true, .store), (false, .add), (true, .add),
    ] {
      let packed = weight.withUnsafeBufferPointer {
        PackedMatrix(
          $0, outputs: outputs, inputs: inputs, bias: usesBias ? bias : nil, compute: compute)
      }
      let result = GuardedRows(count: rows, columns: outputs, values: initial)
      compute.multiply(input.rows, by: packed, into: result.rows, epilogue)
      for (index, value) in result.values.enumerated() {
        let extra =
          (usesBias ? Double(bias[index % outputs]) : 0)
          + (epilogue == .add ? Double(initial[index]) : 0)
        let expected = oracle[index].value + extra
        let bound =
          2 * Double(inputs + 3) * Double(Float.ulpOfOne)
          * (oracle[index].magnitude + abs(extra) + 1)
        #expect(
          abs(Double(value) - expected) <= bound,
          "\(compute.kernels.name) \(rows)x\(outputs)x\(inputs) at \(index), seed \(seed)")
      }
      #expect(result.brokenCanaries == 0)
    }
  }

  @Test("a gated product is gelu(inputs) times gates", arguments: KernelSet.available)
  func gated(_ set: KernelSet) throws {
    let compute = try compute(set)
    for (rows, half, inputs) in [(1, 1, 3), (5, 7, 16), (13, 8, 9), (7, 17, 33), (25, 40, 64)] {
      let a = randomFloats(rows * inputs, seed: 1)
      let weight = randomFloats(2 * half * inputs, seed: 2)
      for bias in [nil, randomFloats(2 * half, seed: 3)] {
        let packed = weight.withUnsafeBufferPointer {
          PackedMatrix(
            $0, outputs: 2 * half, inputs: inputs, bias: bias, arrangement: .gated,
            compute: compute)
        }
        let result = GuardedRows(count: rows, columns: half)
        compute.multiply(
          GuardedRows(count: rows, columns: inputs, values: a).rows, by: packed, into: result.rows)
        let product = oracleProduct(a, weight, rows: rows, outputs: 2 * half, inputs: inputs)
          .enumerated().map { $1.value + Double(bias?[$0 % (2 * half)] ?? 0) }
        for (index, value) in result.values.enumerated() {
          let (row, column) = index.quotientAndRemainder(dividingBy: half)
          let input = product[row * 2 * half + column]
          let gate = product[row * 2 * half + half + column]
          let expected = oracleGELU(input) * gate
          #expect(abs(Double(value) - expected) < 2e-5, "\(set.name) \(rows)x\(half)x\(inputs)")
        }
        #expect(result.brokenCanaries == 0)
      }
    }
  }

  @Test("avx2 and avx512 products are the same bits")
  func fusedSetsAgree() throws {
    let fused = KernelSet.available.filter { ["avx2", "avx512"].contains($0.name) }
    guard fused.count == 2 else { return }
    let (rows, outputs, inputs) = (29, 70, 131)
    let a = randomFloats(rows * inputs, seed: 5)
    let weight = randomFloats(outputs * inputs, seed: 6)
    let results = try fused.map { set in
      let compute = try compute(set)
      let packed = weight.withUnsafeBufferPointer {
        PackedMatrix($0, outputs: outputs, inputs: inputs, compute: compute)
      }
      let result = GuardedRows(count: rows, columns: outputs)
      compute.multiply(
        GuardedRows(count: rows, columns: inputs, values: a).rows, by: packed, into: result.rows)
      return result.values
    }
    #expect(results[0] == results[1])
  }

  @Test("a row's bits do not depend on the rows beside it", arguments: KernelSet.batchInvariant)
  func batchInvariant(_ set: KernelSet) throws {
    let (rows, outputs, inputs) = (41, 50, 77)
    let a = randomFloats(rows * inputs, seed: 7)
    let weight = randomFloats(outputs * inputs, seed: 8)
    for threads in [1, 2, 3] {
      let compute = try compute(set, threads: threads)
      let packed = weight.withUnsafeBufferPointer {
        PackedMatrix($0, outputs: outputs, inputs: inputs, compute: compute)
      }
      let all = GuardedRows(count: rows, columns: outputs)
      compute.multiply(
        GuardedRows(count: rows, columns: inputs, values: a).rows, by: packed, into: all.rows)
      for row in 0..<rows {
        let alone = GuardedRows(count: 1, columns: outputs)
        let values = Array(a[row * inputs..<(row + 1) * inputs])
        compute.multiply(
          GuardedRows(count: 1, columns: inputs, values: values).rows, by: packed, into: alone.rows)
        #expect(alone.values == Array(all.rows.row(row)), "\(set.name), row \(row)")
      }
    }
  }
}
