// `gliss eval classify` at work: every set through every precision, a line each.

import Gliss
import Learning
import StrictJSON

struct EvalClassifyRun: ~Copyable {
  private let command: EvalClassifyCommand
  private let console: Console
  private let asked: [Label]?
  private let names: [String: String]?
  private var output: EvalOutput

  /// A set, its labels, and what the model reads for them.
  private struct Task {
    let path: String
    let labels: SetLabels
    let shown: [Label]

    var name: String { EvalPath.name(path) }
  }

  /// A row, and its labels as the set numbers them.
  private struct Row: MeasuredRow {
    let location: RowLocation
    let text: String
    let truth: [Int]
  }

  /// Reads everything but the rows before a model is loaded.
  init(_ command: EvalClassifyCommand, console: Console) throws(CommandError) {
    let asked = try command.labels.labels(console: console)
    if let group = asked?.first(where: \.isGroup) {
      throw .usage("sets are measured on labels, and \(group.name) is a group of them")
    }
    let names = try command.labelNames.map { (path) throws(CommandError) in
      try LabelNames.table(path, console: console)
    }
    _ = try InputCheck.totalByteCount(
      of: command.sets.map { $0 == "-" ? .standardInput : .file($0) }, console: console)
    (self.command, self.console, self.asked, self.names) = (command, console, asked, names)
    output = EvalOutput(json: command.options.json, console: console)
  }

  mutating func run() throws(CommandError) {
    var tasks: [Task] = []
    for path in command.sets { tasks.append(try task(path)) }
    var references: [ClassificationScore] = []
    for (place, choice) in command.options.choices.enumerated() {
      let scorer = try console.loadMeasured(choice)
      try TokenLimit.check(command.maxTokens, context: scorer.contextLength)
      let precision = EvalPath.precision(scorer, choice)
      var means: [Double] = []
      for (index, task) in tasks.enumerated() {
        let (score, seconds) = try measure(task, scorer)
        var line: [BenchField]
        do throws(GlissError) {
          line = try fields(task, score, precision, seconds)
          if command.options.choices.count > 1 {
            line += try Self.difference(score, from: place == 0 ? score : references[index])
          }
        } catch {
          throw CommandError(error)
        }
        try output.append(line)
        if command.perLabel {
          let words = task.shown.map(\.name)
          for line in score.labelFields(task.name, words: words) { try output.append(line) }
        }
        if place == 0 { references.append(score) }
        if task.labels.kind == .single { means.append(score.evaluation.f1(.macro)) }
      }
      if means.count > 1 { try output.append(Self.mean(means, precision)) }
    }
  }

  private func task(_ path: String) throws(CommandError) -> Task {
    let ignored = Set(command.ignoreLabel)
    let told: LabelKind? = command.multi ? .multiple : command.single ? .single : nil
    let labels: SetLabels
    if let asked, path == "-" || told != nil {
      labels = SetLabels(
        asked.map(\.name), kind: told ?? (ignored.isEmpty ? .single : .multiple), ignored: ignored)
    } else if path == "-" {
      throw .usage(
        "the labels of standard input are not known before it is read: --labels-file FILE")
    } else {
      let found = try SetLabels(readingFrom: path, ignored: ignored, console: console)
      labels = SetLabels(
        asked?.map(\.name) ?? found.names, kind: told ?? found.kind, ignored: ignored)
    }
    let words = LabelNames.words(for: labels.names, table: names)
    let shown = words.enumerated().map { index, name in
      Label(name, description: asked?[index].description)
    }
    do throws(GlissError) {
      _ = try Label.fullNames(shown)
    } catch {
      throw .malformed(path: path, error.message)
    }
    return Task(path: path, labels: labels, shown: shown)
  }

  private func measure(
    _ task: Task, _ scorer: any TextScorer
  ) throws(CommandError) -> (score: ClassificationScore, seconds: Double) {
    var score = try CommandError.wrapping { () throws(GlissError) in
      try ClassificationScore(task.labels, threshold: command.threshold)
    }
    let pass = EvalPass(path: task.path, options: command.options, console: console)
    let seconds = try pass.run { (row) throws(CommandError) in
      let row = try LabelledRow.read(row)
      return Row(location: row.location, text: row.text, truth: try task.labels.truth(of: row))
    } answers: { rows in
      scorer.outcomes(of: rows.map { command.request($0.text, task.shown, task.labels.kind) })
    } add: { (result, row) throws(GlissError) in
      try score.add(result, truth: row.truth)
    }
    return (score, seconds)
  }

  private func fields(
    _ task: Task, _ score: ClassificationScore, _ precision: String, _ seconds: Double
  ) throws(GlissError) -> [BenchField] {
    let rowCount = score.evaluation.rowCount
    return [
      BenchField("set", .left("set", 34), task.name),
      BenchField("precision", .left("type", 4), precision),
      BenchField("rows", .right("rows", 6), rowCount),
      BenchField("labels", .right("labels", 6), task.labels.names.count),
    ] + (try score.fields()) + [
      .rate(rowCount, seconds),
      BenchField("kind", JSON(task.labels.kind.rawValue)),
      BenchField("template", command.template.map { JSON($0) } ?? .null),
      BenchField("tokens", JSON(score.tokenCount)),
      BenchField("truncated_rows", JSON(score.truncatedCount)),
      BenchField("version", JSON(Version.text)),
    ]
  }

  private static func difference(
    _ score: ClassificationScore, from reference: ClassificationScore
  ) throws(GlissError) -> [BenchField] {
    let difference = try AnswerDifference(
      logits: (reference.logits, score.logits), decisions: (reference.decisions, score.decisions))
    return [
      .metric("largest_logit_difference", "max |dlogit|", Double(difference.largestDifference)),
      BenchField("flipped", .right("flipped", 7), difference.flippedCount),
      .metric("mean_logit_difference", difference.meanDifference),
      BenchField("decisions", JSON(difference.decisionCount)),
    ]
  }

  private static func mean(_ values: [Double], _ precision: String) -> [BenchField] {
    [
      BenchField("mean_of", .left("mean of", 34), "\(values.count) sets"),
      BenchField("precision", .left("type", 4), precision),
      .metric("macro_f1", "macro-F1", values.reduce(0, +) / Double(values.count)),
    ]
  }
}

/// How files and models are called in an evaluation.
enum EvalPath {
  /// The file's own name without its endings.
  static func name(_ path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    for ending in [".gz", ".jsonl", ".json"] where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }

  /// What the model computes in, where it says so.
  static func precision(_ scorer: any TextScorer, _ choice: ModelChoice) -> String {
    (scorer.precision ?? choice.options.precision).rawValue
  }
}

extension ExitStatus {
  /// That of the library's error.
  init(_ error: GlissError) {
    self = ExitStatus(rawValue: error.exitStatus) ?? .data
  }
}
