// A request's labels, checked and laid flat: what the model is asked and how the answers nest.

/// Labels and groups of one request, in order, every group before what is in it.
struct LabelSet: Sendable {
  /// A label that gets a score.
  struct Leaf: Sendable {
    /// The full name.
    let label: String
    /// The last level of it.
    let name: String
    /// The levels above, outermost first; empty outside groups. Shared by neighbours.
    let groups: [String]
    let description: String?
    /// Its own, or that of the innermost group that has one.
    let threshold: Float?
    /// The innermost group, as an index of `groups`; -1 outside groups.
    let parent: Int
  }

  struct Group: Sendable {
    let label: String
    let name: String
    let description: String?
    /// An index of `groups`; -1 for the outermost.
    let parent: Int
  }

  /// What is in a group, in order.
  enum Member: Sendable {
    case leaf(Int)
    case group(Int)
  }

  private(set) var leaves: [Leaf] = []
  private(set) var groups: [Group] = []
  /// Of every group; the last array is the outermost level.
  private(set) var members: [[Member]] = []

  /// The most labels of one request.
  static let countLimit = 1 << 20
  /// The most bytes that joining names, or filling templates, may make.
  static let byteLimit = 64 << 20

  /// The members of a group, or with -1 of the outermost level.
  func members(of group: Int) -> [Member] { members[group < 0 ? groups.count : group] }

  init(_ labels: [Label], separator: String) throws(GlissError) {
    let count = labels.reduce(0) { $0.addingReportingOverflow($1.leafCount).partialValue }
    guard count > 0 else {
      throw GlissError(
        .data, "the list of labels is empty", field: "labels", expected: "at least one label",
        found: "none")
    }
    guard count <= Self.countLimit else {
      throw GlissError(
        .data, "\(count) labels, the limit is \(Self.countLimit)", field: "labels",
        expected: "at most \(Self.countLimit)", found: "\(count)")
    }
    var builder = Builder(separator: separator)
    builder.leaves.reserveCapacity(count)
    let top = try builder.add(
      labels, parent: -1, prefix: "", path: [], threshold: nil, field: "labels")
    (leaves, groups) = (builder.leaves, builder.groups)
    members = builder.members + [top]
  }
}

extension LabelSet {
  private struct Builder {
    let separator: String
    var leaves: [Leaf] = []
    var groups: [Group] = []
    var members: [[Member]] = []
    private var names: Set<String> = []
    private var joinedBytes = 0

    init(separator: String) { self.separator = separator }

    /// Recursion is as deep as the tree, at most `Label.depthLimit`.
    mutating func add(
      _ labels: [Label], parent: Int, prefix: String, path: [String], threshold: Float?,
      field: String
    ) throws(GlissError) -> [Member] {
      var found: [Member] = []
      found.reserveCapacity(labels.count)
      for (index, label) in labels.enumerated() {
        let place = { "\(field)[\(index)]" }
        let full = try join(prefix, label.name, isTop: parent < 0, place)
        try check(label, full, index, labels.count, place)
        let bar = label.threshold ?? threshold
        guard label.isGroup else {
          found.append(.leaf(leaves.count))
          leaves.append(
            Leaf(
              label: full, name: label.name, groups: path, description: label.description,
              threshold: bar, parent: parent))
          continue
        }
        let group = groups.count
        found.append(.group(group))
        groups.append(
          Group(label: full, name: label.name, description: label.description, parent: parent))
        members.append([])
        members[group] = try add(
          label.children, parent: group, prefix: full, path: path + [label.name], threshold: bar,
          field: place() + ".children")
      }
      return found
    }

    private mutating func join(
      _ prefix: String, _ name: String, isTop: Bool, _ place: () -> String
    ) throws(GlissError) -> String {
      if isTop { return name }
      joinedBytes += prefix.utf8.count + separator.utf8.count + name.utf8.count
      guard joinedBytes <= LabelSet.byteLimit else {
        throw GlissError(
          .data, "the full names of the labels are longer than \(LabelSet.byteLimit) bytes in all",
          field: place(), expected: "shorter names of groups",
          found: "more than \(LabelSet.byteLimit) bytes")
      }
      return prefix + separator + name
    }

    private mutating func check(
      _ label: Label, _ full: String, _ index: Int, _ count: Int, _ place: () -> String
    ) throws(GlissError) {
      guard !label.name.isEmpty else {
        throw GlissError(
          .data, "label \(index + 1) of \(count) is empty", field: place(), expected: "a label",
          found: "\"\"")
      }
      guard names.insert(full).inserted else {
        throw GlissError(
          .data, "the label \(GlissError.quoted(full)) is given twice", field: place(),
          expected: "a label that is not in the list yet", found: GlissError.excerpt(full))
      }
      if let threshold = label.threshold, !(0...1).contains(threshold) {
        throw GlissError(
          .data,
          "the threshold of label \(GlissError.quoted(full)) should be a number from 0 to 1, "
            + "found \(threshold)",
          field: place() + ".threshold", expected: "a number from 0 to 1", found: "\(threshold)")
      }
      if label.description == "" {
        throw GlissError(
          .data, "the description of label \(GlissError.quoted(full)) is empty",
          field: place() + ".description", expected: "some words, or none at all", found: "\"\"")
      }
    }
  }
}

extension GlissError {
  /// At most 60 characters of a string that may be megabytes long.
  static func excerpt(_ text: String) -> String {
    text.utf8.count <= 80 ? text : String(text.unicodeScalars.prefix(60)) + "..."
  }

  static func quoted(_ text: String) -> String { "\"\(excerpt(text))\"" }
}
