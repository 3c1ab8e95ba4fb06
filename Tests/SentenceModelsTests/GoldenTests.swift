// The goldens: what transformers and sentence-transformers computed for tiny models, held against ours.

import Encoders
import Kernels
import SentenceModels
import TestSupport
import Testing

@Suite("Upstream's numbers of sentence models")
struct GoldenTests {
  /// |delta| <= tolerance x max(1, |logit|). The rows' own float32 noise is at most 3e-6.
  static let tolerance: Float = 1e-5

  static func distance(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { worst, pair in
      let delta = abs(pair.0 - pair.1) / max(1, abs(pair.1))
      return delta.isNaN ? .infinity : max(worst, delta)
    }
  }

  /// What is run in one batch has the same bits as alone.
  static func expectInvariance<Prepared>(
    _ prepared: [Prepared], kernels: String, _ run: ([Prepared]) throws -> [[Float]]
  ) throws {
    guard KernelSet.batchInvariant.contains(where: { $0.name == kernels }) else { return }
    #expect(try run(prepared) == prepared.map { try run([$0])[0] })
  }

  static func prepare(
    _ pair: ClassifierGolden.Pair, _ model: CrossEncoderModel
  ) throws -> PreparedPair {
    try model.prepare(
      model.parts.tokens(of: pair.first), model.parts.tokens(of: pair.second), limit: pair.limit,
      cutting: pair.cut == "first" ? .first : pair.cut == "second" ? .second : .neither)
  }

  @Test(
    "pairs are encoded alike, logits within 1e-5", arguments: KernelSet.available.map(\.name))
  func classifiers(kernels: String) throws {
    let goldens = try ClassifierGolden.all()
    #expect(goldens.count >= 8)
    for golden in goldens {
      let model = try CrossEncoderModel(
        folder: golden.folder, compute: Compute(kernels: kernels, threads: 2))
      #expect(model.parts.weights.unused.isEmpty, "\(golden)")
      #expect(model.config.labels == golden.labels)
      var worst: Float = 0
      var prepared: [PreparedPair] = []
      for pair in golden.pairs {
        let found = try Self.prepare(pair, model)
        #expect(found.ids == pair.ids, "\(golden): \(pair.first) | \(pair.second)")
        #expect(found.types == pair.types, "\(golden): \(pair.first) | \(pair.second)")
        #expect(found.truncated == pair.truncated)
        worst = max(worst, Self.distance(try model.logits([found])[0], pair.logits))
        prepared.append(found)
      }
      #expect(worst <= Self.tolerance, "\(golden) with \(kernels): \(golden.why)")
      print("golden \(golden) \(kernels): max |delta| \(worst)")
      try Self.expectInvariance(prepared, kernels: kernels) { try model.logits($0) }
    }
  }

  @Test("vectors of sentences within 1e-5", arguments: KernelSet.available.map(\.name))
  func encoders(kernels: String) throws {
    let goldens = try EncoderGolden.all()
    #expect(goldens.count >= 4)
    for golden in goldens {
      let model = try SentenceEncoderModel(
        folder: golden.folder, compute: Compute(kernels: kernels, threads: 2))
      var worst: Float = 0
      var prepared: [PreparedSentence] = []
      for row in golden.rows {
        let found = try model.prepare(
          row.text, prompt: model.prompts.usual, limit: model.tokenLimit, truncates: true)
        #expect(found.ids == row.ids, "\(golden): \(row.text)")
        worst = max(worst, Self.distance(try model.vectors([found])[0], row.vector))
        prepared.append(found)
      }
      #expect(worst <= Self.tolerance, "\(golden) with \(kernels): \(golden.why)")
      print("golden \(golden) \(kernels): max |delta| \(worst)")
      try Self.expectInvariance(prepared, kernels: kernels) { try model.vectors($0) }
    }
  }

  /// A kernel set and a precision below f32.
  struct Coarse: Sendable {
    let kernels: String
    let precision: Precision

    /// The scalar set has no tiles, and every machine has it.
    static let all =
      [Coarse(kernels: "scalar", precision: .int8)]
      + KernelSet.available.filter(\.hasTiles).flatMap { set in
        [Precision.bf16, .int8].map { Coarse(kernels: set.name, precision: $0) }
      }

    /// nil: this encoder does not compute in it.
    func compute(_ config: EncoderConfig) throws -> Compute? {
      try Compute(kernels: kernels, threads: 2, precision: precision).computing(
        in: config.precisions)
    }
  }

  @Test("int8 and bf16 stay close to f32: logits, and cosines of vectors", arguments: Coarse.all)
  func coarse(_ coarse: Coarse) throws {
    let bound: Float = coarse.precision == .bf16 ? 0.1 : 0.25
    var (worst, compared): (Float, Int) = (0, 0)
    for golden in try ClassifierGolden.all() {
      let config = try CrossEncoderModel(folder: golden.folder, compute: Compute(threads: 1))
        .config.encoder
      guard let compute = try coarse.compute(config) else { continue }
      let model = try CrossEncoderModel(folder: golden.folder, compute: compute)
      for pair in golden.pairs {
        let found = try model.logits([Self.prepare(pair, model)])[0]
        worst = max(worst, Self.distance(found, pair.logits))
        #expect(Self.distance(found, pair.logits) < bound, "\(golden)")
        #expect(found != pair.logits, "\(coarse.precision) that changes nothing is f32")
        compared += 1
      }
    }
    for golden in try EncoderGolden.all() {
      let model = try SentenceEncoderModel(
        folder: golden.folder,
        compute: Compute(kernels: coarse.kernels, threads: 2, precision: coarse.precision))
      for row in golden.rows {
        let sentence = try model.prepare(
          row.text, prompt: model.prompts.usual, limit: model.tokenLimit, truncates: true)
        let found = try model.vectors([sentence])[0]
        let products = zip(found, row.vector).reduce(0) { $0 + $1.0 * $1.1 }
        let squares = found.reduce(0) { $0 + $1 * $1 } * row.vector.reduce(0) { $0 + $1 * $1 }
        #expect(products / squares.squareRoot() > 0.99, "\(golden): \(row.text)")
        compared += 1
      }
    }
    #expect(compared > 20)
    print("\(coarse.kernels) \(coarse.precision): max |delta| \(worst) over \(compared)")
  }

  @Test("what is never cut is never cut, and a pair that does not fit says how long it is")
  func cutting() throws {
    let golden = try #require(ClassifierGolden.all().first)
    let model = try CrossEncoderModel(folder: golden.folder, compute: Compute(threads: 1))
    let (first, second) = ([Int32](repeating: 9, count: 10), [Int32](repeating: 8, count: 10))
    let tooLong = try #require(throws: SentenceModelError.self) {
      _ = try model.prepare(first, second, limit: 20, cutting: .neither)
    }
    #expect("\(tooLong)" == "the sequence takes 23 tokens, at most 20 fit; truncate it")
    let cut = try model.prepare(first, second, limit: 20, cutting: .second)
    #expect(cut.ids.filter { $0 == 9 }.count == 10 && cut.ids.filter { $0 == 8 }.count == 7)
    #expect(cut.truncated == 3 && cut.ids.count == 20 && cut.types.count == 20)
    let noRoom = try #require(throws: SentenceModelError.self) {
      _ = try model.prepare(first, second, limit: 13, cutting: .second)
    }
    #expect("\(noRoom)".contains("takes 13 of 13 tokens and leaves no room"))
  }
}
