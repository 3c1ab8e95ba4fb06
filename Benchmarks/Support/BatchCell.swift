// A batch of equal sequences by its name, and its token ids: tools/peers (cells.py, inputs.py) has the
// same, and the accuracy of every comparison would show a difference.

/// `8x128`: 8 sequences of 128 tokens, with 4 labels of one token among them. `8x128+32`: 8 texts of 128
/// tokens, each read jointly with 32 labels of 3 tokens. `8x128p`: 8 pairs of a text of 128 tokens and
/// one such label, for a cross-encoder.
package struct BatchCell: Sendable {
  package let sequences: Int
  /// Of a sequence, special tokens and labels included.
  package let tokens: Int
  package let labels: Int
  package let isPair: Bool
  /// Tokens of a label's name.
  private let name: Int

  private static let name = 3
  private static let (start, end): (Int32, Int32) = (50_281, 50_282)

  /// nil where `text` is no such name.
  package init?(_ text: some StringProtocol) {
    let sides = text.split(separator: "x")
    guard sides.count == 2, let sequences = Int(sides[0]), sequences > 0 else { return nil }
    let form = sides[1].split(separator: "+")
    if form.count == 2, let text = Int(form[0]), let labels = Int(form[1]), labels > 0 {
      self.init(sequences: sequences, text: text, labels: labels)
    } else if sides[1].last == "p", let text = Int(sides[1].dropLast()) {
      self.init(pairs: sequences, text: text)
    } else if let tokens = Int(sides[1]), tokens > 2 * 4 + 2 {
      self.init(sequences: sequences, tokens: tokens, labels: 4, name: 1, isPair: false)
    } else {
      return nil
    }
  }

  /// `[CLS] (<<LABEL>> name)... <<SEP>> text [SEP]`.
  package init(sequences: Int, text: Int, labels: Int) {
    self.init(
      sequences: sequences, tokens: text + labels * (Self.name + 1) + 3, labels: labels,
      name: Self.name, isPair: false)
  }

  /// `[CLS] text [SEP] name [SEP]`.
  package init(pairs: Int, text: Int) {
    self.init(
      sequences: pairs, tokens: text + Self.name + 3, labels: 1, name: Self.name, isPair: true)
  }

  private init(sequences: Int, tokens: Int, labels: Int, name: Int, isPair: Bool) {
    (self.sequences, self.tokens) = (sequences, tokens)
    (self.labels, self.name, self.isPair) = (labels, name, isPair)
  }

  /// Ids spread over the vocabulary; another `draw` gives another batch.
  private func spread(sequence: Int, draw: Int) -> [Int32] {
    (0..<tokens).map { position in
      Int32((sequence * 104_729 + position * 7_919 + draw * 15_485_863) % 50_000)
    }
  }

  /// A sequence of labels and text.
  func joint(sequence: Int, draw: Int, label: Int, text: Int) -> [Int32] {
    var ids = spread(sequence: sequence, draw: draw)
    ids[0] = Self.start
    for index in 0..<labels { ids[1 + (1 + name) * index] = Int32(label) }
    ids[1 + (1 + name) * labels] = Int32(text)
    ids[tokens - 1] = Self.end
    return ids
  }

  /// The two texts of a pair, without the special tokens around them.
  func pair(sequence: Int, draw: Int) -> (text: [Int32], name: [Int32]) {
    let ids = spread(sequence: sequence, draw: draw)
    return (Array(ids[1..<tokens - 2 - name]), Array(ids[tokens - 1 - name..<tokens - 1]))
  }
}
