// Int8 quantisation: every kernel set against the rule written out in Swift, bit for bit.

import CKernels
import Kernels
import Testing

@Suite struct QuantizeTests {
  static let counts = [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 771]

  /// The rule of CQuantized.h. Swift's `rounded` sends halves to even here.
  private static func rule(
    _ x: [Float], weight: Bool
  ) -> (scale: Float, bytes: [Int8]) {
    let zeros = [Int8](repeating: 0, count: x.count)
    guard x.allSatisfy({ $0.isFinite }) else { return (.nan, zeros) }
    let largest = x.map(abs).max() ?? 0
    guard largest >= 0x1p-100 else { return (0, zeros) }
    let scale = largest / 127
    let inverse = 127 / largest
    let bytes = x.map { value in
      let q = (weight ? value / scale : value * inverse).rounded(.toNearestOrEven)
      return Int8(min(127, max(-127, q)))
    }
    return (scale, bytes)
  }

  private static let canary: Int8 = 99

  private func check(_ set: KernelSet, _ x: [Float], _ name: String) {
    let kernels = set.table.s8.pointee
    for isWeight in [false, true] {
      let quantize = isWeight ? kernels.quantize_channel : kernels.quantize_row
      let expected = Self.rule(x, weight: isWeight)
      for lead in 0..<3 {
        var out = [Int8](repeating: Self.canary, count: lead + x.count + 70)
        let row = out.withUnsafeMutableBufferPointer { out in
          // Misaligned on both sides, with bytes around that must stay.
          let padded = [Float](repeating: .nan, count: lead) + x + [.nan, .nan, .nan]
          return padded.withUnsafeBufferPointer {
            quantize?($0.baseAddress.map { $0 + lead }, x.count, out.baseAddress.map { $0 + lead })
          }
        }
        let place = "\(set), \(name), weight \(isWeight), lead \(lead)"
        #expect(Array(out[lead..<lead + x.count]) == expected.bytes, "\(place)")
        #expect(
          row?.scale.bitPattern == expected.scale.bitPattern
            || row?.scale.isNaN == true
              && expected.scale.isNaN,
          "\(place)")
        #expect(row?.sum == expected.bytes.reduce(0) { $0 + Int32($1) }, "\(place)")
        #expect(out[..<lead].allSatisfy { $0 == Self.canary }, "\(place)")
        #expect(out[(lead + x.count)...].allSatisfy { $0 == Self.canary }, "\(place)")
      }
    }
  }

  @Test("random rows", arguments: KernelSet.available)
  func random(_ set: KernelSet) {
    for count in Self.counts {
      for scale in [Float(1), 1e-20, 3e30] {
        let seed = UInt64(count)
        let x = randomFloats(count, seed: seed).map { $0 * scale }
        check(set, x, "\(count) floats times \(scale), seed \(seed)")
      }
    }
  }

  @Test("halves go to even, the largest to 127, never further", arguments: KernelSet.available)
  func exactValues(_ set: KernelSet) {
    // The largest is 127, so that a value is its own q.
    check(set, [127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, -126.5, -127], "halves")
    for bits in stride(from: UInt32(0x3f80_0000), to: 0x4000_0000, by: 0x1_2345) {
      let largest = Float(bitPattern: bits)
      check(set, [largest, -largest, largest.nextDown, largest / 3], "largest \(largest)")
    }
  }

  @Test("rows of zeros and of almost nothing are zero", arguments: KernelSet.available)
  func zeros(_ set: KernelSet) {
    for value in [0, -0.0, Float.leastNonzeroMagnitude, 0x1p-126, 0x1p-101, -0x1p-101] {
      for count in [1, 9, 40] {
        check(set, [Float](repeating: value, count: count), "\(count) times \(value)")
      }
    }
    check(set, [Float](repeating: 0x1p-100, count: 20), "the smallest that counts")
    check(set, [Float.greatestFiniteMagnitude, 1, -.greatestFiniteMagnitude], "the largest")
  }

  @Test(
    "what is not finite makes the row's scale NaN, wherever it stands",
    arguments: KernelSet.available)
  func notFinite(_ set: KernelSet) {
    for value in [Float.nan, -.nan, .infinity, -.infinity] {
      for count in [1, 9, 17, 40] {
        for position in [0, count / 2, count - 1] {
          var x = randomFloats(count, seed: 4)
          x[position] = value
          check(set, x, "\(value) at \(position) of \(count)")
        }
      }
    }
  }

  @Test("the way back rounds each step alike in every set", arguments: KernelSet.available)
  func dequantize(_ set: KernelSet) {
    for count in [1, 7, 8, 15, 16, 17, 32] {
      let product = randomFloats(count, seed: 1, in: -1e8...1e8).map { Int32($0) }
      let scales = randomFloats(count, seed: 2, in: 0...0.01)
      let bias = randomFloats(count, seed: 3)
      let before = randomFloats(count + 5, seed: 4)
      for (usesBias, adds) in [(false, false), (true, false), (false, true), (true, true)] {
        var out = before
        set.table.s8.pointee.dequantize_row(
          product, count, 0.013, scales, usesBias ? bias : nil, adds ? 1 : 0, &out)
        for index in out.indices {
          var expected = before[index]
          if index < count {
            let scale = Float(0.013) * scales[index]
            var y = Float(product[index]) * scale
            if usesBias { y += bias[index] }
            expected = adds ? before[index] + y : y
          }
          #expect(out[index] == expected, "\(set), \(count), bias \(usesBias), add \(adds)")
        }
      }
    }
  }
}
