"""Trains gliss-mini: MiniLM's knowledge first, then the GLiClass objective.

    python tools/train/train.py --data ../shared/data --out RUN --minutes 60 [--resume]

Progress runs from 0 to 1, by --minutes of training time or by --tokens, whichever comes first. Up
to --match, all rows are "soft": the model imitates all-MiniLM-L6-v2 (token states, sentence
vectors, cosine between text and label). After that only --soft-share of them are, and the others
carry true labels. A checkpoint is written every few minutes and at SIGINT or SIGTERM; --resume goes
on from it. Uses a GPU if there is one.
"""

import argparse
import math
import os
import random
import signal
import time

import torch
import torch.nn.functional as F

from data import Rows
from model import Classifier, Shape, batch_tensors
from prompt import PromptTokenizer
from runs import Log, Memo, Sums, checkpoint_path, like_batches, save_whole
from teacher import OFFSET, SHARPNESS, Targets, Teacher


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder with train/ and text/")
    parser.add_argument(
        "--out",
        required=True,
        help="folder for checkpoint.pt and train.log (never in the repository)",
    )
    parser.add_argument("--minutes", type=float, default=66)
    parser.add_argument(
        "--tokens", type=float, default=1e12, help="stop after so many tokens instead"
    )
    parser.add_argument(
        "--match", type=float, default=0.4, help="share of the run spent on teacher targets alone"
    )
    parser.add_argument("--soft-share", type=float, default=0.3, help="soft batches after that")
    parser.add_argument("--batch-tokens", type=int, default=3072)
    parser.add_argument("--rate", type=float, default=1.5e-3, help="AdamW's, while matching")
    parser.add_argument("--objective-rate", type=float, default=1e-3, help="after that, decaying")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--checkpoint-minutes", type=float, default=3)
    parser.add_argument(
        "--labels", type=int, default=24000, help="open label strings in the teacher's memo"
    )
    parser.add_argument("--resume", action="store_true")
    return parser.parse_args()


class Trainer:
    def __init__(self, args):
        self.args = args
        torch.set_num_threads(args.threads)
        torch.manual_seed(args.seed)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        os.makedirs(args.out, exist_ok=True)
        self.log = Log(args.out)
        generator = torch.Generator().manual_seed(args.seed)
        self.shape = Shape()
        self.tokenizer = PromptTokenizer()
        self.rows = Rows(args.data, args.seed)
        self.teacher = Teacher(self.device)
        strings = self.rows.label_strings(args.labels)
        self.memo = Memo(strings, self.memo_vectors(strings))
        self.rows.find_near(self.memo)
        sample = torch.cat(
            (
                self.memo.vectors[::4],
                self.teacher.vectors(
                    self.tokenizer, [self.rows.draw()["text"] for _ in range(3000)]
                ),
            )
        )
        self.targets = Targets(sample, self.shape.hidden, generator).to(self.device)
        table, kept = self.teacher.token_table(self.shape.hidden, generator)
        self.model = Classifier(self.shape)
        self.model.initialise(table, generator)
        self.model.to(self.device)
        self.to_teacher = torch.nn.Linear(self.shape.hidden, 384).to(self.device)
        self.optimizer = self.make_optimizer()
        self.step, self.tokens, self.seconds, self.stopped = 0, 0, 0.0, False
        self.batch_random = random.Random(args.seed + 1)
        parameters = sum(p.numel() for p in self.model.parameters()) + table.numel()
        self.log(
            f"parameters {parameters}, memo {len(strings)} labels, variance kept: "
            f"table {kept:.4f}, sentence vectors {self.targets.kept:.4f}"
        )

    def memo_vectors(self, strings):
        """Computed once per run folder."""
        path = os.path.join(self.args.out, "memo.pt")
        if os.path.exists(path):
            saved = torch.load(path, weights_only=False)
            if saved["strings"] == strings:
                return saved["vectors"].float()
        vectors = self.teacher.vectors(self.tokenizer, strings, longest=40)
        torch.save({"strings": strings, "vectors": vectors.half()}, path)
        return vectors.half().float()

    def make_optimizer(self):
        decay, plain = [], []
        for module in (self.model, self.to_teacher):
            for parameter in module.parameters():
                (decay if parameter.dim() > 1 else plain).append(parameter)
        groups = [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=self.args.rate, betas=(0.9, 0.98), eps=1e-8)

    @property
    def progress(self):
        return max(self.seconds / (60 * self.args.minutes), self.tokens / self.args.tokens)

    def rate(self):
        """Warm-up over the first 2 %, flat while matching, then a cosine to zero."""
        progress = min(self.progress, 1.0)
        if progress < 0.02:
            return self.args.rate * (0.05 + 0.95 * progress / 0.02)
        match = self.args.match
        if progress < match:
            return self.args.rate
        done = (progress - match) / max(1 - match, 1e-9)
        return self.args.objective_rate * 0.5 * (1 + math.cos(math.pi * done)) + 1e-6

    def batches(self):
        """Rows of like length, at most `batch_tokens` padded tokens; soft and true rows apart."""
        while True:
            soft = (
                self.progress < self.args.match or self.batch_random.random() < self.args.soft_share
            )
            drawn = []
            for _ in range(768):
                row = self.rows.draw_soft(self.memo) if soft else self.rows.draw()
                limit = 64 if soft else (400 if self.batch_random.random() < 0.04 else 112)
                ids, span = self.tokenizer.encode(row, limit)
                drawn.append((ids, span, row))
            yield from like_batches(drawn, self.args.batch_tokens, self.batch_random)

    def forward(self, batch):
        encoded = [ids for ids, _, _ in batch]
        ids, mask, markers, present = (
            t.to(self.device)
            for t in batch_tensors(encoded, self.tokenizer.pad, self.tokenizer.label)
        )
        with torch.autocast(self.device, dtype=torch.bfloat16):
            hidden, text, labels = self.model(ids, mask, markers)
        text, labels = text.float(), labels.float()
        return hidden, text, labels, (labels * text[:, None]).sum(-1), present

    def soft_loss(self, batch):
        hidden, text, labels, logits, present = self.forward(batch)
        plain = [[self.tokenizer.cls] + ids[a:b] + [self.tokenizer.end] for ids, (a, b), _ in batch]
        states, vectors = self.teacher.encode(plain, self.tokenizer.pad)
        text_target = self.targets(vectors, True)
        label_vectors = torch.zeros(*present.shape, 384)
        for i, (_, _, row) in enumerate(batch):
            label_vectors[i, : len(row["labels"])] = self.memo.rows(row["labels"])
        label_vectors = label_vectors.to(self.device)
        label_target = self.targets(label_vectors, False)
        cosine = torch.einsum("bkd,bd->bk", label_vectors, vectors)
        count = present.sum()
        loss_text = (text - text_target).square().sum(-1).mean() / SHARPNESS
        loss_label = ((labels - label_target).square().sum(-1) * present).sum() / count / SHARPNESS
        loss_logit = ((logits / SHARPNESS - (cosine - OFFSET)).square() * present).sum() / count
        own = torch.cat([hidden[i, a:b] for i, (_, (a, b), _) in enumerate(batch)])
        theirs = torch.cat([states[i, 1 : 1 + b - a] for i, (_, (a, b), _) in enumerate(batch)])
        with torch.autocast(self.device, dtype=torch.bfloat16):
            predicted = self.to_teacher(own)
        loss_token = (predicted.float() - theirs).square().mean() / theirs.var()
        parts = {"text": loss_text, "label": loss_label, "logit": loss_logit, "token": loss_token}
        return loss_text + loss_label + 5 * loss_logit + 0.5 * loss_token, parts

    def true_loss(self, batch):
        _, _, _, logits, present = self.forward(batch)
        target = torch.zeros_like(logits)
        for i, (_, _, row) in enumerate(batch):
            target[i, : len(row["targets"])] = torch.tensor(row["targets"], device=self.device)
        every = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * present
        per_row = every.sum(-1) / present.sum(-1).sqrt()
        single = (target.sum(-1) == 1) & (present.sum(-1) > 1)
        masked = logits.masked_fill(present == 0, -1e4)
        choice = (
            F.cross_entropy(masked[single], target[single].argmax(-1))
            if single.any()
            else logits.sum() * 0
        )
        right = (
            (masked[single].argmax(-1) == target[single].argmax(-1)).float().mean()
            if single.any()
            else torch.tensor(0.0)
        )
        loss = per_row.mean()
        return loss + 0.3 * choice, {"bce": loss, "choice": choice, "right": right}

    def save(self):
        save_whole(
            {
                "model": self.model.state_dict(),
                "to_teacher": self.to_teacher.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "shape": self.shape.as_dict(),
                "targets": (self.targets.projection.cpu(), self.targets.turn.cpu()),
                "step": self.step,
                "tokens": self.tokens,
                "seconds": self.seconds,
                "arguments": vars(self.args),
                "random": (
                    self.rows.rng.getstate(),
                    self.batch_random.getstate(),
                    torch.get_rng_state(),
                ),
            },
            checkpoint_path(self.args.out),
        )

    def load(self):
        path = checkpoint_path(self.args.out)
        if not os.path.exists(path):
            return
        saved = torch.load(path, weights_only=False, map_location="cpu")
        self.model.load_state_dict(saved["model"])
        self.to_teacher.load_state_dict(saved["to_teacher"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.targets.projection, self.targets.turn = (t.to(self.device) for t in saved["targets"])
        self.step, self.tokens, self.seconds = saved["step"], saved["tokens"], saved["seconds"]
        rows, batches, torch_state = saved["random"]
        self.rows.rng.setstate(rows)
        self.batch_random.setstate(batches)
        torch.set_rng_state(torch_state)
        self.log(f"resumed at step {self.step}, {self.seconds / 60:.1f} minutes")

    def run(self):
        if self.args.resume:
            self.load()
        elif os.path.exists(checkpoint_path(self.args.out)):
            raise SystemExit("there is a checkpoint in --out: pass --resume, or empty the folder")
        sums, saved_at, started = Sums(), self.seconds, (self.seconds, self.tokens)
        source = self.batches()
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, lambda *_: setattr(self, "stopped", True))
        while self.progress < 1 and not self.stopped:
            begun = time.monotonic()
            batch = next(source)
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate()
            soft = batch[0][2].get("soft", False)
            loss, parts = self.soft_loss(batch) if soft else self.true_loss(batch)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            trained = [p for p in self.model.parameters() if p.grad is not None]
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            self.optimizer.step()
            self.step += 1
            self.tokens += sum(len(ids) for ids, _, _ in batch)
            self.seconds += time.monotonic() - begun
            sums.add(parts)
            if self.step % 50 == 0:
                speed = (self.tokens - started[1]) / (self.seconds - started[0])
                self.log(
                    f"step {self.step} progress {self.progress:.3f} tokens {self.tokens} "
                    f"({speed:.0f}/s) rate {self.rate():.2e} {sums}"
                )
                sums, started = Sums(), (self.seconds, self.tokens)
            if self.seconds - saved_at > 60 * self.args.checkpoint_minutes:
                self.save()
                saved_at = self.seconds
        self.save()
        self.log(
            f"{'stopped' if self.stopped else 'done'}: {self.step} steps, "
            f"{self.tokens} tokens, {self.seconds / 60:.1f} minutes"
        )


if __name__ == "__main__":
    Trainer(arguments()).run()
