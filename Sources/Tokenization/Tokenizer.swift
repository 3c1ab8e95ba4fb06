// A tokenizer: text to token ids, by a tokenizer.json alone. Ids and offsets are those of PyPI
// `tokenizers`, which `tools/tokenizer/parity.py` checks.

import Synchronization

/// Immutable; encodes on any number of threads at once.
package final class Tokenizer: Sendable {
  let components: Components

  /// Buffers of encodings under way, kept for the next ones.
  private let scratches = Mutex<[EncodingScratch]>([])
  /// How many are kept: about a megabyte each.
  private static let keptScratches = 16

  /// What the file says, and which tokens are control tokens.
  struct Components: Sendable {
    var file: String
    var normalizer: Normalizer?
    /// In order; `ByteLevel` only in the last place. Empty: the whole text is one word.
    var preTokenizers: [PreTokenizer]
    var model: Model
    /// The model's.
    let vocabulary: Vocabulary
    var merges: [BytePairModel.Merge]
    var addedTokens: AddedTokens
    var idOfAddedToken: [[UInt8]: Int32]
    var addedTokenOfID: [Int32: AddedToken]
    var postProcessor: PostProcessor
    var controlTokenIDs: Set<Int32>

    /// The token's text; empty for an id without a token.
    func bytes(of id: Int32) -> ArraySlice<UInt8> {
      if let added = addedTokenOfID[id] { return Array(added.content.utf8)[...] }
      return vocabulary.bytes(of: id) ?? []
    }
  }

  init(_ components: Components) {
    self.components = components
  }

  /// Reads a tokenizer.json.
  package convenience init(path: String) throws(TokenizerError) {
    try self.init(parsing: readTokenizerFile(path), file: path)
  }

  /// Reads the bytes of a tokenizer.json; errors call it `file`.
  package convenience init(parsing bytes: [UInt8], file: String) throws(TokenizerError) {
    self.init(try TokenizerFile(parsing: bytes, file: file).components())
  }

  /// The id of an added token or a token of the vocabulary, by its exact bytes.
  package func id(of token: String) -> Int32? {
    components.idOfAddedToken[Array(token.utf8)] ?? components.vocabulary.id(of: token)
  }

  package func token(_ id: Int32) -> String? {
    components.addedTokenOfID[id]?.content ?? components.vocabulary.token(id)
  }

  /// Highest id + 1.
  package var vocabularyCount: Int {
    let highestAdded = components.addedTokenOfID.keys.max() ?? -1
    return max(components.vocabulary.idCount, Int(highestAdded) + 1)
  }

  /// Added tokens with `special: true`, and those that `addingControlTokens` added.
  package var controlTokenIDs: Set<Int32> { components.controlTokenIDs }

  /// How the file's post-processor puts two texts into one sequence; nil where it does not say.
  package var pairTemplate: PairTemplate? { components.postProcessor.pair }

  /// What the model makes of text that it has no token for; nil when it leaves such text out.
  package var unknownTokenID: Int32? { components.model.unknown }

  /// The same tokenizer with more control tokens: added tokens that the file does not call special,
  /// though the model gives them a meaning that text must not forge.
  package func addingControlTokens(_ ids: [Int32]) throws(TokenizerError) -> Tokenizer {
    var components = components
    for id in ids {
      guard token(id) != nil else { throw .unknownControlToken(file: components.file, id: id) }
      components.controlTokenIDs.insert(id)
    }
    try components.guardModel(mayIncludeUnknown: !ids.contains { $0 == components.model.unknown })
    return Tokenizer(components)
  }

  /// Steps that encoding `text` takes in the parts whose time could grow faster than the text:
  /// merging and canonical forms. For tests, which bound them in place of seconds.
  package func stepCount(_ text: String) throws(TokenizerError) -> Int {
    try withScratch { scratch throws(TokenizerError) in
      (scratch.bytePair.steps, scratch.text.steps) = (0, 0)
      try encode([.text(text)], controlTokensInText: .literal, scratch)
      return scratch.bytePair.steps + scratch.text.steps
    }
  }

  /// Runs `body` with buffers of its own.
  func withScratch<Result>(
    _ body: (EncodingScratch) throws(TokenizerError) -> Result
  ) throws(TokenizerError) -> Result {
    let scratch = scratches.withLock { $0.popLast() } ?? EncodingScratch()
    defer {
      scratch.shrink()
      scratches.withLock { if $0.count < Self.keptScratches { $0.append(scratch) } }
    }
    return try body(scratch)
  }
}

/// The `model` of a tokenizer.json.
enum Model: Sendable {
  case bytePair(BytePairModel)
  case wordPiece(WordPieceModel)
  case unigram(UnigramModel)

  var vocabulary: Vocabulary {
    switch self {
    case .bytePair(let model): model.vocabulary
    case .wordPiece(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    }
  }

  var unknown: Int32? {
    switch self {
    case .bytePair(let model): model.unknown
    case .wordPiece(let model): model.unknown
    case .unigram(let model): model.unknown
    }
  }

  /// The fewest tokens that any word of so many bytes becomes.
  func fewestTokens(ofWord byteCount: Int) -> Int {
    guard byteCount > 0 else { return 0 }
    return switch self {
    case .bytePair(let model): model.fewestTokens(ofWord: byteCount)
    case .wordPiece: 1
    case .unigram(let model): model.fewestTokens(ofWord: byteCount)
    }
  }
}

extension Tokenizer.Components {
  /// Makes sure that the model cannot turn text into a control token.
  ///
  /// The unknown token of the file is exempt: it is what text of unknown characters becomes, here as
  /// upstream. A byte-pair token is taken apart into what it was merged from; a WordPiece or Unigram
  /// token counts as not in the vocabulary. All differ from upstream only where upstream would emit a
  /// control token. A token that stands for one byte or character cannot be taken apart and is
  /// refused.
  mutating func guardModel(mayIncludeUnknown: Bool = true) throws(TokenizerError) {
    var forbidden = controlTokenIDs
    if let unknown = model.unknown {
      guard mayIncludeUnknown else { throw .unknownAsControlToken(file: file, id: unknown) }
      forbidden.remove(unknown)
    }
    switch model {
    case .bytePair(var bytePair):
      if let token = bytePair.indivisible(among: forbidden) {
        throw .byteAsControlToken(
          file: file, id: token, token: bytePair.vocabulary.token(token) ?? "")
      }
      bytePair.forbid(forbidden, merges: merges)
      model = .bytePair(bytePair)
    case .wordPiece(var wordPiece):
      wordPiece.forbidden = forbidden
      model = .wordPiece(wordPiece)
    case .unigram(var unigram):
      if let token = unigram.byteTokens?.first(where: forbidden.contains) {
        throw .byteAsControlToken(
          file: file, id: token, token: unigram.vocabulary.token(token) ?? "")
      }
      unigram.forbidden = forbidden
      model = .unigram(unigram)
    }
  }
}
