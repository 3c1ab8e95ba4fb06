// How one text is classified: mode, threshold, prompt, examples, what happens to a long text, and
// the options of labels that have files of their own.

/// How the logits of one text become scores.
public enum ClassificationMode: String, Sendable, Hashable, CaseIterable {
  /// Every label on its own: score = sigmoid(logit).
  case multiLabel = "multi-label"
  /// Exactly one label: scores = softmax over all labels, they sum to 1.
  case singleLabel = "single-label"
  /// Exactly one label of every group: scores = softmax over the labels that are directly in one
  /// group. Labels outside groups are one group.
  case perGroup = "per-group"
}

/// What happens when a text does not fit. Labels, prompt and examples are never cut.
public enum LongText: String, Sendable, Hashable, CaseIterable {
  /// The call throws, saying how many tokens there are and how many fit.
  case error
  /// The end of the text is cut; ``Classification/truncated`` says how many tokens.
  case truncate
  /// Overlapping windows over the text, each with all labels; logits merge per label.
  case window
}

/// How the logits of several windows become one logit per label.
public enum WindowMerge: String, Sendable, Hashable, CaseIterable {
  /// The highest logit of any window: a label holds if it holds anywhere. The default.
  case max
  /// The mean of the logits over the windows.
  case mean
  /// The logits of the first window; the others are not read, and ``Classification/truncated``
  /// counts their tokens.
  case first
  /// The highest score, in place of the highest logit, of any window, for one choice divided by
  /// their sum: upstream's way, for ``ClassificationOptions/characterWindows`` only.
  case maxScore = "max-score"
}

/// Windows that are cut by characters, as upstream's chunking pipeline cuts them, before a token is
/// counted. What one of them has too many tokens for goes by ``ClassificationOptions/longText``.
public struct CharacterWindows: Sendable, Hashable {
  /// Unicode scalars of a window. Upstream's default: 8,192.
  public var size: Int
  /// Unicode scalars that neighbouring windows share, fewer than the size. Upstream's default: 256.
  public var overlap: Int

  /// Makes windows; the default is upstream's.
  public init(size: Int = 8192, overlap: Int = 256) {
    self.size = size
    self.overlap = overlap
  }
}

/// What control tokens such as `<<LABEL>>` or `[SEP]` mean inside texts, labels, prompts, examples.
public enum PromptSafety: String, Sendable, Hashable, CaseIterable {
  /// Nothing: their characters are tokenized like any others. The default.
  case safe
  /// What upstream does: they are matched, so a text can add or end labels. For parity work only.
  case rawControlTokens = "raw-control-tokens"
}

/// An in-context example: a text and the labels that hold for it.
public struct Example: Sendable, Hashable {
  /// The example's text.
  public var text: String
  /// The labels that hold for it.
  public var labels: [String]

  /// Makes an example.
  public init(text: String, labels: [String]) {
    self.text = text
    self.labels = labels
  }
}

/// How a text is classified. The defaults classify multi-label and refuse a text that does not fit.
public struct ClassificationOptions: Sendable, Hashable {
  /// How logits become scores.
  public var mode: ClassificationMode = .multiLabel
  /// Scores at or above it are selected (0...1). Nil: 0.5 for multi-label, and for single-label the
  /// best label whatever its score.
  public var threshold: Float?
  /// A task description, placed between the labels and the text (or after both, as the model
  /// was trained).
  public var prompt: String?
  /// In-context examples. A model whose vocabulary has no `<<EXAMPLE>>` refuses them.
  public var examples: [Example] = []
  /// What happens when the text does not fit.
  public var longText: LongText = .error
  /// The most tokens of one sequence (or window), labels and special tokens included, at most the
  /// model's context. Nil: the model's context for ``LongText/error``, and 1,024 (what upstream
  /// pipelines use), or the context if it is shorter, for the other two.
  public var maxTokens: Int?
  /// Text tokens that neighbouring windows share; at most half of a window's text.
  public var windowOverlap: Int = 128
  /// How logits of several windows merge.
  public var windowMerge: WindowMerge = .max
  /// What control tokens in user strings mean.
  public var promptSafety: PromptSafety = .safe
  /// What the model reads for a label.
  public var phrasing: LabelPhrasing = LabelPhrasing()
  /// Which labels are the answer, beyond the threshold.
  public var selection: Selection = Selection()
  /// How labels in groups are scored.
  public var tree: TreeScoring = TreeScoring()
  /// In how many orders of the labels the text is scored.
  public var orders: OrderAverage = OrderAverage()
  /// What happens to more labels than fit.
  public var labelChunks: LabelChunks = .none
  /// Upstream's windows of a long text; nil: windows are counted in tokens.
  public var characterWindows: CharacterWindows?
  /// Whether the text is lowercased for the model. Unicode's mapping, character by character.
  public var lowercasesText: Bool = false

  /// Makes the default options; set what differs.
  public init(
    mode: ClassificationMode = .multiLabel, threshold: Float? = nil, prompt: String? = nil,
    examples: [Example] = [], longText: LongText = .error, maxTokens: Int? = nil,
    windowOverlap: Int = 128, windowMerge: WindowMerge = .max, promptSafety: PromptSafety = .safe,
    phrasing: LabelPhrasing = LabelPhrasing(), selection: Selection = Selection(),
    tree: TreeScoring = TreeScoring(), orders: OrderAverage = OrderAverage(),
    labelChunks: LabelChunks = .none, characterWindows: CharacterWindows? = nil,
    lowercasesText: Bool = false
  ) {
    self.mode = mode
    self.threshold = threshold
    self.prompt = prompt
    self.examples = examples
    self.longText = longText
    self.maxTokens = maxTokens
    self.windowOverlap = windowOverlap
    self.windowMerge = windowMerge
    self.promptSafety = promptSafety
    self.phrasing = phrasing
    self.selection = selection
    self.tree = tree
    self.orders = orders
    self.labelChunks = labelChunks
    self.characterWindows = characterWindows
    self.lowercasesText = lowercasesText
  }
}
