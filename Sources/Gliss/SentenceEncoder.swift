// A sentence encoder: texts in, vectors out that are near where meanings are.

internal import Encoders
internal import ModelStore
internal import SentenceModels

/// A model that gives each text one vector: a sentence-transformers folder, or an encoder whose
/// tokens' mean is taken.
///
/// ```swift
/// let encoder = try SentenceEncoder(model: "models/all-MiniLM-L6-v2")
/// let found = try encoder.embed(["A bird sings.", "Birdsong is heard."])
/// print(SentenceEncoder.cosine(found[0].vector, found[1].vector))
/// ```
///
/// Threads, blocking and the same bits in any batch are as with ``Classifier``.
public final class SentenceEncoder: Sendable {
  /// How a model is loaded and run.
  public typealias Options = Classifier.Options

  /// What was loaded.
  public let model: SentenceModelInfo
  /// Numbers of a vector.
  public let vectorSize: Int
  /// What the model's own config puts before every text (`default_prompt_name`); nil: nothing.
  public let prompt: String?
  /// The most tokens the model was made for: its context, or fewer where its folder says so
  /// (`max_seq_length`).
  public let usualTokens: Int

  let engine: SentenceEncoderModel
  let batchTokens: Int

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - model: A folder, or a name in the Hugging Face cache, with `@revision` if wanted; nil: the one
  ///     that GLISS_MODEL names. Nothing is downloaded. A folder with `modules.json` is read as
  ///     sentence-transformers reads it: an encoder, pooling "mean" or "cls", normalised or not; one
  ///     without is an encoder and the mean.
  ///   - options: How it is loaded and run.
  /// - Throws: ``GlissError`` that names the file, the field, what was expected and what was found.
  public init(model: String?, options: Options = Options()) throws(GlissError) {
    let located = try LocatedModel(model, options)
    let compute = try options.compute()
    engine = try GlissError.of { () throws(SentenceModelError) in
      try SentenceEncoderModel(folder: located.location.folder, compute: compute)
    }
    batchTokens = options.batchTokens
    vectorSize = engine.vectorSize
    prompt = engine.prompts.usual
    usualTokens = engine.tokenLimit
    self.model = SentenceModelInfo(
      located, architecture: engine.architecture, engine.encoder, engine.parts,
      contextLength: engine.positionLimit)
  }

  /// Embeds texts; the results are in their order.
  ///
  /// - Throws: The first bad text's error, with its index in ``GlissError/item``; nothing is returned
  ///   then. ``outcomes(of:options:)`` returns results and errors side by side.
  public func embed(
    _ texts: [String], options: SentenceOptions = SentenceOptions()
  ) throws(GlissError) -> [SentenceEmbedding] {
    try outcomes(of: texts, options: options).values()
  }

  /// Embeds texts that fail one by one: a bad one does not stop the others.
  ///
  /// - Returns: One outcome per text, in order.
  public func outcomes(
    of texts: [String], options: SentenceOptions = SentenceOptions()
  ) -> [Result<SentenceEmbedding, GlissError>] {
    let batches = ItemBatches<PreparedSentence>(batchTokens: batchTokens)
    return batches.outcomes(texts) { (text) throws(GlissError) in
      try options.validate(context: engine.positionLimit)
      return try GlissError.of { () throws(SentenceModelError) in
        try engine.prepare(
          text, prompt: options.prompt ?? prompt, limit: options.maxTokens ?? usualTokens,
          truncates: options.truncates)
      }
    } count: {
      $0.ids.count
    } run: { (sentences) throws(GlissError) in
      try GlissError.of { () throws(SentenceModelError) in try engine.vectors(sentences) }
    } result: { (index, sentence, vector) throws(GlissError) in
      try vector.checkFinite(index)
      return SentenceEmbedding(
        vector: vector, tokens: sentence.ids.count, truncated: sentence.truncated)
    }
  }

  /// The cosine of the angle between two vectors of one length; 0 if one of them is zero.
  public static func cosine(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count, "vectors of \(a.count) and \(b.count) numbers")
    var (product, ofA, ofB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      ofA += Double(x) * Double(x)
      ofB += Double(y) * Double(y)
    }
    return ofA == 0 || ofB == 0 ? 0 : Float(product / (ofA * ofB).squareRoot())
  }
}

/// How texts become vectors. The defaults cut a text that does not fit, and say so.
public struct SentenceOptions: Sendable, Hashable {
  /// What is put before every text; nil: ``SentenceEncoder/prompt``, and "" for nothing.
  public var prompt: String?
  /// The most tokens of one sequence, special tokens included, at most the model's context. Nil:
  /// ``SentenceEncoder/usualTokens``.
  public var maxTokens: Int?
  /// Whether the end of a text that does not fit is cut; else it is an error.
  public var truncates: Bool

  /// Makes the default options; set what differs.
  public init(prompt: String? = nil, maxTokens: Int? = nil, truncates: Bool = true) {
    self.prompt = prompt
    self.maxTokens = maxTokens
    self.truncates = truncates
  }

  func validate(context: Int) throws(GlissError) {
    if let maxTokens, !(1...context).contains(maxTokens) {
      throw .invalid(
        "maxTokens", "an integer from 1 to the model's context, \(context)", "\(maxTokens)")
    }
  }
}

/// A text as a vector.
public struct SentenceEmbedding: Sendable, Hashable {
  /// The vector; of length 1 where the model normalises.
  public var vector: [Float]
  /// Tokens that were encoded, special tokens included.
  public var tokens: Int
  /// Tokens of the text that were cut.
  public var truncated: Int

  /// Makes a result.
  public init(vector: [Float], tokens: Int, truncated: Int = 0) {
    self.vector = vector
    self.tokens = tokens
    self.truncated = truncated
  }
}
