# The heads of the goldens: every legal scorer x pooling x prompt order, and every option of a head.
# They share one small encoder, one tokenizer and, by scorer, their weights: make.py links the files.
import rows

# E = 20: 2 and 5 heads divide it, 16 (the default of cross-attn) does not.
ENCODER = dict(hidden_size=20, num_hidden_layers=2, num_attention_heads=2, intermediate_size=28,
               local_attention=8, global_attn_every_n_layers=2,
               global_rope_theta=160000.0, local_rope_theta=10000.0)
# E = 32: 16 divides it.
EDGE = dict(ENCODER, hidden_size=32, intermediate_size=48)

POOLINGS = ["first", "last", "avg", "max", "sum", "rms", "abs_max", "abs_avg"]
SCORERS = ["simple", "weighted-dot", "mlp", "hopfield"]
CROSS = dict(scorer_type="cross-attn", pooling_strategy="pass", scorer_num_heads=5,
             scorer_mlp_hidden_size=24)
ACTIVATIONS = ["relu", "silu", "tanh", "sigmoid", "quick_gelu", "gelu_new", "linear"]

# They spread the logits over a few units.
GAINS = {"out_mlp.0.weight": 1.5, "out_mlp.3.weight": 2.0, "score_mlp.0.weight": 1.5,
         "score_mlp.2.weight": 1.5, "score_mlp.4.weight": 3.0, "calibrator.mlp.6.weight": 2.0,
         "scorer.q_proj.weight": 0.4}
# A sum is as large as its text is long: damped, lest large terms cancel to small logits.
SUM = {"text_projector.linear_2.weight": 0.05}


# What hopfield adds to a label is as large as its text: its logits are kept smaller.
HOPFIELD = {"scorer.mlp.4.weight": 2.4}


def head(why, encoder=ENCODER, embeddings=False, gains=None, **gliclass):
    gains = dict(GAINS, **(gains or {}))
    if gliclass.get("pooling_strategy") == "sum":
        gains.update(SUM)
    if gliclass.get("scorer_type") == "hopfield":
        gains.update(HOPFIELD)
    return dict(why=why, encoder=encoder, gliclass=gliclass, spelling="brief", links=True,
                rows=rows.HEADS, embeddings=embeddings, gains=gains)


CHECKPOINTS = {}

for scorer in SCORERS:
    for pooling in POOLINGS:
        for order in ("", "-text-first"):
            CHECKPOINTS[f"{scorer}-{pooling.replace('_', '-')}{order}"] = head(
                f"scorer {scorer}, pooling {pooling}, {'text' if order else 'labels'} first",
                scorer_type=scorer, pooling_strategy=pooling, prompt_first=not order,
                embeddings=pooling == "avg" and scorer in ("simple", "hopfield"))
for order in ("", "-text-first"):
    CHECKPOINTS[f"cross-attn-pass{order}"] = head(
        f"scorer cross-attn, pooling pass, {'text' if order else 'labels'} first",
        prompt_first=not order, embeddings=not order, **CROSS)

# Extracted text: poolings without a mask see the zeros behind it, cross-attn does not.
for pooling in POOLINGS:
    CHECKPOINTS[f"extract-{pooling.replace('_', '-')}"] = head(
        f"extract_text_features with pooling {pooling}: the zero tail is pooled too",
        pooling_strategy=pooling, extract_text_features=True)
# Two tokens: in some columns both are negative, and the zeros are the maximum.
CHECKPOINTS["extract-max"]["rows"] = [*rows.HEADS, rows.PLAIN[6]]
CHECKPOINTS.update({
    "extract-avg-text-first": head(
        "extract_text_features with the text first: only labels and what follows are pooled",
        pooling_strategy="avg", extract_text_features=True, prompt_first=False),
    "extract-max-mlp": head(
        "extract_text_features, maximum with the zero tail, scorer mlp",
        pooling_strategy="max", extract_text_features=True, scorer_type="mlp"),
    "multilang": head(
        "gliclass-multilang in small: pass, cross-attn of 16 heads, average labels, extracted text",
        encoder=EDGE, embeddings=True, scorer_type="cross-attn", pooling_strategy="pass",
        scorer_mlp_hidden_size=48, class_token_pooling="average", extract_text_features=True),
    "multilang-text-first": head(
        "the same with the text before the labels",
        encoder=EDGE, scorer_type="cross-attn", pooling_strategy="pass",
        scorer_mlp_hidden_size=48, class_token_pooling="average", extract_text_features=True,
        prompt_first=False),
    "cross-attn-odd": head(
        "cross-attn of one head, its MLP 9 and 4 wide, label token after the marker",
        **dict(CROSS, scorer_num_heads=1, scorer_mlp_hidden_size=9, embed_class_token=False)),
    "cross-attn-segments": head(
        "cross-attn over segment embeddings", use_segment_embeddings=True, **CROSS),
    "cross-attn-normalized": head(
        "normalize_features with pass: every token is normalised", normalize_features=True,
        embeddings=True, gains={"score_mlp.4.weight": 1.0}, **CROSS),
    "cross-attn-fixed-slots": head(
        "cross-attn with 9 label slots", max_labels_alloc="fixed", max_num_classes=9, **CROSS),
    "hopfield-fixed-slots": head(
        "hopfield with 9 label slots: those without a label share in the softmax",
        scorer_type="hopfield", max_labels_alloc="fixed", max_num_classes=9),
    "weighted-dot-fixed-slots": head(
        "weighted-dot with 8 label slots", scorer_type="weighted-dot", max_labels_alloc=8),
    "hopfield-average": head(
        "hopfield with average labels and abs_avg text", scorer_type="hopfield",
        class_token_pooling="average", pooling_strategy="abs_avg"),
    "weighted-dot-normalized": head(
        "normalize_features with weighted-dot", scorer_type="weighted-dot",
        normalize_features=True, pooling_strategy="rms"),
    "hopfield-normalized": head(
        "normalize_features with hopfield", scorer_type="hopfield", normalize_features=True),
    "avg-normalized": head(
        "normalize_features of averaged text", pooling_strategy="avg", normalize_features=True,
        embeddings=True),
    # LSTM: its rows end with the text.
    "lstm": head("use_lstm, first pooling: the backward state of the whole row", use_lstm=True,
                 embeddings=True),
    "lstm-last": head("use_lstm, last pooling: the forward state of the whole row",
                      use_lstm=True, pooling_strategy="last", scorer_type="mlp"),
    "lstm-avg-text-first": head("use_lstm, averaged, the text first", use_lstm=True,
                                pooling_strategy="avg", prompt_first=False),
    "lstm-extract-last": head("use_lstm over extracted text: no zero tail is left to pool",
                              use_lstm=True, extract_text_features=True, pooling_strategy="last"),
    "lstm-extract-avg": head("use_lstm over extracted text, averaged", use_lstm=True,
                             extract_text_features=True, pooling_strategy="avg",
                             scorer_type="hopfield"),
    "lstm-cross-attn": head("use_lstm before cross-attn", use_lstm=True, **CROSS),
    # Calibrator.
    "calibrator": head("use_calibrator: a factor of its own for every logit", use_calibrator=True,
                       calibrator_hidden_size=12),
    "calibrator-bias": head("calibrator_use_bias and a beta_max of 1.7, scorer mlp",
                            use_calibrator=True, calibrator_hidden_size=12, calibrator_beta_max=1.7,
                            calibrator_use_bias=True, scorer_type="mlp", pooling_strategy="avg"),
    "calibrator-fixed-slots": head("use_calibrator with 9 slots: those without a label keep their logit",
                                   use_calibrator=True, calibrator_hidden_size=12,
                                   max_labels_alloc="fixed", max_num_classes=9),
    "calibrator-normalized": head("use_calibrator behind normalised features and scaled logits",
                                  use_calibrator=True, calibrator_hidden_size=12,
                                  normalize_features=True, scorer_type="hopfield"),
    "lstm-calibrator": head("use_lstm and use_calibrator", use_lstm=True, use_calibrator=True,
                            calibrator_hidden_size=12, pooling_strategy="abs_max"),
})

# Inner hidden states. layer_wise makes upstream ask the encoder for them (gliclass 0.1.21 forgets to
# otherwise); it changes nothing else at inference.
for index, what in [(0, "the embeddings"), (1, "the first layer's output"), (2, "the final norm's"),
                    (-2, "the first layer's of two, from the end"), (-3, "the embeddings, from the end")]:
    CHECKPOINTS[f"hidden-state-{'last-' if index < 0 else ''}{abs(index)}"] = head(
        f"encoder_layer_id {index}: {what}", encoder_layer_id=index, layer_wise=True,
        class_token_pooling="average", pooling_strategy="avg" if index == 1 else "first")

for activation in ACTIVATIONS:
    CHECKPOINTS[f"projector-{activation.replace('_', '-')}"] = head(
        f"projector_hidden_act {activation}", projector_hidden_act=activation)
