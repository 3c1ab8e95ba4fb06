#!/usr/bin/env python3
# Makes Tests/Goldens/pipelines.json: what the official pipelines answer (labels, scores, nested results)
# on the tiny checkpoints of Tests/Goldens, for every pipeline feature that upstream has.
# usage: pipelines.py [--out Tests/Goldens/pipelines.json]
#
# A case says its texts and options in Gliss's terms; `call` turns them into upstream's call. Upstream
# runs with batch_size 1, so that no row is padded (its poolers see padding, Gliss has none).
import argparse
import json
from pathlib import Path

import gliclass
import numpy as np
import torch
import transformers
from gliclass import ZeroShotClassificationPipeline
from gliclass.pipeline import ZeroShotClassificationWithChunkingPipeline

import rows
import upstream

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [rows.TEXT, rows.LONG[:180], "He's sure they'll win."]
TREE = {"topic": ["food", "travel", "money"], "tone": ["kind", "angry"]}
DEEP = {
    "news": {
        "world": {"europe": ["north", "south"], "asia": "east"},
        "sport": ["football", "tennis"],
    },
    "weather": ["rain", "sun"],
    "other": "unknown",
}
MANY = rows.SEVEN + ["food", "travel", "sport", "law"]
EXAMPLE = rows.EXAMPLE
SECOND = {"text": "Rain in the north.", "labels": ["weather"]}

# Fields: texts, labels (shared) or row_labels, mode / modes, threshold / thresholds, prompt / prompts,
# examples / row_examples, separator, max_tokens, template, lowercase, describe, chunk (labels a chunk),
# window (characters, overlap).
CASES = [
    dict(name="flat, multi-label", labels=rows.SEVEN),
    dict(name="flat, single-label", labels=rows.SEVEN, mode="single-label"),
    dict(name="threshold 0.9", labels=rows.SEVEN, threshold=0.9),
    dict(name="threshold 0", labels=rows.LABELS, threshold=0.0),
    dict(name="a threshold a text", labels=rows.SEVEN, thresholds=[0.1, 0.5, 0.95]),
    dict(name="a mode a text", labels=rows.SEVEN,
         modes=["single-label", "multi-label", "single-label"], threshold=0.3),
    dict(name="labels a text", row_labels=[rows.LABELS, rows.SEVEN, ["positive", "negative"]]),
    dict(name="labels a text, single-label", mode="single-label",
         row_labels=[rows.LABELS, rows.SEVEN, ["positive", "negative"]]),
    dict(name="tree", labels=TREE),
    dict(name="tree, single-label", labels=TREE, mode="single-label"),
    dict(name="tree, another separator", labels=TREE, separator=" > "),
    dict(name="tree, no separator", labels=TREE, separator=""),
    dict(name="deep tree", labels=DEEP, threshold=0.2),
    dict(name="deep tree, single-label, slash", labels=DEEP, separator="/", mode="single-label"),
    dict(name="trees a text", row_labels=[TREE, DEEP, {"mood": ["glad", "sad"]}]),
    dict(name="prompt", labels=rows.LABELS, prompt="Choose what the text is about: "),
    dict(name="a prompt a text", labels=rows.LABELS, prompts=["Topics: ", "What is it? ", "Mood? "]),
    dict(name="examples", labels=rows.LABELS, examples=[EXAMPLE, SECOND]),
    dict(name="examples a text", labels=rows.LABELS, row_examples=[[EXAMPLE], None, [SECOND, EXAMPLE]]),
    dict(name="tree, prompt and examples", labels=TREE, prompt="Choose: ", examples=[SECOND]),
    dict(name="descriptions", labels=["food", "travel"],
         describe={"food": "meals, drinks and where they are served", "travel": "trains and trams"}),
    dict(name="tree with descriptions", labels=TREE, describe={"topic.money": "prices, bills"}),
    dict(name="template", labels=rows.LABELS, template="This text is about {}."),
    dict(name="template twice, tree", labels=TREE, template="{}? Yes: {}", mode="single-label"),
    dict(name="lowercased labels", labels=["Food And Drink", "TRAVEL", "ÉTÉ"], lowercase=True),
    dict(name="cut at 64 tokens", texts=[rows.LONG, rows.TEXT * 3], labels=rows.LABELS, max_tokens=64),
    dict(name="chunks of 4", labels=MANY, chunk=4),
    dict(name="chunks of 4, single-label", labels=MANY, chunk=4, mode="single-label"),
    dict(name="chunks of 8, tree", labels=DEEP, chunk=2, threshold=0.4),
    dict(name="windows", texts=[rows.LONG, rows.TEXT], labels=MANY, chunk=4, window=[120, 30]),
    dict(name="windows, single-label", texts=[rows.LONG, rows.TEXT], labels=MANY, chunk=4,
         window=[120, 30], mode="single-label"),
    dict(name="windows that touch", texts=[rows.LONG[:360]], labels=rows.SEVEN, chunk=8,
         window=[120, 0], mode="single-label", prompt="Choose: "),
    dict(name="windows, tree, single-label", texts=[rows.LONG], labels=DEEP, chunk=3,
         window=[200, 50], mode="single-label"),
    dict(name="windows of other scripts", texts=[rows.STRINGS[1]["text"] * 6], labels=rows.LABELS,
         chunk=2, window=[50, 11]),
]
MODELS = ["edge", "text-first"]


def said(case, label):
    """What upstream is given for a label, so that it reads what Gliss reads."""
    text = label
    if label in case.get("describe", {}):
        text = f"{label}: {case['describe'][label]}"
    if "template" in case:
        text = case["template"].replace("{}", text)
    return text.lower() if case.get("lowercase") else text


def call(case, model, tokenizer):
    texts = case.setdefault("texts", TEXTS)
    shared = dict(
        max_length=case.get("max_tokens", 1024 if "chunk" in case else 8192), device="cpu",
        progress_bar=False, label_separator=case.get("separator", "."),
        classification_type=case.get("mode", "multi-label"))
    own = dict(threshold=case.get("thresholds", case.get("threshold", 0.5)), batch_size=1)
    if "chunk" in case:
        window = case.get("window", [8192, 256])
        pipeline = ZeroShotClassificationWithChunkingPipeline(
            model, tokenizer, labels_chunk_size=case["chunk"], text_chunk_size=window[0],
            text_chunk_overlap=window[1], **shared)
    else:
        pipeline = ZeroShotClassificationPipeline(model, tokenizer, **shared)
        own["classification_type"] = case.get("modes")
    own["prompt"] = case.get("prompts", case.get("prompt"))
    own["examples"] = case.get("row_examples", case.get("examples"))
    labels = case.get("row_labels", case.get("labels"))
    names = None
    if {"describe", "template", "lowercase"} & case.keys():
        # Results keep the names: upstream's are put back.
        flat = labels
        if isinstance(labels, dict):
            flat = gliclass.pipeline.flatten_hierarchical_labels(
                labels, separator=case.get("separator", "."))
        names = {said(case, label): label for label in flat}
        assert len(names) == len(flat)
        labels = list(names)
    found = pipeline(texts, labels, **own)
    nested = pipeline(texts, labels, return_hierarchical=True, **own)
    if names:
        found = [[{**p, "label": names[p["label"]]} for p in result] for result in found]
        nested = [{names[k]: v for k, v in result.items()} for result in nested]
    return found, nested


def exact(value):
    """Scores as the shortest decimals that read back to the same float32."""
    if isinstance(value, dict):
        return {k: v if isinstance(v, str) else exact(v) for k, v in value.items()}
    return float(str(np.float32(value)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=ROOT / "Tests" / "Goldens" / "pipelines.json")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    lines = []
    for name in MODELS:
        loaded = upstream.load(ROOT / "Tests" / "Goldens" / "models" / name)
        for case in CASES:
            if name == "text-first" and "max_tokens" in case:
                continue  # Upstream cuts the labels of such a model; Gliss cuts the text.
            found, nested = call(case, loaded.model, loaded.tokenizer)
            lines.append(json.dumps({
                "model": f"models/{name}", **case,
                "found": [[exact(p) for p in result] for result in found],
                "nested": [exact(result) for result in nested],
            }, ensure_ascii=False))
    head = json.dumps({
        "gliclass": gliclass.__version__, "transformers": transformers.__version__,
        "torch": torch.__version__, "command": "tools/goldens/pipelines.py", "dtype": "float32"})
    body = ",\n".join(lines)
    out.write_text(f'{{"made_with": {head},\n"cases": [\n{body}\n]}}\n')
    print(f"{len(lines)} cases, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
