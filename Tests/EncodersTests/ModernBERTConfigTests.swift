// The encoder's config: both spellings, and one refusal per rule.

import Encoders
import StrictJSON
import Testing

private func config(_ text: String) throws -> ModernBERTConfig {
  try ModernBERTConfig(FieldReader(JSON(parsing: Array(text.utf8)), file: "config.json"))
}

@Suite struct ModernBERTConfigTests {
  @Test("an empty config is ModernBERT-base, as upstream has it")
  func defaults() throws {
    let base = try config("{}")
    #expect(base.hiddenSize == 768 && base.intermediateSize == 1152 && base.headCount == 12)
    #expect(base.layers.count == 22 && base.vocabularySize == 50368 && base.positionLimit == 8192)
    #expect(base.layers.prefix(4) == [.global, .local, .local, .global])
    #expect(base.window == 64 && base.globalTheta == 160_000 && base.localTheta == 10_000)
    #expect(base.normEpsilon == 1e-5 && !base.hasNormBias)
  }

  @Test("the old spelling")
  func oldSpelling() throws {
    let old = try config(
      """
      {"num_hidden_layers": 4, "global_attn_every_n_layers": 2, "global_rope_theta": 7e4,
       "local_rope_theta": 500.0, "local_attention": 9}
      """)
    #expect(old.layers == [.global, .local, .global, .local])
    #expect(old.globalTheta == 70_000 && old.localTheta == 500 && old.window == 4)
  }

  @Test("an old null local theta is the global one")
  func nullLocalTheta() throws {
    let old = try config(#"{"global_rope_theta": 1000, "local_rope_theta": null}"#)
    #expect(old.localTheta == 1000)
  }

  @Test("the new spelling wins over the old")
  func newSpelling() throws {
    let new = try config(
      """
      {"num_hidden_layers": 2, "layer_types": ["sliding_attention", "full_attention"],
       "global_attn_every_n_layers": 1, "global_rope_theta": 1, "local_rope_theta": 2,
       "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 300.0},
                           "sliding_attention": {"rope_theta": 40}}}
      """)
    #expect(new.layers == [.local, .global])
    #expect(new.globalTheta == 300 && new.localTheta == 40)
  }

  @Test(
    "a broken rule names its field",
    arguments: [
      (#"{"hidden_size": 0}"#, "hidden_size"),
      (#"{"hidden_size": "768"}"#, "hidden_size"),
      (#"{"hidden_size": 770}"#, "num_attention_heads"),
      (#"{"hidden_size": 12, "num_attention_heads": 4}"#, "num_attention_heads"),
      (#"{"num_hidden_layers": 0}"#, "num_hidden_layers"),
      (#"{"num_hidden_layers": 1e9}"#, "num_hidden_layers"),
      (#"{"vocab_size": 99999999999}"#, "vocab_size"),
      (#"{"intermediate_size": -1}"#, "intermediate_size"),
      (#"{"local_attention": -2}"#, "local_attention"),
      (#"{"norm_eps": 0}"#, "norm_eps"),
      (#"{"norm_eps": "1e-5"}"#, "norm_eps"),
      (#"{"num_hidden_layers": 1, "layer_types": ["full_attention", "x"]}"#, "layer_types"),
      (#"{"num_hidden_layers": 1, "layer_types": ["chunked_attention"]}"#, "layer_types"),
      (#"{"rope_scaling": {"factor": 2}}"#, "rope_scaling"),
      (
        #"{"rope_parameters": {"full_attention": {"rope_type": "yarn"}}}"#,
        "rope_parameters.full_attention.rope_type"
      ),
      (
        #"{"rope_parameters": {"sliding_attention": {"rope_theta": -1}}}"#,
        "rope_parameters.sliding_attention.rope_theta"
      ),
      (#"{"hidden_activation": "gelu_new"}"#, "hidden_activation"),
      (#"{"global_attn_every_n_layers": 0}"#, "global_attn_every_n_layers"),
      (#"{"attention_bias": 1}"#, "attention_bias"),
      (#"{"max_position_embeddings": 0}"#, "max_position_embeddings"),
    ])
  func refused(_ text: String, _ field: String) throws {
    let error = try #require(throws: FieldError.self) { try config(text) }
    #expect(error.field == field && error.file == "config.json")
  }
}
