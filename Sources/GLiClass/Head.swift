// Everything behind the encoder: hidden states in, logits and embeddings out. gliclass 0.1.21,
// model.py, process_encoder_output.

internal import Encoders
internal import Kernels
internal import Safetensors

/// features -> (LSTM) -> pooler -> projectors -> (normalised) -> scorer -> (scaled) -> (calibrated).
struct Head: Sendable {
  private let pooler: any Pooler
  private let lstm: BidirectionalLSTM?
  private let textProjector: Projector
  private let labelProjector: Projector
  private let scorer: any Scorer
  /// Of normalised features; nil without them: then it is in the file, in no formula.
  private let logitScale: Float?
  private let calibrator: Calibrator?

  /// - Parameter tensors: all of the checkpoint's.
  init(
    _ config: GLiClassConfig, _ tensors: TensorScope, compute: Compute
  ) throws(GLiClassError) {
    let model = tensors.scoped("model")
    let width = config.encoder.hiddenSize
    pooler = config.makePooler()
    scorer = try config.makeScorer(model.scoped("scorer"), compute: compute)
    do throws(SafetensorsError) {
      textProjector = try Projector(model.scoped("text_projector"), config, compute)
      labelProjector = try Projector(model.scoped("classes_projector"), config, compute)
      lstm =
        config.usesLSTM ? try BidirectionalLSTM(model, width: width, compute: compute) : nil
      if config.normalizesFeatures {
        logitScale = try model.floats("logit_scale", shape: [])[0]
      } else {
        model.ignore("logit_scale")
        logitScale = nil
      }
      if let calibration = config.calibrator {
        calibrator = try Calibrator(
          tensors.scoped("calibrator"), calibration, width: width, compute: compute)
      } else {
        calibrator = nil
      }
    } catch {
      throw .checkpoint(error)
    }
  }

  /// The rows of a sequence's hidden states that its features need.
  func rows(_ ids: [Int32], slots: Int, _ layout: SequenceLayout) -> FeatureRows {
    FeatureRows(ids, slots: slots, layout, pooler, readsAllText: lstm != nil)
  }

  /// Copies what the head needs out of the encoder's memory, pooled where that is possible.
  func gather(
    _ features: [FeatureRows], _ hidden: (_ sequence: Int) -> FloatRows, width: Int
  ) -> Features {
    let textRows = consecutive(
      features.map { lstm == nil ? pooler.outputCount(of: $0.text.count) : $0.text.count })
    let slots = consecutive(features.map(\.labelSpans.count))
    let text = FloatRows.zeros(count: textRows.last?.upperBound ?? 0, columns: width)
    let labels = FloatRows.zeros(count: slots.last?.upperBound ?? 0, columns: width)
    for (index, feature) in features.enumerated() {
      let rows = hidden(index)
      let textTokens = rows.rows(feature.text)
      let out = text.rows(textRows[index])
      if lstm == nil {
        pooler.pool(TextRows(rows: textTokens, zeroTail: feature.text.lowerBound), into: out)
      } else {
        textTokens.copy(into: out)
      }
      for (slot, span) in zip(slots[index], feature.labelSpans) {
        mean(of: rows, span, into: labels[slot])
      }
    }
    return Features(
      input: ScorerInput(text: text, textRows: textRows, labels: labels, slots: slots),
      labelCounts: features.map(\.labelCount))
  }

  /// Projects, normalises, scores, scales and calibrates.
  func score(_ features: Features, compute: Compute) -> Scored {
    let input = pooled(features.input, compute)
    textProjector.apply(input.text, into: input.text, compute: compute)
    labelProjector.apply(input.labels, into: input.labels, compute: compute)
    if logitScale != nil {
      normalize(input.text)
      normalize(input.labels)
    }
    var logits = scorer.logits(input, compute: compute)
    if let logitScale { logits = logits.map { $0 * logitScale } }
    calibrator?.calibrate(&logits, input, labelCounts: features.labelCounts, compute: compute)
    return Scored(features: input, logits: logits)
  }

  /// Runs the LSTM and pools what comes out: its rows end with the text, so no zeros follow.
  private func pooled(_ input: ScorerInput, _ compute: Compute) -> ScorerInput {
    guard let lstm else { return input }
    let states = lstm.apply(input.text, texts: input.textRows, compute: compute)
    let rows = consecutive(input.textRows.map { pooler.outputCount(of: $0.count) })
    let text = FloatRows.zeros(count: rows.last?.upperBound ?? 0, columns: states.columns)
    for (tokens, row) in zip(input.textRows, rows) {
      pooler.pool(TextRows(rows: states.rows(tokens), zeroTail: 0), into: text.rows(row))
    }
    return ScorerInput(text: text, textRows: rows, labels: input.labels, slots: input.slots)
  }

  /// Ranges of these lengths, one behind the other.
  private func consecutive(_ counts: [Int]) -> [Range<Int>] {
    var start = 0
    return counts.map { count in
      defer { start += count }
      return start..<start + count
    }
  }
}

/// Features of a batch, not yet projected.
struct Features: Sendable {
  let input: ScorerInput
  /// Slots of each sequence that have a label.
  let labelCounts: [Int]
}

/// What the head makes of a batch.
struct Scored: Sendable {
  /// Projected, and normalised where the config says so: the embeddings.
  let features: ScorerInput
  /// [all slots]
  let logits: [Float]
}
