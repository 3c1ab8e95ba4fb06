// The encoder's config: upstream's defaults and spellings. Refusals: GLiClassTests/MalformedConfigs.

import Encoders
import Kernels
import StrictJSON
import Testing

private func config(_ text: String) throws -> DeBERTaConfig {
  try DeBERTaConfig(FieldReader(JSON(parsing: Array(text.utf8)), file: "config.json"))
}

@Suite struct DeBERTaConfigTests {
  @Test("an empty config is upstream's")
  func defaults() throws {
    let found = try config("{}")
    #expect(found.vocabularySize == 128_100 && found.hiddenSize == 1536)
    #expect(found.layerCount == 24 && found.headCount == 24 && found.intermediateSize == 6144)
    #expect(found.embeddingSize == 1536 && found.tokenTypeCount == 0)
    #expect(found.normEpsilon == 1e-7 && found.positionCount == 512)
    #expect(found.relative == nil && !found.scoresQueries && !found.scoresKeys)
  }

  @Test("a published config is the geometry of that name")
  func published() throws {
    let base = try config(
      """
      {"model_type": "deberta-v2", "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu",
       "hidden_dropout_prob": 0.1, "hidden_size": 768, "initializer_range": 0.02,
       "intermediate_size": 3072, "max_position_embeddings": 512, "relative_attention": true,
       "position_buckets": 256, "norm_rel_ebd": "layer_norm", "share_att_key": true,
       "pos_att_type": "p2c|c2p", "layer_norm_eps": 1e-7, "max_relative_positions": -1,
       "position_biased_input": false, "num_attention_heads": 12, "num_hidden_layers": 12,
       "type_vocab_size": 0, "vocab_size": 128100, "conv_kernel_size": null}
      """)
    #expect(
      base
        == DeBERTaConfig(
          hiddenSize: 768, intermediateSize: 3072, headCount: 12, layerCount: 12))
    #expect(base.positionLimit == 8192)
  }

  @Test("no more buckets than 0 means none, as upstream has it", arguments: [-1, 0])
  func noBuckets(count: Int) throws {
    let found = try config(
      #"{"relative_attention": true, "position_buckets": \#(count), "max_relative_positions": 0}"#)
    #expect(found.relative?.rule == RelativePositions.Rule(buckets: nil, reach: 512))
    #expect(found.relative?.isNormalized == false && found.relative?.sharesProjections == false)
  }

  @Test("one name of pos_att_type", arguments: [#""c2p""#, #"[ "c2p" ]"#, #"" C2P ""#])
  func oneTerm(_ value: String) throws {
    let found = try config(#"{"pos_att_type": \#(value)}"#)
    #expect(found.scoresQueries && !found.scoresKeys)
  }
}
