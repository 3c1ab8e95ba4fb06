# The tiny DeBERTa-v2 checkpoints of the goldens: which configuration each one is, and what it is there
# to show. Buckets are few and reaches short, so that rows of 250 tokens lie in all of them.
import heads
import rows

# DeBERTa-v3 in small: relative positions alone, buckets, projections shared with the layers' own.
SMALL = dict(model_type="deberta-v2", hidden_size=20, num_hidden_layers=3, num_attention_heads=2,
             intermediate_size=28, hidden_act="gelu", layer_norm_eps=1e-7, relative_attention=True,
             max_relative_positions=-1, position_buckets=16, norm_rel_ebd="layer_norm",
             share_att_key=True, pos_att_type=["p2c", "c2p"], position_biased_input=False,
             type_vocab_size=0)
WIDE = dict(SMALL, hidden_size=32, intermediate_size=48)

CHECKPOINTS = {
    "deberta": dict(
        why="gliclass-base-v3.0 and large-v3.0 in small: DeBERTa-v3, first pooling, mlp scorer",
        encoder=WIDE, gliclass=dict(scorer_type="mlp"), rows=rows.EVERY, taps=["short", "long"]),
    "deberta-instruct": dict(
        why="gliclass-instruct-base and -large in small: average pooling, segments before the embedding norm",
        encoder=WIDE, gliclass=dict(scorer_type="mlp", class_token_pooling="average",
                                    use_segment_embeddings=True),
        rows=rows.EVERY, taps=["one example"]),
    "deberta-v1": dict(
        why="gliclass-v1.0 in small: DeBERTa-v3, text before labels, dot scorer",
        encoder=WIDE, gliclass=dict(prompt_first=False)),
    "deberta-words": dict(
        why="another tokenizer, three heads of size 5, seven buckets: an odd count",
        encoder=dict(SMALL, hidden_size=15, num_attention_heads=3, position_buckets=7),
        gliclass=dict(), tokenizer="words"),
    "deberta-unigram": dict(
        why="gliclass-base-v3.0 with its kind of tokenizer: Unigram behind a character map",
        encoder=WIDE, gliclass=dict(scorer_type="mlp"), tokenizer="unigram", rows=rows.BRIEF),
    "deberta-multilang": dict(
        why="gliclass-multilang-mini in small: mDeBERTa's kind of tokenizer; pass, cross-attn, average labels, extracted text",
        encoder=WIDE, tokenizer="unigram", rows=rows.BRIEF, gains=heads.GAINS,
        gliclass=dict(scorer_type="cross-attn", pooling_strategy="pass", scorer_mlp_hidden_size=48,
                      class_token_pooling="average", extract_text_features=True)),
    "deberta-256": dict(
        why="the published buckets: 256 within 512 positions; heads of size 64",
        encoder=dict(SMALL, hidden_size=64, num_attention_heads=1, num_hidden_layers=2,
                     position_buckets=256),
        gliclass=dict(), rows=rows.SOME, store="bfloat16", taps=["long"]),
    "deberta-reach": dict(
        why="max_relative_positions 60: distances beyond it share the last bucket of their side",
        encoder=dict(SMALL, max_relative_positions=60), gliclass=dict(), taps=["long"]),
    "deberta-no-buckets": dict(
        why="position_buckets -1: a vector for each distance up to 40, none normalised",
        encoder=dict(SMALL, max_relative_positions=40, position_buckets=-1, norm_rel_ebd="none"),
        gliclass=dict(), taps=["long"]),
    "deberta-own-projections": dict(
        why="share_att_key false: pos_key_proj and pos_query_proj",
        encoder=dict(SMALL, share_att_key=False), gliclass=dict(), taps=["short"]),
    "deberta-c2p": dict(
        why="c2p alone, with its own projection; scores divide by sqrt(2 d)",
        encoder=dict(SMALL, share_att_key=False, pos_att_type=["c2p"]), gliclass=dict(),
        taps=["short"]),
    "deberta-p2c": dict(
        why="p2c alone, with the shared projection; scores divide by sqrt(2 d)",
        encoder=dict(SMALL, pos_att_type=["p2c"]), gliclass=dict(), taps=["short"]),
    "deberta-absolute": dict(
        why="position_biased_input and token types, no relative attention: scores still divide by sqrt(3 d)",
        encoder=dict(SMALL, relative_attention=False, position_biased_input=True,
                     type_vocab_size=2),
        gliclass=dict(), taps=["short"]),
    "deberta-contents": dict(
        why="no positions at all: relative_attention false, pos_att_type null",
        encoder=dict(SMALL, relative_attention=False, pos_att_type=None), gliclass=dict(),
        rows=rows.FEW),
    "deberta-projection": dict(
        why="embedding_size 12: a projection before the embedding norm; absolute positions and token types too",
        encoder=dict(SMALL, embedding_size=12, position_biased_input=True, type_vocab_size=3),
        gliclass=dict(), taps=["short"]),
    "deberta-types": dict(
        why="token types without absolute positions",
        encoder=dict(SMALL, type_vocab_size=2), gliclass=dict(), rows=rows.FEW, taps=["short"]),
    "deberta-epsilon": dict(
        why="layer_norm_eps 1e-3 over small embeddings and position vectors: the epsilon decides",
        encoder=dict(SMALL, layer_norm_eps=1e-3), gliclass=dict(),
        gains={"word_embeddings.weight": 0.05, "rel_embeddings.weight": 0.05}, taps=["short"]),
    "deberta-one-layer": dict(
        why="one layer, which is the first and the last; the file is F16",
        encoder=dict(SMALL, num_hidden_layers=1), gliclass=dict(), rows=rows.SOME,
        store="float16"),
    "deberta-defaults": dict(
        why="only the keys that have no default: no model_type, so deberta-v2, and eps 1e-7; pos_att_type as"
        " one string, as old files have it",
        encoder=dict(SMALL), gliclass=dict(), rows=rows.FEW,
        encoder_keys=["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
                      "intermediate_size", "pad_token_id", "relative_attention", "position_buckets",
                      "norm_rel_ebd", "share_att_key", "position_biased_input"],
        patch={"encoder_config": {"pos_att_type": " P2C|c2p "}}),
}
