"""Macro-F1 of an exported folder on samples of evaluation sets: a look, never used to choose.

    python tools/train/evaluate.py --model FOLDER --data ../shared/data/eval [--rows N]

Single-label sets: argmax over the set's own label names, no prompt; macro-F1 over its labels.
situation (multi-label): scores at or above 0.5. Rows are a seeded sample, texts cut at 512 tokens.
"""

import argparse
import gzip
import json
import os
import random

import torch
from safetensors.torch import load_file

from model import Classifier, Shape, batch_tensors
from prompt import PromptTokenizer

NEWSGROUPS = {
    "alt.atheism": "atheism",
    "comp.graphics": "computer graphics",
    "comp.os.ms-windows.misc": "microsoft windows",
    "comp.sys.ibm.pc.hardware": "ibm pc hardware",
    "comp.sys.mac.hardware": "mac hardware",
    "comp.windows.x": "x window system",
    "misc.forsale": "for sale",
    "rec.autos": "cars",
    "rec.motorcycles": "motorcycles",
    "rec.sport.baseball": "baseball",
    "rec.sport.hockey": "hockey",
    "sci.crypt": "cryptography",
    "sci.electronics": "electronics",
    "sci.med": "medicine",
    "sci.space": "space",
    "soc.religion.christian": "christianity",
    "talk.politics.guns": "gun politics",
    "talk.politics.mideast": "middle east politics",
    "talk.politics.misc": "politics",
    "talk.religion.misc": "religion",
}
SETS = [
    "agnews.test",
    "emotion.test",
    "banking77.test",
    "20newsgroups.test",
    "sst2.test",
    "sst5.test",
    "cr.all",
    "financial_phrasebank_allagree.all",
    "situation.test",
]


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Exported:
    """A folder written by export.py, in float32."""

    def __init__(self, folder):
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            config = json.load(file)
        encoder = config["encoder_config"]
        self.tokenizer = PromptTokenizer()
        shape = Shape(
            vocabulary=self.tokenizer.base_vocabulary,
            hidden=encoder["hidden_size"],
            layers=encoder["num_hidden_layers"],
            heads=encoder["num_attention_heads"],
            intermediate=encoder["intermediate_size"],
            window=encoder["local_attention"],
            global_every=encoder["global_attn_every_n_layers"],
            global_theta=encoder["global_rope_theta"],
            local_theta=encoder["local_rope_theta"],
        )
        state = {
            name.removeprefix("model."): tensor.float()
            for name, tensor in load_file(os.path.join(folder, "model.safetensors")).items()
        }
        table = state.pop("encoder_model.embeddings.tok_embeddings.weight")
        state.pop("logit_scale")
        state["encoder_model.embeddings.table"] = table[: shape.vocabulary]
        state["encoder_model.embeddings.special"] = table[shape.vocabulary :]
        self.model = Classifier(shape)
        self.model.load_state_dict(state)
        self.model.eval()

    @torch.no_grad()
    def logits(self, rows, longest=512, budget=16384):
        """Rows -> one list of logits each."""
        encoded = [self.tokenizer.encode(row, longest)[0] for row in rows]
        order = sorted(range(len(rows)), key=lambda i: len(encoded[i]))
        out, batch = [None] * len(rows), []
        for position, index in enumerate(order):
            batch.append(index)
            following = len(encoded[order[position + 1]]) if position + 1 < len(order) else None
            if following is None or (len(batch) + 1) * following > budget:
                tensors = batch_tensors(
                    [encoded[i] for i in batch], self.tokenizer.pad, self.tokenizer.label
                )
                _, text, labels = self.model(*tensors[:3])
                scores = (labels * text[:, None]).sum(-1)
                for i, row in zip(batch, scores.tolist()):
                    out[i] = row[: len(rows[i]["labels"])]
                batch = []
        return out


def f1(predicted, gold, labels):
    """Macro and micro F1 over sets of labels per row."""
    scores, totals = [], [0, 0, 0]
    for label in labels:
        hit = sum(label in p and label in g for p, g in zip(predicted, gold))
        given, true = sum(label in p for p in predicted), sum(label in g for g in gold)
        totals = [totals[0] + hit, totals[1] + given, totals[2] + true]
        if given + true:
            scores.append(2 * hit / (given + true))
    return sum(scores) / len(scores), 2 * totals[0] / max(1, totals[1] + totals[2])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True, help="folder with the evaluation sets")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    exported = Exported(options.model)
    for name in options.sets:
        rows = read(os.path.join(options.data, name + ".jsonl.gz"))
        labels = sorted({label for row in rows for label in row["labels"]})
        rows = random.Random(options.seed).sample(rows, min(options.rows, len(rows)))
        multi = name.startswith("situation")
        shown = [label for label in labels if label != "out-of-domain"]
        asked = [
            {"text": row["text"], "labels": [NEWSGROUPS.get(label, label) for label in shown]}
            for row in rows
        ]
        logits = exported.logits(asked)
        if multi:
            predicted = [
                {label for label, score in zip(shown, row) if score >= 0} for row in logits
            ]
        else:
            predicted = [{shown[max(range(len(row)), key=row.__getitem__)]} for row in logits]
        macro, micro = f1(predicted, [set(row["labels"]) & set(shown) for row in rows], shown)
        print(
            f"{name:36} rows {len(rows):5} labels {len(shown):3} "
            f"macro-F1 {macro:.4f} micro-F1 {micro:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
