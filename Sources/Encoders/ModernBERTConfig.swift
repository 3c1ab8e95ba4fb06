// The `encoder_config` of a ModernBERT checkpoint, in the old spelling (`global_attn_every_n_layers`,
// `global_rope_theta`, `local_rope_theta`) and the new one (`layer_types`, `rope_parameters`).
// Source: transformers 5.23 configuration_modernbert.py; 4.57 for the old keys.

package import StrictJSON

/// What a ModernBERT encoder is made of, validated.
package struct ModernBERTConfig: Sendable, Equatable {
  /// How far the attention of a layer reaches.
  package enum LayerKind: Sendable, Equatable { case global, local }

  package var vocabularySize: Int
  package var hiddenSize: Int
  package var intermediateSize: Int
  package var headCount: Int
  /// Longest sequence: `max_position_embeddings`.
  package var positionLimit: Int
  /// One element a layer.
  package var layers: [LayerKind]
  /// Keys visible on each side in a local layer, inclusive: `local_attention / 2`.
  package var window: Int
  package var globalTheta: Double
  package var localTheta: Double
  package var normEpsilon: Double
  package var hasAttentionBias: Bool
  package var hasMLPBias: Bool
  package var hasNormBias: Bool
  /// A pass ends behind this many layers, without the final norm; nil: behind all of them and with it.
  /// No field of the file: who reads an inner hidden state sets it.
  package var exitLayer: Int?

  package var headDimension: Int { hiddenSize / headCount }

  /// The layers that a pass computes.
  var computedLayers: Range<Int> { 0..<(exitLayer ?? layers.count) }

  /// Bounds on what a file may ask for: far above any published model, far below what overflows.
  private enum Limit {
    static let vocabulary = 1...(1 << 24)
    static let width = 1...(1 << 16)
    static let layers = 1...1024
    static let positions = 1...(1 << 20)
    static let theta = 1.0...1e12
  }

  package init(_ fields: FieldReader) throws(FieldError) {
    vocabularySize = try fields.int("vocab_size", default: 50368, in: Limit.vocabulary)
    hiddenSize = try fields.int("hidden_size", default: 768, in: Limit.width)
    intermediateSize = try fields.int("intermediate_size", default: 1152, in: Limit.width)
    headCount = try fields.int("num_attention_heads", default: 12, in: Limit.width)
    positionLimit = try fields.int(
      "max_position_embeddings", default: 8192, in: Limit.positions)
    guard hiddenSize.isMultiple(of: 2 * headCount) else {
      throw fields.error(
        "num_attention_heads", expected: "a divisor of hidden_size \(hiddenSize) into even heads")
    }
    layers = try Self.layers(fields)
    window =
      try fields.int("local_attention", default: 128, in: 0...(2 * Limit.positions.upperBound)) / 2
    (globalTheta, localTheta) = try Self.thetas(fields)
    normEpsilon = try fields.double("norm_eps", default: 1e-5, in: .leastNonzeroMagnitude...1)
    hasAttentionBias = try fields.bool("attention_bias", default: false)
    hasMLPBias = try fields.bool("mlp_bias", default: false)
    hasNormBias = try fields.bool("norm_bias", default: false)
    try Self.refuseUnknownMath(fields)
  }

  private static func layers(_ fields: FieldReader) throws(FieldError) -> [LayerKind] {
    let count = try fields.int("num_hidden_layers", default: 22, in: Limit.layers)
    if !fields.isAbsent("layer_types") {
      let names = try fields.strings("layer_types")
      guard names.count == count else {
        throw fields.error("layer_types", expected: "\(count) names, one a hidden layer")
      }
      var kinds: [LayerKind] = []
      for name in names {
        switch name {
        case "full_attention": kinds.append(.global)
        case "sliding_attention": kinds.append(.local)
        default:
          throw fields.error(
            "layer_types", expected: "a list of \"full_attention\" and \"sliding_attention\"")
        }
      }
      return kinds
    }
    let every = try fields.int("global_attn_every_n_layers", default: 3, in: 1...1024)
    return (0..<count).map { $0.isMultiple(of: every) ? .global : .local }
  }

  /// theta of global and local layers. `rope_parameters` wins over the old keys, as upstream has it;
  /// an old `local_rope_theta: null` means the global one.
  private static func thetas(
    _ fields: FieldReader
  ) throws(FieldError) -> (global: Double, local: Double) {
    guard fields.isAbsent("rope_scaling") else {
      throw fields.error("rope_scaling", expected: "absent: scaled rotary embeddings are unknown")
    }
    let parameters = try fields.optionalObject("rope_parameters")
    var global = try fields.double("global_rope_theta", default: 160_000, in: Limit.theta)
    if let newer = try theta(parameters, "full_attention") { global = newer }
    if let local = try theta(parameters, "sliding_attention") { return (global, local) }
    if fields.contains("local_rope_theta"), fields.isAbsent("local_rope_theta") {
      return (global, global)
    }
    return (global, try fields.double("local_rope_theta", default: 10_000, in: Limit.theta))
  }

  private static func theta(
    _ parameters: FieldReader?, _ kind: String
  ) throws(FieldError) -> Double? {
    guard let entry = try parameters?.optionalObject(kind) else { return nil }
    guard try entry.string("rope_type", default: "default") == "default" else {
      throw entry.error("rope_type", expected: "\"default\"")
    }
    return entry.isAbsent("rope_theta") ? nil : try entry.double("rope_theta", in: Limit.theta)
  }

  /// Fields that would change the arithmetic if they were anything else.
  private static func refuseUnknownMath(_ fields: FieldReader) throws(FieldError) {
    guard try fields.string("hidden_activation", default: "gelu") == "gelu" else {
      throw fields.error("hidden_activation", expected: "\"gelu\"")
    }
    guard !(try fields.optionalBool("is_encoder_decoder") ?? false) else {
      throw fields.error("is_encoder_decoder", expected: "false")
    }
  }
}
