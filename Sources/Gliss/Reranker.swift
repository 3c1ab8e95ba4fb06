// Documents in the order in which they answer a query.

/// A model that puts documents in order for a query: the step behind a search.
///
/// ```swift
/// let reranker = try Reranker()
/// let best = try reranker.rerank("who pays for shipping?", documents: passages, topN: 5)
/// print(best.map { passages[$0.index] })
/// ```
///
/// One reranker may be used from many threads. Calls block until they are done.
public final class Reranker: Sendable {
  /// The most documents that are scored before progress is told, and with
  /// ``sliceByteCount`` what a slice of them is. In the form where documents are labels, those of
  /// different slices are never read together.
  public static let sliceCount = 256
  /// A slice ends with the document by which it reaches so many bytes of UTF-8.
  public static let sliceByteCount = 1 << 16

  /// Whether a slice takes no more documents.
  public static func isSlice(ofCount count: Int, byteCount: Int) -> Bool {
    count >= sliceCount || byteCount >= sliceByteCount
  }

  private let scorer: any DocumentScorer

  init(_ scorer: any DocumentScorer) { self.scorer = scorer }

  /// Loads a model of any kind that reads texts: GLiClass, a cross-encoder, a sentence encoder.
  ///
  /// - Parameters:
  ///   - model: A folder, a name in the Hugging Face cache, or nil for the model that ships with
  ///     Gliss.
  ///   - options: How it is loaded and run.
  public convenience init(
    model: String? = nil, options: Classifier.Options = Classifier.Options()
  ) throws(GlissError) {
    switch try ModelKind(model: model) {
    case .gliClass: self.init(try Classifier(model: model, options: options))
    case .crossEncoder: self.init(try CrossEncoder(model: model, options: options))
    case .sentenceEncoder: self.init(try SentenceEncoder(model: model, options: options))
    }
  }

  /// A reranker that shares a classifier's model.
  public convenience init(_ classifier: Classifier) {
    self.init(GLiClassScorer(classifier: classifier))
  }

  /// A reranker of pairs: query and document in one sequence, a pass a document.
  public convenience init(_ encoder: CrossEncoder) {
    self.init(PairScorer(encoder: encoder))
  }

  /// A reranker by cosine: the query and every document have a vector each.
  public convenience init(_ encoder: SentenceEncoder) {
    self.init(CosineScorer(encoder: encoder))
  }

  /// The most tokens of one sequence.
  public var contextLength: Int { scorer.contextLength }

  /// What the model computes in.
  package var precision: Precision { scorer.precision }

  /// The best documents, best first; ties in the order they were passed, empty documents last.
  ///
  /// - Parameters:
  ///   - query: What is asked; not empty.
  ///   - documents: Any number. Memory does not grow with it beyond the result.
  ///   - topN: The most results; nil: all.
  ///   - options: How they are scored.
  ///   - progress: Called with the number of documents that are scored, slice by slice.
  /// - Throws: ``GlissError``; with ``GlissError/item`` where it is about one document.
  public func rerank(
    _ query: String, documents: [String], topN: Int? = nil,
    options: RerankOptions = RerankOptions(), progress: (Int) -> Void = { _ in }
  ) throws(GlissError) -> [DocumentScore] {
    if let topN, topN < 1 { throw .invalid("topN", "a positive integer", "\(topN)") }
    var found: [DocumentScore] = []
    found.reserveCapacity(documents.count)
    var start = 0
    // Without documents, the query and the options are checked all the same.
    repeat {
      var slice: [String] = []
      var byteCount = 0
      for document in documents[start...] {
        slice.append(document)
        byteCount += document.utf8.count
        if Self.isSlice(ofCount: slice.count, byteCount: byteCount) { break }
      }
      do throws(GlissError) {
        for var score in try scores(of: slice, for: query, options: options) {
          score.index += start
          found.append(score)
        }
      } catch {
        throw error.about(item: error.item.map { $0 + start })
      }
      start += slice.count
      progress(start)
    } while start < documents.count
    found.sort { DocumentScore.isAhead($0, of: $1) }
    return Array(found.prefix(topN ?? .max))
  }

  /// The scores of documents in the order they are passed: for who sorts a stream of them. Call it
  /// with slices as ``isSlice(ofCount:byteCount:)`` ends them to get what
  /// ``rerank(_:documents:topN:options:progress:)`` gets.
  public func scores(
    of documents: [String], for query: String, options: RerankOptions = RerankOptions()
  ) throws(GlissError) -> [DocumentScore] {
    guard !query.allSatisfy(\.isWhitespace) else {
      throw GlissError(
        .data, "the query is empty", field: "query", expected: "some words",
        found: query.isEmpty ? "\"\"" : "blanks")
    }
    try options.validate(context: scorer.contextLength)
    let read = documents.indices.filter { !documents[$0].allSatisfy(\.isWhitespace) }
    var results = documents.indices.map { DocumentScore.unread($0) }
    guard !read.isEmpty else { return results }
    do throws(GlissError) {
      let scores = try scorer.scores(of: read.map { documents[$0] }, for: query, options: options)
      for (index, var score) in zip(read, scores) {
        score.index = index
        results[index] = score
      }
    } catch {
      throw error.about(item: error.item.map { read[$0] })
    }
    return results
  }
}

/// A kind of model that can score documents.
protocol DocumentScorer: Sendable {
  /// The most tokens of one sequence.
  var contextLength: Int { get }

  /// What the model computes in.
  var precision: Precision { get }

  /// One score a document, in order; their indices are those in `documents`.
  ///
  /// - Parameter documents: None empty.
  func scores(
    of documents: [String], for query: String, options: RerankOptions
  ) throws(GlissError) -> [DocumentScore]
}
