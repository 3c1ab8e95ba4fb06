// What label plans are told apart by.

/// All of a request that its label plan depends on, as bytes. Swift's == for strings would take
/// canonically equivalent ones for equal, and those may have different tokens.
struct LabelPlanKey: Equatable {
  private var bytes: [UInt8] = []

  init(_ request: ClassificationRequest) {
    let options = request.options
    add(request.labels)
    add(options.phrasing.template)
    add(options.phrasing.separator)
    add(options.phrasing.lowercased ? 1 : 0)
    add(options.tree.scoresGroups ? 1 : 0)
    add(options.orders.count)
    add(Int(bitPattern: UInt(options.orders.seed)))
    switch options.selection.none {
    case nil: add(0)
    case .whenNothingHolds: add(1)
    case .label: add(2)
    }
    add(options.selection.none?.name)
    switch options.labelChunks {
    case .none: add(-1)
    case .count(let count): add(count)
    case .fit:
      // The cuts depend on what else is in the sequence.
      add(-2)
      add(options.prompt)
      add(options.examples.count)
      for example in options.examples {
        add(example.text)
        add(example.labels.count)
        for label in example.labels { add(label) }
      }
      add(options.maxTokens ?? -1)
      add(options.longText == .error ? 0 : 1)
    }
    add(options.promptSafety == .safe ? 0 : 1)
  }

  /// Recursion is as deep as the tree, at most `Label.depthLimit`.
  private mutating func add(_ labels: [Label]) {
    add(labels.count)
    for label in labels {
      add(label.name)
      add(label.description)
      add(label.threshold.map { Int($0.bitPattern) } ?? -1)
      add(label.children)
    }
  }

  private mutating func add(_ text: String?) {
    add(text?.utf8.count ?? -1)
    if let text { bytes.append(contentsOf: text.utf8) }
  }

  private mutating func add(_ number: Int) {
    withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
  }
}
