// The options that say how labels are read, scored and chosen from.

import ArgumentParser
import Gliss

/// `--label-chunks`: off, fit, or a number of labels.
enum ChunkChoice: ExpressibleByArgument, Equatable {
  case off, fit
  case count(Int)

  init?(argument: String) {
    switch argument {
    case "off": self = .off
    case "fit": self = .fit
    default:
      guard let count = Int(argument), count > 0 else { return nil }
      self = .count(count)
    }
  }

  var chunks: LabelChunks {
    switch self {
    case .off: .none
    case .fit: .fit
    case .count(let count): .count(count)
    }
  }
}

/// `--label-threshold`: a label's full name and its threshold, `refund=0.7`.
struct LabelThreshold: ExpressibleByArgument, Equatable {
  let label: String
  let threshold: Float

  /// The last `=` parts the two: names may hold others.
  init?(argument: String) {
    guard let mark = argument.lastIndex(of: "="), mark > argument.startIndex,
      let threshold = Float(argument[argument.index(after: mark)...]), (0...1).contains(threshold)
    else { return nil }
    (label, self.threshold) = (String(argument[..<mark]), threshold)
  }
}

/// `--window-characters`: `8192/256`, or `8192` for windows that share nothing.
struct CharacterWindowChoice: ExpressibleByArgument, Equatable {
  let size: Int
  let overlap: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(parts.count), let size = parts[0], size > 0,
      let overlap = parts.count == 2 ? parts[1] : 0, (0..<size).contains(overlap)
    else { return nil }
    (self.size, self.overlap) = (size, overlap)
  }
}

/// How the nested labels of a result are written to JSON.
enum TreeOutput: String, ExpressibleByArgument, CaseIterable {
  /// `{"topic": {"price": 0.9}}`: every label's score, as the Python package returns it.
  case scores
  /// `[{"name": "topic", "score": 0.9, "children": [...]}]`: groups' scores and logits too.
  case nodes
}

struct PipelineOptions: ParsableArguments {
  @Option(
    name: [.customLong("label-template"), .customLong("template")],
    help: ArgumentHelp(
      "A sentence around each label, for the model only: \"This text is about {}.\" The {} is the "
        + "label. NLI models need one.", valueName: "sentence"))
  var labelTemplate: String?

  @Option(
    help: ArgumentHelp(
      "What joins the names of a label in groups: topic.price.", valueName: "text"))
  var labelSeparator = "."

  @Flag(help: "Lowercase labels for the model, as the published scores of 2025 were made.")
  var lowercaseLabels = false

  @Flag(help: "Lowercase texts for the model.")
  var lowercaseTexts = false

  @Option(
    help: ArgumentHelp(
      "A label's own threshold, by its full name; repeat it. It goes before --threshold.",
      valueName: "label=score"))
  var labelThreshold: [LabelThreshold] = []

  @Option(
    help: ArgumentHelp(
      "At least so many labels, where there are as many: the best come even below the threshold.",
      valueName: "count"))
  var minLabels = 0

  @Option(
    help: ArgumentHelp(
      "When no label reaches its threshold, answer this name, with 1 minus the best score.",
      valueName: "name"))
  var none: String?

  @Option(
    help: ArgumentHelp(
      "Have the model read one more label, such as \"none of these\": the answer when it scores "
        + "highest, or when no other label reaches its threshold.", valueName: "label"))
  var noneLabel: String?

  @Flag(help: "The answer in label order, as the Python package gives it, not best first.")
  var keepOrder = false

  @Flag(help: "One label of every group: softmax over the labels of each group.")
  var onePerGroup = false

  @Flag(help: "Have the model score groups as labels too; --tree nodes shows their scores.")
  var scoreGroups = false

  @Option(
    help: ArgumentHelp(
      "With --score-groups: lower-children lets no label score above its group, raise-parents no "
        + "group below its labels.", valueName: "rule"))
  var consistency: TreeConsistency = .none

  @Option(
    help: ArgumentHelp(
      "JSON output gains \"tree\": scores ({\"topic\": {\"price\": 0.9}}) or nodes (groups' scores "
        + "too).", valueName: "form"))
  var tree: TreeOutput?

  @Option(
    help: ArgumentHelp(
      "Score in so many orders of the labels and take the mean: steadier, and so many times the "
        + "work. JSON output gains each label's \"spread\", its highest logit minus its lowest.",
      valueName: "count"))
  var orderAverage = 1

  @Option(help: ArgumentHelp("What the orders are drawn from.", valueName: "number"))
  var orderSeed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Labels that do not fit together: off is an error; fit reads them in chunks; a number "
        + "always reads so many together. Scores of different chunks compare only roughly.",
      valueName: "off|fit|count"))
  var labelChunks: ChunkChoice = .off

  @Option(
    help: ArgumentHelp(
      "Windows of characters, as the Python package cuts them (8192/256): the size, and how many "
        + "neighbours share.", valueName: "size/overlap"))
  var windowCharacters: CharacterWindowChoice?

  func validate() throws {
    if labelTemplate?.contains("{}") == false {
      throw ValidationError("--label-template needs a {} where the label goes")
    }
    if none != nil, noneLabel != nil {
      throw ValidationError("--none is a rule, --none-label a label: give one of them")
    }
    if minLabels < 0 {
      throw ValidationError("--min-labels should not be negative, found \(minLabels)")
    }
    if minLabels > 0, none ?? noneLabel != nil {
      throw ValidationError("--min-labels leaves no room for none of them: give one of the two")
    }
    if noneLabel != nil, onePerGroup {
      throw ValidationError(
        "--none-label is one label, --one-per-group has a choice in every group: put a label for "
          + "none into each group, or use --none")
    }
    if !(1...OrderAverage.limit).contains(orderAverage) {
      throw ValidationError(
        "--order-average should be from 1 to \(OrderAverage.limit), found \(orderAverage)")
    }
    if consistency != .none, !scoreGroups {
      throw ValidationError("--consistency is about scored groups: add --score-groups")
    }
  }

  /// Puts the options into those of a request.
  func set(_ options: inout ClassificationOptions, topK: Int?) {
    if onePerGroup { options.mode = .perGroup }
    options.phrasing = LabelPhrasing(
      template: labelTemplate, separator: labelSeparator, lowercased: lowercaseLabels)
    options.selection = Selection(
      minimum: minLabels, maximum: topK,
      none: none.map { .whenNothingHolds(name: $0) } ?? noneLabel.map { .label($0) },
      keepsLabelOrder: keepOrder)
    options.tree = TreeScoring(scoresGroups: scoreGroups, consistency: consistency)
    options.orders = OrderAverage(count: orderAverage, seed: orderSeed)
    options.labelChunks = labelChunks.chunks
    options.characterWindows = windowCharacters.map {
      CharacterWindows(size: $0.size, overlap: $0.overlap)
    }
    options.lowercasesText = lowercaseTexts
  }

  /// Labels with the thresholds of `--label-threshold`, and the names that are none of them.
  func withThresholds(_ labels: [Label]) throws(GlissError) -> (labels: [Label], unknown: [String])
  {
    guard !labelThreshold.isEmpty else { return (labels, []) }
    var names = Dictionary(
      labelThreshold.map { ($0.label, $0.threshold) }, uniquingKeysWith: { $1 })
    let changed = try apply(&names, to: labels, prefix: nil)
    return (changed, labelThreshold.map(\.label).filter { names[$0] != nil })
  }

  /// Takes the names it finds out of `names`.
  private func apply(
    _ names: inout [String: Float], to labels: [Label], prefix: String?
  ) throws(GlissError) -> [Label] {
    var changed: [Label] = []
    changed.reserveCapacity(labels.count)
    for label in labels {
      let name = prefix.map { $0 + labelSeparator + label.name } ?? label.name
      let threshold = names.removeValue(forKey: name) ?? label.threshold
      guard label.isGroup else {
        changed.append(Label(label.name, description: label.description, threshold: threshold))
        continue
      }
      changed.append(
        try Label(
          label.name, description: label.description, threshold: threshold,
          children: try apply(&names, to: label.children, prefix: name)))
    }
    return changed
  }
}
