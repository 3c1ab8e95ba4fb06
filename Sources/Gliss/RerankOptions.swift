// How documents are put in order for a query, and what is said of each.

/// What a GLiClass model reads as what.
public enum RerankForm: String, Sendable, Hashable, CaseIterable {
  /// The query is the label, every document a text of its own. A document's score does not depend on
  /// the others. The default.
  case queryAsLabel = "query-as-label"
  /// The query is the text, the documents are its labels, as many in one sequence as fit: fewer
  /// passes, each over more. A document's score depends a little on those beside it.
  case documentsAsLabels = "documents-as-labels"
}

/// How documents are scored. The defaults cut what does not fit.
public struct RerankOptions: Sendable, Hashable {
  /// What a GLiClass model reads as what; other models have one form.
  public var form: RerankForm
  /// The most tokens of a document, or with ``longDocuments`` ``LongText/window`` of a part of one.
  /// Nil: what 1,024 tokens leave, or the context if it is shorter; 256 where documents are labels; of
  /// a sentence encoder what ``SentenceEncoder/usualTokens`` leave.
  public var maxDocumentTokens: Int?
  /// What happens to a longer one: its end is cut and counted (the default), or it is read in parts
  /// of which the best counts (``LongText/window``), or the call throws. A query is never cut.
  public var longDocuments: LongText
  /// Tokens that neighbouring parts share.
  public var windowOverlap: Int
  /// A sentence around the query where it is a label, with `{}` in it; only for GLiClass models.
  public var template: String?
  /// A task description, read with every sequence; only for GLiClass models.
  public var prompt: String?
  /// Of a pairwise model with several outputs, the name of the one that counts; nil if it has one.
  public var label: String?

  /// Makes the default options; set what differs.
  public init(
    form: RerankForm = .queryAsLabel, maxDocumentTokens: Int? = nil,
    longDocuments: LongText = .truncate, windowOverlap: Int = 64, template: String? = nil,
    prompt: String? = nil, label: String? = nil
  ) {
    self.form = form
    self.maxDocumentTokens = maxDocumentTokens
    self.longDocuments = longDocuments
    self.windowOverlap = windowOverlap
    self.template = template
    self.prompt = prompt
    self.label = label
  }
}

/// One document's result.
public struct DocumentScore: Sendable, Hashable {
  /// Its place among the documents that were passed.
  public var index: Int
  /// The model's number before its activation: a logit, or a cosine. Nil of an empty document, which
  /// no model reads.
  public var logit: Float?
  /// The activated score: of a logit the sigmoid, unless the model's configuration says otherwise.
  /// 0 of an empty document.
  public var score: Float
  /// Tokens that were read for it, where they can be told from those of others.
  public var tokens: Int
  /// Tokens of it that were cut.
  public var truncated: Int
  /// Parts it was read in.
  public var windows: Int

  /// Makes a result.
  public init(
    index: Int, logit: Float?, score: Float, tokens: Int = 0, truncated: Int = 0, windows: Int = 1
  ) {
    self.index = index
    self.logit = logit
    self.score = score
    self.tokens = tokens
    self.truncated = truncated
    self.windows = windows
  }

  /// An empty document: last, whatever the others have.
  static func unread(_ index: Int) -> DocumentScore {
    DocumentScore(index: index, logit: nil, score: 0, windows: 0)
  }

  /// Whether it comes before another: the higher logit first, ties in the order they were passed.
  public static func isAhead(_ one: DocumentScore, of other: DocumentScore) -> Bool {
    let (first, second) = (one.logit ?? -.infinity, other.logit ?? -.infinity)
    return first != second ? first > second : one.index < other.index
  }
}

extension RerankOptions {
  func validate(context: Int) throws(GlissError) {
    if let maxDocumentTokens, !(1...context).contains(maxDocumentTokens) {
      throw .invalid(
        "maxDocumentTokens", "an integer from 1 to the model's context, \(context)",
        "\(maxDocumentTokens)")
    }
    if windowOverlap < 0 {
      throw .invalid("windowOverlap", "a non-negative integer", "\(windowOverlap)")
    }
  }
}
