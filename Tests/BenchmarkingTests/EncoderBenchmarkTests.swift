import Benchmarking
import Gliss
import Kernels
import TestSupport
import Testing

@Suite("The encoder benchmark", .serialized)
struct EncoderBenchmarkTests {
  static let folder = "\(Golden.folder)/models/edge"

  @Test("rows come in the order of the lists, with figures that fit together")
  func rows() throws {
    let engines = try EngineChoice.all(
      kernels: ["scalar"], precisions: [.f32], threads: [1, 2])
    var benchmark = try EncoderBenchmark(
      models: [BenchmarkModel(Self.folder)], engines: engines, tokens: [3, 9], batches: [1, 2],
      repetitions: 2)
    #expect(benchmark.rowCount == 8)
    var places: [[Int]] = []
    while let row = try benchmark.next() {
      places.append([row.engine.threads, row.tokens, row.batch])
      #expect(row.geometry == Self.folder)
      #expect(row.engine.kernels == "scalar" && row.engine.precision == "f32")
      #expect(row.timing.samples.count == 2)
      #expect(row.timing.best > 0 && row.timing.best <= row.timing.median)
      #expect(row.weightByteCount > 0 && row.loadMilliseconds > 0)
      let peak = try #require(row.run.peak)
      #expect(peak.unit == "scalar-f32")
      #expect(peak.values.count >= 2 && peak.lowest <= peak.mean && peak.mean <= peak.highest)
      #expect(abs(try #require(row.share) * peak.mean / row.rate - 1) < 1e-9)
      #expect(abs(row.rate * row.timing.median / row.gigaOperations / 1e3 - 1) < 1e-9)
      #expect(row.run.bandwidth > 0)
    }
    #expect(
      places == [
        [1, 3, 1], [1, 3, 2], [1, 9, 1], [1, 9, 2], [2, 3, 1], [2, 3, 2], [2, 9, 1], [2, 9, 2],
      ])
    #expect(benchmark.upcoming == nil)
  }

  @Test("every precision of every kernel set runs", arguments: KernelSet.available)
  func precisions(_ set: KernelSet) throws {
    for precision in set.precisions {
      let choice = Gliss.Precision(rawValue: precision.rawValue)
      var benchmark = try EncoderBenchmark(
        models: [BenchmarkModel(Self.folder)],
        engines: [EngineChoice(kernels: set.name, precision: #require(choice), threads: 1)],
        tokens: [16], batches: [1], repetitions: 1)
      let row = try #require(try benchmark.next())
      #expect(row.engine.precision == precision.rawValue)
      #expect((row.share ?? 1) > 0)
    }
  }

  @Test("a choice given twice runs once, and auto is what it resolves to for the model")
  func choices() throws {
    let engines = try EngineChoice.all(
      kernels: ["scalar", "scalar"], precisions: [.auto, .f32], threads: [1])
    #expect(try BenchmarkModel("edge").engines(engines).map(\.precision) == ["f32"])
    let quantized = try BenchmarkModel(Self.bundledModel)
    #expect(try quantized.engines(engines).map(\.precision) == ["int8", "f32"])
    let benchmark = try EncoderBenchmark(
      models: [quantized], engines: engines, tokens: [8], batches: [1], repetitions: 1)
    #expect(benchmark.rowCount == 2)
  }

  @Test("where auto is bf16, a model without it is measured in f32, and bf16 by name is refused")
  func withoutBF16() throws {
    let open = try EngineChoice.all(kernels: [], precisions: [.auto], threads: [1])
    let deBERTa = try BenchmarkModel("deberta-base")
    #expect(try deBERTa.engines(open).map(\.precision) == ["f32"])
    guard open[0].precision == "bf16" else { return }
    let named = try EngineChoice.all(kernels: [], precisions: [.bf16], threads: [1])
    let error = #expect(throws: GlissError.self) { _ = try deBERTa.engines(named) }
    #expect(error?.kind == .unavailable)
  }

  private static let bundledModel = "\(Golden.folder)/../../weights/gliss-mini"

  @Test("what cannot run is refused before anything does")
  func refusals() throws {
    let error = #expect(throws: GlissError.self) {
      try EngineChoice.all(kernels: ["scalar"], precisions: [.f32, .bf16], threads: [1])
    }
    #expect(error?.kind == .unavailable)
    let engines = try EngineChoice.all(kernels: ["scalar"], precisions: [.f32], threads: [1])
    for (model, tokens, batch) in [("base", 8193, 1), ("edge", 8192, 33)] {
      let error = #expect(throws: GlissError.self) {
        _ = try EncoderBenchmark(
          models: [BenchmarkModel(model)], engines: engines, tokens: [8, tokens],
          batches: [batch], repetitions: 1)
      }
      #expect(error?.kind == .usage)
    }
    let missing = #expect(throws: GlissError.self) { try BenchmarkModel("/nowhere/at/all") }
    #expect(missing?.kind == .noInput)
  }
}
