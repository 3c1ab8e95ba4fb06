#!/usr/bin/env python3
# Writes full-size random GLiClass folders and their upstream logits, outside the repository, rows of
# up to 512 tokens: ModernBERT-base (22 x 768), edge and instruct-edge (Ettin-32m, 10 x 384), multilang-edge
# (mmBERT-small, 22 x 384, 256,002 rows of vocabulary, under the tokenizer of the others), DeBERTa-v3-base
# (12 x 768) and -large (24 x 1024), those also 1024 tokens, beyond their max_position_embeddings.
# usage: geometries.py [--out /work/geometries] [--tokenizer tokenizer.json] [--only NAME]
import argparse
import json
from pathlib import Path

import numpy as np
import torch

import upstream

MODERNBERT = dict(
    model_type="modernbert",
    max_position_embeddings=8192,
    local_attention=128,
    global_attn_every_n_layers=3,
    global_rope_theta=160000.0,
    norm_eps=1e-5,
)
DEBERTA = dict(
    model_type="deberta-v2",
    max_position_embeddings=512,
    relative_attention=True,
    position_buckets=256,
    norm_rel_ebd="layer_norm",
    share_att_key=True,
    pos_att_type=["p2c", "c2p"],
    position_biased_input=False,
    type_vocab_size=0,
    layer_norm_eps=1e-7,
)
ROWS = [(512, 0), (512, 3), (512, 5), (128, 1), (128, 2), (37, 4)]
EDGE = dict(
    hidden_size=384,
    num_hidden_layers=10,
    num_attention_heads=6,
    intermediate_size=576,
    encoder=dict(MODERNBERT, local_rope_theta=160000.0),
    scorer_type="mlp",
    projector_gain=2.0,
    embedding_deviation=0.5,
)
GEOMETRIES = {
    "base": dict(
        hidden_size=768,
        num_hidden_layers=22,
        num_attention_heads=12,
        intermediate_size=1152,
        encoder=dict(MODERNBERT, local_rope_theta=10000.0),
        scorer_type="simple",
        projector_gain=0.45,
        embedding_deviation=0.5,
    ),
    "edge": EDGE,
    "deberta-base": dict(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        encoder=DEBERTA,
        scorer_type="mlp",
        projector_gain=2.0,
        embedding_deviation=0.5,
        rows=[*ROWS, (1024, 1)],
    ),
    "deberta-large": dict(
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        encoder=DEBERTA,
        scorer_type="mlp",
        projector_gain=2.0,
        embedding_deviation=0.5,
        rows=[*ROWS, (1024, 1)],
    ),
    "instruct": dict(
        EDGE,
        head=dict(class_token_pooling="average", use_segment_embeddings=True),
    ),
    "multilang": dict(
        hidden_size=384,
        num_hidden_layers=22,
        num_attention_heads=6,
        intermediate_size=1152,
        encoder=dict(MODERNBERT, local_rope_theta=160000.0),
        scorer_type="cross-attn",
        projector_gain=2.0,
        embedding_deviation=0.5,
        vocabulary=256002,
        head=dict(
            pooling_strategy="pass", class_token_pooling="average", extract_text_features=True
        ),
    ),
}
VOCABULARY = 50370
LABELS = ["space travel", "gardening", "weather", "public transport", "cooking at home"]
SENTENCES = """
The night train left the coast at nine and crossed three rivers before the first stop.
A gardener keeps the seedlings under glass until the last frost has passed.
Engineers replaced the pump, checked every valve twice, and wrote the pressures in a notebook.
Heavy rain is expected in the north, with sunny spells and light wind toward the evening.
The recipe asks for two onions, a handful of lentils, and more patience than most people have.
After forty days in orbit the small probe unfolded its panels and sent back a clear signal.
Two councils disagree about the new tram line, its cost, and the trees along the avenue.
She bought a second-hand camera for 85 euros and learned to develop film in the kitchen.
""".split("\n")


def write(folder, geometry, tokenizer):
    size = geometry["hidden_size"]
    vocabulary = geometry.get("vocabulary", VOCABULARY)
    config = dict(
        architecture_type="uni-encoder",
        encoder_model="random",
        vocab_size=vocabulary,
        class_token_index=50368,
        text_token_index=50369,
        hidden_size=size,
        prompt_first=True,
        scorer_type=geometry["scorer_type"],
        encoder_config=dict(
            geometry["encoder"],
            vocab_size=vocabulary,
            hidden_size=size,
            num_hidden_layers=geometry["num_hidden_layers"],
            num_attention_heads=geometry["num_attention_heads"],
            intermediate_size=geometry["intermediate_size"],
        ),
        **geometry.get("head", {}),
    )
    # The last projection is damped so that logits land near what trained checkpoints give (std 2...4).
    gains = {
        "projector.linear_2.weight": geometry["projector_gain"],
        "scorer.mlp.0.weight": 1.5,
        "scorer.mlp.2.weight": 1.5,
        "scorer.mlp.4.weight": 4.0,
        "score_mlp.0.weight": 1.5,
        "score_mlp.2.weight": 1.5,
        "score_mlp.4.weight": 4.0,
        "tok_embeddings.weight": geometry["embedding_deviation"],
        "word_embeddings.weight": geometry["embedding_deviation"],
    }
    model = upstream.build(config, f"geometry-{size}", gains)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "pad_token": "[PAD]",
                "cls_token": "[CLS]",
                "sep_token": "[SEP]",
                "mask_token": "[MASK]",
                "unk_token": "[UNK]",
                "model_max_length": 8192,
            },
            indent=2,
        )
        + "\n"
    )


def text_of(pipeline, token_count, first):
    """A text whose whole row is exactly `token_count` tokens long."""
    sentences = [line for line in SENTENCES if line]
    words = [w for i in range(200) for w in sentences[(first + i * 3) % len(sentences)].split()]
    count = lambda text: len(pipeline.prepare_inputs([text], LABELS, True)["input_ids"][0])
    taken = token_count - 40 if token_count > 60 else 1
    while count(" ".join(words[:taken])) > token_count:
        taken -= 1
    text = " ".join(words[:taken])
    while count(text) < token_count:
        text += " a"  # one token
    assert count(text) == token_count
    return {"text": text, "labels": LABELS}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=Path("/work/geometries"))
    parser.add_argument(
        "--tokenizer",
        type=Path,
        default=Path("/work/shared/data/tokenizers/gliclass-modernbert/tokenizer.json"),
    )
    parser.add_argument("--only", choices=GEOMETRIES)
    options = parser.parse_args()
    torch.set_num_threads(2)
    for name, geometry in GEOMETRIES.items():
        if options.only not in (None, name):
            continue
        folder = options.out / name
        write(folder, geometry, options.tokenizer)
        pipeline = upstream.load(folder)
        rows = []
        for token_count, first in geometry.get("rows", ROWS):
            row = text_of(pipeline, token_count, first)
            result = upstream.score(pipeline, row)
            rows.append(
                {
                    **row,
                    "tokens": len(result["ids"]),
                    "ids": result["ids"],
                    "logits": upstream.plain(result["logits"]),
                }
            )
        spread = np.array([row["logits"] for row in rows])
        print(
            f"{name}: {len(rows)} rows, logits std {spread.std():.3f}, max {abs(spread).max():.3f}"
        )
        # How far upstream's own float32 is from wider arithmetic (its RoPE and softmax stay float32):
        # the floor under any comparison.
        exact = upstream.load(folder, dtype=torch.float64)
        for row in rows:
            row["logits_float64"] = upstream.score(exact, row)["logits"].tolist()
        delta = abs(spread - np.array([row["logits_float64"] for row in rows])).max()
        (options.out / f"{name}.rows.json").write_text(json.dumps(rows, indent=1) + "\n")
        print(f"{name}: upstream float32 against float64: max |delta logit| {delta:.2e}")
    (options.out / "READY").write_text("ready\n")


if __name__ == "__main__":
    main()
