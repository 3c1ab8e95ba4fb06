// A sentence encoder's folder, loaded: one text in, one vector out.

package import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON
internal import Tokenization

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
  /// What is put before every text, unless another is asked for.
  package var prompt: String? { modules.prompt }

  /// Tokenizes a text between the tokenizer's special tokens.
  ///
  /// - Parameters:
  ///   - prompt: What is put before the text.
  ///   - limit: The most tokens of the sequence.
  ///   - truncates: Whether the end of a text that does not fit is cut.
  package func prepare(
    _ text: String, prompt: String?, limit: Int, truncates: Bool
  ) throws(SentenceModelError) -> PreparedSentence {
    let text = (prompt ?? "") + text
    let byteCount = text.utf8.count
    guard byteCount <= SentenceModelParts.byteLimit else {
      throw .tooManyBytes(count: byteCount, limit: SentenceModelParts.byteLimit)
    }
    let encoding: Encoding
    do throws(TokenizerError) {
      encoding = try parts.tokenizer.encode(
        modules.lowercases ? text.lowercased() : text, offsets: false)
    } catch {
      throw .tokenizer(error)
    }
    let (ids, own) = (encoding.ids, encoding.tokenRange(ofSegment: 0))
    let excess = ids.count - min(limit, positionLimit)
    guard !ids.isEmpty else { throw .noTokens }
    guard excess > 0 else { return PreparedSentence(ids: ids, truncated: 0) }
    guard truncates else {
      throw .textTooLong(tokens: ids.count, limit: ids.count - excess)
    }
    guard excess <= own.count, excess < ids.count else {
      throw .noRoom(fixedTokens: ids.count - own.count, limit: ids.count - excess)
    }
    return PreparedSentence(
      ids: Array(ids[..<(own.upperBound - excess)] + ids[own.upperBound...]), truncated: excess)
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
