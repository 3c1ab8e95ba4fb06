// A GLiClass checkpoint folder, loaded: prompt in, logits out.

package import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON
package import Tokenization

/// A loaded uni-encoder GLiClass model.
///
/// Weights are immutable and shared; calls block until done and take turns in the encoder.
package final class GLiClassModel: Sendable {
  package let config: GLiClassConfig
  package let tokenizer: Tokenizer
  package let compute: Compute
  /// What the checkpoint's files hold.
  package let weights: WeightSummary

  private let encoder: any TextEncoder
  private let head: Head
  let prompts: PromptLayout
  private let layout: SequenceLayout

  /// Loads config.json, tokenizer.json and the safetensors files of `folder`.
  package convenience init(folder: String, compute: Compute) throws(GLiClassError) {
    try self.init(
      GLiClassConfig(ConfigFile.fields(at: folder + "/config.json")), tokenizerFolder: folder,
      weights: .folder(folder), compute: compute)
  }

  /// Puts a model together from its parts.
  init(
    _ config: GLiClassConfig, tokenizerFolder: String, weights origin: WeightOrigin,
    compute: Compute
  ) throws(GLiClassError) {
    self.config = config
    let compute = try config.encoder.choosing(for: compute, isQuantized: config.isQuantized)
    self.compute = compute
    let tokenizerFile = tokenizerFolder + "/tokenizer.json"
    // Parsing the one takes as long as reading the other, and neither needs the other.
    let (tokenizerResult, partsResult) = concurrently(
      { Result { () throws(GLiClassError) in try Self.loadTokenizer(tokenizerFile) } },
      { Result { () throws(GLiClassError) in try Parts(origin, config, compute) } })
    let tokenizer = try tokenizerResult.get()
    prompts = try PromptLayout(config, tokenizer, file: tokenizerFile)
    self.tokenizer = try Self.guarding(prompts, tokenizer)
    layout = SequenceLayout(config)
    let parts = try partsResult.get()
    (head, encoder, weights) = (parts.head, parts.encoder, parts.weights)
  }

  /// The most tokens of one sequence.
  package var positionLimit: Int { encoder.positionLimit }
  /// Whether prompts may carry examples.
  package var supportsExamples: Bool { prompts.example != nil }
  /// The most labels of one text; nil: as many as fit.
  package var labelLimit: Int? {
    if case .fixed(let count) = config.labelSlots { count } else { nil }
  }

  /// Tokenizes a prompt and divides it where the text does not fit.
  ///
  /// - Parameters:
  ///   - limit: The most tokens of one sequence; nil or more than the model's own: the model's own.
  ///   - policy: What happens to a text that does not fit.
  ///   - cache: Keeps the ids of the labels for the next prompt.
  package func prepare(
    _ input: PromptInput, limit: Int?, policy: LongTextPolicy, cache: inout PromptCache
  ) throws(GLiClassError) -> PreparedPrompt {
    let limit = min(limit ?? positionLimit, positionLimit)
    return try prepare(input, limit: limit, policy: policy) {
      (segments, text) throws(TokenizerError) in
      try cache.encode(segments, text: text, tokenizer, limit: limit)
    }
  }

  /// As `prepare` with a cache, the whole prompt tokenized at once.
  package func prepare(
    _ input: PromptInput, limit: Int?, policy: LongTextPolicy
  ) throws(GLiClassError) -> PreparedPrompt {
    try prepare(input, limit: min(limit ?? positionLimit, positionLimit), policy: policy) {
      (segments, text) throws(TokenizerError) in
      let encoding = try tokenizer.encode(segments, offsets: false)
      return (encoding.ids, encoding.tokenRange(ofSegment: text))
    }
  }

  private func prepare(
    _ input: PromptInput, limit: Int, policy: LongTextPolicy,
    _ encode: ([Segment], Int) throws(TokenizerError) -> (ids: [Int32], text: Range<Int>)
  ) throws(GLiClassError) -> PreparedPrompt {
    if let most = labelLimit, input.labels.count > most {
      throw .tooManyLabels(count: input.labels.count, limit: most)
    }
    let byteCount = input.byteCount
    guard byteCount <= PromptInput.byteLimit else {
      throw .tooManyBytes(count: byteCount, limit: PromptInput.byteLimit)
    }
    let (segments, position) = try prompts.segments(input)
    let (ids, text): ([Int32], Range<Int>)
    do throws(TokenizerError) {
      if input.matchesControlTokens {
        let encoding = try tokenizer.encode(
          segments, controlTokensInText: .matched, offsets: false)
        (ids, text) = (encoding.ids, encoding.tokenRange(ofSegment: position))
      } else {
        (ids, text) = try encode(segments, position)
      }
    } catch {
      throw GLiClassError(error, limit: limit)
    }
    let plan = try WindowPlan(
      textTokens: text.count, fixedTokens: ids.count - text.count,
      limit: limit, policy: policy)
    let sequences = plan.ranges.map { range -> [Int32] in
      let slice = text.lowerBound + range.lowerBound..<text.lowerBound + range.upperBound
      return Array(ids[..<text.lowerBound] + ids[slice] + ids[text.upperBound...])
    }
    if !input.matchesControlTokens {
      for ids in sequences where layout.markerCount(ids) != input.labels.count {
        throw .markerCount(expected: input.labels.count, found: layout.markerCount(ids))
      }
    }
    return PreparedPrompt(
      sequences: sequences, labelCount: input.labels.count, truncated: plan.truncated)
  }

  /// One row of logits per sequence, `labelCount` of each. Each row's bits depend on its own
  /// sequence and the kernel set alone. They may be infinite or NaN: the caller checks.
  package func logits(
    _ sequences: [(ids: [Int32], labelCount: Int)], tap: Tap? = nil
  ) throws(GLiClassError) -> [[Float]] {
    guard !sequences.isEmpty else { return [] }
    let scored = try score(sequences, tap)
    return zip(scored.features.slots, sequences).map { slots, sequence in
      Array(scored.logits[slots.prefix(sequence.labelCount)])
    }
  }

  /// The vectors that the scorer compares, and its logits, as upstream's `get_embeddings` gives them.
  /// Each sequence's bits depend on it alone.
  package func embeddings(
    _ sequences: [(ids: [Int32], labelCount: Int)]
  ) throws(GLiClassError) -> [Embeddings] {
    guard !sequences.isEmpty else { return [] }
    let scored = try score(sequences, nil)
    let features = scored.features
    return sequences.enumerated().map { index, sequence in
      let slots = features.slots[index].prefix(sequence.labelCount)
      return Embeddings(
        text: features.textRows[index].map { Array(features.text.row($0)) },
        labels: slots.map { Array(features.labels.row($0)) },
        logits: Array(scored.logits[slots]))
    }
  }

  private func score(
    _ sequences: [(ids: [Int32], labelCount: Int)], _ tap: Tap?
  ) throws(GLiClassError) -> Scored {
    let rows = sequences.map { head.rows($0.ids, slots: slotCount($0.labelCount), layout) }
    let features = try encode(sequences.map(\.ids), rows, tap) { hidden, batch in
      head.gather(rows, { hidden.rows(batch.rows(of: $0)) }, width: encoder.hiddenSize)
    }
    return head.score(features, compute: compute)
  }

  private func slotCount(_ labelCount: Int) -> Int {
    if case .fixed(let count) = config.labelSlots { max(count, labelCount) } else { labelCount }
  }

  private func encode(
    _ sequences: [[Int32]], _ features: [FeatureRows], _ tap: Tap?,
    _ body: (FloatRows, PackedBatch) -> Features
  ) throws(GLiClassError) -> Features {
    var batch = PackedBatch()
    for (ids, feature) in zip(sequences, features) {
      batch.append(
        ids: ids, segmentIDs: config.usesSegmentEmbeddings ? layout.segmentIDs(ids) : [],
        outputRows: feature.all)
    }
    do {
      return try encoder.encode(batch, tap: tap) { body($0, batch) }
    } catch let error as EncoderError {
      throw .encoder(error)
    } catch {
      throw .unexpected("\(error)")
    }
  }
}

/// The vectors of one sequence behind the projectors, normalised where the model normalises them.
package struct Embeddings: Sendable {
  /// One vector; of pooling "pass", one a token of the text.
  package let text: [[Float]]
  /// One a label.
  package let labels: [[Float]]
  /// One a label.
  package let logits: [Float]
}

/// A prompt as the sequences that will be encoded.
package struct PreparedPrompt: Sendable {
  /// Token ids of every window: one unless the text is read in windows.
  package let sequences: [[Int32]]
  package let labelCount: Int
  /// Tokens of the text that were cut.
  package let truncated: Int

  /// Tokens of all windows, special tokens included.
  package var tokenCount: Int { sequences.reduce(0) { $0 + $1.count } }
}
