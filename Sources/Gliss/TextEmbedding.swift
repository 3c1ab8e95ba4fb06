// The vectors behind the scores: what they are, and how they are asked for.

/// How a text and its labels become vectors.
public struct EmbeddingOptions: Sendable, Hashable {
  /// A task description, placed where ``ClassificationOptions/prompt`` is.
  public var prompt: String?
  /// In-context examples. A model whose vocabulary has no `<<EXAMPLE>>` refuses them.
  public var examples: [Example]
  /// Cuts the end of a text that does not fit; false: such a text is an error. A text is never read
  /// in windows here: their vectors do not merge.
  public var truncates: Bool
  /// The most tokens, labels and special tokens included, at most the model's context. Nil: the
  /// context; 1,024 or the context, if that is less, where texts are cut.
  public var maxTokens: Int?
  /// What control tokens in user strings mean.
  public var promptSafety: PromptSafety

  /// Makes the default options; set what differs.
  public init(
    prompt: String? = nil, examples: [Example] = [], truncates: Bool = false,
    maxTokens: Int? = nil, promptSafety: PromptSafety = .safe
  ) {
    self.prompt = prompt
    self.examples = examples
    self.truncates = truncates
    self.maxTokens = maxTokens
    self.promptSafety = promptSafety
  }
}

/// A text and the labels it is embedded with: GLiClass reads them together, so a text's vector depends
/// on the labels beside it, and a label's on the text.
public struct EmbeddingRequest: Sendable, Hashable {
  /// The text; it may be empty.
  public var text: String
  /// At least one label, none empty, none twice.
  public var labels: [String]
  /// How they are embedded.
  public var options: EmbeddingOptions

  /// Makes a request.
  public init(text: String, labels: [String], options: EmbeddingOptions = EmbeddingOptions()) {
    self.text = text
    self.labels = labels
    self.options = options
  }
}

/// The vectors of one text and its labels: the projected features that the model's scorer compares,
/// as `get_embeddings` of the Python package gives them.
///
/// Models that normalise features give vectors of length 1. With scorer "simple" a label's logit is the
/// dot product of the two vectors (times the model's scale where features are normalised).
public struct TextEmbedding: Sendable, Hashable {
  /// One label's vector and logit.
  public struct Label: Sendable, Hashable {
    /// The label as it was given.
    public let label: String
    /// Its vector.
    public let vector: [Float]
    /// What the model's scorer makes of both vectors.
    public let logit: Float
  }

  /// The text's vector; of models that pool nothing (pooling "pass", scorer "cross-attn") one a token
  /// of the text.
  public let text: [[Float]]
  /// In the order of the request.
  public let labels: [Label]
  /// Tokens that were encoded, special tokens included.
  public let tokens: Int
  /// Tokens of the text that were cut.
  public let truncated: Int
}
