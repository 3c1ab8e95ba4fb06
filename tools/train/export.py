"""Writes a GLiClass folder from a training checkpoint, and checks it with the official package.

    python tools/train/export.py --checkpoint RUN/checkpoint.pt --out weights --data ../shared/data

The weights are rounded to float16. The check loads the folder with gliclass (float32 arithmetic)
and compares its logits with this trainer's model, weights rounded alike, on 50 rows.
"""

import argparse
import json
import os

import torch
from safetensors.torch import save_file

from data import Rows
from model import Classifier, Shape, batch_tensors
from prompt import PromptTokenizer, tokenizer_json


def config_json(shape, tokenizer):
    """GLiClassModelConfig and ModernBertConfig, spelt as in the published checkpoints."""
    vocabulary = shape.vocabulary + shape.specials
    return {
        "architectures": ["GLiClassModel"],
        "architecture_type": "uni-encoder",
        "class_token_index": tokenizer.label,
        "class_token_pooling": "first",
        "dropout": 0.0,
        "dtype": "float32",  # what to compute in; the file holds float16
        "embed_class_token": True,
        "encoder_config": {
            "architectures": ["ModernBertModel"],
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": tokenizer.cls,
            "cls_token_id": tokenizer.cls,
            "embedding_dropout": 0.0,
            "eos_token_id": tokenizer.end,
            "global_attn_every_n_layers": shape.global_every,
            "global_rope_theta": shape.global_theta,
            "hidden_activation": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.intermediate,
            "local_attention": shape.window,
            "local_rope_theta": shape.local_theta,
            "max_position_embeddings": shape.context,
            "mlp_bias": False,
            "mlp_dropout": 0.0,
            "model_type": "modernbert",
            "norm_bias": False,
            "norm_eps": shape.epsilon,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": tokenizer.pad,
            "sep_token_id": tokenizer.end,
            "vocab_size": vocabulary,
        },
        "encoder_model_name": "gliss-mini",
        "example_token_index": tokenizer.example,
        "extract_text_features": False,
        "hidden_size": shape.hidden,
        "logit_scale_init_value": 2.6592,
        "max_labels_alloc": "dynamic",
        "max_num_classes": 25,
        "model_type": "GLiClass",
        "normalize_features": False,
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
        "vocab_size": vocabulary,
    }


def tensors(model):
    """gliclass's names to float16 tensors: table and added rows become one table."""
    state = dict(model.state_dict())
    table = state.pop("encoder_model.embeddings.table")
    special = state.pop("encoder_model.embeddings.special")
    state["encoder_model.embeddings.tok_embeddings.weight"] = torch.cat((table, special))
    state["logit_scale"] = torch.tensor(2.6592)
    return {
        "model." + name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in sorted(state.items())
    }


def load_trained(path):
    saved = torch.load(path, map_location="cpu", weights_only=False)
    model = Classifier(Shape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    return model.eval(), saved


def write(model, folder):
    tokenizer = PromptTokenizer()
    os.makedirs(folder, exist_ok=True)
    for name, value, indent in (
        ("config.json", config_json(model.shape, tokenizer), 2),
        ("tokenizer.json", tokenizer_json(), None),
        (
            "tokenizer_config.json",
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "model_max_length": model.shape.context,
                "pad_token": "[PAD]",
                "unk_token": "[UNK]",
                "cls_token": "[CLS]",
                "sep_token": "[SEP]",
                "mask_token": "[MASK]",
                "model_input_names": ["input_ids", "attention_mask"],
            },
            2,
        ),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=indent)
            file.write("\n")
    weights = os.path.join(folder, "model.safetensors")
    save_file(tensors(model), weights, metadata={"format": "pt"})
    os.chmod(weights, 0o644)


@torch.no_grad()
def verify(model, folder, rows):
    """Largest |difference| of official logits and ours, each row alone, weights as exported."""
    from gliclass import GLiClassModel, ZeroShotClassificationPipeline
    from transformers import AutoTokenizer

    official = GLiClassModel.from_pretrained(folder).eval()
    assert official.dtype == torch.float32
    pipeline = ZeroShotClassificationPipeline(
        official, AutoTokenizer.from_pretrained(folder), device="cpu", progress_bar=False
    )
    for parameter in [*model.parameters(), *model.buffers()]:
        parameter.copy_(parameter.to(torch.float16).float())
    tokenizer, worst = PromptTokenizer(), 0.0
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
        batch = batch_tensors([ids], tokenizer.pad, tokenizer.label)
        _, text, labels = model(*batch[:3])
        ours = (labels[0] * text).sum(-1)
        worst = max(worst, (theirs - ours).abs().max().item())
    return worst


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    trained, saved = load_trained(options.checkpoint)
    write(trained, options.out)
    rows = Rows(options.data, 99)
    sample = [rows.draw() for _ in range(48)]
    sample += [
        dict(
            rows.draw(),
            prompt="What is this about? ",
            examples=[{"text": "a goal in the last minute", "labels": ["sports"]}],
        )
        for _ in range(2)
    ]
    difference = verify(trained, options.out, sample)
    print(
        f"step {saved['step']}, tokens {saved['tokens']}, "
        f"largest |difference| to gliclass on {len(sample)} rows: {difference:.2e}"
    )
    if difference > 1e-4:
        raise SystemExit("the exported folder does not reproduce the trainer")
