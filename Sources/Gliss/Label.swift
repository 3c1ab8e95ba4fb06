// A label, or a group of labels: what a text is scored against.

/// A label with what goes with it, or a group of labels.
///
/// ```swift
/// let labels: [Label] = [
///   "praise",
///   Label("refund", description: "the customer wants money back", threshold: 0.7),
///   try Label("topic", children: ["delivery", "price", "quality"]),
/// ]
/// ```
///
/// A label in groups has a name of its own and a full name, the names from the outermost group to
/// itself joined by ``LabelPhrasing/separator``: `topic.price`. Groups can be nested
/// ``depthLimit`` deep.
public struct Label: Sendable, Hashable {
  /// Its own name; results carry it, never a template's or description's words.
  public var name: String
  /// What the label means, in words. The model reads `name: description`.
  public var description: String?
  /// The score (0...1) from which on the label holds, in place of the request's threshold; of a
  /// group, for the labels in it that have none.
  public var threshold: Float?
  /// The labels and groups of this group; empty for a label.
  public let children: [Label]
  /// Labels in it; 1 for a label.
  let leafCount: Int
  /// Levels of groups above its deepest label; 0 for a label.
  let height: Int

  /// The most levels of a label's full name.
  public static let depthLimit = 64

  /// Makes a label.
  public init(_ name: String, description: String? = nil, threshold: Float? = nil) {
    (self.name, self.description, self.threshold) = (name, description, threshold)
    (children, leafCount, height) = ([], 1, 0)
  }

  /// Makes a group.
  ///
  /// - Throws: ``GlissError`` if it holds nothing, or if a full name would have more than
  ///   ``depthLimit`` levels: no deeper tree can be built.
  public init(
    _ name: String, description: String? = nil, threshold: Float? = nil, children: [Label]
  ) throws(GlissError) {
    guard !children.isEmpty else {
      throw GlissError(
        .data, "the group \(GlissError.quoted(name)) is empty", field: "labels",
        expected: "at least one label in the group", found: "none")
    }
    let height = 1 + children.reduce(0) { Swift.max($0, $1.height) }
    guard height < Self.depthLimit else {
      throw GlissError(
        .data, "the labels are nested \(height + 1) levels deep, the limit is \(Self.depthLimit)",
        field: "labels", expected: "at most \(Self.depthLimit) levels", found: "\(height + 1)")
    }
    (self.name, self.description, self.threshold) = (name, description, threshold)
    self.children = children
    self.height = height
    leafCount = children.reduce(0) { $0.addingReportingOverflow($1.leafCount).partialValue }
  }

  /// Whether it is a group.
  public var isGroup: Bool { !children.isEmpty }
}

extension Label: ExpressibleByStringLiteral {
  public init(stringLiteral name: String) { self.init(name) }
}

extension Label {
  /// The full names of all labels, in order: what upstream's `flatten_hierarchical_labels` gives.
  ///
  /// - Throws: ``GlissError`` for the first thing that is wrong with them: none, an empty name,
  ///   one twice, a threshold outside 0...1.
  public static func fullNames(
    _ labels: [Label], separator: String = "."
  ) throws(GlissError) -> [String] {
    try LabelSet(labels, separator: separator).leaves.map(\.label)
  }
}
