// Everything about a request's labels that does not depend on its text: what the model reads, in
// which orders, in which chunks. Requests with the same labels and options share one.

internal import GLiClass

/// What gets a logit: the labels, then the explicit label for none, then groups if they are scored.
struct LabelTargets: Sendable {
  let set: LabelSet
  let count: Int
  let noneTarget: Int?
  /// Nil if groups are not scored.
  let firstGroupTarget: Int?

  init(_ set: LabelSet, none: NoneOfThese?, scoresGroups: Bool) {
    self.set = set
    var count = set.leaves.count
    if case .label? = none {
      noneTarget = count
      count += 1
    } else {
      noneTarget = nil
    }
    firstGroupTarget = scoresGroups && !set.groups.isEmpty ? count : nil
    self.count = firstGroupTarget == nil ? count : count + set.groups.count
  }

  /// Targets as they are first read: a group before what is in it, none last.
  var reading: [Int] {
    var targets: [Int] = []
    targets.reserveCapacity(count)
    func add(_ members: [LabelSet.Member]) {
      for member in members {
        switch member {
        case .leaf(let leaf): targets.append(leaf)
        case .group(let group):
          if let firstGroupTarget { targets.append(firstGroupTarget + group) }
          add(set.members(of: group))
        }
      }
    }
    add(set.members(of: -1))
    if let noneTarget { targets.append(noneTarget) }
    return targets
  }
}

/// Labels that are read together, in the order they are read.
struct LabelPass {
  /// What each logit belongs to.
  let targets: [Int]
  /// What the model reads for each.
  let phrases: [String]
  /// Which of the orders it belongs to.
  let order: Int
  /// Keeps the ids of the labels from text to text.
  var cache = PromptCache()
}

struct LabelPlan {
  let targets: LabelTargets
  let orderCount: Int
  /// One pass an order.
  private(set) var whole: [LabelPass]
  /// Several passes an order, once they are needed.
  private(set) var chunked: [LabelPass] = []
  private let key: LabelPlanKey
  private let chunks: LabelChunks
  private let phrases: [String]
  private let orders: [[Int]]
  /// What `LabelChunks.fit` needs to know, counted once.
  private var tokens: (labels: [Int], all: Int, around: Int)?

  init(_ request: ClassificationRequest) throws(GlissError) {
    let options = request.options
    let (phrasing, none) = (options.phrasing, options.selection.none)
    let set = try LabelSet(request.labels, separator: phrasing.separator)
    try none?.validate(among: set)
    targets = LabelTargets(set, none: none, scoresGroups: options.tree.scoresGroups)
    try options.orders.validate(labelCount: targets.count)
    var phrases = try phrasing.phrases(set.leaves.map { ($0.label, $0.description) })
    if targets.noneTarget != nil, let none { phrases.append(none.name) }
    if targets.firstGroupTarget != nil {
      phrases += try phrasing.phrases(set.groups.map { ($0.label, $0.description) })
    }
    let reading = targets.reading
    orders = options.orders.orders(of: targets.count).map { $0.map { reading[$0] } }
    orderCount = orders.count
    whole = orders.enumerated().map { index, order in
      LabelPass(targets: order, phrases: order.map { phrases[$0] }, order: index)
    }
    self.phrases = phrases
    chunks = options.labelChunks
    key = LabelPlanKey(request)
  }

  /// Whether this is the plan of another request too.
  func serves(_ request: ClassificationRequest) -> Bool { key == LabelPlanKey(request) }

  /// What each logit of a pass belongs to, and the order it is part of.
  func targets(of pass: Int, chunked isChunked: Bool) -> (targets: [Int], order: Int) {
    let pass = isChunked ? chunked[pass] : whole[pass]
    return (pass.targets, pass.order)
  }

  /// What the model reads for each label of a pass.
  func phrases(of pass: Int, chunked isChunked: Bool) -> [String] {
    isChunked ? chunked[pass].phrases : whole[pass].phrases
  }

  /// The prompt of one pass over a text, its label ids from the pass's cache.
  mutating func prepare(
    _ pass: Int, chunked isChunked: Bool, _ input: PromptInput, _ model: GLiClassModel,
    limit: Int, _ policy: LongTextPolicy
  ) throws(GLiClassError) -> PreparedPrompt {
    try isChunked
      ? model.prepare(input, limit: limit, policy: policy, cache: &chunked[pass].cache)
      : model.prepare(input, limit: limit, policy: policy, cache: &whole[pass].cache)
  }

  /// Whether a text's labels are read in chunks, and the cutting, once, if they are.
  ///
  /// - Parameters:
  ///   - input: The prompt, whatever its labels.
  ///   - limit: The most tokens of one sequence.
  mutating func readsChunks(
    _ input: PromptInput, _ model: GLiClassModel, limit: Int
  ) throws(GlissError) -> Bool {
    switch chunks {
    case .none: return false
    case .count(let count):
      if count >= targets.count { return false }
      if chunked.isEmpty {
        let starts = stride(from: 0, to: targets.count, by: count)
        let ranges = starts.map { $0..<min($0 + count, targets.count) }
        for order in orders.indices { cut(order, ranges) }
      }
      return true
    case .fit:
      return try GlissError.of { () throws(GLiClassError) in
        try readsFittingChunks(input, model, limit: limit)
      }
    }
  }

  private mutating func readsFittingChunks(
    _ input: PromptInput, _ model: GLiClassModel, limit: Int
  ) throws(GLiClassError) -> Bool {
    let counts: (labels: [Int], all: Int, around: Int)
    if let tokens {
      counts = tokens
    } else {
      let labels = try model.tokenCounts(ofLabels: phrases, input)
      counts = (labels, labels.reduce(0, +), try model.tokenCount(around: input))
      tokens = counts
    }
    let most = model.labelLimit ?? .max
    let room = max(0, limit - counts.around)
    if targets.count <= most {
      if counts.all <= room / 2 { return false }
      if counts.all < room, counts.all + (try model.tokenCount(ofText: input)) <= room {
        return false
      }
    }
    if chunked.isEmpty {
      for (index, order) in orders.enumerated() {
        let ordered = order.map { counts.labels[$0] }
        cut(index, LabelChunks.ranges(tokens: ordered, budget: room / 2, most: most))
      }
    }
    return true
  }

  private mutating func cut(_ order: Int, _ ranges: [Range<Int>]) {
    for range in ranges {
      let targets = Array(orders[order][range])
      chunked.append(
        LabelPass(targets: targets, phrases: targets.map { phrases[$0] }, order: order))
    }
  }
}

extension NoneOfThese {
  func validate(among set: LabelSet) throws(GlissError) {
    guard !name.isEmpty else {
      throw GlissError(
        .usage, "the name for none of the labels is empty", field: "none", expected: "a name",
        found: "\"\"")
    }
    let isTaken =
      set.leaves.contains { $0.label == name } || set.groups.contains { $0.label == name }
    guard !isTaken else {
      throw GlissError(
        .data, "the name for none, \(GlissError.quoted(name)), is one of the labels",
        field: "none", expected: "another name", found: GlissError.excerpt(name))
    }
  }
}
