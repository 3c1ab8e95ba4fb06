"""Trains a uni-encoder (`uni.py`) on teacher targets and true labels, on several processes.

    python tools/train/fit.py --data ../shared/data --out RUN --tokens 8e6 [--resume]

Every worker has one thread, its own rows and its own AdamW, and they update one set of weights in
shared memory without locks ("Hogwild"): a worker that is held up holds up nobody, which is what a
shared machine needs. Batches are "soft" (targets are MiniLM's vectors and cosines) or true: all are
soft for the first --match of the run, and --soft-share of them after that. A checkpoint is written
every few minutes and at SIGINT or SIGTERM; --resume goes on from it, also with another --tokens.
"""

import argparse
import json
import os
import random
import signal
import time

import torch
import torch.multiprocessing as processes
import torch.nn.functional as F
from safetensors.torch import load_file

from data import SHARES, Rows
from prompt import PromptTokenizer, minilm_folder
from runs import Log, Memo, Sums, checkpoint_path, like_batches, save_whole
from teacher import OFFSET, SHARPNESS, Teacher
from uni import BertShape, Uni, batch_tensors, load_checkpoint


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="folder with train/ and text/")
    parser.add_argument("--out", required=True, help="folder of the run, outside the repository")
    parser.add_argument("--start", help="checkpoint whose weights to begin with")
    parser.add_argument("--teacher", help="checkpoint whose scores on true rows count for half")
    parser.add_argument("--tokens", type=float, default=3e6, help="length of the run")
    parser.add_argument("--match", type=float, default=0.1, help="share that is soft alone")
    parser.add_argument("--soft-share", type=float, default=0.25)
    parser.add_argument("--states", type=float, default=1, help="weight of vectors learned from")
    parser.add_argument("--cosine", type=float, default=0, help="MiniLM's part in teacher's logits")
    parser.add_argument("--ranks", type=float, default=0, help="weight of soft rows' best label")
    parser.add_argument("--without", nargs="*", default=[], choices=SHARES, help="sources left out")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--batch-tokens", type=int, default=1600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--checkpoint-minutes", type=float, default=3)
    parser.add_argument("--keep", type=float, default=2e6, help="keep a copy every so many tokens")
    parser.add_argument("--resume", action="store_true")
    return parser


def minilm_model():
    model = Uni(BertShape())
    model.encoder.load_minilm(load_file(os.path.join(minilm_folder(), "model.safetensors")))
    return model


class Worker:
    def __init__(self, args, rank, model, memo, tokens, stop):
        self.args, self.rank, self.model, self.memo = args, rank, model, memo
        self.total, self.stop = tokens, stop
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        started = int(tokens.value)
        seed = args.seed + 1000 * rank + started % 999_983
        self.random = random.Random(seed + 1)
        shares = {name: share for name, share in SHARES.items() if name not in args.without}
        self.rows = Rows(args.data, seed, shares)
        self.rows.find_near(memo)
        self.tokenizer = PromptTokenizer()
        self.prepare()
        self.optimizer = make_optimizer(model, args.rate)
        self.path = checkpoint_path(args.out)
        self.average = {name: t.detach().clone() for name, t in model.named_parameters()}
        if args.resume and os.path.exists(self.path):
            saved = torch.load(self.path, map_location="cpu", weights_only=False)
            for name, tensor in saved.get("average", {}).items():
                if name in self.average:
                    self.average[name] = tensor.float()
            if len(saved["optimizer"]["param_groups"]) == len(self.optimizer.param_groups):
                self.optimizer.load_state_dict(saved["optimizer"])

    def prepare(self):
        self.minilm = Teacher("cpu")
        self.guide = load_checkpoint(self.args.teacher)[0] if self.args.teacher else None
        self.known = dict(zip(self.memo.strings, self.memo.about)) if self.args.cosine else {}

    @property
    def progress(self):
        return min(1.0, self.total.value / self.args.tokens)

    def rate(self):
        done = self.progress
        return (
            self.args.rate * min(1, done / 0.03 + 0.02) * (0.02 + 0.98 * min(1, (1 - done) / 0.7))
        )

    def batches(self):
        while True:
            share = 1 if self.progress < self.args.match else self.args.soft_share
            ready = []
            for soft, count in ((True, round(400 * share)), (False, round(400 * (1 - share)))):
                drawn = like_batches(self.drawn(soft, count), self.args.batch_tokens, self.random)
                ready += [(soft, batch) for batch in drawn]
            self.random.shuffle(ready)
            yield from ready

    def drawn(self, soft, count):
        for _ in range(count):
            row = self.rows.draw_soft(self.memo) if soft else self.rows.draw()
            limit = self.random.choice((64, 96, 96, 160, 300, 450, 450))
            ids, span = self.tokenizer.encode(row, limit)
            if len(ids) <= self.longest:
                yield ids, span, row

    @property
    def longest(self):
        """Tokens that the model and its teacher have positions for."""
        shapes = [model.shape for model in (self.model, self.guide) if model is not None]
        return min(shape.context for shape in shapes)

    def forward(self, batch, model=None):
        ids, mask, owner, present = batch_tensors([ids for ids, _, _ in batch], self.tokenizer)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return *(model or self.model)(ids, mask, owner, present.shape[1]), present

    def loss(self, soft, batch):
        if soft and self.guide is None:
            return self.soft_loss(batch)
        return self.true_loss(batch, truth=1 if self.guide is None else 0 if soft else 0.5)

    def guided(self, batch):
        """The teacher's text vectors, label vectors and logits. It reads the labels in another
        order than the student, so that what an order does to it can not be learned."""
        orders, again = [], []
        for ids, span, row in batch:
            ids, order = shuffled(ids, self.tokenizer, self.random)
            orders.append(order), again.append((ids, span, row))
        with torch.no_grad():
            _, text, means, logits, _ = self.forward(again, self.guide)
            text, vectors = self.guide.text(text), self.guide.label(means)
        back = torch.zeros(logits.shape, dtype=torch.long)
        for i, order in enumerate(orders):
            back[i, order] = torch.arange(len(order))
        index = back[..., None].expand(-1, -1, vectors.shape[-1])
        logits = logits.gather(1, back)
        if self.args.cosine:
            logits = logits + self.args.cosine * self.cosine_logits(batch, logits.shape)
        return text, vectors.gather(1, index), logits

    def cosine_logits(self, batch, shape):
        """MiniLM's cosine of text and label, a row's mean taken off, times SHARPNESS."""
        vectors = self.read_plain(batch, 254)[1]
        out = torch.zeros(shape)
        missing = sorted({l for _, _, row in batch for l in row["labels"] if l not in self.known})
        if missing:
            bare = self.minilm.vectors(self.tokenizer, missing)
            both = with_sentence(self.minilm, self.tokenizer, missing, bare)
            self.known.update(zip(missing, both))
        for i, (_, _, row) in enumerate(batch):
            scores = torch.stack([self.known[l] for l in row["labels"]]) @ vectors[i]
            out[i, : len(scores)] = SHARPNESS * (scores - scores.mean())
        return out

    def read_plain(self, batch, longest=None):
        """MiniLM's states and vectors of the rows' texts alone, cut to `longest` tokens."""
        cls, end = [self.tokenizer.cls], [self.tokenizer.end]
        plain = [cls + ids[a:b][:longest] + end for ids, (a, b), _ in batch]
        return self.minilm.encode(plain, self.tokenizer.pad)

    def soft_loss(self, batch):
        hidden, text, labels, logits, present = self.forward(batch)
        states, vectors = self.read_plain(batch)
        label_vectors = torch.zeros(*present.shape, vectors.shape[-1])
        for i, (_, _, row) in enumerate(batch):
            label_vectors[i, : len(row["labels"])] = self.memo.rows(row["labels"])
        cosine = torch.einsum("bkd,bd->bk", label_vectors, vectors)
        parts = vector_parts((text, labels), (vectors, label_vectors), present) | {
            "logit": ((logits / SHARPNESS - cosine + OFFSET).square() * present).sum()
            / present.sum(),
            "token": apart(
                torch.cat([hidden[i, a:b] for i, (_, (a, b), _) in enumerate(batch)]),
                torch.cat([states[i, 1 : 1 + b - a] for i, (_, (a, b), _) in enumerate(batch)]),
            ).mean(),
        }
        loss = parts["text"] + parts["label"] + 10 * parts["logit"] + 0.5 * parts["token"]
        loss = self.args.states * loss
        if self.args.ranks:
            hide = lambda scores: scores.masked_fill(present == 0, -1e4).log_softmax(-1)
            theirs, ours = hide(SHARPNESS * cosine), hide(logits)
            parts["ranks"] = (theirs.exp() * (theirs - ours)).sum(-1).mean()
            loss = loss + self.args.ranks * parts["ranks"]
        return loss, parts

    def true_loss(self, batch, truth):
        """`truth`: the share of the true labels in the targets; the rest is the teacher's."""
        _, text, means, logits, present = self.forward(batch)
        true = torch.zeros_like(logits)
        for i, (_, _, row) in enumerate(batch):
            targets = row.get("targets", ())
            true[i, : len(targets)] = torch.tensor(targets)
        target, share = true, true / true.sum(-1, keepdim=True).clamp(min=1)
        masked = logits.masked_fill(present == 0, -1e4)
        parts = {}
        if truth < 1:
            their_text, their_labels, guided = self.guided(batch)
            ours = self.model.text(text), self.model.label(means)
            parts = vector_parts(ours, (their_text, their_labels), present)
            target = torch.lerp(guided.sigmoid(), target, truth)
            share = torch.lerp(guided.masked_fill(present == 0, -1e4).softmax(-1), share, truth)
        every = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * present
        loss = self.args.states * sum(parts.values())
        parts["bce"] = (every.sum(-1) / present.sum(-1).sqrt()).mean()
        loss = loss + parts["bce"]
        known = true if truth else share
        some = (known.sum(-1) > 0) & (present.sum(-1) > 1)
        if some.any():
            log = F.log_softmax(masked[some], dim=-1)
            parts["choice"] = -(log * share[some]).sum(-1).mean()
            best = known[some] == known[some].max(-1, keepdim=True).values
            found = best.gather(1, masked[some].argmax(-1)[:, None])
            parts["right" if truth else "alike"] = found.float().mean()
            loss = loss + (0.5 if truth else max(0.5, self.args.ranks)) * parts["choice"]
        return loss, parts

    def run(self):
        log, step, sums = Log(self.args.out), 0, Sums()
        saved_at, shown_at, shown_tokens = time.monotonic(), time.monotonic(), self.total.value
        kept = self.total.value // self.args.keep
        for soft, batch in self.batches():
            if self.progress >= 1 or self.stop.value:
                break
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate() * group["factor"]
            loss, parts = self.loss(soft, batch)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            if self.rank == 0:
                self.update_average()
            step += 1
            with self.total.get_lock():
                self.total.value += sum(len(ids) for ids, _, _ in batch)
            sums.add(parts)
            now = time.monotonic()
            if self.rank == 0 and now - shown_at > 60:
                speed = (self.total.value - shown_tokens) / (now - shown_at)
                log(f"step {step} tokens {self.total.value:.0f} ({speed:.0f}/s) {sums}")
                sums, shown_at, shown_tokens = Sums(), now, self.total.value
            if self.rank == 0 and now - saved_at > 60 * self.args.checkpoint_minutes:
                self.save()
                saved_at = now
                if self.total.value // self.args.keep > kept:
                    kept = self.total.value // self.args.keep
                    torch.save(
                        {
                            "model": bf16(self.averaged()),
                            "shape": self.model.shape.as_dict(),
                            "tokens": self.total.value,
                        },
                        os.path.join(self.args.out, f"at-{self.total.value / 1e6:.1f}M.pt"),
                    )
        if self.rank == 0:
            self.save()
            log(f"{'stopped' if self.stop.value else 'done'}: {self.total.value:.0f} tokens")

    def update_average(self):
        """Of the weights over the last steps: less noisy than the last ones."""
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                self.average[name].lerp_(parameter, 0.025)

    def averaged(self):
        return self.model.state_dict() | self.average

    def save(self):
        save_whole(
            {
                "model": self.model.state_dict(),
                "average": self.averaged(),
                "optimizer": self.optimizer.state_dict(),
                "shape": self.model.shape.as_dict(),
                "tokens": self.total.value,
                "arguments": vars(self.args),
            },
            self.path,
        )


def apart(ours, theirs):
    return 1 - F.cosine_similarity(ours, theirs, dim=-1)


def vector_parts(ours, theirs, present):
    """How far apart the (text vectors, label vectors) are, by name."""
    text, labels = (apart(a, b) for a, b in zip(ours, theirs))
    return {"text": text.mean(), "label": (labels * present).sum() / present.sum()}


def shuffled(ids, tokenizer, random_source):
    """The same row with its labels in another order. -> ids, order: the k-th is label order[k]"""
    sep = ids.index(tokenizer.sep)
    starts = [i for i in range(sep) if ids[i] == tokenizer.label]
    parts = [ids[a:b] for a, b in zip(starts, [*starts[1:], sep])]
    order = random_source.sample(range(len(parts)), len(parts))
    return ids[: starts[0]] + [t for k in order for t in parts[k]] + ids[sep:], order


def bf16(state):
    return {name: tensor.to(torch.bfloat16) for name, tensor in state.items()}


def make_optimizer(model, rate):
    """AdamW. Matrices of large entries, as convert.py makes them, move in proportion."""
    groups = []
    for parameter in model.parameters():
        factor, matrix = 1.0, parameter.dim() > 1
        if matrix:
            factor = min(20.0, max(1.0, parameter.detach().square().mean().sqrt().item() / 0.06))
        groups.append(
            {"params": [parameter], "factor": factor, "weight_decay": 0.01 if matrix else 0.0}
        )
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-6, fused=True)


def with_sentence(minilm, tokenizer, labels, vectors):
    """Means of MiniLM's `vectors` of labels and those of sentences that name them."""
    said = [f"This text is about {label}." for label in labels]
    return (vectors + minilm.vectors(tokenizer, said)) / 2


def make_memo(args):
    """Computed once per run folder."""
    path = os.path.join(args.out, "memo.pt")
    if os.path.exists(path):
        memo = Memo(*torch.load(path, weights_only=False))
        if args.cosine and memo.about is None:
            raise SystemExit(f"{path} was made without --cosine: remove it, or use another --out")
        return memo
    rows = Rows(args.data, args.seed)
    strings = rows.label_strings(16000)
    minilm, tokenizer = Teacher("cpu"), PromptTokenizer()
    vectors = minilm.vectors(tokenizer, strings)
    about = with_sentence(minilm, tokenizer, strings, vectors) if args.cosine else None
    torch.save((strings, vectors, about), path)
    return Memo(strings, vectors, about)


def head_direction(memo):
    """The direction MiniLM's vectors use least."""
    return torch.linalg.eigh(memo.vectors.T @ memo.vectors)[1][:, 0]


def work(rank, kind, args, model, memo, tokens, stop):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    torch.manual_seed(args.seed + rank)
    kind(args, rank, model, memo, tokens, stop).run()


def train(args, model, kind):
    """Runs `kind` (a Worker) on shared weights; `model` is what a run begins with."""
    path = checkpoint_path(args.out)
    torch.set_num_threads(args.workers)
    memo, tokens = make_memo(args), 0.0
    if args.resume and os.path.exists(path):
        saved = torch.load(path, map_location="cpu", weights_only=False)
        model.load_state_dict(saved["model"])
        tokens = saved["tokens"]
    elif os.path.exists(path):
        raise SystemExit("there is a checkpoint in --out: pass --resume, or empty the folder")
    model.share_memory()
    memo.vectors.share_memory_()
    if memo.about is not None:
        memo.about.share_memory_()
    log = Log(args.out)
    log(f"begins at {tokens:.0f} tokens: {json.dumps(vars(args))}")
    context = processes.get_context("spawn")
    total, stop = context.Value("d", tokens), context.Value("i", 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(stop, "value", 1))
    spawned = processes.spawn(
        work, (kind, args, model, memo, total, stop), nprocs=args.workers, join=False
    )
    while not spawned.join():
        pass


def main():
    args = arguments().parse_args()
    os.makedirs(args.out, exist_ok=True)
    if args.start:
        model = load_checkpoint(args.start)[0].train()
    else:
        model = minilm_model()
        model.make_cosine(head_direction(make_memo(args)), 6.0)
    train(args, model, Worker)


if __name__ == "__main__":
    main()
