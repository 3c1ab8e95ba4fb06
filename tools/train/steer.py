"""Quick macro-F1 of checkpoints on seeded samples, to steer by; figures come from gliss eval.

    python tools/train/steer.py --data ../shared/data/eval RUN/checkpoint.pt [minilm] ...

`minilm` is all-MiniLM-L6-v2's cosine between text and label, `minilm+` with "This text is about
{}."; anything else is a checkpoint of fit.py or match.py. Argmax over a set's own label names, no
prompt, texts cut at 512 tokens. situation: micro- and macro-F1 at 0.5 and at the best threshold,
and the expected calibration error. Spread: mean range of a score over five label orders.
"""

import argparse
import os
import random

import torch

from prompt import PromptTokenizer
from sets import NEWSGROUPS, SETS, f1, read
from teacher import Teacher
from uni import batch_tensors, load_checkpoint

SHORT = {name: name.split(".")[0][:12] for name in SETS}


class Checkpoint:
    def __init__(self, path):
        self.model, saved = load_checkpoint(path)
        self.tokenizer = PromptTokenizer()
        self.about = f"{saved.get('tokens', 0) / 1e6:.2f}M tokens"

    @torch.no_grad()
    def logits(self, rows, budget=4000):
        longest = min(512, self.model.shape.context)
        encoded = []
        for row in rows:
            ids, (start, end) = self.tokenizer.encode(row, 100_000)
            encoded.append(ids[: longest - 1] + [self.tokenizer.end] if len(ids) > longest else ids)
        order = sorted(range(len(rows)), key=lambda i: len(encoded[i]))
        out, batch = [None] * len(rows), []
        for position, index in enumerate(order):
            batch.append(index)
            after = order[position + 1] if position + 1 < len(order) else None
            if after is None or (len(batch) + 1) * len(encoded[after]) > budget:
                ids, mask, owner, present = batch_tensors(
                    [encoded[i] for i in batch], self.tokenizer
                )
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    scores = self.model(ids, mask, owner, present.shape[1])[-1]
                for i, row in zip(batch, scores.tolist()):
                    out[i] = row[: len(rows[i]["labels"])]
                batch = []
        return out


class Cosine:
    """Logits are 16 (cosine - 0.25), so that 0.5 is a threshold of 0.25."""

    def __init__(self, template):
        self.teacher, self.tokenizer, self.template = Teacher("cpu"), PromptTokenizer(), template
        self.about = template

    def logits(self, rows):
        labels = sorted({label for row in rows for label in row["labels"]})
        vectors = self.teacher.vectors(self.tokenizer, [self.template.format(l) for l in labels])
        texts = self.teacher.vectors(self.tokenizer, [row["text"] for row in rows], 254, 16)
        all_scores = 16 * (texts @ vectors.T - 0.25)
        index = {label: i for i, label in enumerate(labels)}
        return [
            all_scores[n, [index[label] for label in row["labels"]]].tolist()
            for n, row in enumerate(rows)
        ]


def open_model(name):
    if name in ("minilm", "minilm+"):
        return Cosine("{}" if name == "minilm" else "This text is about {}.")
    return Checkpoint(name)


def multi_label(logits, gold, shown):
    """-> {name: value} for a set with several labels per row."""
    at = lambda cut: f1(
        [{l for l, s in zip(shown, row) if s >= cut} for row in logits], gold, shown
    )
    best = [max(at(cut / 4)[k] for cut in range(-16, 17)) for k in (0, 1)]
    pairs = [
        (torch.tensor(s).sigmoid().item(), label in own)
        for row, own in zip(logits, gold)
        for label, s in zip(shown, row)
    ]
    error = 0.0
    for low in range(10):
        inside = [(p, t) for p, t in pairs if low <= p * 10 < low + 1 or (low == 9 and p == 1)]
        if inside:
            error += abs(sum(p for p, _ in inside) - sum(t for _, t in inside)) / len(pairs)
    macro, micro = at(0.0)
    return {
        "macro@.5": macro,
        "micro@.5": micro,
        "macro best": best[0],
        "micro best": best[1],
        "ECE": error,
    }


def spread(model, rows, labels, random_source):
    rows, scores = rows[:60], []
    for _ in range(5):
        order = random_source.sample(range(len(labels)), len(labels))
        asked = [{"text": r["text"], "labels": [labels[i] for i in order]} for r in rows]
        found = torch.tensor(model.logits(asked)).sigmoid()
        scores.append(found[:, [order.index(i) for i in range(len(labels))]])
    scores = torch.stack(scores)
    return (scores.max(0).values - scores.min(0).values).mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder with the evaluation sets")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--long-rows", type=int, default=250, help="of 20newsgroups, banking77")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for name in options.models:
        model, line, total = open_model(name), [], []
        for data in options.sets:
            rows = read(os.path.join(options.data, data + ".jsonl.gz"))
            labels = sorted({label for row in rows for label in row["labels"]})
            count = options.long_rows if data[:2] in ("20", "ba") else options.rows
            rows = random.Random(options.seed).sample(rows, min(count, len(rows)))
            shown = [label for label in labels if label != "out-of-domain"]
            spelt = [NEWSGROUPS.get(label, label) for label in shown]
            logits = model.logits([{"text": r["text"], "labels": spelt} for r in rows])
            gold = [set(row["labels"]) & set(shown) for row in rows]
            if data.startswith("situation"):
                result = multi_label(logits, gold, shown)
                line.append(" ".join(f"{k} {v:.3f}" for k, v in result.items()))
                continue
            predicted = [{shown[max(range(len(r)), key=r.__getitem__)]} for r in logits]
            total.append(f1(predicted, gold, shown)[0])
            line.append(f"{SHORT[data]} {total[-1]:.3f}")
            if data.startswith("agnews") and isinstance(model, Checkpoint):
                line.append(f"(spread {spread(model, rows, spelt, random.Random(1)):.3f})")
        mean = f"mean {sum(total) / len(total):.4f} " if total else ""
        print(f"{name} [{model.about}] {mean}| {' '.join(line)}", flush=True)


if __name__ == "__main__":
    main()
