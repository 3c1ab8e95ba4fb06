"""Writes the mean of two checkpoints' weights, which keeps much of what either of them learned last.

    python tools/train/soup.py --out MEAN.pt --share 0.5 FIRST/checkpoint.pt SECOND/checkpoint.pt

SHARE is the first one's. The second must have been trained on from the first, or both from one start:
weights of unrelated runs have no meaningful mean. Averaged weights are taken where a checkpoint has them.
"""

import argparse

import torch


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("first")
    parser.add_argument("second")
    options = parser.parse_args()
    first, second = (
        torch.load(path, map_location="cpu", weights_only=False)
        for path in (options.first, options.second)
    )
    if first["shape"] != second["shape"]:
        raise SystemExit(f"{options.first} has another shape than {options.second}")
    left, right = (saved.get("average", saved["model"]) for saved in (first, second))
    share = options.share
    second["average"] = {
        name: share * left[name].float() + (1 - share) * tensor.float()
        for name, tensor in right.items()
        if name in left
    }
    del second["optimizer"]
    torch.save(second, options.out)


if __name__ == "__main__":
    main()
