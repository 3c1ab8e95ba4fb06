"""Writes a GLiClass folder from a checkpoint of fit.py or match.py, and checks it with gliclass.

    python tools/train/folder.py --checkpoint RUN/checkpoint.pt --out FOLDER --data ../shared/data

Weights are rounded to float16. The check loads the folder with the official package (float32
arithmetic) and compares ids and logits with ours, weights rounded alike, on single rows and on
one padded batch.
"""

import argparse
import json
import os

import torch
from safetensors.torch import save_file

from data import Rows
from export import config_json as modern_config
from prompt import PromptTokenizer, tokenizer_json
from uni import BertShape, batch_tensors, linear_tensors, load_checkpoint


def bert_config(shape, tokenizer):
    return {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.0,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "layer_norm_eps": shape.epsilon,
        "max_position_embeddings": shape.context,
        "model_type": "bert",
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "pad_token_id": tokenizer.pad,
        "position_embedding_type": "absolute",
        "type_vocab_size": 2,
        "vocab_size": shape.vocabulary + shape.specials,
    }


def config_json(shape, tokenizer):
    """As in export.py, but for the head, and for BERT inside."""
    if isinstance(shape, BertShape):
        vocabulary = shape.vocabulary + shape.specials
        base = {**DEFAULTS, "vocab_size": vocabulary, "pad_token_id": tokenizer.pad}
        base["encoder_config"] = bert_config(shape, tokenizer)
        base["class_token_index"] = tokenizer.label
        base["text_token_index"] = tokenizer.sep
        base["example_token_index"] = tokenizer.example
    else:
        base = modern_config(shape, tokenizer)
    base |= {
        "class_token_pooling": "average",
        "extract_text_features": True,
        "normalize_features": True,
        "hidden_size": 2 * shape.hidden,
    }
    return dict(sorted(base.items()))


DEFAULTS = {
    "architectures": ["GLiClassModel"],
    "architecture_type": "uni-encoder",
    "dropout": 0.0,
    "dtype": "float32",  # what to compute in; the file holds float16
    "embed_class_token": True,
    "encoder_model_name": "gliss-mini-bert",
    "logit_scale_init_value": 2.6592,
    "max_labels_alloc": "dynamic",
    "max_num_classes": 25,
    "model_type": "GLiClass",
    "pooling_strategy": "first",
    "problem_type": "multi_label_classification",
    "projector_hidden_act": "gelu",
    "prompt_first": True,
    "scorer_type": "simple",
    "squeeze_layers": False,
    "use_calibrator": False,
    "use_lstm": False,
    "use_segment_embeddings": False,
}


def encoder_tensors(model):
    if isinstance(model.shape, BertShape):
        return model.encoder.official()
    state = dict(model.encoder.state_dict())
    table = torch.cat((state.pop("embeddings.table"), state.pop("embeddings.special")))
    return state | {"embeddings.tok_embeddings.weight": table}


def tensors(model):
    out = {"encoder_model." + name: t for name, t in encoder_tensors(model).items()}
    out |= linear_tensors("text_projector", model.text.weight, model.text.bias)
    out |= linear_tensors("classes_projector", model.label.weight, model.label.bias)
    out["logit_scale"] = model.scale
    return {
        "model." + name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in sorted(out.items())
    }


def write(model, folder):
    tokenizer = PromptTokenizer()
    os.makedirs(folder, exist_ok=True)
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.shape.context,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
        "model_input_names": ["input_ids", "attention_mask"],
    }
    for name, value, indent in (
        ("config.json", config_json(model.shape, tokenizer), 2),
        ("tokenizer.json", tokenizer_json(), None),
        ("tokenizer_config.json", tokenizer_config, 2),
    ):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=indent)
            file.write("\n")
    weights = os.path.join(folder, "model.safetensors")
    save_file(tensors(model), weights, metadata={"format": "pt"})
    os.chmod(weights, 0o644)
    return os.path.getsize(weights)


@torch.no_grad()
def verify(model, folder, rows):
    """Largest |difference| of official and our logits, for rows alone and in one batch."""
    from gliclass import GLiClassModel, ZeroShotClassificationPipeline
    from transformers import AutoTokenizer

    official = GLiClassModel.from_pretrained(folder).eval()
    pipeline = ZeroShotClassificationPipeline(
        official, AutoTokenizer.from_pretrained(folder), device="cpu", progress_bar=False
    )
    for parameter in [*model.parameters(), *model.buffers()]:
        parameter.copy_(parameter.to(torch.float16).float())
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
        ours = model(*batch_tensors([ids], tokenizer)[:3], len(row["labels"]))[-1][0]
        alone = max(alone, (theirs - ours).abs().max().item())
        found.append((ids, ours))
    longest, most = max(len(ids) for ids, _ in found), max(len(s) for _, s in found)
    padded = torch.tensor([ids + [tokenizer.pad] * (longest - len(ids)) for ids, _ in found])
    theirs = official(padded, (padded != tokenizer.pad).long(), max_num_classes=most).logits
    for row, (_, ours) in zip(theirs, found):
        together = max(together, (row[: len(ours)] - ours).abs().max().item())
    return alone, together


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rows", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    trained, saved = load_checkpoint(options.checkpoint)
    size = write(trained, options.out)
    source = Rows(options.data, 99)
    sample = []
    while len(sample) < options.rows:
        row = source.draw()
        if len(row["text"]) < 900 and len(row["labels"]) < 40:
            sample.append(row)
    differences = verify(trained, options.out, sample)
    print(
        f"{size} bytes, tokens {saved.get('tokens', 0):.0f}, largest |difference| to gliclass on "
        f"{len(sample)} rows: alone {differences[0]:.2e}, in one batch {differences[1]:.2e}"
    )
    if max(differences) > 1e-4:
        raise SystemExit("the exported folder does not reproduce the trainer")
