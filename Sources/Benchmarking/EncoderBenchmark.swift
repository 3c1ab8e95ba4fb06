// Times the forward pass of encoders: token ids in, hidden states out.

internal import Encoders
internal import GLiClass
package import Gliss
internal import Kernels

/// Models x engines x tokens x sequences, timed one after the other.
package struct EncoderBenchmark: ~Copyable {
  /// One row to come.
  private struct Step {
    let model: BenchmarkModel
    let engine: EngineChoice
    let tokens: Int
    let sequences: Int
  }

  /// An encoder, kept for the rows that share it.
  private struct Loaded {
    let modelName: String
    let engine: EngineChoice
    let compute: Compute
    let encoder: any TextEncoder
    let milliseconds: Double
  }

  private let steps: [Step]
  private let repetitions: Repetitions
  private let memory = AlignedFloats(
    count: MeasuredRun.bandwidthByteCount / MemoryLayout<Float>.stride)
  private var position = 0
  private var loaded: Loaded?

  /// The most tokens of one pass: some gigabytes of workspace for the largest models.
  private static let tokenLimit = 1 << 18

  /// Plans every combination and checks it before the first runs.
  ///
  /// - Parameters:
  ///   - tokens: Tokens of a sequence; positive.
  ///   - batches: Sequences that are encoded together; positive.
  ///   - repetitions: Timed runs a row; nil: for about a second.
  package init(
    models: [BenchmarkModel], engines: [EngineChoice], tokens: [Int], batches: [Int],
    repetitions: Int?
  ) throws(GlissError) {
    var steps: [Step] = []
    for model in models {
      for engine in try model.engines(engines) {
        for count in tokens {
          for batch in batches {
            try Self.check(model, tokens: count, sequences: batch)
            steps.append(Step(model: model, engine: engine, tokens: count, sequences: batch))
          }
        }
      }
    }
    self.steps = steps
    self.repetitions = Repetitions(repetitions)
  }

  private static func check(
    _ model: BenchmarkModel, tokens: Int, sequences: Int
  ) throws(GlissError) {
    let context = model.config.positionLimit
    guard tokens <= context else {
      throw GlissError(
        .usage, "\(tokens) tokens are too many for \(model.name), whose context is \(context)",
        field: "tokens", expected: "1 to \(context)", found: "\(tokens)")
    }
    guard sequences <= tokenLimit / tokens else {
      throw GlissError(
        .usage,
        "\(sequences) sequences of \(tokens) tokens are over the limit of \(tokenLimit) in one pass",
        field: "batch", expected: "1 to \(tokenLimit / tokens)", found: "\(sequences)")
    }
  }

  package var rowCount: Int { steps.count }

  /// What the next row is, for a line of progress; nil at the end.
  package var upcoming: String? {
    guard position < steps.count else { return nil }
    let step = steps[position]
    return "row \(position + 1) of \(steps.count): \(step.model.name) "
      + "\(step.sequences)x\(step.tokens) \(step.engine.precision)"
  }

  /// Measures the next row; nil when all are done.
  package mutating func next() throws(GlissError) -> EncoderRow? {
    guard position < steps.count else { return nil }
    let step = steps[position]
    position += 1
    let loaded = try load(step.model, step.engine)
    let batch = Self.batch(step.sequences, of: step.tokens, loaded.encoder.vocabularySize)
    let run = try MeasuredRun(loaded.compute, repetitions, memory: memory) {
      (_) throws(GlissError) in
      do {
        try loaded.encoder.encode(batch) { _ in }
      } catch {
        throw GlissError(.software, "\(step.model.name): \(error)")
      }
    }
    return EncoderRow(
      geometry: step.model.name, tokens: step.tokens, batch: step.sequences, engine: step.engine,
      loadMilliseconds: loaded.milliseconds, weightByteCount: loaded.encoder.weightByteCount,
      operations: UsefulOperations.count(
        step.model.config, sequences: step.sequences, tokens: step.tokens),
      run: run)
  }

  private mutating func load(
    _ model: BenchmarkModel, _ engine: EngineChoice
  ) throws(GlissError) -> Loaded {
    if let loaded, loaded.modelName == model.name, loaded.engine == engine { return loaded }
    loaded = nil  // two large models need not fit into memory
    let compute = try engine.compute()
    let (encoder, milliseconds) = try Timing.of { () throws(GlissError) in
      try model.encoder(compute)
    }
    let now = Loaded(
      modelName: model.name, engine: engine, compute: compute, encoder: encoder,
      milliseconds: milliseconds)
    loaded = now
    return now
  }

  /// Ids spread over the vocabulary: those of tools/peers.
  private static func batch(
    _ sequences: Int, of tokens: Int, _ vocabularySize: Int
  ) -> PackedBatch {
    var batch = PackedBatch()
    for sequence in 0..<sequences {
      batch.append(
        ids: (0..<tokens).map {
          Int32((sequence * 104_729 + $0 * 7_919) % min(50_000, vocabularySize))
        })
    }
    return batch
  }
}

/// One row of the encoder benchmark.
package struct EncoderRow: Sendable {
  package let geometry: String
  package let tokens: Int
  package let batch: Int
  package let engine: EngineChoice
  /// Reading or making the weights, and packing them.
  package let loadMilliseconds: Double
  package let weightByteCount: Int
  /// Useful operations of one pass.
  package let operations: Double
  package let run: MeasuredRun

  package var timing: Timing { run.timing }
  package var gigaOperations: Double { operations / 1e9 }
  package var tokensPerSecond: Double { Double(tokens * batch) / timing.median * 1e3 }
  /// Useful 10^9 operations a second, of the median run.
  package var rate: Double { operations / timing.median / 1e6 }
  /// `rate` by the mean of the peak's readings; nil without a peak.
  package var share: Double? { run.peak.map { rate / $0.mean } }
}
