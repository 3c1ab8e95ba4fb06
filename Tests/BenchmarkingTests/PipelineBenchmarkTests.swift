import Benchmarking
import Gliss
import TestSupport
import Testing

@Suite("The pipeline benchmark", .serialized)
struct PipelineBenchmarkTests {
  @Test("the sample texts are the same every time, all different, and of mixed lengths")
  func texts() {
    let texts = SampleTexts.make(256, seed: 1)
    #expect(texts == SampleTexts.make(256, seed: 1))
    #expect(texts != SampleTexts.make(256, seed: 2))
    #expect(Set(texts).count == 256)
    let lengths = texts.map { $0.split(separator: " ").count }
    #expect((lengths.min() ?? 0) >= 4 && (lengths.max() ?? 0) <= 250)
    let mean = Double(lengths.reduce(0, +)) / 256
    #expect((50...80).contains(mean), "\(mean) words")
  }

  @Test("rows count whole rounds over all texts")
  func rows() throws {
    let engines = try EngineChoice.all(kernels: ["scalar"], precisions: [.f32], threads: [1])
    var benchmark = try PipelineBenchmark(
      PipelineBenchmark.Workload(texts: ["one", "two words", "now three words"], labels: ["a"]),
      models: [try BenchmarkModel("\(Golden.folder)/models/edge")], engines: engines,
      batches: [2], repetitions: 3)
    let row = try #require(try benchmark.next())
    #expect((row.rounds, row.run.timing.samples.count) == (3, 6))
    #expect((row.textCount, row.labelCount) == (3, 1))
    #expect(abs(row.textsPerSecond * row.tokensPerText / row.tokensPerSecond - 1) < 1e-9)
    let seconds = row.run.timing.total / 1e3
    #expect(abs(row.textsPerSecond * seconds / 9 - 1) < 1e-9)
    #expect(benchmark.upcoming == nil)
  }
}
