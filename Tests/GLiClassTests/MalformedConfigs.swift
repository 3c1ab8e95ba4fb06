// Ways to spoil config.json.

import GLiClass
import StrictJSON

let malformedConfigs: [MalformedFolder] =
  malformedConfigFiles + malformedHeadFields + malformedEncoderFields + malformedDeBERTaFields
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
  .config("projector_hidden_act", "relu", expected: "gelu"),
  .config("max_labels_alloc", "static", expected: "dynamic"),
  .config("max_labels_alloc", 0, expected: "fixed"),
  .config("max_labels_alloc", 1_073_741_824, expected: "fixed"),
  .config("max_num_classes", 0, expected: "from 1"),
  .config("max_num_classes", 5000, expected: "at most 1024", golden: "fixed-slots"),
]

private let malformedEncoderFields: [MalformedFolder] = [
  .config("encoder_config", nil, expected: "an object"),
  .config("encoder_config", JSON.null, expected: "an object"),
  .config("encoder_config", [], expected: "an object", found: "an array"),
  .config("encoder_config.model_type", 3, expected: "a string"),
  .config("encoder_config.model_type", "bert", expected: "modernbert"),
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
  .config("pooling_strategy", "avg", expected: "first", found: "avg", .unsupported),
  .config("pooling_strategy", "pass", expected: "first", found: "pass", .unsupported),
  .config("scorer_type", "weighted-dot", expected: "simple", found: "weighted-dot", .unsupported),
  .config("scorer_type", "cross-attn", expected: "mlp", found: "cross-attn", .unsupported),
  .config("squeeze_layers", true, expected: "false", .unsupported),
  .config("use_lstm", true, expected: "false", .unsupported),
  .config("use_calibrator", true, expected: "false", .unsupported),
  .config("multimodal", true, expected: "false", .unsupported),
  .config("encoder_layer_id", 3, expected: "-1", .unsupported),
]
