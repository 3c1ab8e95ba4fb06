"""A GLiClass folder on disk: written, and compared with the official package."""

import argparse
import json
import os

import torch
from safetensors.torch import save_file

from prompt import PromptTokenizer, tokenizer_json


def arguments(description):
    """What every tool takes that makes something of a checkpoint."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", required=True)
    return parser


def config_json(name, encoder_config, tokenizer, **head):
    """GLiClassModelConfig, spelt as in the published checkpoints; `head`: the fields in which heads
    differ."""
    config = {
        "architectures": ["GLiClassModel"],
        "architecture_type": "uni-encoder",
        "class_token_index": tokenizer.label,
        "dropout": 0.0,
        "dtype": "float32",  # what to compute in; the file holds float16
        "embed_class_token": True,
        "encoder_config": encoder_config,
        "encoder_model_name": name,
        "example_token_index": tokenizer.example,
        "logit_scale_init_value": 2.6592,
        "max_labels_alloc": "dynamic",
        "max_num_classes": 25,
        "model_type": "GLiClass",
        "pad_token_id": tokenizer.pad,
        "pooling_strategy": "first",
        "problem_type": "multi_label_classification",
        "projector_hidden_act": "gelu",
        "prompt_first": True,
        "scorer_type": "simple",
        "squeeze_layers": False,
        "text_token_index": tokenizer.sep,
        "use_calibrator": False,
        "use_lstm": False,
        "use_segment_embeddings": False,
        "vocab_size": encoder_config["vocab_size"],
    }
    return dict(sorted((config | head).items()))


def write_folder(folder, config, context, tensors):
    """-> bytes of model.safetensors; tensors are rounded to float16."""
    os.makedirs(folder, exist_ok=True)
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": context,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
        "model_input_names": ["input_ids", "attention_mask"],
    }
    for name, value, indent in (
        ("config.json", config, 2),
        ("tokenizer.json", tokenizer_json(), None),
        ("tokenizer_config.json", tokenizer_config, 2),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=indent)
            file.write("\n")
    halves = {
        "model." + name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in sorted(tensors.items())
    }
    weights = os.path.join(folder, "model.safetensors")
    save_file(halves, weights, metadata={"format": "pt"})
    os.chmod(weights, 0o644)
    return os.path.getsize(weights)


def round_weights(model):
    """What the file holds."""
    for parameter in [*model.parameters(), *model.buffers()]:
        parameter.copy_(parameter.to(torch.float16).float())


@torch.no_grad()
def verify(model, folder, rows, logits):
    """Largest |difference| of official and our logits, rows alone and all in one padded batch.
    `logits(ids, count)` are ours; the weights are rounded first."""
    from gliclass import GLiClassModel, ZeroShotClassificationPipeline
    from transformers import AutoTokenizer

    official = GLiClassModel.from_pretrained(folder).eval()
    if official.dtype != torch.float32:
        raise SystemExit(f"gliclass computes in {official.dtype}, not in float32")
    pipeline = ZeroShotClassificationPipeline(
        official, AutoTokenizer.from_pretrained(folder), device="cpu", progress_bar=False
    )
    round_weights(model)
    tokenizer, alone, together, found = PromptTokenizer(), 0.0, 0.0, []
    for row in rows:
        ids, _ = tokenizer.encode(row, 100_000)
        inputs = pipeline.pipe.prepare_inputs(
            [row["text"]],
            row["labels"],
            same_labels=True,
            examples=row.get("examples"),
            prompt=row.get("prompt"),
        )
        if inputs["input_ids"][0].tolist() != ids:
            raise SystemExit(f"token ids differ from the official prompt: {row}")
        theirs = official(**inputs, max_num_classes=len(row["labels"])).logits[0]
        ours = logits(ids, len(row["labels"]))
        alone = max(alone, (theirs - ours).abs().max().item())
        found.append((ids, ours))
    longest, most = max(len(ids) for ids, _ in found), max(len(s) for _, s in found)
    padded = torch.tensor([ids + [tokenizer.pad] * (longest - len(ids)) for ids, _ in found])
    theirs = official(padded, (padded != tokenizer.pad).long(), max_num_classes=most).logits
    for row, (_, ours) in zip(theirs, found):
        together = max(together, (row[: len(ours)] - ours).abs().max().item())
    return alone, together
