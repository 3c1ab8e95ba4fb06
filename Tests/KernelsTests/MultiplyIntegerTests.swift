// Int8 products: the same integers and the same floats in every kernel set, bit for bit.

import CKernels
import Kernels
import Testing
import TestSupport

/// A set's int8 product of one tile, with canaries behind it.
private func tile(
  _ kernels: gk_s8_kernels, _ a: [[Int8]], _ weight: [[Int8]?], k: Int
) -> (sums: [Int32], brokenCanaries: Int) {
  let (columns, depth) = (Int(kernels.tile_columns), Int(kernels.depth))
  let steps = (k + depth - 1) / depth * depth
  let panel = UnsafeMutableRawBufferPointer.allocate(byteCount: steps * columns, alignment: 64)
  let out = UnsafeMutableRawBufferPointer.allocate(
    byteCount: (a.count * columns + 16) * 4, alignment: 64)
  defer {
    panel.deallocate()
    out.deallocate()
  }
  let sums = out.bindMemory(to: Int32.self)
  sums.update(repeating: 0x5a5a_5a5a)
  let rows = weight.map { row in
    row.map { row in
      let copy = UnsafeMutableBufferPointer<Int8>.allocate(capacity: k)
      _ = copy.update(from: row)
      return copy
    }
  }
  defer { for row in rows { row?.deallocate() } }
  withUnsafePointer(to: kernels) { kernels in
    gk_pack_panel_s8(
      rows.map { UnsafePointer($0?.baseAddress) }, kernels, k,
      panel.bindMemory(to: Int8.self).baseAddress)
  }
  // What stands behind k in a row of A must not matter.
  let flat = a.flatMap { $0 + [Int8](repeating: 77, count: steps - k + 3) }
  kernels.gemm(
    a.count, k, flat, steps + 3, a.map { $0.reduce(0) { $0 + Int32($1) } },
    panel.bindMemory(to: Int8.self).baseAddress, sums.baseAddress)
  let used = a.count * columns
  return (Array(sums[..<used]), sums[used...].filter { $0 != 0x5a5a_5a5a }.count)
}

@Suite struct MultiplyIntegerTests {
  private static let sets = KernelSet.available.filter { $0.precisions.contains(.int8) }

  @Test("the sums are exact, at every row count and around every step of k", arguments: sets)
  func exact(_ set: KernelSet) {
    let kernels = set.table.s8.pointee
    let columns = Int(kernels.tile_columns)
    var random = SeededGenerator(seed: 11)
    for k in [1, 2, 3, 4, 5, 15, 16, 17, 63, 255, 256, 257, 300, 515] {
      for rows in 1...Int(kernels.tile_rows) {
        // Every third case has nothing but the largest magnitudes: 127 * 127 in pairs and fours is
        // what a saturating product would get wrong.
        let extreme = (k + rows).isMultiple(of: 3)
        let draw = { (random: inout SeededGenerator) -> Int8 in
          extreme
            ? (Bool.random(using: &random) ? 127 : -127)
            : Int8.random(in: -127...127, using: &random)
        }
        let a = (0..<rows).map { _ in (0..<k).map { _ in draw(&random) } }
        let weight = (0..<columns).map { column in
          column == columns - 2 ? nil : (0..<k).map { _ in draw(&random) }
        }
        let found = tile(kernels, a, weight, k: k)
        for (index, sum) in found.sums.enumerated() {
          let (row, column) = index.quotientAndRemainder(dividingBy: columns)
          let expected =
            weight[column].map {
              zip(a[row], $0).reduce(Int32(0)) { $0 + Int32($1.0) * Int32($1.1) }
            }
            ?? 0
          #expect(sum == expected, "\(set), k \(k), \(rows) rows, at \(row), \(column)")
        }
        #expect(found.brokenCanaries == 0)
      }
    }
  }

  @Test("the longest row of one sign does not overflow", arguments: sets)
  func longest(_ set: KernelSet) {
    let kernels = set.table.s8.pointee
    let k = 1 << 16
    let weight = [[Int8]](
      repeating: [Int8](repeating: 127, count: k), count: Int(kernels.tile_columns))
    for value in [Int8(127), -127] {
      let found = tile(kernels, [[Int8](repeating: value, count: k)], weight, k: k)
      #expect(found.sums.allSatisfy { $0 == Int32(value) * 127 * Int32(k) }, "\(set)")
    }
  }

  /// y = sum(q q') (row scale * column scale) + bias, from the scalar kernels' bytes.
  private struct Case {
    let a: [Float]
    let weight: [Float]
    let bias: [Float]
    let initial: [Float]
    let rows: Int
    let outputs: Int
    let inputs: Int

    init(rows: Int, outputs: Int, inputs: Int, seed: UInt64) {
      (self.rows, self.outputs, self.inputs) = (rows, outputs, inputs)
      a = randomFloats(rows * inputs, seed: seed, in: -3...3)
      weight = randomFloats(outputs * inputs, seed: seed + 1, in: -0.5...0.5)
      bias = randomFloats(outputs, seed: seed + 2)
      initial = randomFloats(rows * outputs, seed: seed + 3)
    }

    func result(
      _ set: KernelSet, threads: Int = 2, usesBias: Bool, _ epilogue: Compute.Epilogue,
      _ arrangement: PackedMatrix.Arrangement = .plain, scratch: QuantizedRows? = nil
    ) throws -> GuardedRows {
      let compute = try Compute(kernels: set.name, threads: threads, precision: .int8)
      var bytes = [Int8](repeating: 0, count: weight.count)
      var scales = [Float](repeating: 0, count: outputs)
      weight.withUnsafeBufferPointer { weight in
        bytes.withUnsafeMutableBufferPointer {
          compute.quantizeChannels(weight, inputs: inputs, into: $0, scales: &scales)
        }
      }
      let packed = bytes.withUnsafeBufferPointer {
        PackedMatrix(
          IntegerWeight(bytes: $0, scales: scales), outputs: outputs, inputs: inputs,
          bias: usesBias ? bias : nil, arrangement: arrangement, compute: compute)
      }
      let isGated = arrangement == .gated
      let result = GuardedRows(
        count: rows, columns: isGated ? outputs / 2 : outputs, values: isGated ? [] : initial)
      compute.multiply(
        GuardedRows(count: rows, columns: inputs, values: a).rows, by: packed, into: result.rows,
        epilogue, quantizing: scratch)
      return result
    }
  }

  @Test("plain products are the scalar set's bits, and near the f32 product", arguments: sets)
  func plain(_ set: KernelSet) throws {
    let scalar = try KernelSet.choose("scalar")
    let scratch = QuantizedRows()
    for (rows, outputs, inputs) in [
      (1, 1, 1), (5, 7, 3), (12, 32, 64), (13, 33, 65), (29, 70, 131), (64, 96, 40), (3, 15, 300),
    ] {
      let item = Case(rows: rows, outputs: outputs, inputs: inputs, seed: UInt64(rows * inputs))
      let oracle = oracleProduct(item.a, item.weight, rows: rows, outputs: outputs, inputs: inputs)
      for (usesBias, epilogue) in [
        (false, Compute.Epilogue.store), (true, .store), (false, .add), (true, .add),
      ] {
        let found = try item.result(set, usesBias: usesBias, epilogue, scratch: scratch)
        let expected = try item.result(scalar, usesBias: usesBias, epilogue)
        #expect(found.values == expected.values, "\(set) \(rows)x\(outputs)x\(inputs)")
        #expect(found.brokenCanaries == 0)
        for (index, value) in found.values.enumerated() {
          let extra =
            (usesBias ? Double(item.bias[index % outputs]) : 0)
            + (epilogue == .add ? Double(item.initial[index]) : 0)
          // Each factor is off by at most half a step of its scale: 3/254 and 0.5/254.
          let bound = Double(inputs) * (3 * 0.5 / 254 + 0.5 * 3 / 254 + 3 * 0.5 / 254 / 254) + 1e-5
          #expect(abs(Double(value) - oracle[index].value - extra) <= bound)
        }
      }
    }
  }

  @Test("a gated product is the GEGLU of the plain one", arguments: sets)
  func gated(_ set: KernelSet) throws {
    for (rows, half, inputs) in [(1, 1, 3), (5, 7, 16), (13, 8, 9), (7, 17, 33), (25, 40, 64)] {
      let item = Case(rows: rows, outputs: 2 * half, inputs: inputs, seed: 21)
      for usesBias in [false, true] {
        let plain = try item.result(set, usesBias: usesBias, .store).values
        let found = try item.result(set, usesBias: usesBias, .store, .gated)
        for (index, value) in found.values.enumerated() {
          let (row, column) = index.quotientAndRemainder(dividingBy: half)
          let input = Double(plain[row * 2 * half + column])
          let gate = Double(plain[row * 2 * half + half + column])
          // GELU is within 1e-6 of max(1, |x|), then times the gate.
          let bound = 2e-6 * max(1, abs(input)) * max(1, abs(gate))
          #expect(abs(Double(value) - oracleGELU(input) * gate) < bound, "\(set), \(rows)x\(half)")
        }
        #expect(found.brokenCanaries == 0)
      }
    }
  }

  @Test("a row's bits do not depend on the rows beside it or the threads", arguments: sets)
  func batchInvariant(_ set: KernelSet) throws {
    let item = Case(rows: 41, outputs: 50, inputs: 77, seed: 7)
    let all = try item.result(set, threads: 1, usesBias: true, .store).values
    for threads in [2, 3] {
      #expect(try item.result(set, threads: threads, usesBias: true, .store).values == all)
    }
    let compute = try Compute(kernels: set.name, threads: 1, precision: .int8)
    var bytes = [Int8](repeating: 0, count: item.weight.count)
    var scales = [Float](repeating: 0, count: item.outputs)
    item.weight.withUnsafeBufferPointer { weight in
      bytes.withUnsafeMutableBufferPointer {
        compute.quantizeChannels(weight, inputs: item.inputs, into: $0, scales: &scales)
      }
    }
    let packed = bytes.withUnsafeBufferPointer {
      PackedMatrix(
        IntegerWeight(bytes: $0, scales: scales), outputs: item.outputs, inputs: item.inputs,
        bias: item.bias, compute: compute)
    }
    for row in 0..<item.rows {
      let alone = GuardedRows(count: 1, columns: item.outputs)
      let values = Array(item.a[row * item.inputs..<(row + 1) * item.inputs])
      compute.multiply(
        GuardedRows(count: 1, columns: item.inputs, values: values).rows, by: packed,
        into: alone.rows)
      #expect(alone.values == Array(all[row * item.outputs..<(row + 1) * item.outputs]))
    }
  }

  @Test("NaN or infinity in a row makes its whole result NaN, and no other's", arguments: sets)
  func notFinite(_ set: KernelSet) throws {
    for value in [Float.nan, .infinity, -.infinity] {
      let compute = try Compute(kernels: set.name, threads: 2, precision: .int8)
      let bytes = [Int8](repeating: 3, count: 40 * 20)
      // A column of scale 0 too: 0 times NaN is NaN.
      let packed = bytes.withUnsafeBufferPointer {
        PackedMatrix(
          IntegerWeight(bytes: $0, scales: [0] + [Float](repeating: 0.5, count: 39)), outputs: 40,
          inputs: 20, compute: compute)
      }
      var a = randomFloats(3 * 20, seed: 9)
      a[20 + 7] = value
      let result = GuardedRows(count: 3, columns: 40)
      compute.multiply(
        GuardedRows(count: 3, columns: 20, values: a).rows, by: packed, into: result.rows)
      #expect(result.rows.row(1).allSatisfy { $0.isNaN }, "\(set), \(value)")
      #expect(result.rows.row(0).allSatisfy { $0.isFinite })
      #expect(result.rows.row(2).allSatisfy { $0.isFinite })
    }
  }
}
