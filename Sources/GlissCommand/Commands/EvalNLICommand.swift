// `gliss eval nli`: does the premise say the hypothesis?

import ArgumentParser
import Gliss
import Learning
import StrictJSON

struct EvalNLICommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "nli",
    abstract: "Measure entailment: does the premise say the hypothesis?",
    discussion: """
        gliss eval nli rte_dev.jsonl.gz scifact_dev.jsonl.gz
        gliss eval nli snli_test.jsonl.gz --template "This text says: {}"

      A set is JSON lines {"premise", "hypothesis", "label"}; gzip is unpacked. A row counts as \
      true where its label is the one of --entailment (whatever other labels there are: neutral \
      and contradiction are both not entailed), and the model says so where the hypothesis scores \
      at or above --threshold. Given are accuracy, beside that of the more frequent answer, the F1 \
      of entailment, at the best threshold too, average precision, and the expected calibration \
      error.

      A GLiClass model reads the premise as the text and the hypothesis as its only label; a \
      sentence encoder compares the two, and a reranker with one output reads the hypothesis as the \
      query. A pairwise NLI model reads the pair, and its score is the softmax over its labels. If it has more than two, and the rows' labels are among them, whatever \
      their case, accuracy and macro-F1 over all of them are given too.

      \(ExitStatus.explanation)
      """
  )

  @Argument(
    help: ArgumentHelp("The sets; - reads standard input.", valueName: "file"),
    completion: .file())
  var sets: [String]

  @Option(help: ArgumentHelp("What rows call entailment.", valueName: "label"))
  var entailment = "entailment"

  @Option(help: ArgumentHelp("Hypotheses hold from here on.", valueName: "score"))
  var threshold: Float = 0.5

  @Option(
    name: [.customLong("template"), .customLong("label-template")],
    help: ArgumentHelp("A sentence around each hypothesis.", valueName: "sentence"))
  var template: String?

  @Option(
    help: ArgumentHelp(
      "The most tokens of one sequence; premises are cut. Default: 1024, or the model's context.",
      valueName: "count"))
  var maxTokens: Int?

  @OptionGroup(title: "What is measured") var options: EvalOptions

  func validate() throws {
    if sets.isEmpty { throw ValidationError("a set is needed: a file of labelled rows") }
    if !(0...1).contains(threshold) {
      throw ValidationError("--threshold should be a number from 0 to 1, found \(threshold)")
    }
    if template?.contains("{}") == false {
      throw ValidationError("--template needs a {} where the hypothesis goes")
    }
    try TokenLimit.validate(maxTokens)
    if sets.filter({ $0 == "-" }).count * max(1, options.precision.values.count) > 1 {
      throw ValidationError("standard input can be read once")
    }
  }

  func run(in console: Console) throws(CommandError) {
    _ = try InputCheck.totalByteCount(
      of: sets.map { $0 == "-" ? .standardInput : .file($0) }, console: console)
    var output = EvalOutput(json: options.json, console: console)
    for choice in options.choices {
      let judge = try console.loadJudge(choice)
      try TokenLimit.check(maxTokens, context: judge.scorer.contextLength)
      for path in sets {
        let (score, seconds) = try measure(path, judge, console)
        let numbers = try CommandError.wrapping { () throws(GlissError) in try score.fields() }
        try output.append(
          [
            BenchField("set", .left("set", 34), EvalPath.name(path)),
            BenchField(
              "precision", .left("type", 4), EvalPath.precision(judge.scorer, choice)),
            BenchField("rows", .right("rows", 6), score.answers.rowCount),
          ] + numbers + [
            .rate(score.answers.rowCount, seconds),
            .metric("threshold", Double(threshold)),
            BenchField("template", template.map { JSON($0) } ?? .null),
            BenchField("truncated_rows", JSON(score.truncatedCount)),
            BenchField("version", JSON(Version.text)),
          ])
      }
    }
  }

  private func measure(
    _ path: String, _ judge: PairJudge, _ console: Console
  ) throws(CommandError) -> (score: NLIScore, seconds: Double) {
    var score = try CommandError.wrapping { () throws(GlissError) in
      try NLIScore(threshold, labels: judge.labels)
    }
    let pass = EvalPass(path: path, options: options, console: console)
    let seconds = try pass.run { (row) throws(CommandError) in
      do throws(RowError) {
        return try NLIRow(row, entailment: entailment)
      } catch {
        throw .row(error)
      }
    } answers: {
      answers(of: judge, to: $0)
    } add: { (answer, row) throws(GlissError) in
      try score.add(answer, to: row)
    }
    return (score, seconds)
  }

  private func answers(
    of judge: PairJudge, to rows: [NLIRow]
  ) -> [Result<NLIAnswer, GlissError>] {
    switch judge {
    case .labels(let scorer):
      return scorer.outcomes(of: rows.map(request)).map { outcome in
        outcome.map { NLIAnswer(score: $0.scores[0].score, isTruncated: $0.truncated > 0) }
      }
    case .pairs(let classifier):
      // As Classifier's: premises are cut.
      let usual = LongText.truncate.usualLimit(classifier.encoder.model.contextLength)
      let pairs = rows.map { row in
        TextPair(row.premise, template?.replacing("{}", with: row.hypothesis) ?? row.hypothesis)
      }
      let outcomes = classifier.judge(
        pairs, options: PairOptions(longPair: .truncateFirst, maxTokens: maxTokens ?? usual))
      return outcomes.map { outcome in
        outcome.map {
          NLIAnswer(
            score: $0.scores[classifier.entailment], isTruncated: $0.truncated > 0, best: $0.best)
        }
      }
    }
  }

  private func request(_ row: NLIRow) -> ClassificationRequest {
    ClassificationRequest(
      text: row.premise, labels: [Label(row.hypothesis)],
      options: ClassificationOptions(
        longText: .truncate, maxTokens: maxTokens, phrasing: LabelPhrasing(template: template)))
  }
}

extension PairJudge {
  fileprivate var scorer: any TextScorer {
    switch self {
    case .labels(let scorer): scorer
    case .pairs(let classifier): classifier
    }
  }

  /// Its own labels, where it has several.
  fileprivate var labels: [String] {
    switch self {
    case .labels: []
    case .pairs(let classifier): classifier.encoder.labels
    }
  }
}
