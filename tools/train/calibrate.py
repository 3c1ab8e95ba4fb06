"""Moves a model's logits so that 0.5 is the threshold of the best micro-F1 over several labels.

    python tools/train/calibrate.py --data ../shared/data --checkpoint RUN/checkpoint.pt --out OUT.pt

Trained on cross entropy, a score is near the share of labels that are right, and F1 is best at a
threshold below one half. Rows of the training sources say how far below; the biases of the head
and its scale are then fitted to the logits with that much added. The order of a row's labels by
score hardly changes. Nothing else does, and the file is what folder.py reads.
"""

import argparse

import torch
import torch.nn.functional as F

from data import Rows
from prompt import PromptTokenizer
from uni import batch_tensors, load_checkpoint

MULTIPLE = ("emotion", "debtags", "wordnet", "wiki_description", "wiki_topic", "dbpedia", "section")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder with train/ and text/")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True, help="checkpoint to write")
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--seed", type=int, default=77)
    return parser


@torch.no_grad()
def vectors(model, rows, tokenizer):
    """What the head makes of rows before its biases, all labels in one list. -> text vectors
    [labels, width], label vectors [labels, width], targets [labels]"""
    texts, labels, targets = [], [], []
    for first in range(0, len(rows), 8):
        group = rows[first : first + 8]
        encoded = [tokenizer.encode(row, 300)[0] for row in group]
        ids, mask, owner, present = batch_tensors(encoded, tokenizer)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            _, text, means, _ = model(ids, mask, owner, present.shape[1])
        for i, row in enumerate(group):
            count = len(row["labels"])
            texts.append((text[i] @ model.text.weight.T).expand(count, -1))
            labels.append(means[i, :count] @ model.label.weight.T)
            targets += row["targets"]
    return torch.cat(texts), torch.cat(labels), torch.tensor(targets)


def scores(model, texts, labels):
    return model.scale * F.cosine_similarity(
        texts + model.text.bias, labels + model.label.bias, dim=-1
    )


def best_threshold(logits, targets):
    """Micro-F1's best threshold, as a logit, and F1 there and at 0."""
    order = logits.argsort(descending=True)
    hits = targets[order].cumsum(0)
    f1 = 2 * hits / (torch.arange(1, len(order) + 1) + targets.sum())
    at_zero = f1[(logits > 0).sum() - 1]
    return logits[order[f1.argmax()]].item(), f1.max().item(), at_zero.item()


def move(model, texts, labels, offset, steps=300):
    """Fits biases and scale to the logits with `offset` added. -> root mean square error"""
    target = scores(model, texts, labels).detach() + offset
    optimizer = torch.optim.Adam([model.text.bias, model.label.bias, model.scale], lr=0.01)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * (1 - step / steps)
        error = (scores(model, texts, labels) - target).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
    return error.item() ** 0.5


def main():
    options = arguments().parse_args()
    torch.manual_seed(options.seed)
    model, saved = load_checkpoint(options.checkpoint)
    source = Rows(options.data, options.seed, dict.fromkeys(MULTIPLE, 1))
    tokenizer = PromptTokenizer()
    rows = []
    while len(rows) < options.rows:
        row = source.draw()
        if len(row["labels"]) > 3:
            rows.append(row)
    texts, labels, targets = vectors(model, rows, tokenizer)
    threshold, best, at_half = best_threshold(scores(model, texts, labels).detach(), targets)
    error = move(model, texts, labels, -threshold)
    after = best_threshold(scores(model, texts, labels).detach(), targets)[2]
    print(
        f"best threshold {torch.tensor(threshold).sigmoid():.3f}, micro-F1 there {best:.3f}, at 0.5 "
        f"{at_half:.3f}, now {after:.3f}; logits are "
        f"{-threshold:+.3f} higher within {error:.3f}"
    )
    torch.save({**saved, "average": model.state_dict(), "optimizer": None}, options.out)


if __name__ == "__main__":
    main()
