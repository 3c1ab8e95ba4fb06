// Buckets against transformers' numbers, and attention with relative positions against a plain Double
// one: every kernel set, lengths around every block, all rows and some, any batch.

import Kernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct RelativePositionsTests {
  /// transformers 5.23, make_log_bucket_position: FNV-1a of the buckets of distances 0...8191.
  private static let digests: [(buckets: Int, reach: Int, digest: UInt64)] = [
    (256, 512, 0x44a8_21bc_2766_5969), (16, 512, 0xefe2_3c37_f581_c927),
    (16, 60, 0xae85_ff93_badf_c659), (7, 512, 0xcff2_6067_6a5b_760f),
    (100, 1024, 0xe3c0_7767_e4e6_d787), (512, 4096, 0xe1da_3ee0_9e1e_f814),
    (320, 512, 0xf5a8_036b_691c_be32), (64, 8192, 0x1c81_f8a8_6021_dc9b),
  ]

  @Test("every bucket is upstream's", arguments: digests)
  func upstream(_ item: (buckets: Int, reach: Int, digest: UInt64)) {
    let rule = RelativePositions.Rule(buckets: item.buckets, reach: item.reach)
    let digest = (0..<8192).reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
      ($0 ^ UInt64(rule.bucket($1))) &* 0x100_0000_01B3
    }
    #expect(digest == item.digest)
    #expect((1..<8192).allSatisfy { rule.bucket(-$0) == -rule.bucket($0) })
  }

  @Test("buckets begin where they should: 16 of them within 512 positions")
  func boundaries() {
    let rule = RelativePositions.Rule(buckets: 16, reach: 512)
    let starts = (1...520).filter { rule.bucket($0) != rule.bucket($0 - 1) }
    #expect(starts == [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 27, 48, 87, 156, 283, 512])
  }

  @Test("beyond the last bucket of a side everything is the last bucket")
  func clamped() {
    let rules = [
      RelativePositions.Rule(buckets: 16, reach: 60),
      RelativePositions.Rule(buckets: nil, reach: 16),
    ]
    for rule in rules {
      let positions = RelativePositions(rule, limit: 200)
      #expect(positions.count == 32)
      #expect(positions.bucket(query: 5, key: 5) == 16)
      #expect(positions.bucket(query: 5, key: 6) == 15 && positions.bucket(query: 6, key: 5) == 17)
      #expect(positions.bucket(query: 199, key: 0) == 31)
      #expect(positions.bucket(query: 0, key: 199) == 0)
    }
  }
}

@Suite struct RelativeAttentionTests {
  private struct Case {
    var lengths: [Int]
    var heads = 1
    var dimension = 8
    var rule: RelativePositions.Rule? = .init(buckets: 16, reach: 60)
    var ofQueries = true
    var ofKeys = true

    var hidden: Int { heads * dimension }
    var tokens: Int { lengths.reduce(0, +) }
    var offsets: [Int] { lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) } }
  }

  private static let cases = [
    Case(lengths: [1]),
    Case(lengths: [47, 2, 48], heads: 3, dimension: 5),
    Case(lengths: [49, 130], heads: 2, dimension: 20, rule: .init(buckets: 256, reach: 512)),
    Case(lengths: [129], dimension: 64, rule: .init(buckets: nil, reach: 40)),
    Case(lengths: [127, 128], heads: 2, rule: .init(buckets: 7, reach: 30), ofKeys: false),
    Case(lengths: [128, 5], heads: 2, ofQueries: false),
    Case(lengths: [200], rule: nil, ofQueries: false, ofKeys: false),
    Case(lengths: [700], dimension: 12, rule: .init(buckets: 256, reach: 512)),
  ]

  @Test("every kernel set agrees with Double", arguments: KernelSet.available)
  func agreesWithDouble(_ set: KernelSet) throws {
    for item in Self.cases {
      let input = Input(item)
      let context = try input.run(compute(set))
      for (value, exact) in zip(context, input.oracle()) {
        #expect(abs(Double(value) - exact) < 4e-6, "\(set.name) \(item)")
      }
    }
  }

  @Test(
    "a sequence's bits do not depend on its batch or the threads, which group its queries",
    arguments: KernelSet.batchInvariant)
  func batchInvariant(_ set: KernelSet) throws {
    let together = Case(lengths: [77, 1, 521, 50], heads: 2, dimension: 16)
    let input = Input(together)
    let all = try input.run(compute(set, threads: 1))
    #expect(try input.run(compute(set, threads: 3)) == all)
    for (index, rows) in zip(together.lengths.indices, input.sequences) {
      var alone = together
      alone.lengths = [together.lengths[index]]
      let context = try Input(alone, of: input, rows: rows).run(compute(set, threads: 5))
      #expect(context == Array(all[rows.lowerBound * 32..<rows.upperBound * 32]))
    }
  }

  @Test("queries that are asked for alone are the same bits", arguments: KernelSet.batchInvariant)
  func selected(_ set: KernelSet) throws {
    let input = Input(
      Case(
        lengths: [600, 1, 90], heads: 2, dimension: 16, rule: .init(buckets: 256, reach: 512)))
    let all = try input.run(compute(set))
    let rows = [0, 3, 47, 48, 130, 479, 480, 481, 599, 600, 601, 690]
    let found = try input.run(compute(set), selected: rows)
    #expect(found == rows.flatMap { all[$0 * 32..<($0 + 1) * 32] })
  }

  /// Random queries, keys, values and position vectors.
  private struct Input {
    let item: Case
    let qkv: [Float]
    let keyVectors: [Float]
    let queryVectors: [Float]

    init(_ item: Case) {
      self.item = item
      let vectors = 2 * (item.rule?.span ?? 0) * item.hidden
      qkv = randomFloats(item.tokens * 3 * item.hidden, seed: 4, in: -2...2)
      keyVectors = randomFloats(vectors, seed: 5, in: -2...2)
      queryVectors = randomFloats(vectors, seed: 6, in: -2...2)
    }

    init(_ item: Case, of other: Input, rows: Range<Int>) {
      self.item = item
      let width = 3 * item.hidden
      qkv = Array(other.qkv[rows.lowerBound * width..<rows.upperBound * width])
      (keyVectors, queryVectors) = (other.keyVectors, other.queryVectors)
    }

    var sequences: [Range<Int>] { zip(item.offsets, item.offsets.dropFirst()).map { $0..<$1 } }

    private var shape: RelativeShape {
      RelativeShape(
        headCount: item.heads, headDimension: item.dimension,
        termCount: 1 + (item.ofQueries ? 1 : 0) + (item.ofKeys ? 1 : 0))
    }

    func run(_ compute: Compute, selected: [Int]? = nil) throws -> [Float] {
      let hidden = item.hidden
      let positions = item.rule.map { RelativePositions($0, limit: item.lengths.max() ?? 1) }
      func vectors(_ values: [Float], scale: Float) -> RelativeVectors {
        let rows = GuardedRows(
          count: values.count / hidden, columns: hidden, gap: 0, values: values)
        return RelativeVectors(rows.rows, headCount: item.heads, scale: scale, compute: compute)
      }
      let terms = RelativeTerms(
        positions: positions, keys: item.ofQueries ? vectors(keyVectors, scale: 1) : nil,
        queries: item.ofKeys ? vectors(queryVectors, scale: shape.scale) : nil)
      let all = GuardedRows(count: item.tokens, columns: 3 * hidden, values: qkv)
      let count = selected?.count ?? item.tokens
      let queries = GuardedRows(count: count, columns: hidden)
      for row in 0..<count {
        queries.rows[row].update(from: all.rows[selected?[row] ?? row], count: hidden)
      }
      let keys = GuardedRows(count: item.tokens, columns: hidden)
      for row in 0..<item.tokens {
        keys.rows[row].update(from: all.rows[row] + hidden, count: hidden)
      }
      let context = GuardedRows(count: count, columns: hidden)
      var plan = RelativeAttentionPlan()
      compute.plan(&plan, offsets: item.offsets, shape: shape, positions: positions)
      if let selected { plan.select(selected, offsets: item.offsets) }
      let scratch = AlignedFloats(count: plan.packing.scratchCount)
      let tasks = AlignedFloats(count: plan.taskFloatCount * compute.pool.threadCount)
      // Stale memory must not matter.
      scratch.buffer.update(repeating: .nan)
      tasks.buffer.update(repeating: .nan)
      compute.packKeysAndValues(
        all.rows, plan.packing, rotary: nil, shape: shape.attention, scratch: scratch)
      compute.attend(
        queries.rows, keys: keys.rows, plan, selected: selected != nil, terms: terms,
        shape: shape, scratch: scratch, tasks: tasks, into: context.rows)
      #expect(queries.brokenCanaries == 0 && context.brokenCanaries == 0)
      #expect(keys.brokenCanaries == 0)
      return context.values
    }

    /// Every pair by itself.
    func oracle() -> [Double] {
      let (d, hidden) = (item.dimension, item.hidden)
      let scale = Double(shape.termCount * d).squareRoot()
      var context = [Double](repeating: 0, count: item.tokens * hidden)
      for rows in sequences {
        for query in 0..<rows.count {
          for head in 0..<item.heads {
            func part(_ position: Int, _ index: Int) -> ArraySlice<Float> {
              let start = (rows.lowerBound + position) * 3 * hidden + index * hidden + head * d
              return qkv[start..<start + d]
            }
            func dot(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
              zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
            let weights = (0..<rows.count).map { key -> Double in
              var score = dot(part(query, 0), part(key, 1))
              if let rule = item.rule {
                let bucket = min(
                  max(rule.bucket(query - key) + rule.span, 0), 2 * rule.span - 1)
                let vector = bucket * hidden + head * d..<bucket * hidden + head * d + d
                if item.ofQueries { score += dot(part(query, 0), keyVectors[vector]) }
                if item.ofKeys { score += dot(part(key, 1), queryVectors[vector]) }
              }
              return exp(score / scale)
            }
            let total = weights.reduce(0, +)
            let start = (rows.lowerBound + query) * hidden + head * d
            for key in 0..<rows.count {
              for (i, v) in part(key, 2).enumerated() {
                context[start + i] += weights[key] / total * Double(v)
              }
            }
          }
        }
      }
      return context
    }
  }
}
