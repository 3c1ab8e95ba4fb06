// How a tokenizer puts two texts into one sequence: `[CLS] A [SEP] B [SEP]`, with a type for every
// token. The `pair` of a tokenizer.json's TemplateProcessing, and what its older spellings stand for.

package struct PairTemplate: Sendable, Equatable {
  enum Piece: Sendable, Equatable {
    case tokens([Int32], type: Int32)
    case first(type: Int32)
    case second(type: Int32)
  }

  let pieces: [Piece]

  init(pieces: [Piece]) { self.pieces = pieces }

  /// Tokens of a sequence that belong to neither text.
  package var tokenCount: Int {
    pieces.reduce(0) { sum, piece in
      if case .tokens(let ids, _) = piece { sum + ids.count } else { sum }
    }
  }

  /// The sequence of two texts' tokens, encoded without special tokens, and the type of every token.
  package func assemble(
    _ first: some Collection<Int32>, _ second: some Collection<Int32>
  ) -> (ids: [Int32], types: [Int32]) {
    var (ids, types): ([Int32], [Int32]) = ([], [])
    let count = tokenCount + first.count + second.count
    ids.reserveCapacity(count)
    types.reserveCapacity(count)
    func append(_ tokens: some Collection<Int32>, _ type: Int32) {
      ids.append(contentsOf: tokens)
      types.append(contentsOf: repeatElement(type, count: tokens.count))
    }
    for piece in pieces {
      switch piece {
      case .tokens(let tokens, let type): append(tokens, type)
      case .first(let type): append(first, type)
      case .second(let type): append(second, type)
      }
    }
    return (ids, types)
  }
}
