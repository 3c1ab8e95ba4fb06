// `gliss eval retrieval`: a run's ranking against judgements.

import ArgumentParser
import Gliss
import Learning
import StrictJSON

struct EvalRetrievalCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "retrieval",
    abstract: "Measure rankings: nDCG, recall, MRR and MAP.",
    discussion: """
        gliss eval retrieval --run bm25.run --qrels qrels.tsv
        gliss eval retrieval --run bm25.run --qrels qrels.tsv --corpus corpus.jsonl.gz \
      --queries queries.jsonl.gz --depth 100 --output reranked.run

      --run is what a search has found, as trec_eval reads it: query, Q0, document, place, score, \
      tag. --qrels says what is relevant: query, document, relevance (BEIR, with its header or \
      without), or trec_eval's query, 0, document, relevance. gzip is unpacked.

      The numbers are those of trec_eval (pytrec_eval, BEIR): ties are broken by the document's \
      name, and means are over the queries that are in both files; "missing" counts those that are \
      judged and not in the run.

      With --corpus and --queries (JSON lines {"_id" or "id", "title", "text"}) the first --depth \
      documents of each query are put in order by the model too, and measured the same way, below \
      the run itself cut to that depth. --output has the new ranking as a run.

      \(ExitStatus.explanation)
      """
  )

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The ranking to measure.", valueName: "file"), completion: .file())
  var runFile: String

  @Option(help: ArgumentHelp("What is relevant.", valueName: "file"), completion: .file())
  var qrels: String

  @Option(help: ArgumentHelp("Places that are looked at.", valueName: "list"))
  var cutoffs: CommaList<Int> = CommaList([10, 100])

  @Option(
    help: ArgumentHelp("The documents, to rerank them.", valueName: "file"), completion: .file())
  var corpus: String?

  @Option(help: ArgumentHelp("The queries, to rerank for.", valueName: "file"), completion: .file())
  var queries: String?

  @Option(help: ArgumentHelp("Documents of each query that are reranked.", valueName: "count"))
  var depth = 100

  @Option(
    help: ArgumentHelp("Write the reranked run to a file.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("What a GLiClass model reads as what.", valueName: "form"))
  var form: RerankForm = .queryAsLabel

  @Option(
    help: ArgumentHelp("The most tokens of a document, as for gliss rerank.", valueName: "count"))
  var maxDocTokens: Int?

  @Flag(help: "Read longer documents in parts, and count the best.")
  var chunk = false

  @Option(
    name: [.customLong("template"), .customLong("label-template")],
    help: ArgumentHelp(
      "A sentence around each query where it is a label.", valueName: "sentence"))
  var template: String?

  @Option(
    help: ArgumentHelp(
      "Of a pairwise model with several outputs, the one that counts.", valueName: "name"))
  var label: String?

  @OptionGroup(title: "What is measured") var options: EvalOptions

  func validate() throws {
    try cutoffs.check("--cutoffs", from: 1, to: 1_000_000)
    if depth < 1 { throw ValidationError("--depth should be a positive integer, found \(depth)") }
    if (corpus == nil) != (queries == nil) {
      throw ValidationError("reranking needs both --corpus and --queries")
    }
    if corpus == nil, output != nil {
      throw ValidationError("--output has the reranked run: add --corpus and --queries")
    }
    if let maxDocTokens, maxDocTokens < 1 {
      throw ValidationError("--max-doc-tokens should be a positive integer, found \(maxDocTokens)")
    }
    if template?.contains("{}") == false {
      throw ValidationError("--template needs a {} where the query goes")
    }
    if output != nil, options.precision.values.count > 1 {
      throw ValidationError("--output has one reranked run, and there are several precisions")
    }
  }

  func run(in console: Console) throws(CommandError) {
    let judgements = try Judgements(readingFrom: qrels, console: console)
    let whole = try RunFile(readingFrom: runFile, console: console)
    let found = whole.best(corpus == nil ? .max : depth, queries: options.limit)
    var lines = EvalOutput(json: options.json, console: console)
    let name = EvalPath.name(runFile)
    let texts = try RetrievalTexts(self, found, console: console)
    try lines.append(
      [BenchField("ranking", .left("ranking", 34), name)]
        + (try RankingFields.of(found, judgements, cutoffs: cutoffs.values))
        + (texts == nil ? [] : [.rate(0, 0)]))
    guard let texts else { return }
    let file = try output.map { (path) throws(CommandError) in try OutputFile(path) }
    for choice in options.choices {
      var reranking = try Reranking(
        self, choice, documentCount: found.ofQuery.values.reduce(0) { $0 + $1.count },
        console: console)
      let reranked = try reranking.rerank(found, texts)
      try lines.append(
        [
          BenchField(
            "ranking", .left("ranking", 34),
            "\(name) + \(EvalPath.name(try console.completed(choice).model ?? "bundled model"))")
        ] + (try RankingFields.of(reranked, judgements, cutoffs: cutoffs.values)) + [
          .rate(reranking.documentCount, reranking.clock.seconds),
          BenchField("precision", JSON(reranking.reranker.precision.rawValue)),
          BenchField("form", JSON(form.rawValue)),
          BenchField("documents", JSON(reranking.documentCount)),
          BenchField("truncated_documents", JSON(reranking.truncatedCount)),
          BenchField("version", JSON(Version.text)),
        ])
      guard let file else { continue }
      var stream = OutputStream(file.descriptor, name: file.path)
      stream.append(reranked.text(tag: "gliss"))
      try stream.flush()
      try file.commit()
    }
  }
}

/// What is reranked: the queries' and the documents' texts.
private struct RetrievalTexts {
  let queries: NamedTexts
  let documents: NamedTexts

  /// Nil where nothing is reranked.
  init?(
    _ command: EvalRetrievalCommand, _ run: RunFile, console: Console
  ) throws(CommandError) {
    guard let corpus = command.corpus, let queries = command.queries else { return nil }
    self.queries = try NamedTexts(
      readingFrom: queries, wanted: Set(run.queries), console: console)
    let wanted = run.ofQuery.values.reduce(into: Set<String>()) { names, found in
      names.formUnion(found.map(\.document))
    }
    documents = try NamedTexts(readingFrom: corpus, wanted: wanted, console: console)
  }
}

/// A run through a model.
private struct Reranking: ~Copyable {
  private let command: EvalRetrievalCommand
  let reranker: Reranker
  private var progress: Progress
  private(set) var clock = Stopwatch()
  private(set) var documentCount = 0
  private(set) var truncatedCount = 0

  init(
    _ command: EvalRetrievalCommand, _ choice: ModelChoice, documentCount total: Int,
    console: Console
  ) throws(CommandError) {
    let choice = try console.completed(choice)
    let reranker = try CommandError.wrapping { () throws(GlissError) in
      try Reranker(model: choice.model, options: choice.options)
    }
    (self.command, self.reranker) = (command, reranker)
    progress = Progress(console: console, total: .rows(total), resultsComeLast: true)
  }

  mutating func rerank(_ run: RunFile, _ texts: RetrievalTexts) throws(CommandError) -> RunFile {
    let options = RerankOptions(
      form: command.form, maxDocumentTokens: command.maxDocTokens,
      longDocuments: command.chunk ? .window : .truncate, template: command.template,
      label: command.label)
    var reranked = RunFile()
    for query in run.queries {
      let names = (run.ofQuery[query] ?? []).map(\.document)
      let documents = names.map { texts.documents.ofName[$0] ?? "" }
      let text = texts.queries.ofName[query] ?? ""
      let outcome = clock.time {
        Result { () throws(GlissError) in
          try reranker.rerank(text, documents: documents, options: options)
        }
      }
      do throws(GlissError) {
        for score in try outcome.get() {
          // An empty document stays below everything that was read.
          reranked.append(query, names[score.index], score.logit ?? -.greatestFiniteMagnitude)
          if score.truncated > 0 { truncatedCount += 1 }
        }
      } catch {
        progress.finish()
        throw .engine("query \(query): \(error.message)", status: ExitStatus(error))
      }
      documentCount += documents.count
      progress.update(rowCount: documentCount, consumedByteCount: 0)
    }
    progress.finish()
    return reranked
  }
}

/// The numbers of a ranking.
enum RankingFields {
  static func of(
    _ run: RunFile, _ judgements: Judgements, cutoffs: [Int]
  ) throws(CommandError) -> [BenchField] {
    var evaluation = RankingEvaluation()
    for query in run.queries {
      guard let judged = judgements.ofQuery[query] else { continue }
      let scores = (run.ofQuery[query] ?? []).map { ($0.document, $0.score) }
      let ranked = try CommandError.wrapping { () throws(GlissError) in
        try RankedQuery(
          scores: Dictionary(scores, uniquingKeysWith: { first, _ in first }), judgements: judged)
      }
      evaluation.add(ranked)
    }
    let count = evaluation.queries.count
    return [
      BenchField("queries", .right("queries", 7), count),
      BenchField("missing", .right("missing", 7), judgements.ofQuery.count - count),
    ] + cutoffs.map { .metric("ndcg_at_\($0)", "nDCG@\($0)", evaluation.nDCG(at: $0)) }
      + cutoffs.map { .metric("recall_at_\($0)", "recall@\($0)", evaluation.recall(at: $0)) }
      + [
        .metric("mrr", "MRR", evaluation.reciprocalRank()),
        .metric("map", "MAP", evaluation.averagePrecision),
        .metric("mrr_at_10", evaluation.reciprocalRank(at: 10)),
      ]
  }
}
