// Times whole classifications through the public library: text and labels in, scores out, tokenizing
// included.

internal import GLiClass
package import Gliss
internal import Kernels

/// Models x engines x texts of a call, timed one after the other over the same texts.
package struct PipelineBenchmark: ~Copyable {
  /// What is classified, again and again.
  package struct Workload: Sendable {
    package let texts: [String]
    package let labels: [String]

    /// - Precondition: at least one text.
    package init(texts: [String], labels: [String]) {
      precondition(!texts.isEmpty, "no texts")
      self.texts = texts
      self.labels = labels
    }

    /// The texts of one call; the last of a round may have fewer than the others.
    func call(_ number: Int, of batch: Int) -> ArraySlice<String> {
      let start = number % callCount(batch) * batch
      return texts[start..<min(start + batch, texts.count)]
    }

    func callCount(_ batch: Int) -> Int { (texts.count + batch - 1) / batch }
  }

  private struct Step {
    let model: BenchmarkModel
    let engine: EngineChoice
    let batch: Int
  }

  private struct Loaded {
    let modelName: String
    let engine: EngineChoice
    let classifier: Classifier
    /// The probes' threads; the classifier's own are parked meanwhile.
    let compute: Compute
    let milliseconds: Double
    let tokens: [Int]
    let operations: Double
  }

  private let workload: Workload
  private let steps: [Step]
  private let repetitions: Int?
  private let memory = AlignedFloats(
    count: MeasuredRun.bandwidthByteCount / MemoryLayout<Float>.stride)
  private var position = 0
  private var loaded: Loaded?

  /// - Parameters:
  ///   - batches: Texts of one call; positive.
  ///   - repetitions: Rounds over all texts a row; nil: for about a second, at least one.
  package init(
    _ workload: Workload, models: [BenchmarkModel], engines: [EngineChoice], batches: [Int],
    repetitions: Int?
  ) throws(GlissError) {
    self.workload = workload
    self.repetitions = repetitions
    var steps: [Step] = []
    for model in models {
      for engine in try model.engines(engines) {
        steps += batches.map { Step(model: model, engine: engine, batch: $0) }
      }
    }
    self.steps = steps
  }

  package var rowCount: Int { steps.count }

  /// What the next row is, for a line of progress; nil at the end.
  package var upcoming: String? {
    guard position < steps.count else { return nil }
    let step = steps[position]
    return "row \(position + 1) of \(steps.count): \(step.model.name), \(step.batch) texts a call, "
      + step.engine.precision
  }

  /// Measures the next row; nil when all are done.
  package mutating func next() throws(GlissError) -> PipelineRow? {
    guard position < steps.count else { return nil }
    let step = steps[position]
    position += 1
    let loaded = try load(step.model, step.engine)
    let (workload, batch) = (workload, step.batch)
    let repetitions = Repetitions(
      repetitions, usual: 1...1000, runsOfRound: workload.callCount(batch))
    let run = try MeasuredRun(loaded.compute, repetitions, memory: memory) {
      (call) throws(GlissError) in
      _ = try loaded.classifier.classify(
        Array(workload.call(call, of: batch)), labels: workload.labels)
    }
    return PipelineRow(
      model: step.model.name, engine: step.engine, batch: batch,
      textCount: workload.texts.count, labelCount: workload.labels.count,
      tokenCount: loaded.tokens.reduce(0, +),
      rounds: run.timing.samples.count / workload.callCount(batch),
      loadMilliseconds: loaded.milliseconds, operations: loaded.operations, run: run)
  }

  private mutating func load(
    _ model: BenchmarkModel, _ engine: EngineChoice
  ) throws(GlissError) -> Loaded {
    if let loaded, loaded.modelName == model.name, loaded.engine == engine { return loaded }
    loaded = nil  // two large models need not fit into memory
    let (classifier, milliseconds) = try Timing.of { () throws(GlissError) in
      try model.classifier(engine)
    }
    // What the texts cost is what the library says of them.
    let results = try classifier.classify(workload.texts, labels: workload.labels)
    let operations = results.reduce(0.0) { sum, result in
      sum
        + UsefulOperations.count(
          model.config, sequences: result.windows, tokens: result.tokens / result.windows)
    }
    let now = Loaded(
      modelName: model.name, engine: engine, classifier: classifier,
      compute: try engine.compute(), milliseconds: milliseconds, tokens: results.map(\.tokens),
      operations: operations)
    loaded = now
    return now
  }
}

/// One row of the pipeline benchmark.
package struct PipelineRow: Sendable {
  package let model: String
  package let engine: EngineChoice
  /// Texts of a call.
  package let batch: Int
  package let textCount: Int
  package let labelCount: Int
  /// Tokens of all texts with their labels, as encoded.
  package let tokenCount: Int
  /// How often all texts were classified.
  package let rounds: Int
  package let loadMilliseconds: Double
  /// Useful operations of the encoder for all texts.
  package let operations: Double
  /// Its timings are those of the calls.
  package let run: MeasuredRun

  private var seconds: Double { run.timing.total / 1e3 / Double(rounds) }
  package var textsPerSecond: Double { Double(textCount) / seconds }
  package var tokensPerSecond: Double { Double(tokenCount) / seconds }
  package var tokensPerText: Double { Double(tokenCount) / Double(textCount) }
  /// 10^9 useful operations a second, over all the time.
  package var rate: Double { operations / seconds / 1e9 }
  /// `rate` by the mean of the peak's readings; nil without a peak.
  package var share: Double? { run.peak.map { rate / $0.mean } }
}
