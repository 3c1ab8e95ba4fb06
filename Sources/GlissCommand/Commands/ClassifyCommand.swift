// `gliss classify`: its arguments.

import ArgumentParser
import Gliss

struct ClassifyCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Score texts against labels of your own.",
    discussion: """
      Texts come from the command line, from files, or from standard input: plain lines, csv or \
      tsv with a header, fastText's labelled lines, or JSON lines {"text": ...} that may carry \
      their own "labels", "prompt", "threshold" and "examples" ([{"text", "labels"}, ...]); a \
      row's own win over the options. Other fields are ignored. gzip is unpacked.

        gliss classify "My card was charged twice" --labels billing,delivery,praise
        gliss classify --label "asks for a refund" --label "is angry" --input mails.txt
        gliss classify --labels-file topics.txt --single --jsonl <news.jsonl >topics.jsonl
        gliss classify --labels praise,complaint --input reviews.csv.gz --text-column review \
      --csv --output scored.csv --on-error quarantine bad.jsonl
        tail -f app.log | gliss classify --labels error,login,payment --threshold 0.8

      Every label is scored on its own (sigmoid); --single makes one choice (softmax). At a \
      terminal, bars; in a pipe, a line of label, tab, score, tab, ... for each text; csv and tsv \
      have a line a label; with --json an array, with --jsonl a line a row: {"index", "scores": [{"label", "score"}], "tokens", \
      "truncated"}. Labels at or above the threshold come highest first; with --all every label \
      comes, in the order given. "tokens" counts all that were encoded, "truncated" those cut. \
      --jsonl --all --logits is a stable contract for programs; its floats read back exactly.

      A text longer than --max-tokens is read in overlapping windows and each label keeps its best \
      one (--long window), or is cut and says so (truncate), or is an error (error). Labels are \
      never cut. Control tokens such as <<LABEL>> inside a text are plain characters.

      \(ExitStatus.explanation)
      """
  )

  @Argument(help: ArgumentHelp("Texts to classify; - reads standard input.", valueName: "text"))
  var texts: [String] = []

  @OptionGroup(title: "Labels") var labels: LabelOptions

  @Flag(help: ArgumentHelp("Exactly one label holds: softmax over the labels."))
  var single = false

  @Option(
    help: ArgumentHelp(
      "Scores at or above it hold, 0 to 1. Default: 0.5; with --single the best label.",
      valueName: "score"))
  var threshold: Float?

  @Option(
    name: [.customLong("top-k"), .customLong("max-labels")],
    help: ArgumentHelp("At most so many labels.", valueName: "count"))
  var topK: Int?

  @OptionGroup(title: "Reading and choosing labels") var pipeline: PipelineOptions

  @Option(help: ArgumentHelp("A description of the task, read with the text.", valueName: "text"))
  var prompt: String?

  @Option(
    help: ArgumentHelp(
      "In-context examples: JSON lines or an array of {\"text\", \"labels\"}.", valueName: "file"))
  var examples: String?

  @Option(help: ArgumentHelp("What to do with a text that does not fit.", valueName: "how"))
  var long: LongText = .window

  @Option(
    help: ArgumentHelp(
      "The most tokens of one window, labels included. Default: 1024, or the model's context.",
      valueName: "count"))
  var maxTokens: Int?

  @Option(help: ArgumentHelp("Text tokens that neighbouring windows share.", valueName: "count"))
  var windowOverlap = 128

  @Option(help: ArgumentHelp("How a label's logits in windows become one.", valueName: "how"))
  var windowMerge: WindowMerge = .max

  @Flag(help: "Every label, in the order given, whatever its score.")
  var all = false

  @Flag(help: "The model's logits beside the scores.")
  var logits = false

  @OptionGroup(title: "Output") var output: ResultOptions

  @OptionGroup(title: "Input") var input: InputOptions

  @OptionGroup(title: "Model") var engine: EngineOptions

  @Flag(
    help: ArgumentHelp(
      "Let control tokens inside texts act, as upstream does. For parity checks only: a text can "
        + "then add labels."))
  var rawControlTokens = false

  func validate() throws {
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold should be a number from 0 to 1, found \(threshold)")
    }
    if let topK, topK < 1 {
      throw ValidationError("--top-k should be a positive integer, found \(topK)")
    }
    try TokenLimit.validate(maxTokens)
    if windowOverlap < 0 {
      throw ValidationError("--window-overlap should not be negative, found \(windowOverlap)")
    }
    if let topK, topK < pipeline.minLabels {
      throw ValidationError("--min-labels \(pipeline.minLabels) is more than --top-k \(topK)")
    }
    if single, pipeline.onePerGroup {
      throw ValidationError("--single is one choice, --one-per-group one a group: give one of them")
    }
    if windowMerge == .maxScore, pipeline.windowCharacters == nil || long == .window {
      throw ValidationError(
        "--window-merge max-score is for --window-characters with --long truncate or error")
    }
    if all, topK != nil {
      throw ValidationError("--all shows every label, --top-k a few: give one of them")
    }
    let readers = [labels.file, examples].compactMap { $0 } + input.input
    if readers.filter({ $0 == "-" }).count > 1 {
      throw ValidationError(
        "standard input can be read once: only one of --labels-file, --examples and --input may be -"
      )
    }
  }

  func run(in console: Console) throws(CommandError) {
    var run = try ClassifyRun(self, console: console)
    try run.run()
  }

  /// The options every row begins with.
  func options(console: Console) throws(CommandError) -> ClassificationOptions {
    var options = ClassificationOptions(
      mode: single ? .singleLabel : .multiLabel, threshold: threshold, prompt: prompt,
      examples: try examples.map { (path) throws(CommandError) in
        try SmallFile.examples(path, console: console)
      } ?? [],
      longText: long, maxTokens: maxTokens, windowOverlap: windowOverlap, windowMerge: windowMerge,
      promptSafety: rawControlTokens ? .rawControlTokens : .safe)
    pipeline.set(&options, topK: topK)
    return options
  }

  /// The labels of the options, with the thresholds of the options; nil if there are none.
  func labels(console: Console) throws(CommandError) -> [Label]? {
    guard let labels = try labels.labels(separator: pipeline.labelSeparator, console: console)
    else { return nil }
    do throws(GlissError) {
      let (changed, unknown) = try pipeline.withThresholds(labels)
      guard let name = unknown.first else { return changed }
      let names = try Label.fullNames(changed, separator: pipeline.labelSeparator)
      let near = Suggestion.nearest(to: name, among: Array(names.prefix(1000)))
      throw GlissError(
        .usage,
        "--label-threshold: \(name) is none of the labels"
          + (near.map { "; did you mean \($0)?" } ?? ""))
    } catch {
      throw .usage(error.message)
    }
  }
}
