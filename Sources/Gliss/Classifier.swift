// The public face of Gliss: a loaded model that classifies texts.

internal import GLiClass
internal import Kernels
internal import ModelStore

/// The arithmetic of a model.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// `bf16` where the machine has tile units for it: on real texts its macro-F1 stays within 0.2 points
  /// of `f32`. Else `f32`. A quantised copy: `int8`.
  case auto
  /// 32-bit floats: within 1e-4 of the upstream float32 logits.
  case f32
  /// Products of bf16 operands, summed in 32-bit floats.
  case bf16
  /// Linear layers in 8-bit integers: weights scaled by channel, activations by token.
  case int8

  /// The engine's name for it; nil asks for the fastest.
  var engine: Kernels.Precision? { Kernels.Precision(rawValue: rawValue) }
}

/// A GLiClass model, loaded and ready: texts and labels in, a score for every label out.
///
/// ```swift
/// let classifier = try Classifier()
/// let result = try classifier.classify("The bill was too high.", labels: ["billing", "sports"])
/// print(result.selected())
/// ```
///
/// One classifier may be used from many threads. Calls block until they are done: from Swift
/// concurrency, call them on a thread of your own, not on the cooperative pool.
///
/// The same text with the same labels and options gives the same bits, alone or in any batch, on any
/// number of threads (on every kernel set but `openblas`).
public final class Classifier: Sendable {
  /// How a model is loaded and run.
  public struct Options: Sendable, Hashable {
    /// The arithmetic.
    public var precision: Precision
    /// The kernel set by name, for example `avx2`; nil: `GLISS_KERNELS`, else the best one.
    public var kernels: String?
    /// Threads that compute; nil: one for each processor.
    public var threads: Int?
    /// Tokens that are encoded together; short texts are packed up to it. It bounds working memory,
    /// and does not change results.
    public var batchTokens: Int

    /// Makes the default options; set what differs.
    public init(
      precision: Precision = .auto, kernels: String? = nil, threads: Int? = nil,
      batchTokens: Int = 2048
    ) {
      self.precision = precision
      self.kernels = kernels
      self.threads = threads
      self.batchTokens = batchTokens
    }
  }

  /// What was loaded.
  public let model: ModelInfo

  let engine: GLiClassModel
  let batchTokens: Int

  /// A classifier of a model that is loaded.
  init(_ engine: GLiClassModel, model: ModelInfo, batchTokens: Int) {
    self.engine = engine
    self.model = model
    self.batchTokens = batchTokens
  }

  /// Loads a model.
  ///
  /// - Parameters:
  ///   - model: A folder; a name in the Hugging Face cache such as
  ///     `knowledgator/gliclass-edge-v3.0`, with `@revision` if wanted; or nil for the model that
  ///     ships with Gliss. Nothing is downloaded.
  ///   - options: How it is loaded and run.
  /// - Throws: ``GlissError`` that names the file, the field, what was expected and what was found.
  public init(model: String? = nil, options: Options = Options()) throws(GlissError) {
    let located = try LocatedModel(model, options)
    let (location, files) = (located.location, located.files)
    batchTokens = options.batchTokens
    let compute = try options.compute()
    engine = try GlissError.of { () throws(GLiClassError) in
      try GLiClassModel(folder: location.folder, compute: compute)
    }
    self.model = ModelInfo(engine, location, files: files)
  }

  /// Classifies one text.
  ///
  /// - Parameters:
  ///   - text: The text; it may be empty.
  ///   - labels: At least one label, none empty, none twice.
  ///   - options: How it is classified.
  public func classify(
    _ text: String, labels: [String], options: ClassificationOptions = ClassificationOptions()
  ) throws(GlissError) -> Classification {
    try classify([ClassificationRequest(text: text, labels: labels, options: options)])[0]
  }

  /// Classifies one text against labels that may have descriptions, thresholds and groups.
  public func classify(
    _ text: String, labels: [Label], options: ClassificationOptions = ClassificationOptions()
  ) throws(GlissError) -> Classification {
    try classify([ClassificationRequest(text: text, labels: labels, options: options)])[0]
  }

  /// Classifies texts that share labels and options; the results are in the order of the texts.
  public func classify(
    _ texts: [String], labels: [Label], options: ClassificationOptions = ClassificationOptions()
  ) throws(GlissError) -> [Classification] {
    try classify(
      texts.map { ClassificationRequest(text: $0, labels: labels, options: options) })
  }

  /// Classifies texts that share labels and options; the results are in the order of the texts.
  public func classify(
    _ texts: [String], labels: [String], options: ClassificationOptions = ClassificationOptions()
  ) throws(GlissError) -> [Classification] {
    try classify(
      texts.map { ClassificationRequest(text: $0, labels: labels, options: options) })
  }

  /// Classifies texts that each have their own labels and options, in order.
  ///
  /// - Throws: The first bad request's error, with its index in ``GlissError/item``; nothing is
  ///   returned then. ``outcomes(of:)`` returns results and errors side by side.
  public func classify(_ requests: [ClassificationRequest]) throws(GlissError) -> [Classification] {
    try outcomes(of: requests).values()
  }

  /// Classifies requests that fail one by one: a bad one does not stop the others.
  ///
  /// - Returns: One outcome per request, in order.
  public func outcomes(
    of requests: [ClassificationRequest]
  ) -> [Result<Classification, GlissError>] {
    var run = ClassificationRun(requests, classifier: self)
    return run.outcomes()
  }
}
