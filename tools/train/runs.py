"""What a run keeps in its folder: the log, MiniLM's vectors of label strings, the checkpoint."""

import os
import time

import torch

from modern import rounded


class Log:
    def __init__(self, folder):
        self.path = os.path.join(folder, "train.log")

    def __call__(self, line):
        line = f"{time.strftime('%H:%M:%S')} {line}"
        print(line, flush=True)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(line + "\n")


class Sums:
    """Means of named values, for a line of the log."""

    def __init__(self):
        self.sums, self.counts = {}, {}

    def add(self, parts):
        for name, value in parts.items():
            self.sums[name] = self.sums.get(name, 0.0) + value.item()
            self.counts[name] = self.counts.get(name, 0) + 1

    def __str__(self):
        return " ".join(f"{name} {self.sums[name] / self.counts[name]:.4f}" for name in self.sums)


class Memo:
    """Label strings and MiniLM's unit vectors of them; `about`: those that --cosine compares."""

    def __init__(self, strings, vectors, about=None):
        self.strings, self.vectors, self.about = strings, vectors, about
        self.index = {string: i for i, string in enumerate(strings)}

    def __contains__(self, string):
        return string in self.index

    def rows(self, strings):
        return self.vectors[[self.index[s] for s in strings]]

    def near(self, string, count):
        """The `count` strings most like this one, itself not among them."""
        likeness = self.vectors @ self.vectors[self.index[string]]
        return [self.strings[i] for i in likeness.topk(count + 1).indices[1:].tolist()]


def checkpoint_path(folder):
    return os.path.join(folder, "checkpoint.pt")


def save_whole(content, path):
    """The file is there as it was, or as it will be."""
    torch.save(content, path + ".new")
    os.replace(path + ".new", path)


def like_batches(items, most, random_source):
    """(ids, ...) items in batches of like length, at most `most` padded tokens each, shuffled."""
    ready, batch = [], []
    for item in sorted(items, key=lambda item: len(item[0])):
        if batch and (len(batch) + 1) * rounded(len(item[0])) > most:
            ready.append(batch)
            batch = []
        batch.append(item)
    if batch:
        ready.append(batch)
    random_source.shuffle(ready)
    return ready
