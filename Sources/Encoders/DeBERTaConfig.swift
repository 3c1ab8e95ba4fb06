// The `encoder_config` of a DeBERTa-v2 or -v3 checkpoint (mDeBERTa too).
// Source: transformers 5.23 configuration_deberta_v2.py, and what modeling_deberta_v2.py asks for with
// getattr: share_att_key, position_buckets, norm_rel_ebd, embedding_size, conv_kernel_size.

package import Kernels
package import StrictJSON

/// What a DeBERTa-v2 encoder is made of, validated.
package struct DeBERTaConfig: Sendable, Equatable {
  /// Relative positions: `relative_attention`.
  package struct Relative: Sendable, Equatable {
    package var rule: RelativePositions.Rule
    /// Projects the position vectors with the layers' own query and key weights (`share_att_key`).
    package var sharesProjections: Bool
    /// Normalises the position vectors (`norm_rel_ebd`).
    package var isNormalized: Bool
  }

  package var vocabularySize: Int
  package var hiddenSize: Int
  /// Width of the token table; where it is not `hiddenSize`, a projection follows.
  package var embeddingSize: Int
  package var intermediateSize: Int
  package var headCount: Int
  package var layerCount: Int
  /// Rows of the table of absolute positions; nil without (`position_biased_input`).
  package var positionCount: Int?
  /// Rows of the table of token types.
  package var tokenTypeCount: Int
  package var normEpsilon: Double
  package var relative: Relative?
  /// `pos_att_type`: scores of queries with relative positions, and of keys with them. Both count in
  /// the scale of the scores even without relative attention, as upstream has it.
  package var scoresQueries: Bool
  package var scoresKeys: Bool
  /// As of `ModernBERTConfig`: a pass ends behind this many layers; nil: behind all of them.
  package var exitLayer: Int?

  package var headDimension: Int { hiddenSize / headCount }

  /// Longest sequence. A model without a table of positions has no end of its own: distances beyond
  /// its reach share a bucket. Upstream encodes 1024 tokens by default, where these models'
  /// `max_position_embeddings` says 512.
  package var positionLimit: Int { positionCount ?? max(Self.openLimit, reach) }

  /// The layers that a pass computes.
  var computedLayers: Range<Int> { 0..<(exitLayer ?? layerCount) }

  private var reach: Int { relative?.rule.reach ?? 0 }

  var shape: RelativeShape {
    RelativeShape(
      headCount: headCount, headDimension: headDimension,
      termCount: 1 + (scoresQueries ? 1 : 0) + (scoresKeys ? 1 : 0))
  }

  var embeddings: PostNormEmbeddings.Shape {
    PostNormEmbeddings.Shape(
      vocabulary: vocabularySize, width: embeddingSize, positions: positionCount ?? 0,
      positionOffset: 0, types: tokenTypeCount)
  }

  /// Sequences of a model without a table of positions: as long as ModernBERT's.
  private static let openLimit = 8192

  /// Bounds on what a file may ask for: far above any published model, far below what overflows.
  private enum Limit {
    static let vocabulary = 1...(1 << 24)
    static let width = 1...(1 << 16)
    static let layers = 1...1024
    static let positions = 1...(1 << 16)
    static let buckets = -1...(1 << 16)
  }

  package init(_ fields: FieldReader) throws(FieldError) {
    vocabularySize = try fields.int("vocab_size", default: 128_100, in: Limit.vocabulary)
    hiddenSize = try fields.int("hidden_size", default: 1536, in: Limit.width)
    embeddingSize = try fields.int("embedding_size", default: hiddenSize, in: Limit.width)
    intermediateSize = try fields.int("intermediate_size", default: 6144, in: Limit.width)
    headCount = try fields.int("num_attention_heads", default: 24, in: Limit.width)
    layerCount = try fields.int("num_hidden_layers", default: 24, in: Limit.layers)
    guard hiddenSize.isMultiple(of: headCount) else {
      throw fields.error(
        "num_attention_heads", expected: "a divisor of hidden_size \(hiddenSize)")
    }
    let positions = try fields.int(
      "max_position_embeddings", default: 512, in: Limit.positions)
    positionCount = try fields.bool("position_biased_input", default: true) ? positions : nil
    tokenTypeCount = try fields.int("type_vocab_size", default: 0, in: 0...(1 << 16))
    normEpsilon = try fields.double(
      "layer_norm_eps", default: 1e-7, in: .leastNonzeroMagnitude...1)
    (scoresQueries, scoresKeys) = try Self.scoredTerms(fields)
    relative =
      try fields.bool("relative_attention", default: false)
      ? Self.relative(fields, positions: positions) : nil
    try Self.refuseUnknownMath(fields, headDimension: hiddenSize / headCount)
  }

  /// `pos_att_type`: a list, or, in old files, names joined by bars.
  private static func scoredTerms(
    _ fields: FieldReader
  ) throws(FieldError) -> (queries: Bool, keys: Bool) {
    let name = "pos_att_type"
    guard !fields.isAbsent(name) else { return (false, false) }
    let found =
      if let joined = fields.value(name)?.string { Self.names(joined) } else {
        try fields.strings(name)
      }
    guard found.allSatisfy({ $0 == "c2p" || $0 == "p2c" }) else {
      throw fields.error(name, expected: "a list of \"c2p\" and \"p2c\"")
    }
    return (found.contains("c2p"), found.contains("p2c"))
  }

  private static func relative(
    _ fields: FieldReader, positions: Int
  ) throws(FieldError) -> Relative {
    let given = try fields.int(
      "max_relative_positions", default: -1, in: -1...Limit.positions.upperBound)
    let reach = given < 1 ? positions : given
    let buckets = try fields.int("position_buckets", default: -1, in: Limit.buckets)
    // One bucket has no middle, and a logarithm that ends before it begins has no values.
    guard buckets < 1 || (buckets > 1 && reach - 1 > buckets / 2) else {
      throw fields.error(
        "position_buckets",
        expected: "-1, or from 2 to less than \(2 * (reach - 1)), twice the relative positions")
    }
    let norms = Self.names(try fields.string("norm_rel_ebd", default: "none"))
    guard norms.allSatisfy({ $0 == "layer_norm" || $0 == "none" }) else {
      throw fields.error("norm_rel_ebd", expected: "\"layer_norm\" or \"none\"")
    }
    return Relative(
      rule: RelativePositions.Rule(buckets: buckets > 0 ? buckets : nil, reach: reach),
      sharesProjections: try fields.bool("share_att_key", default: false),
      isNormalized: norms.contains("layer_norm"))
  }

  private static func names(_ joined: String) -> [String] {
    joined.lowercased().split(separator: "|", omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// Fields that would change the arithmetic if they were anything else.
  private static func refuseUnknownMath(
    _ fields: FieldReader, headDimension: Int
  ) throws(FieldError) {
    guard try fields.string("hidden_act", default: "gelu") == "gelu" else {
      throw fields.error("hidden_act", expected: "\"gelu\"")
    }
    guard try fields.optionalInt("conv_kernel_size") ?? 0 <= 0 else {
      throw fields.error(
        "conv_kernel_size", expected: "absent: a convolution after the first layer is unknown")
    }
    guard try fields.optionalInt("attention_head_size") ?? headDimension == headDimension else {
      throw fields.error("attention_head_size", expected: "\(headDimension), as heads divide it")
    }
    guard !(try fields.optionalBool("is_encoder_decoder") ?? false) else {
      throw fields.error("is_encoder_decoder", expected: "false")
    }
  }
}
