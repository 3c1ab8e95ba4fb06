// Ways to spoil config.json.

import GLiClass
import StrictJSON

let malformedConfigs: [MalformedFolder] =
  malformedConfigFiles + malformedHeadFields + illegalCombinations + malformedEncoderFields
  + malformedDeBERTaFields
  + unsupportedFields

private func text(_ string: String) -> [UInt8] { Array(string.utf8) }

private let malformedConfigFiles: [MalformedFolder] = [
  .file(
    "config.json", "not there", nil, field: "file", expected: "readable", found: "No such",
    .unreadable),
  .file("config.json", "empty", [], field: "byte 0", expected: "JSON", found: "ends"),
  .file("config.json", "half", text(#"{"a": "#), field: "byte 6", expected: "JSON", found: "ends"),
  .file("config.json", "a list", text("[]"), field: "the file", expected: "object", found: "array"),
  .file(
    "config.json", "a key twice", text(#"{"a": 1, "\u0061": 2}"#), field: "byte 9",
    expected: "JSON", found: "twice"),
  .file(
    "config.json", "too deep", text(String(repeating: "[", count: 1000)), field: "byte",
    expected: "JSON", found: "deeper"),
  .file(
    "config.json", "not UTF-8", text(#"{"a": ""#) + [0xFF] + text(#""}"#), field: "byte 7",
    expected: "JSON", found: "UTF-8"),
  .file(
    "config.json", "byte order mark", [0xEF, 0xBB, 0xBF] + text("{}"), field: "byte 0",
    expected: "JSON", found: "byte order mark"),
  .file(
    "config.json", "too long", [UInt8](repeating: 0x20, count: 2 << 20), field: "byte",
    expected: "JSON", found: "limit"),
  .file(
    "config.json", "trailing text", text("{} x"), field: "byte 3", expected: "JSON",
    found: "more bytes"),
]

private let malformedHeadFields: [MalformedFolder] = [
  .config("model_type", "bert", expected: "GLiClass"),
  .config("model_type", 3, expected: "a string"),
  .config("architecture_type", "two-towers", expected: "uni-encoder"),
  .config("architecture_type", 1, expected: "uni-encoder"),
  .config("vocab_size", 0, expected: "from 1"),
  .config("vocab_size", "many", expected: "integer"),
  .config("vocab_size", 1e3, expected: "integer"),
  .config("hidden_size", -4, expected: "from 1"),
  .config("hidden_size", .bigInteger("99999999999999999999"), expected: "integer"),
  .config("hidden_size", 40, expected: "encoder_config", golden: "edge"),
  .config("class_token_index", "x", expected: "integer"),
  .config("class_token_index", -2, expected: "from -1"),
  .config("class_token_index", 1_099_511_627_776, expected: "to 16777216"),
  .config("text_token_index", JSON.null, expected: "integer"),
  .config("example_token_index", 1.5, expected: "integer"),
  .config("prompt_first", "yes", expected: "true or false"),
  .config("prompt_first", JSON.null, expected: "true or false"),
  .config("embed_class_token", 1, expected: "true or false"),
  .config("extract_text_features", "true", expected: "true or false"),
  .config("normalize_features", JSON.null, expected: "true or false"),
  .config("use_segment_embeddings", 0, expected: "true or false"),
  .config("pooling_strategy", "median", expected: "first"),
  .config("class_token_pooling", "last", expected: "average"),
  .config("scorer_type", "dot", expected: "simple"),
  .config("projector_hidden_act", "softmax", expected: "gelu"),
  .config("projector_hidden_act", JSON.null, expected: "gelu"),
  .config("max_labels_alloc", "static", expected: "dynamic"),
  .config("max_labels_alloc", 0, expected: "fixed"),
  .config("max_labels_alloc", 1_073_741_824, expected: "fixed"),
  .config("encoder_layer_id", 6, expected: "from -6 to 5"),
  .config("encoder_layer_id", -7, expected: "from -6 to 5"),
  .config("encoder_layer_id", "last", expected: "integer"),
  .config("use_lstm", "yes", expected: "true or false"),
  .config("use_calibrator", 1, expected: "true or false"),
  .config("max_num_classes", 0, expected: "from 1"),
  .config("max_num_classes", 5000, expected: "at most 1024", golden: "fixed-slots"),
]

/// Values that are fine alone.
private let illegalCombinations: [MalformedFolder] =
  ["simple", "weighted-dot", "mlp", "hopfield"].map { scorer in
    .config(
      ["scorer_type": JSON(scorer), "pooling_strategy": "pass"], "pooling_strategy",
      expected: "other than \"pass\" with scorer_type \"\(scorer)\"", found: "\"pass\"")
  }
  + ["first", "last", "avg", "max", "sum", "rms", "abs_max", "abs_avg"].map { pooling in
    .config(
      ["scorer_type": "cross-attn", "pooling_strategy": JSON(pooling)], "pooling_strategy",
      expected: "\"pass\" with scorer_type \"cross-attn\"", found: "\"\(pooling)\"")
  }
  + ["weighted-dot", "mlp", "hopfield"].map { scorer in
    .config(
      ["scorer_type": JSON(scorer), "hidden_size": 40], "hidden_size",
      expected: "36 as in encoder_config", found: "40")
  }
  + [
    .config(
      ["scorer_type": "cross-attn", "pooling_strategy": "pass"], "scorer_num_heads",
      expected: "a divisor of hidden_size 36", found: "16"),
    .config(
      crossAttention(["scorer_num_heads": 0]), "scorer_num_heads", expected: "from 1", found: "0"),
    .config(
      crossAttention(["scorer_mlp_hidden_size": 1]), "scorer_mlp_hidden_size",
      expected: "from 2", found: "1"),
    .config(
      crossAttention(["hidden_size": 48]), "hidden_size", expected: "36 as in encoder_config",
      found: "48"),
    .config(
      crossAttention(["use_calibrator": true]), "use_calibrator",
      expected: "false with pooling_strategy \"pass\"", found: "true"),
    .config(
      crossAttention(["use_lstm": true, "extract_text_features": true]), "use_lstm",
      expected: "false where extract_text_features is true", found: "true"),
    .config(
      ["use_lstm": true, "hidden_size": 40], "hidden_size", expected: "for use_lstm", found: "40"),
    .config(
      ["use_calibrator": true, "calibrator_hidden_size": 0], "calibrator_hidden_size",
      expected: "from 1", found: "0"),
    .config(
      ["use_calibrator": true, "calibrator_beta_max": "3"], "calibrator_beta_max",
      expected: "a number", found: "\"3\""),
  ]

/// A legal cross-attn with some fields changed.
private func crossAttention(_ changed: [String: JSON]) -> [String: JSON] {
  ["scorer_type": "cross-attn", "pooling_strategy": "pass", "scorer_num_heads": 4]
    .merging(changed) { $1 }
}

private let malformedEncoderFields: [MalformedFolder] = [
  .config("encoder_config", nil, expected: "an object"),
  .config("encoder_config", JSON.null, expected: "an object"),
  .config("encoder_config", [], expected: "an object", found: "an array"),
  .config("encoder_config.model_type", 3, expected: "a string"),
  .config("encoder_config.model_type", "t5", expected: "modernbert"),
  .config("encoder_config.vocab_size", 0, expected: "from 1"),
  .config("encoder_config.hidden_size", "wide", expected: "integer"),
  .config("encoder_config.hidden_size", 1_099_511_627_776, expected: "from 1"),
  .config("encoder_config.num_attention_heads", 0, expected: "from 1"),
  .config("encoder_config.num_attention_heads", 5, expected: "divisor"),
  .config("encoder_config.num_hidden_layers", 0, expected: "from 1"),
  .config("encoder_config.num_hidden_layers", 1_000_000, expected: "to 1024"),
  .config("encoder_config.layer_types", ["full_attention"], expected: "names", found: "array"),
  .config("encoder_config.hidden_activation", "silu", expected: "gelu"),
  .config("encoder_config.norm_eps", 0, expected: "number"),
  .config("encoder_config.norm_eps", "small", expected: "number"),
  .config("encoder_config.max_position_embeddings", 0, expected: "from 1"),
  .config("encoder_config.local_attention", -1, expected: "from 0"),
  .config("encoder_config.attention_bias", "no", expected: "true or false"),
  .config("encoder_config.rope_scaling", ["type": "yarn"], expected: "absent", found: "object"),
]

private func deberta(
  _ field: String, _ value: JSON, expected: String, found: String? = nil
) -> MalformedFolder {
  .config(
    "encoder_config.\(field)", value, expected: expected, found: found, golden: "deberta")
}

private let malformedDeBERTaFields: [MalformedFolder] = [
  deberta("model_type", "deberta", expected: "deberta-v2"),
  deberta("vocab_size", -1, expected: "from 1"),
  deberta("hidden_size", -32, expected: "from 1"),
  deberta("hidden_size", JSON.null, expected: "from 1"),
  deberta("embedding_size", 0, expected: "from 1"),
  deberta("embedding_size", "32", expected: "integer"),
  deberta("intermediate_size", 1_099_511_627_776, expected: "to 65536"),
  deberta("num_attention_heads", -12, expected: "from 1"),
  deberta("num_attention_heads", 7, expected: "divisor of hidden_size 32"),
  deberta("attention_head_size", 8, expected: "16"),
  deberta("num_hidden_layers", -3, expected: "from 1"),
  deberta("max_position_embeddings", -512, expected: "from 1"),
  deberta("max_position_embeddings", 4_294_967_296, expected: "to 65536"),
  deberta("max_relative_positions", -2, expected: "from -1"),
  deberta("max_relative_positions", 1_073_741_824, expected: "to 65536"),
  deberta("position_buckets", -2, expected: "from -1"),
  deberta("position_buckets", 1, expected: "from 2"),
  deberta("position_buckets", 1022, expected: "from 2 to less than 1022"),
  deberta("position_buckets", 16.5, expected: "integer"),
  deberta("position_biased_input", 0, expected: "true or false"),
  deberta("relative_attention", "yes", expected: "true or false"),
  deberta("share_att_key", JSON.null, expected: "true or false"),
  deberta("pos_att_type", ["c2p", "p2p"], expected: "c2p"),
  deberta("pos_att_type", "p2c|", expected: "c2p"),
  deberta("pos_att_type", [3], expected: "a string", found: "3"),
  deberta("pos_att_type", true, expected: "an array"),
  deberta("norm_rel_ebd", "batch_norm", expected: "layer_norm"),
  deberta("norm_rel_ebd", JSON.null, expected: "a string"),
  deberta("type_vocab_size", -1, expected: "from 0"),
  deberta("layer_norm_eps", 0, expected: "number"),
  deberta("layer_norm_eps", -1e-7, expected: "number"),
  deberta("hidden_act", "gelu_new", expected: "gelu"),
  deberta("conv_kernel_size", 3, expected: "convolution"),
]

/// Upstream's values that this version does not compute.
private let unsupportedFields: [MalformedFolder] = [
  .config(
    "architecture_type", "bi-encoder", expected: "uni-encoder", found: "bi-encoder", .unsupported),
  .config(
    "architecture_type", "decoder-kv", expected: "uni-encoder", found: "decoder-kv", .unsupported),
  .config(
    "scorer_type", "decoder-kv", expected: "uni-encoders", found: "decoder-kv", .unsupported),
  .config("squeeze_layers", true, expected: "false", .unsupported),
  .config("multimodal", true, expected: "false", .unsupported),
]
