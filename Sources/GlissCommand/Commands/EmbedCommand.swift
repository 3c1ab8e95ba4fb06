// `gliss embed`: its arguments, and the run.

import ArgumentParser
import Gliss

struct EmbedCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Show the vectors that texts and labels are compared by.",
    discussion: """
        gliss embed "My card was charged twice" --labels billing,delivery
        gliss embed --labels-file topics.txt --input mails.txt >vectors.jsonl
        gliss embed <rows.jsonl | jq -c '.text'

      Texts come as they do to gliss classify: from the command line, from files, or from standard \
      input, as lines or as JSON lines {"text": ...} that may carry their own "labels", "prompt" and \
      "examples". A line comes out for each text: {"index", "text": [number, ...], "labels": \
      [{"label", "vector": [number, ...], "logit"}, ...], "tokens", "truncated"}. Numbers read back \
      exactly.

      The vectors are what the Python package's get_embeddings gives: the projected features, of \
      length 1 where the model normalises them. GLiClass reads labels and text together, so a \
      text's vector depends on the labels it is read with: compare vectors of one set of labels. \
      Models that compare labels with every token (pooling "pass", scorer "cross-attn") give \
      "text" as a list of vectors, one a token.

      A text that does not fit is an error, or is cut with --truncate. It is not read in windows: \
      their vectors do not merge.

      \(ExitStatus.explanation)
      """
  )

  @Argument(help: ArgumentHelp("Texts to embed; - reads standard input.", valueName: "text"))
  var texts: [String] = []

  @OptionGroup(title: "Labels") var labels: LabelOptions

  @Option(
    help: ArgumentHelp("A description of the task, read with the text.", valueName: "text"))
  var prompt: String?

  @Flag(help: "Cut the end of a text that does not fit.")
  var truncate = false

  @Option(
    help: ArgumentHelp(
      "The most tokens, labels included. Default: the model's context; with --truncate 1024, or "
        + "the context.", valueName: "count"))
  var maxTokens: Int?

  @Flag(help: "Leave out the text's vectors.")
  var labelsOnly = false

  @Flag(help: "Leave out the labels' vectors.")
  var textOnly = false

  @OptionGroup(title: "Input") var input: InputOptions

  @OptionGroup(title: "Model") var engine: EngineOptions

  func validate() throws {
    try TokenLimit.validate(maxTokens)
    if labelsOnly, textOnly {
      throw ValidationError("--labels-only and --text-only leave nothing: give one of them")
    }
    let readers = [labels.file].compactMap { $0 } + input.input
    if readers.filter({ $0 == "-" }).count > 1 {
      throw ValidationError(
        "standard input can be read once: only one of --labels-file and --input may be -")
    }
  }

  func run(in console: Console) throws(CommandError) {
    var run = try EmbedRun(self, console: console)
    try run.run()
  }
}
