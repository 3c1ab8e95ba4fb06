# The tiny checkpoints of the goldens: which configuration each one is, and what it is there to show.
# Those of the encoder, the prompt and the first heads are here; heads.py has every other head.
# Dimensions are small and awkward on purpose: head sizes 6, 10, 16, 18, 64, and odd widths.
import copy

import bert
import deberta
import heads
import rows
import vocabulary as vocabularies

# Shapes. Checkpoints of one shape that differ in flags only share their weights.
SMALL = dict(hidden_size=20, num_hidden_layers=4, num_attention_heads=2, intermediate_size=28,
             local_attention=8, global_attn_every_n_layers=3,
             global_rope_theta=160000.0, local_rope_theta=10000.0)
EDGE = dict(SMALL, hidden_size=32, intermediate_size=48, num_hidden_layers=4,
            local_rope_theta=160000.0)
WIDE = dict(SMALL, hidden_size=36, intermediate_size=52, num_hidden_layers=5, local_attention=6)

# name: why, encoder (old spelling), gliclass fields, and optionally tokenizer, rows, spelling, store,
# taps (row names), gains, patch (edits of config.json after saving).
CHECKPOINTS = {
    "edge": dict(
        why="gliclass-edge-v3.0 in small: first pooling, mlp scorer, local theta equal to global, old spelling",
        encoder=EDGE, gliclass=dict(scorer_type="mlp", scorer_mlp_hidden_size=64),
        rows=rows.EVERY, taps=["task prompt"], store="float32"),
    "modern": dict(
        why="gliclass-modern-v3.0 in small: first pooling, dot scorer, local theta 10000, v5 spelling; head size 18",
        encoder=WIDE, gliclass=dict(), spelling="new", rows=rows.EVERY, taps=["short"],
        store="float32"),
    "instruct": dict(
        why="gliclass-instruct in small: average pooling (last span runs to the row's end), segments, mlp",
        encoder=EDGE, gliclass=dict(scorer_type="mlp", class_token_pooling="average",
                                    use_segment_embeddings=True),
        rows=rows.EVERY, taps=["short", "one example"]),
    "first-after-marker": dict(
        why="embed_class_token false with first pooling: the token after each marker",
        encoder=SMALL, gliclass=dict(embed_class_token=False)),
    "first-extract": dict(
        why="extract_text_features: the text feature is <<SEP>>",
        encoder=SMALL, gliclass=dict(extract_text_features=True)),
    "average": dict(
        why="average pooling, dot scorer: the last label's span runs to the end of the row",
        encoder=SMALL, gliclass=dict(class_token_pooling="average"), taps=["short"]),
    "average-marker-out": dict(
        why="average pooling without the marker itself",
        encoder=SMALL, gliclass=dict(class_token_pooling="average", embed_class_token=False)),
    "average-extract": dict(
        why="average pooling, spans end at the first <<SEP>>",
        encoder=SMALL, gliclass=dict(class_token_pooling="average", extract_text_features=True),
        taps=["short"]),
    "average-extract-marker-out": dict(
        why="average pooling, spans end at the first <<SEP>>, without the marker",
        encoder=SMALL, gliclass=dict(class_token_pooling="average", extract_text_features=True,
                                     embed_class_token=False)),
    "text-first": dict(
        why="prompt_first false: text, labels, prompt, examples",
        encoder=SMALL, gliclass=dict(prompt_first=False), rows=rows.EVERY),
    "text-first-average": dict(
        why="prompt_first false with average pooling and segments",
        encoder=SMALL, gliclass=dict(prompt_first=False, class_token_pooling="average",
                                     use_segment_embeddings=True)),
    "text-first-extract": dict(
        why="prompt_first false with extraction; a <<SEP>> in the text (raw) empties every span: zero slots",
        encoder=SMALL, gliclass=dict(prompt_first=False, class_token_pooling="average",
                                     extract_text_features=True), rows=rows.SOME + rows.RAW),
    "segments": dict(
        why="segment embeddings, before the embedding norm; with examples the whole row is segment 2",
        encoder=SMALL, gliclass=dict(use_segment_embeddings=True), taps=["one example"]),
    "segments-text-first": dict(
        why="segment embeddings with the text before the labels",
        encoder=SMALL, gliclass=dict(use_segment_embeddings=True, prompt_first=False)),
    "normalized": dict(
        why="normalize_features: cosine times logit_scale (3.7, raw)",
        encoder=SMALL, gliclass=dict(normalize_features=True)),
    "normalized-tiny": dict(
        why="normalize_features with features near 1e-7: the epsilon is added to the norm, not max'ed",
        encoder=SMALL, gliclass=dict(normalize_features=True), rows=rows.FEW,
        gains={"projector.linear_2.weight": 1e-8, "projector.linear_2.bias": 1e-8}),
    "normalized-mlp": dict(
        why="normalize_features with the mlp scorer",
        encoder=SMALL, gliclass=dict(normalize_features=True, scorer_type="mlp"), rows=rows.FEW,
        gains={"scorer.mlp.0.weight": 5.0, "scorer.mlp.4.weight": 4.0}),
    "epsilon": dict(
        why="norm_eps 1e-3 over small embeddings: the epsilon decides",
        encoder=dict(SMALL, norm_eps=1e-3), gliclass=dict(),
        gains={"tok_embeddings.weight": 0.05}, taps=["short"]),
    "biases": dict(
        why="attention_bias, mlp_bias and norm_bias true",
        encoder=dict(SMALL, attention_bias=True, mlp_bias=True, norm_bias=True), gliclass=dict(),
        taps=["short"]),
    "layer-types": dict(
        why="v5 layer_types in no period, first layer local; thetas 5000 and 300",
        encoder=dict(SMALL, num_hidden_layers=6, global_rope_theta=5000.0, local_rope_theta=300.0,
                     layer_types=["sliding_attention", "full_attention", "sliding_attention",
                                  "sliding_attention", "full_attention", "sliding_attention"]),
        gliclass=dict(), spelling="new", taps=["short"]),
    "both-spellings": dict(
        why="a file with both spellings that disagree: upstream reads the v5 keys",
        encoder=SMALL, gliclass=dict(), spelling="new", rows=rows.FEW,
        patch={"encoder_config": {"global_attn_every_n_layers": 2, "global_rope_theta": 700.0,
                                  "local_rope_theta": 70.0}}),
    "window-odd": dict(
        why="local_attention 5 is 2 each way; 4 heads of size 6; a global layer every 2",
        encoder=dict(SMALL, hidden_size=24, num_attention_heads=4, local_attention=5,
                     global_attn_every_n_layers=2, num_hidden_layers=3), gliclass=dict(), taps=["short"]),
    "window-one": dict(
        why="local_attention 2 is 1 each way",
        encoder=dict(SMALL, local_attention=2), gliclass=dict(), rows=rows.FEW),
    "all-global": dict(
        why="global_attn_every_n_layers 1: no local layer",
        encoder=dict(SMALL, global_attn_every_n_layers=1, num_hidden_layers=3), gliclass=dict(),
        rows=rows.FEW),
    "defaults": dict(
        why="a config with only the keys that have no default: window 128, thetas 160000 and 10000, eps 1e-5",
        encoder=dict(hidden_size=20, num_hidden_layers=4, num_attention_heads=2, intermediate_size=28),
        gliclass=dict(prompt_first=False), spelling="minimal", rows=rows.EVERY),
    "head-64": dict(
        why="one head of size 64, as in every published model; the file is BF16",
        encoder=dict(SMALL, hidden_size=64, num_attention_heads=1, intermediate_size=40,
                     num_hidden_layers=3, global_attn_every_n_layers=2), gliclass=dict(),
        store="bfloat16", rows=rows.SOME, taps=["short"]),
    "half": dict(
        why="the file is F16", encoder=SMALL, gliclass=dict(), store="float16", rows=rows.FEW),
    "sharded": dict(
        why="three or more shards behind model.safetensors.index.json",
        encoder=SMALL, gliclass=dict(), store="sharded", rows=rows.FEW),
    "no-prefix-space": dict(
        why="a tokenizer file whose add_prefix_space is false",
        encoder=SMALL, gliclass=dict(), tokenizer="bytes", rows=rows.EVERY),
    "no-example-token": dict(
        why="a vocabulary without <<EXAMPLE>>: rows with examples are refused by Gliss",
        encoder=SMALL, gliclass=dict(), tokenizer="bytes-no-example",
        rows=rows.PLAIN + rows.PROMPTS, refuses_examples=True),
    "words": dict(
        why="WordPiece, lowercased; a label of no tokens leaves an empty span: zero vector, still scored",
        encoder=SMALL, gliclass=dict(class_token_pooling="average", embed_class_token=False),
        tokenizer="words", rows=rows.EVERY + rows.NOTHING),
    "words-first": dict(
        why="WordPiece with first pooling", encoder=SMALL, gliclass=dict(), tokenizer="words",
        rows=rows.SOME + rows.NOTHING),
    "fixed-slots": dict(
        why="max_labels_alloc fixed: max_num_classes slots, the missing ones are zero vectors, still scored",
        encoder=SMALL, gliclass=dict(max_labels_alloc="fixed", max_num_classes=9), rows=rows.SOME),
    "counted-slots": dict(
        why="max_labels_alloc 8: eight slots",
        encoder=SMALL, gliclass=dict(max_labels_alloc=8), rows=rows.FEW),
    "projector-width": dict(
        why="hidden_size differs from the encoder's: the projectors' middle width", encoder=SMALL,
        gliclass=dict(hidden_size=28), rows=rows.FEW),
    "marks": dict(
        why="gliclass-multilang with its kind of tokenizer (mmBERT, Gemma 2): BPE over characters, spaces as marks, bytes at need",
        encoder=EDGE, tokenizer="marks", rows=rows.BRIEF, gains=heads.GAINS,
        gliclass=dict(scorer_type="cross-attn", pooling_strategy="pass", scorer_mlp_hidden_size=48,
                      class_token_pooling="average", extract_text_features=True)),
}

CHECKPOINTS.update(deberta.CHECKPOINTS)
CHECKPOINTS.update(bert.CHECKPOINTS)


CHECKPOINTS.update(heads.CHECKPOINTS)


def config_of(name, tokenizer):
    """The GLiClassModelConfig arguments of one checkpoint, from its tokenizer's ids."""
    checkpoint = CHECKPOINTS[name]
    vocabulary = tokenizer.get_vocab_size()

    def special(token):
        return tokenizer.token_to_id(vocabularies.special(checkpoint.get("tokenizer"), token))

    encoder = copy.deepcopy(checkpoint["encoder"])
    encoder.setdefault("model_type", "modernbert")
    encoder.update(
        vocab_size=vocabulary, max_position_embeddings=512,
        pad_token_id=special("[PAD]"), bos_token_id=special("[CLS]"), cls_token_id=special("[CLS]"),
        eos_token_id=special("[SEP]"), sep_token_id=special("[SEP]"))
    config = dict(
        architecture_type="uni-encoder", encoder_model="tiny", encoder_config=encoder,
        vocab_size=vocabulary, hidden_size=encoder["hidden_size"], prompt_first=True,
        class_token_index=tokenizer.token_to_id("<<LABEL>>"),
        text_token_index=tokenizer.token_to_id("<<SEP>>"))
    example = tokenizer.token_to_id("<<EXAMPLE>>")
    if example is not None:
        config["example_token_index"] = example
    config.update(checkpoint["gliclass"])
    return config


BASE_GAINS = {"projector.linear_2.weight": 0.85, "scorer.mlp.0.weight": 1.5,
              "scorer.mlp.2.weight": 1.5, "scorer.mlp.4.weight": 3.0}


def gains_of(name):
    """What the last layers are multiplied by, so that logits spread over a few units."""
    gains = dict(BASE_GAINS)
    gains.update(CHECKPOINTS[name].get("gains", {}))
    return gains


def old_spelling(encoder, source):
    """An encoder_config as transformers 4.48 wrote it: no layer_types, no rope_parameters."""
    encoder = {k: v for k, v in encoder.items() if k not in ("layer_types", "rope_parameters")}
    encoder.update({
        "global_attn_every_n_layers": source["global_attn_every_n_layers"],
        "global_rope_theta": source["global_rope_theta"],
        "local_rope_theta": source["local_rope_theta"],
        "position_embedding_type": "absolute", "reference_compile": None,
        "repad_logits_with_grad": False,
    })
    return dict(sorted(encoder.items()))


def new_spelling(encoder):
    """An encoder_config as transformers 5 writes it from new arguments."""
    old = ("global_attn_every_n_layers", "global_rope_theta", "local_rope_theta")
    return {k: v for k, v in encoder.items() if k not in old}


def only(encoder, keys):
    """An encoder_config of these keys alone, where the file's others say what is the default anyway."""
    return {k: v for k, v in encoder.items() if k in keys}


def brief(config, source):
    """What has no default, and what the table sets."""
    encoder = minimal(config)["encoder_config"]
    encoder.update(source["encoder"])
    brief = minimal(config)
    brief.update({k: config[k] for k in source["gliclass"]})
    brief["encoder_config"] = dict(sorted(encoder.items()))
    return dict(sorted(brief.items()))


def minimal(config):
    """Only what has no default, plus what differs from it."""
    encoder = ("model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
               "intermediate_size", "pad_token_id", "max_position_embeddings")
    outer = ("architectures", "model_type", "class_token_index", "text_token_index",
             "example_token_index", "encoder_model_name", "hidden_size", "vocab_size", "prompt_first",
             "architecture_type")
    kept = {k: v for k, v in config.items() if k in outer}
    kept["encoder_config"] = {k: v for k, v in config["encoder_config"].items() if k in encoder}
    return dict(sorted(kept.items()))
