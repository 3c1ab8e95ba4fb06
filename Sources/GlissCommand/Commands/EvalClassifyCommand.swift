// `gliss eval classify`: labelled sets, and how well a model names their labels.

import ArgumentParser
import Gliss
import Learning

struct EvalClassifyCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Measure classification: accuracy, F1, calibration, the best threshold.",
    discussion: """
        gliss eval classify agnews.test.jsonl.gz emotion.test.jsonl.gz
        gliss eval classify tickets.jsonl --labels-file topics.json --per-label
        gliss eval classify --precision f32,bf16,int8 --json sets/*.jsonl.gz

      A set is JSON lines {"text": ..., "labels": ["name", ...]}, or "label" for one; gzip is \
      unpacked. Its labels are all names that occur in it, in the order of their bytes, or those of \
      --labels, --label and --labels-file. The groups of 20 Newsgroups are spelled out by a fixed \
      table ("sci.med" is "medicine"); --label-names has one for others.

      A set whose rows have one label each is one choice (softmax): accuracy, macro-F1, weighted F1, \
      the expected calibration error of the chosen label, and the macro-F1 of always saying the \
      most frequent label. Other sets hold any number of labels (sigmoid): micro- and macro-F1 at \
      --threshold, both at the best threshold there is for these rows, which is a bound and no \
      result, mean average precision, and the calibration error of all scores. Numbers are those of \
      scikit-learn. Of several sets with one choice the last line is the mean. --json has more of \
      them.

      The model may be of any kind: a GLiClass model; an NLI model, which needs --template; a \
      sentence encoder, by the cosine of text and label; a reranker with one output, by its score \
      of label and text. The last two cut what does not fit and read labels one by one: --prompt, \
      --long, --label-chunks and --order-average say nothing to them.

      A bad row ends the run: a set without some of its rows is another set.

      \(ExitStatus.explanation)
      """
  )

  @Argument(
    help: ArgumentHelp("The sets; - reads standard input, with labels given.", valueName: "file"),
    completion: .file())
  var sets: [String]

  @OptionGroup(title: "Labels") var labels: LabelOptions

  @Option(
    help: ArgumentHelp(
      "What the model reads for names: a JSON object {\"name\": \"words\"}.", valueName: "file"),
    completion: .file())
  var labelNames: String?

  @Option(
    help: ArgumentHelp(
      "A name that is not asked for, and taken out of the rows, such as \"none of these\"; repeat "
        + "it. Such a set has rows without labels.", valueName: "name"))
  var ignoreLabel: [String] = []

  @Flag(help: "Any number of labels a row, whatever the rows have.")
  var multi = false

  @Flag(help: "One label a row; a row with another number of them is an error.")
  var single = false

  @Option(help: ArgumentHelp("Labels of sets of them hold from here on.", valueName: "score"))
  var threshold: Float = 0.5

  @Option(
    name: [.customLong("template"), .customLong("label-template")],
    help: ArgumentHelp(
      "A sentence around each label, for the model only: \"This text is about {}.\"",
      valueName: "sentence"))
  var template: String?

  @Flag(help: "Lowercase labels for the model.")
  var lowercaseLabels = false

  @Option(help: ArgumentHelp("A description of the task, read with the text.", valueName: "text"))
  var prompt: String?

  @Option(help: ArgumentHelp("What to do with a text that does not fit.", valueName: "how"))
  var long: LongText = .truncate

  @Option(
    help: ArgumentHelp(
      "The most tokens of one sequence, labels included. Default: 1024, or the model's context.",
      valueName: "count"))
  var maxTokens: Int?

  @Option(
    help: ArgumentHelp(
      "Labels that do not fit together: off is an error; fit reads them in chunks; a number "
        + "always reads so many together.", valueName: "off|fit|count"))
  var labelChunks: ChunkChoice = .off

  @Option(
    help: ArgumentHelp(
      "Score in so many orders of the labels and take the mean.", valueName: "count"))
  var orderAverage = 1

  @Flag(help: "A line for each label besides.")
  var perLabel = false

  @OptionGroup(title: "What is measured") var options: EvalOptions

  func validate() throws {
    if sets.isEmpty { throw ValidationError("a set is needed: a file of labelled rows") }
    if single, multi { throw ValidationError("--single and --multi are two kinds: give one") }
    if !(0...1).contains(threshold) {
      throw ValidationError("--threshold should be a number from 0 to 1, found \(threshold)")
    }
    if template?.contains("{}") == false {
      throw ValidationError("--template needs a {} where the label goes")
    }
    try TokenLimit.validate(maxTokens)
    if !(1...OrderAverage.limit).contains(orderAverage) {
      throw ValidationError(
        "--order-average should be from 1 to \(OrderAverage.limit), found \(orderAverage)")
    }
    let readers = [labels.file, labelNames].compactMap { $0 } + sets
    if readers.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("standard input can be read once: only one file may be -")
    }
    if sets.contains("-"), options.precision.values.count > 1 {
      throw ValidationError("standard input can be read once, by one precision")
    }
  }

  func run(in console: Console) throws(CommandError) {
    var run = try EvalClassifyRun(self, console: console)
    try run.run()
  }

  func request(_ text: String, _ labels: [Label], _ kind: LabelKind) -> ClassificationRequest {
    ClassificationRequest(
      text: text, labels: labels,
      options: ClassificationOptions(
        mode: kind == .single ? .singleLabel : .multiLabel, prompt: prompt, longText: long,
        maxTokens: maxTokens,
        phrasing: LabelPhrasing(template: template, lowercased: lowercaseLabels),
        orders: OrderAverage(count: orderAverage), labelChunks: labelChunks.chunks))
  }
}
