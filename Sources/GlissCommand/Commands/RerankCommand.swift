// `gliss rerank`: its arguments.

import ArgumentParser
import Gliss

struct RerankCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerank",
    abstract: "Put documents in the order in which they answer a query.",
    discussion: """
        gliss rerank --query "who pays for shipping?" --documents passages.txt --top-n 5
        gliss rerank --query "refunds" "We refund within 14 days." "Opening hours: 9 to 5."
        search "refunds" | gliss rerank --query "refunds" --jsonl

      Documents come from the command line, from files, or from standard input, as texts do to \
      gliss classify: lines, csv and tsv with a header, or JSON lines {"text": ...}, which may have \
      an "id". gzip is unpacked.

      Best first; ties in the order they came. In a pipe, a line of index, tab, score, tab, document; \
      with --jsonl a line {"rank", "index", "id", "score", "text", "tokens", "truncated", "windows"}, \
      with --json an array. "index" counts documents from 0. An empty document is read by no model: \
      it comes last, with score 0, and without one with --raw-scores.

      A GLiClass model reads the query as the label of every document, or, with --form \
      documents-as-labels, the documents as the labels of the query, many in one sequence. A \
      cross-encoder reads query and document as a pair; one with several outputs needs --label. A \
      sentence encoder compares their vectors. Scores are activated as the model's own config says. \
      Documents longer than --max-doc-tokens are cut at their end, which "truncated" tells, or with \
      --chunk read in overlapping parts of which the best counts. The query is never cut.

      \(ExitStatus.explanation)
      """
  )

  @Argument(help: ArgumentHelp("Documents; - reads standard input.", valueName: "document"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("What is asked.", valueName: "text"))
  var query: String

  @Option(
    help: ArgumentHelp(
      "Read documents from a file, like --input; repeat it for more. - is standard input.",
      valueName: "file"), completion: .file())
  var documents: [String] = []

  @Option(help: ArgumentHelp("The best so many. Default: all.", valueName: "count"))
  var topN: Int?

  @Option(help: ArgumentHelp("What a GLiClass model reads as what.", valueName: "form"))
  var form: RerankForm = .queryAsLabel

  @Option(
    help: ArgumentHelp(
      "The most tokens of a document, or of a part of one. Default: what 1024 leave, or the model's "
        + "context; 256 where documents are labels; of a sentence encoder what it was made for.",
      valueName: "count"))
  var maxDocTokens: Int?

  @Flag(help: "Read longer documents in parts, and count the best.")
  var chunk = false

  @Option(help: ArgumentHelp("Tokens that neighbouring parts share.", valueName: "count"))
  var chunkOverlap = 64

  @Option(
    help: ArgumentHelp(
      "A sentence around the query where it is a label: \"This text answers: {}\" Only a GLiClass "
        + "model takes one.", valueName: "sentence"))
  var template: String?

  @Option(
    help: ArgumentHelp(
      "A description of the task, read with every sequence. Only a GLiClass model takes one.",
      valueName: "text"))
  var prompt: String?

  @Option(
    help: ArgumentHelp(
      "Of a pairwise model with several outputs, the one that counts.", valueName: "name"))
  var label: String?

  @Flag(help: "The model's own numbers, without its activation.")
  var rawScores = false

  @Flag(help: "Leave the documents out of JSON.")
  var noText = false

  @Flag(help: "One JSON array.")
  var json = false

  @Flag(help: "One JSON object a line.")
  var jsonl = false

  @OptionGroup(title: "Input") var input: InputOptions

  @OptionGroup(title: "Model") var engine: EngineOptions

  func validate() throws {
    if let topN, topN < 1 {
      throw ValidationError("--top-n should be a positive integer, found \(topN)")
    }
    if let maxDocTokens, maxDocTokens < 1 {
      throw ValidationError("--max-doc-tokens should be a positive integer, found \(maxDocTokens)")
    }
    if chunkOverlap < 0 {
      throw ValidationError("--chunk-overlap should not be negative, found \(chunkOverlap)")
    }
    if template?.contains("{}") == false {
      throw ValidationError("--template needs a {} where the query goes")
    }
    if json, jsonl { throw ValidationError("--json and --jsonl are two formats: give one") }
    if noText, !json, !jsonl { throw ValidationError("--no-text is about --json and --jsonl") }
    if (documents + input.input).filter({ $0 == "-" }).count > 1 {
      throw ValidationError("standard input can be read once")
    }
    if query.allSatisfy(\.isWhitespace) { throw ValidationError("--query is empty") }
  }

  func run(in console: Console) throws(CommandError) {
    var run = try RerankRun(self, console: console)
    try run.run()
  }

  var options: RerankOptions {
    RerankOptions(
      form: form, maxDocumentTokens: maxDocTokens, longDocuments: chunk ? .window : .truncate,
      windowOverlap: chunkOverlap, template: template, prompt: prompt, label: label)
  }
}
