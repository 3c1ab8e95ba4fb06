"""Teaches a student (`convert.py` begins it) its teacher's states, token by token.

    python tools/train/match.py --data ../shared/data --teacher RUN/checkpoint.pt \\
        --start RUN2/start.pt --out RUN2 --tokens 2e7 [--resume]

Rows are those of fit.py, and plain passages with labels that need not fit; no truth is used. The
loss: how much of the variance of the teacher's states the student's do not explain (after every
layer, and at the end through a linear bridge, which is then thrown away), and the squared
difference of the logits. Checkpoints and --resume as in fit.py.
"""

import os

import torch
from torch import nn

from fit import Worker, arguments, train
from teacher import SHARPNESS
from uni import batch_tensors, load_checkpoint


class Matcher(Worker):
    def prepare(self):
        self.guide, _ = load_checkpoint(self.args.teacher)
        maps = torch.load(self.args.start, map_location="cpu", weights_only=False)["maps"]
        self.scale, self.shift = maps["scale"], maps["shift"]

    def drawn(self, soft, count):
        for _ in range(count):
            if self.random.random() < 0.55:
                row = self.rows.draw()
            else:
                row = self.rows.draw_soft(self.memo)
            limit = 300 if self.random.random() < 0.05 else 112
            ids, span = self.tokenizer.encode(row, limit)
            most = self.longest if self.random.random() < 0.1 else 256
            if len(ids) <= most:
                yield ids, span, row

    def loss(self, soft, batch):
        ids, mask, owner, present = batch_tensors([ids for ids, _, _ in batch], self.tokenizer)
        count, theirs, ours, kept = present.shape[1], [], [], mask.bool()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            with torch.no_grad():
                last, *_, wanted = self.guide(ids, mask, owner, count, theirs)
            state, *_, logits = self.model(ids, mask, owner, count, ours)
            bridged = self.model.bridge(state)

        def unexplained(mine, target):
            target = target.float()[kept]
            spread = (target - target.mean(0)).square().sum()
            return (mine.float()[kept] - target).square().sum() / spread

        layers = [
            unexplained(ours[i] * self.scale[i] + self.shift[i], theirs[i])
            for i in range(1, len(theirs))
        ]
        parts = {
            "first": layers[0],
            "middle": sum(layers[1:-1]) / len(layers[1:-1]),
            "end": unexplained(bridged, last),
            "logit": (((logits - wanted) / SHARPNESS).square() * present).sum() / present.sum(),
        }
        share = 0.5 if self.progress < 0.6 else 0.1
        loss = parts["end"] + share * sum(layers) / len(layers) + 8 * parts["logit"]
        return loss, parts


def main():
    args = arguments().parse_args()
    os.makedirs(args.out, exist_ok=True)
    model, saved = load_checkpoint(args.start)
    model.bridge = nn.Linear(model.shape.hidden, model.shape.hidden)
    with torch.no_grad():
        model.bridge.weight.copy_(saved["maps"]["weight"])
        model.bridge.bias.copy_(saved["maps"]["bias"])
    args.match = 0.0
    train(args, model.train(), Matcher)


if __name__ == "__main__":
    main()
