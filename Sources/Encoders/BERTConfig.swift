// The config of a BERT, RoBERTa or XLM-RoBERTa checkpoint.
// Source: transformers 5.23 configuration_bert.py, configuration_roberta.py, configuration_xlm_roberta.py.

package import StrictJSON

/// What a BERT encoder is made of, validated.
package struct BERTConfig: Sendable, Equatable {
  /// The `model_type`: RoBERTa and XLM-RoBERTa are BERT with positions that begin behind the padding
  /// token's.
  package enum Family: String, Sendable, CaseIterable {
    case bert
    case roBERTa = "roberta"
    case xlmRoBERTa = "xlm-roberta"
  }

  package var family: Family
  package var vocabularySize: Int
  package var hiddenSize: Int
  package var intermediateSize: Int
  package var headCount: Int
  package var layerCount: Int
  /// Rows of the table of positions: `max_position_embeddings`.
  package var positionCount: Int
  /// The row of the first token's position: 0, or one behind `pad_token_id`.
  package var positionOffset: Int
  /// Rows of the table of token types.
  package var tokenTypeCount: Int
  package var normEpsilon: Double
  /// As of `ModernBERTConfig`: a pass ends behind this many layers; nil: behind all of them.
  package var exitLayer: Int?

  package var headDimension: Int { hiddenSize / headCount }
  /// Longest sequence.
  package var positionLimit: Int { positionCount - positionOffset }

  /// The layers that a pass computes.
  var computedLayers: Range<Int> { 0..<(exitLayer ?? layerCount) }

  var embeddings: PostNormEmbeddings.Shape {
    PostNormEmbeddings.Shape(
      vocabulary: vocabularySize, width: hiddenSize, positions: positionCount,
      positionOffset: positionOffset, types: tokenTypeCount)
  }

  /// Bounds on what a file may ask for: far above any published model, far below what overflows.
  private enum Limit {
    static let vocabulary = 1...(1 << 24)
    static let width = 1...(1 << 16)
    static let layers = 1...1024
    static let positions = 1...(1 << 20)
    static let types = 1...(1 << 16)
  }

  package init(_ fields: FieldReader, family: Family) throws(FieldError) {
    self.family = family
    vocabularySize = try fields.int("vocab_size", default: 30_522, in: Limit.vocabulary)
    hiddenSize = try fields.int("hidden_size", default: 768, in: Limit.width)
    intermediateSize = try fields.int("intermediate_size", default: 3072, in: Limit.width)
    headCount = try fields.int("num_attention_heads", default: 12, in: Limit.width)
    layerCount = try fields.int("num_hidden_layers", default: 12, in: Limit.layers)
    guard hiddenSize.isMultiple(of: headCount) else {
      throw fields.error(
        "num_attention_heads", expected: "a divisor of hidden_size \(hiddenSize)")
    }
    positionCount = try fields.int(
      "max_position_embeddings", default: 512, in: Limit.positions)
    positionOffset =
      family == .bert
      ? 0 : 1 + (try fields.int("pad_token_id", default: 1, in: 0...Limit.vocabulary.upperBound))
    guard positionOffset < positionCount else {
      throw fields.error(
        "max_position_embeddings",
        expected: "more than \(positionOffset), where positions begin behind pad_token_id")
    }
    tokenTypeCount = try fields.int("type_vocab_size", default: 2, in: Limit.types)
    normEpsilon = try fields.double(
      "layer_norm_eps", default: 1e-12, in: .leastNonzeroMagnitude...1)
    try Self.refuseUnknownMath(fields)
  }

  /// Fields that would change the arithmetic if they were anything else.
  private static func refuseUnknownMath(_ fields: FieldReader) throws(FieldError) {
    guard try fields.string("hidden_act", default: "gelu") == "gelu" else {
      throw fields.error("hidden_act", expected: "\"gelu\"")
    }
    guard try fields.string("position_embedding_type", default: "absolute") == "absolute" else {
      throw fields.error("position_embedding_type", expected: "\"absolute\"")
    }
    for name in ["is_decoder", "add_cross_attention", "is_encoder_decoder"] {
      guard !(try fields.optionalBool(name) ?? false) else {
        throw fields.error(name, expected: "false")
      }
    }
  }
}
