// What every sentence model has: a tokenizer and an encoder that fit each other.

package import Encoders
package import Kernels
internal import Safetensors
package import Tokenization

/// A tokenizer and an encoder, loaded and checked against each other.
package struct SentenceModelParts: Sendable {
  package let tokenizer: Tokenizer
  package let compute: Compute
  /// What the checkpoint's files hold.
  package let weights: WeightSummary
  let tokenizerFile: String
  let encoder: any TextEncoder

  /// The most bytes of one text: what the tokenizer's offsets can count, with room to spare.
  static let byteLimit = 1 << 30

  /// Loads them, and with the encoder's weights what is behind it.
  ///
  /// - Parameter head: Reads that from all of the checkpoint's tensors.
  static func load<Head: Sendable>(
    _ folder: SentenceModelFolder, _ config: EncoderConfig, compute: Compute,
    head: @Sendable (TensorScope, Compute) throws(SafetensorsError) -> Head
  ) throws(SentenceModelError) -> (parts: SentenceModelParts, head: Head) {
    let isQuantized = try folder.isQuantized()
    guard
      let compute = compute.computing(in: config.precisions, isQuantized: isQuantized)
    else {
      throw .precision(
        encoder: config.name, expected: config.precisions.map(\.rawValue),
        found: compute.precision.rawValue)
    }
    let file = folder.path + "/tokenizer.json"
    // Parsing the one takes as long as reading the other, and neither needs the other.
    let (tokenizerResult, weightResult) = concurrently(
      { Result { () throws(SentenceModelError) in try readTokenizer(file) } },
      {
        Result { () throws(SentenceModelError) in
          try readWeights(folder, config, compute, head: head)
        }
      })
    let tokenizer = try tokenizerResult.get()
    guard tokenizer.vocabularyCount <= config.vocabularySize else {
      throw .vocabulary(
        file: file, highestID: tokenizer.vocabularyCount - 1, rows: config.vocabularySize)
    }
    let read = try weightResult.get()
    let parts = SentenceModelParts(
      tokenizer: tokenizer, compute: compute, weights: read.summary, tokenizerFile: file,
      encoder: read.encoder)
    return (parts, read.head)
  }

  private static func readTokenizer(_ file: String) throws(SentenceModelError) -> Tokenizer {
    do throws(TokenizerError) { return try Tokenizer(path: file) } catch {
      throw .tokenizer(error)
    }
  }

  private static func readWeights<Head>(
    _ folder: SentenceModelFolder, _ config: EncoderConfig, _ compute: Compute,
    head: (TensorScope, Compute) throws(SafetensorsError) -> Head
  ) throws(SentenceModelError) -> (encoder: any TextEncoder, head: Head, summary: WeightSummary) {
    let (tensors, head) = try SentenceModelError.loading { () throws(SafetensorsError) in
      let tensors = try Checkpoint(folder: folder.path).scope()
      return (tensors, try head(tensors, compute))
    }
    do throws(EncoderError) {
      let encoder = try config.makeEncoder(weights: config.scope(in: tensors), compute: compute)
      return (encoder, head, WeightSummary(tensors))
    } catch {
      throw .encoder(error)
    }
  }

  /// The tokens of a text, without special tokens. Control tokens in it are plain characters.
  package func tokens(of text: String) throws(SentenceModelError) -> [Int32] {
    let byteCount = text.utf8.count
    guard byteCount <= Self.byteLimit else {
      throw .tooManyBytes(count: byteCount, limit: Self.byteLimit)
    }
    do throws(TokenizerError) {
      return try tokenizer.encode(text, specialTokens: false, offsets: false).ids
    } catch {
      throw .tokenizer(error)
    }
  }

  func encode(
    _ batch: PackedBatch, _ body: (FloatRows) -> FloatRows
  ) throws(SentenceModelError) -> FloatRows {
    do {
      return try encoder.encode(batch, body)
    } catch let error as EncoderError {
      throw .encoder(error)
    } catch {
      throw .unexpected("\(error)")
    }
  }
}

extension EncoderConfig {
  /// The encoder's tensors: below its prefix as models with a head have them, or at the root.
  func scope(in tensors: TensorScope) -> TensorScope {
    tensors.contains("\(tokenTable.name).weight") ? tensors : tensors.scoped(prefix)
  }
}
