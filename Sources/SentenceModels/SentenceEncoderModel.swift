// A sentence encoder's folder, loaded: one text in, one vector out.

package import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON
internal import Tokenization

/// A text's tokens between a prompt and special tokens.
package struct TokenizedSentence: Sendable {
  fileprivate let ids: [Int32]
  fileprivate let text: Range<Int>

  /// Tokens that may be cut.
  package var textTokenCount: Int { text.count }
  /// All others.
  package var fixedTokenCount: Int { ids.count - text.count }

  /// The sequence of some of the text's tokens, and all others.
  package func part(_ range: Range<Int>) -> PreparedSentence {
    let slice = text.lowerBound + range.lowerBound..<text.lowerBound + range.upperBound
    return PreparedSentence(
      ids: Array(ids[..<text.lowerBound] + ids[slice] + ids[text.upperBound...]),
      truncated: text.count - range.count)
  }
}

/// A text as the sequence that will be encoded.
package struct PreparedSentence: Sendable {
  package let ids: [Int32]
  /// Tokens of the text that were cut.
  package let truncated: Int
}

/// A loaded sentence encoder.
///
/// Weights are immutable and shared; calls block until done and take turns in the encoder.
package final class SentenceEncoderModel: Sendable {
  package let encoder: EncoderConfig
  /// The class that wrote the checkpoint, such as `BertModel`; nil where the config does not say.
  package let architecture: String?
  package let parts: SentenceModelParts
  private let modules: SentenceModules

  /// Loads a sentence-transformers folder, or a folder with an encoder's config.json, tokenizer.json
  /// and safetensors files, whose vectors' mean is the sentence's.
  package init(folder path: String, compute: Compute) throws(SentenceModelError) {
    let modules = try SentenceModules(SentenceModelFolder(path: path))
    self.modules = modules
    let folder = SentenceModelFolder(
      path: modules.encoderPath.isEmpty ? path : "\(path)/\(modules.encoderPath)")
    let fields = try folder.fields("config.json")
    (encoder, architecture) = try SentenceModelError.decoding { () throws(FieldError) in
      (try EncoderConfig(fields), try fields.strings("architectures", default: []).first)
    }
    if let architecture, architecture.hasSuffix("ForSequenceClassification") {
      throw .unsupported(
        file: fields.file, field: "architectures", expected: "an encoder's, such as BertModel",
        found: architecture)
    }
    try modules.check(hiddenSize: encoder.hiddenSize)
    parts = try SentenceModelParts.load(folder, encoder, compute: compute) { _, _ in }.parts
  }

  /// The most tokens of one sequence: of the encoder, or fewer where the folder says so.
  package var tokenLimit: Int { min(modules.tokenLimit ?? positionLimit, positionLimit) }
  package var positionLimit: Int { parts.encoder.positionLimit }
  package var vectorSize: Int { encoder.hiddenSize }
  /// What is put before texts, unless another is asked for.
  package var prompts: SentencePrompts { modules.prompts }

  /// Tokenizes a text between the tokenizer's special tokens.
  ///
  /// - Parameters:
  ///   - prompt: What is put before the text.
  ///   - limit: The most tokens of the sequence.
  ///   - truncates: Whether the end of a text that does not fit is cut.
  package func prepare(
    _ text: String, prompt: String?, limit: Int, truncates: Bool
  ) throws(SentenceModelError) -> PreparedSentence {
    let sentence = try tokenize(text, prompt: prompt)
    let (count, own) = (sentence.ids.count, sentence.textTokenCount)
    let excess = count - min(limit, positionLimit)
    guard excess > 0 else { return sentence.part(0..<own) }
    guard truncates else { throw .textTooLong(tokens: count, limit: count - excess) }
    guard excess <= own, excess < count else {
      throw .noRoom(fixedTokens: count - own, limit: count - excess)
    }
    return sentence.part(0..<own - excess)
  }

  /// The tokens of a text, at least one of all together. Tokens across the border of prompt and text
  /// are the prompt's.
  package func tokenize(
    _ text: String, prompt: String?
  ) throws(SentenceModelError) -> TokenizedSentence {
    let texts = [prompt ?? "", text].map { modules.lowercases ? $0.lowercased() : $0 }
    let byteCount = texts[0].utf8.count + texts[1].utf8.count
    guard byteCount <= SentenceModelParts.byteLimit else {
      throw .tooManyBytes(count: byteCount, limit: SentenceModelParts.byteLimit)
    }
    let encoding: Encoding
    do throws(TokenizerError) {
      encoding = try parts.tokenizer.encode(texts.map { .text($0) }, offsets: false)
    } catch {
      throw .tokenizer(error)
    }
    guard !encoding.ids.isEmpty else { throw .noTokens }
    return TokenizedSentence(ids: encoding.ids, text: encoding.tokenRange(ofSegment: 1))
  }

  /// One vector a sequence. Each vector's bits depend on its own sequence and the kernel set alone.
  /// They may hold infinities or NaN: the caller checks.
  package func vectors(_ sentences: [PreparedSentence]) throws(SentenceModelError) -> [[Float]] {
    guard !sentences.isEmpty else { return [] }
    var batch = PackedBatch()
    for sentence in sentences {
      batch.append(ids: sentence.ids, outputRows: modules.pooling.rows)
    }
    let vectors = try parts.encode(batch) { hidden in
      let vectors = FloatRows.zeros(count: sentences.count, columns: hidden.columns)
      modules.pooling.pool(hidden, batch, into: vectors)
      if modules.isNormalized { Self.normalize(vectors) }
      return vectors
    }
    return (0..<sentences.count).map { Array(vectors.row($0)) }
  }

  /// x <- x / max(|x|, 1e-12), row by row, as torch's normalize has it.
  private static func normalize(_ x: FloatRows) {
    for index in 0..<x.count {
      let length = x.row(index).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      for column in 0..<x.columns {
        x[index][column] = Float(Double(x[index][column]) / max(length, 1e-12))
      }
    }
  }
}
