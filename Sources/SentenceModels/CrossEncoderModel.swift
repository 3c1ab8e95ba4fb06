// A sequence classifier's folder, loaded: two texts in, as one sequence, logits out.

internal import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON
internal import Tokenization

/// Which of two texts is cut, on the right, where both do not fit.
package enum PairCut: Sendable {
  case neither, first, second
}

/// A pair as the sequence that will be encoded.
package struct PreparedPair: Sendable {
  package let ids: [Int32]
  /// One a token; empty for an encoder without.
  package let types: [Int32]
  /// Tokens that were cut.
  package let truncated: Int
}

/// A loaded cross-encoder: reranker, NLI model or any other classifier of pairs.
///
/// Weights are immutable and shared; calls block until done and take turns in the encoder.
package final class CrossEncoderModel: Sendable {
  package let config: ClassifierConfig
  package let parts: SentenceModelParts
  private let head: ClassificationHead
  private let layout: PairLayout

  /// Loads config.json, tokenizer.json, tokenizer_config.json if it is there, and the safetensors
  /// files of `folder`.
  package init(folder path: String, compute: Compute) throws(SentenceModelError) {
    let folder = SentenceModelFolder(path: path)
    let config = try ClassifierConfig(folder.fields("config.json"))
    self.config = config
    (parts, head) = try SentenceModelParts.load(folder, config.encoder, compute: compute) {
      (tensors, compute) throws(SafetensorsError) in
      try ClassificationHead(config.head, tensors, compute: compute)
    }
    layout = try PairLayout(folder, config.encoder, parts)
  }

  /// The most tokens of one sequence.
  package var positionLimit: Int { parts.encoder.positionLimit }
  /// Tokens of a sequence that belong to neither text.
  package var fixedTokenCount: Int { layout.template.tokenCount }

  /// Puts two texts' tokens into one sequence.
  ///
  /// - Parameters:
  ///   - first: As `SentenceModelParts.tokens(of:)` gives them; and `second`.
  ///   - limit: The most tokens of the sequence; nil or more than the model's own: the model's own.
  package func prepare(
    _ first: [Int32], _ second: [Int32], limit: Int?, cutting cut: PairCut
  ) throws(SentenceModelError) -> PreparedPair {
    let limit = min(limit ?? positionLimit, positionLimit)
    let count = first.count + second.count + layout.template.tokenCount
    let excess = count - limit
    guard count > 0 else { throw .noTokens }
    guard excess > 0 else { return pair(first[...], second[...], truncated: 0) }
    let cuttable =
      switch cut {
      case .neither: throw SentenceModelError.textTooLong(tokens: count, limit: limit)
      case .first: first.count
      case .second: second.count
      }
    guard excess < cuttable else {
      throw .noRoom(fixedTokens: count - cuttable, limit: limit)
    }
    return cut == .first
      ? pair(first.dropLast(excess), second[...], truncated: excess)
      : pair(first[...], second.dropLast(excess), truncated: excess)
  }

  private func pair(
    _ first: ArraySlice<Int32>, _ second: ArraySlice<Int32>, truncated: Int
  ) -> PreparedPair {
    let (ids, types) = layout.template.assemble(first, second)
    return PreparedPair(ids: ids, types: layout.hasTypes ? types : [], truncated: truncated)
  }

  /// One row of logits a pair. Each row's bits depend on its own sequence and the kernel set alone.
  /// They may be infinite or NaN: the caller checks.
  package func logits(_ pairs: [PreparedPair]) throws(SentenceModelError) -> [[Float]] {
    guard !pairs.isEmpty else { return [] }
    let pooling = config.head.pooling
    var batch = PackedBatch()
    for pair in pairs {
      batch.append(
        ids: pair.ids, segmentIDs: pair.types, outputRows: pooling.rows)
    }
    let logits = try parts.encode(batch) { hidden in
      let pooled = FloatRows.zeros(count: pairs.count, columns: hidden.columns)
      pooling.pool(hidden, batch, into: pooled)
      return head.logits(pooled, compute: parts.compute)
    }
    return (0..<pairs.count).map { Array(logits.row($0)) }
  }
}
