#!/usr/bin/env python3
"""Writes the sequence classifiers of `tools/peers/run joint`: for every random GLiClass folder FOLDER/NAME a
folder FOLDER/NAME-pairs, a ModernBertForSequenceClassification over the same encoder weights.

usage: pair_models.py FOLDER NAME...
"""

import json
import pathlib
import shutil
import sys

import safetensors.torch
import torch
from transformers import ModernBertConfig, ModernBertForSequenceClassification

PREFIX = "model.encoder_model."


def write(source: pathlib.Path, target: pathlib.Path) -> None:
    config = json.loads((source / "config.json").read_text())["encoder_config"]
    torch.manual_seed(0)
    model = ModernBertForSequenceClassification(ModernBertConfig(**config, num_labels=1)).eval()
    weights = safetensors.torch.load_file(source / "model.safetensors")
    encoder = {n.removeprefix(PREFIX): t for n, t in weights.items() if n.startswith(PREFIX)}
    model.model.load_state_dict(encoder)
    model.save_pretrained(target)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(source / name, target / name)


def main() -> None:
    folder, *names = sys.argv[1:]
    for name in names:
        target = pathlib.Path(folder, f"{name}-pairs")
        if not (target / "config.json").exists():
            write(pathlib.Path(folder, name), target)


if __name__ == "__main__":
    main()
