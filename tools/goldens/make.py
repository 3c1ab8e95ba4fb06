#!/usr/bin/env python3
# Makes Tests/Goldens: tiny GLiClass checkpoints with random weights and what the official package
# computes on them (strings, ids, logits, taps). Running it twice gives the same bytes.
# usage: make.py [--out Tests/Goldens]
import argparse
import hashlib
import json
import platform
import shutil
from pathlib import Path

import gliclass
import numpy as np
import safetensors
import safetensors.torch
import tokenizers
import torch
import transformers

import checkpoints
import rows
import upstream
import vocabulary

ROOT = Path(__file__).resolve().parents[2]
SEED = "gliss-goldens-1"
FOLDERS = ("models", "rows", "taps")
# Checkpoints of more parameters are stored in float16, unless they say how: the repository is small.
LARGE = 40_000


def dump(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def weight_seed(name, config):
    """Checkpoints of one shape and one gain table share their weights (and so their bytes)."""
    gains = checkpoints.gains_of(name)
    encoder = config["encoder_config"]
    shape = [
        encoder[k] for k in ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size")
    ]
    return "/".join(map(str, [SEED, *shape, sorted(gains.items())]))


def write_checkpoint(name, folder):
    """One checkpoint folder as `save_pretrained` and a tokenizer file make it."""
    checkpoint = checkpoints.CHECKPOINTS[name]
    tokenizer, table, table_config = vocabulary.make(checkpoint.get("tokenizer", "bytes-prefix"))
    config = checkpoints.config_of(name, tokenizer)
    model = upstream.build(config, weight_seed(name, config), checkpoints.gains_of(name))
    size = sum(tensor.numel() for tensor in model.parameters())
    store = checkpoint.get("store", "float16" if size > LARGE else "float32")
    if store in ("bfloat16", "float16"):
        model = model.to(getattr(torch, store))
    folder.mkdir(parents=True)
    model.save_pretrained(folder, max_shard_size="40KB" if store == "sharded" else "1GB")
    for file in folder.iterdir():
        file.chmod(0o644)
    written = json.loads((folder / "config.json").read_text())
    encoder = written["encoder_config"]
    spelling = checkpoint.get("spelling", "old")
    if encoder["model_type"] != "modernbert":  # one spelling, in full or in part
        keys = checkpoint.get("encoder_keys", encoder)
        written["encoder_config"] = checkpoints.only(encoder, keys)
    elif spelling == "old":
        written["encoder_config"] = checkpoints.old_spelling(encoder, checkpoint["encoder"])
    elif spelling == "new":
        written["encoder_config"] = checkpoints.new_spelling(encoder)
    elif spelling == "brief":
        written = checkpoints.brief(written, checkpoint)
    else:
        written = checkpoints.minimal(written)
    for key, value in checkpoint.get("patch", {}).items():
        written[key] = dict(sorted({**written[key], **value}.items()))
    dump(folder / "config.json", written)
    (folder / "tokenizer.json").write_text(table)
    (folder / "tokenizer_config.json").write_text(table_config)
    if checkpoint.get("links"):
        link_repeated(folder)
    return tokenizer


def link_repeated(folder):
    """Replaces files that an earlier checkpoint has, byte for byte, by links to it."""
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        for other in sorted(folder.parent.glob(f"*/{file.name}")):
            if other.is_symlink() or other == file or other.read_bytes() != content:
                continue
            file.unlink()
            file.symlink_to(Path("..") / other.parent.name / file.name)
            break


def check_config(name, pipeline):
    """The reloaded config means what the table says, whatever spelling the file has."""
    encoder = pipeline.model.model.encoder_model.config
    source = checkpoints.CHECKPOINTS[name]["encoder"]
    if encoder.model_type != "modernbert":
        assert all(getattr(encoder, key) == value for key, value in source.items()), name
        return
    theta = [
        encoder.rope_parameters[k]["rope_theta"] for k in ("full_attention", "sliding_attention")
    ]
    assert theta == [
        source.get("global_rope_theta", 160000.0),
        source.get("local_rope_theta", 10000.0),
    ]
    every = source.get("global_attn_every_n_layers", 3)
    kinds = source.get("layer_types") or [
        "sliding_attention" if i % every else "full_attention"
        for i in range(source["num_hidden_layers"])
    ]
    assert list(encoder.layer_types) == kinds
    assert encoder.local_attention == source.get("local_attention", 128)
    assert encoder.norm_eps == source.get("norm_eps", 1e-5)


def score_rows(name, folder, tokenizer):
    checkpoint = checkpoints.CHECKPOINTS[name]
    pipeline = upstream.load(folder)
    check_config(name, pipeline)
    wide = upstream.load(folder, dtype=torch.float64)
    results, noise = [], 0.0
    for row in checkpoint.get("rows", rows.SOME):
        result = upstream.score(pipeline, row)
        # The file alone decides the ids: transformers adds nothing to what `tokenizers` reads.
        assert tokenizer.encode(result["string"]).ids == result["ids"], (name, row["name"])
        assert len(result["ids"]) <= 512
        count = len(row["labels"])
        entry = {
            **row,
            "string": result["string"],
            "ids": result["ids"],
            "tokens": len(result["ids"]),
            "logits": upstream.plain(result["logits"][:count]),
        }
        if checkpoint.get("embeddings") and not results:
            # Of pooling "pass", rows behind an extracted text are zeros, projected: left out.
            text = np.atleast_2d(result["text_embedding"])[: result["text_rows"]]
            entry["text_embedding"] = [upstream.plain(row) for row in text]
            entry["label_embeddings"] = [
                upstream.plain(row) for row in result["class_embeddings"][:count]
            ]
        if len(result["logits"]) > count:
            entry["missing_slot_logits"] = upstream.plain(result["logits"][count:])
        results.append(entry)
        exact = upstream.score(wide, row)["logits"]
        noise = max(noise, float((abs(exact - result["logits"]) / np.maximum(1, abs(exact))).max()))
    # A row whose own float32 noise fills the tolerance could not tell right from wrong.
    assert noise <= 3e-6, f"{name}: float32 noise {noise:.1e}"
    return pipeline, results, noise


def write_rows(path, results):
    """One row per line, so that a change shows as one changed line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in results)
    path.write_text(f'{{"rows": [\n{lines}\n]}}\n')


def digest(out):
    names = sorted(p for folder in FOLDERS for p in (out / folder).rglob("*") if p.is_file())
    total = hashlib.sha256()
    for path in names:
        total.update(str(path.relative_to(out)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest(), sum(p.stat().st_size for p in names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=ROOT / "Tests" / "Goldens")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    # Other tools keep their own goldens beside these folders.
    for folder in FOLDERS:
        shutil.rmtree(out / folder, ignore_errors=True)
        (out / folder).mkdir(parents=True)
    cases = []
    for name, checkpoint in checkpoints.CHECKPOINTS.items():
        tokenizer = write_checkpoint(name, out / "models" / name)
        pipeline, results, noise = score_rows(name, out / "models" / name, tokenizer)
        write_rows(out / "rows" / f"{name}.json", results)
        case = {
            "name": name,
            "why": checkpoint["why"],
            "model": f"models/{name}",
            "rows": f"rows/{name}.json",
            "row_count": len(results),
            "taps": [],
        }
        for row_name in checkpoint.get("taps", []):
            row = next(r for r in results if r["name"] == row_name)
            path = f"taps/{name}.{row_name.replace(' ', '-')}.safetensors"
            safetensors.torch.save_file(upstream.taps(pipeline, row), out / path)
            case["taps"].append({"row": row_name, "file": path})
        if checkpoint.get("links"):
            case["head"] = True
        if checkpoint.get("refuses_examples"):
            case["refuses_examples"] = True
        cases.append(case)
        logits = np.concatenate([row["logits"] for row in results])
        print(
            f"{name:28} rows {len(results):3}  logits std {logits.std():6.3f} max {abs(logits).max():7.3f}"
            f"  float32 noise {noise:.1e}"
        )
    total, size = digest(out)
    dump(
        out / "manifest.json",
        {
            "about": "Made by tools/goldens/make.py with the official gliclass package; do not edit.",
            "command": "tools/goldens/make.py",
            "versions": {
                "gliclass": gliclass.__version__,
                "transformers": transformers.__version__,
                "tokenizers": tokenizers.__version__,
                "torch": torch.__version__,
                "safetensors": safetensors.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            "seed": SEED,
            "dtype": "float32",
            "attention": upstream.ATTENTION,
            "threads": 1,
            "machine": f"{platform.machine()}, torch {torch.backends.cpu.get_cpu_capability()}",
            "tolerance": "|delta logit| <= 1e-5 x max(1, |logit|)",
            "sha256_of_all_files": total,
            "cases": cases,
        },
    )
    print(f"{len(cases)} checkpoints, {size / 1e6:.2f} MB, sha256 {total}")


if __name__ == "__main__":
    main()
