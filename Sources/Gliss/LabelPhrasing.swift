// How labels are put to the model: separator, description, template, case.

/// What the model reads for a label. Results carry the labels' own names whatever it says.
///
/// A label's phrase is its full name, with `: description` behind it if there is one, put in place
/// of the `{}` of the template. Control tokens in any part are plain characters
/// (``PromptSafety/safe``).
public struct LabelPhrasing: Sendable, Hashable {
  /// A sentence around the label, for example `This text is about {}.`; every `{}` is replaced.
  /// One without `{}` is refused. Nil, the default: the label as it is, as upstream reads it.
  public var template: String?
  /// What joins the levels of a label in groups. Upstream's default, and this one: a point.
  public var separator: String
  /// Whether labels are lowercased for the model, as upstream did before 2026 (its published
  /// figures are from then). Unicode's mapping, character by character: unlike Python's, a sigma
  /// at the end of a word becomes σ, not ς.
  public var lowercased: Bool

  /// Makes a phrasing; the default is upstream's.
  public init(template: String? = nil, separator: String = ".", lowercased: Bool = false) {
    self.template = template
    self.separator = separator
    self.lowercased = lowercased
  }

  private static let place = "{}"

  func validate() throws(GlissError) {
    guard let template else { return }
    guard Self.parts(template).count > 1 else {
      throw GlissError(
        .usage, "the label template \(GlissError.quoted(template)) has no {} for the label",
        field: "template", expected: "a sentence with {} in it, such as \"It is about {}.\"",
        found: GlissError.excerpt(template))
    }
  }

  /// The phrases of names with descriptions, in order.
  func phrases(_ labels: [(label: String, description: String?)]) throws(GlissError) -> [String] {
    try validate()
    let parts = template.map { Self.parts($0) }
    var byteCount = 0
    var phrases: [String] = []
    phrases.reserveCapacity(labels.count)
    for (label, description) in labels {
      if parts != nil || description != nil {
        let own = label.utf8.count + (description.map { $0.utf8.count + 2 } ?? 0)
        let copies = parts.map { $0.count - 1 } ?? 1
        let (bytes, overflow) = own.multipliedReportingOverflow(by: copies)
        byteCount = overflow ? .max : byteCount + bytes + (template?.utf8.count ?? 0)
        guard !overflow, byteCount <= LabelSet.byteLimit else {
          throw GlissError(
            .data,
            "the labels in their template, with descriptions, are longer than "
              + "\(LabelSet.byteLimit) bytes in all", field: "labels",
            expected: "at most \(LabelSet.byteLimit) bytes", found: "more")
        }
      }
      let said = description.map { "\(label): \($0)" } ?? label
      let phrase = parts.map { $0.joined(separator: said) } ?? said
      phrases.append(lowercased ? phrase.lowercased() : phrase)
    }
    return phrases
  }

  private static func parts(_ template: String) -> [Substring] {
    template.split(separator: place, omittingEmptySubsequences: false)
  }
}
