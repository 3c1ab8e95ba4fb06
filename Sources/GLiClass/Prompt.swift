// The one sequence of labels and text. Layout: gliclass 0.1.21, pipeline.py, prepare_input and
// format_examples_prompt. Nothing is put between the parts, not even a space.

package import Tokenization

/// What goes into one sequence.
package struct PromptInput: Sendable {
  package var text: String
  package var labels: [String]
  /// A task description; empty is none.
  package var task: String
  package var examples: [(text: String, labels: [String])]
  /// Control tokens inside these strings are matched, as upstream does: parity work only.
  package var matchesControlTokens: Bool

  package init(
    text: String, labels: [String], task: String = "",
    examples: [(text: String, labels: [String])] = [], matchesControlTokens: Bool = false
  ) {
    self.text = text
    self.labels = labels
    self.task = task
    self.examples = examples
    self.matchesControlTokens = matchesControlTokens
  }

  /// The most bytes of one prompt: the tokenizer's offsets are 32-bit.
  static let byteLimit = 1 << 30

  /// Bytes of all strings, and as many more as the layout can add.
  var byteCount: Int {
    let labelBytes = labels.reduce(0) { $0 + $1.utf8.count + 16 }
    let exampleBytes = examples.reduce(0) { sum, example in
      example.labels.reduce(sum + example.text.utf8.count + 32) { $0 + $1.utf8.count + 2 }
    }
    return text.utf8.count + task.utf8.count + labelBytes + exampleBytes + 32
  }
}

/// Ids of the tokens that structure a prompt, and their order.
package struct PromptLayout: Sendable {
  let label: Int32
  let separator: Int32
  /// Nil: the vocabulary has no `<<EXAMPLE>>`.
  let example: Int32?
  let labelsFirst: Bool

  /// - Parameter example: Nil if the vocabulary has no `<<EXAMPLE>>`.
  package init(label: Int32, separator: Int32, example: Int32?, labelsFirst: Bool) {
    self.label = label
    self.separator = separator
    self.example = example
    self.labelsFirst = labelsFirst
  }

  /// The prompt as segments, and which of them is the text.
  ///
  /// - labels first: `<<LABEL>>a<<LABEL>>b<<SEP>>task` text examples
  /// - text first: text `<<LABEL>>a<<LABEL>>b<<SEP>>task` examples
  ///
  /// An example is `<<EXAMPLE>>text \nLabels:\n a, b`; one `<<SEP>>` ends them all.
  package func segments(
    _ input: PromptInput
  ) throws(GLiClassError) -> (segments: [Segment], text: Int) {
    var segments: [Segment] = []
    segments.reserveCapacity(2 * (input.labels.count + input.examples.count) + 4)
    if !labelsFirst { segments.append(.text(input.text)) }
    for text in input.labels {
      segments.append(.control(label))
      segments.append(.text(text))
    }
    segments.append(.control(separator))
    if !input.task.isEmpty { segments.append(.text(input.task)) }
    let position = labelsFirst ? segments.count : 0
    if labelsFirst { segments.append(.text(input.text)) }
    guard !input.examples.isEmpty else { return (segments, position) }
    guard let example else { throw .noExampleToken }
    for shown in input.examples {
      segments.append(.control(example))
      segments.append(
        .text("\(shown.text) \nLabels:\n \(shown.labels.joined(separator: ", "))"))
    }
    segments.append(.control(separator))
    return (segments, position)
  }
}
