// A cross-encoder: two texts read as one sequence, a logit for every label out.

internal import Encoders
internal import ModelStore
internal import SentenceModels

/// A sequence classifier that reads pairs of texts: a reranker, an NLI model, any other.
///
/// ```swift
/// let reranker = try CrossEncoder(model: "models/ms-marco-MiniLM-L6-v2")
/// let scores = try reranker.score([TextPair("how do bees fly?", "Bees beat their wings ...")])
/// print(scores[0].logits[0], scores[0].scores[0])
/// ```
///
/// Threads, blocking and the same bits in any batch are as with ``Classifier``.
public final class CrossEncoder: Sendable {
  /// How a model is loaded and run.
  public typealias Options = Classifier.Options

  /// What becomes of the logits.
  public enum Activation: String, Sendable, Hashable, CaseIterable {
    /// Scores are the logits.
    case identity
    /// Scores are 1 / (1 + exp(-logit)).
    case sigmoid

    init(_ activation: ScoreActivation) {
      self =
        switch activation {
        case .identity: .identity
        case .sigmoid: .sigmoid
        }
    }

    /// A score for every logit.
    public func scores(_ logits: [Float]) -> [Float] {
      switch self {
      case .identity: logits
      case .sigmoid: logits.map { Float(Encoders.sigmoid(Double($0))) }
      }
    }
  }

  /// What was loaded.
  public let model: SentenceModelInfo
  /// The names of the logits, in order: the config's `id2label`.
  public let labels: [String]
  /// The model's own activation: what its config says for sentence-transformers; else sigmoid for one
  /// logit, and none for several.
  public let activation: Activation

  let engine: CrossEncoderModel
  let batchTokens: Int

  /// Loads a model: `ModernBertForSequenceClassification`, or the same of `Bert`, `Roberta`,
  /// `XLMRoberta` or `DebertaV2`.
  ///
  /// - Parameters:
  ///   - model: A folder, or a name in the Hugging Face cache, with `@revision` if wanted; nil: the one
  ///     that GLISS_MODEL names. Nothing is downloaded.
  ///   - options: How it is loaded and run.
  /// - Throws: ``GlissError`` that names the file, the field, what was expected and what was found.
  public init(model: String?, options: Options = Options()) throws(GlissError) {
    let located = try LocatedModel(model, options)
    let compute = try options.compute()
    engine = try GlissError.of { () throws(SentenceModelError) in
      try CrossEncoderModel(folder: located.location.folder, compute: compute)
    }
    batchTokens = options.batchTokens
    labels = engine.config.labels
    activation = Activation(engine.config.activation)
    self.model = SentenceModelInfo(
      located, architecture: engine.config.architecture, engine.config.encoder, engine.parts,
      contextLength: engine.positionLimit)
  }

  /// Scores pairs; the results are in their order.
  ///
  /// - Throws: The first bad pair's error, with its index in ``GlissError/item``; nothing is returned
  ///   then. ``outcomes(of:options:)`` returns results and errors side by side.
  public func score(
    _ pairs: [TextPair], options: PairOptions = PairOptions()
  ) throws(GlissError) -> [PairScore] {
    try outcomes(of: pairs, options: options).values()
  }

  /// Scores pairs that fail one by one: a bad one does not stop the others.
  ///
  /// - Returns: One outcome per pair, in order.
  public func outcomes(
    of pairs: [TextPair], options: PairOptions = PairOptions()
  ) -> [Result<PairScore, GlissError>] {
    let batches = ItemBatches<PreparedPair>(batchTokens: batchTokens)
    // Of a query with many passages, the query is tokenized once.
    var first: (text: String, tokens: [Int32])?
    return batches.outcomes(pairs) { (pair) throws(GlissError) in
      try options.validate(context: engine.positionLimit)
      return try GlissError.of { () throws(SentenceModelError) in
        let tokens: [Int32]
        if let first, first.text == pair.first {
          tokens = first.tokens
        } else {
          tokens = try engine.parts.tokens(of: pair.first)
          first = (pair.first, tokens)
        }
        return try engine.prepare(
          tokens, engine.parts.tokens(of: pair.second), limit: options.maxTokens,
          cutting: options.longPair.cut)
      }
    } count: {
      $0.ids.count
    } run: { (pairs) throws(GlissError) in
      try GlissError.of { () throws(SentenceModelError) in try engine.logits(pairs) }
    } result: { (index, pair, logits) throws(GlissError) in
      try logits.checkFinite(index)
      return PairScore(
        logits: logits, scores: activation.scores(logits), tokens: pair.ids.count,
        truncated: pair.truncated)
    }
  }
}

extension LongPair {
  var cut: PairCut {
    switch self {
    case .error: .neither
    case .truncateFirst: .first
    case .truncateSecond: .second
    }
  }
}

extension PairOptions {
  func validate(context: Int) throws(GlissError) {
    if let maxTokens, !(1...context).contains(maxTokens) {
      throw .invalid(
        "maxTokens", "an integer from 1 to the model's context, \(context)", "\(maxTokens)")
    }
  }
}
