"""Makes a checkpoint of a published folder, to train it on: the inverse of folder.py.

    python tools/train/restore.py --folder weights/gliss-mini --out START.pt

Reads what folder.py wrote, or gliss's 8-bit integers of it: those times their row's scale.
"""

import argparse
import json
import os

import torch
from safetensors.torch import load_file

import modern
from uni import BertShape, Uni


def floats(path):
    """Tensors by the names of GLiClassModel, in float32."""
    stored = load_file(path)
    out = {}
    for name, tensor in stored.items():
        if name.endswith("_scale") and name.removesuffix("_scale") in stored:
            continue
        scale = stored.get(name + "_scale")
        tensor = tensor.float() if scale is None else tensor.float() * scale[:, None]
        out[name.removeprefix("model.")] = tensor
    return out


def restored(tensors, kind):
    """-> Uni"""
    encoder = {
        name.removeprefix("encoder_model."): tensor
        for name, tensor in tensors.items()
        if name.startswith("encoder_model.")
    }
    if kind == "bert":
        model = Uni(BertShape())
        model.encoder.load_official(encoder)
    else:
        model = Uni(modern.Shape())
        table = encoder.pop("embeddings.tok_embeddings.weight")
        encoder["embeddings.table"] = table[: model.shape.vocabulary]
        encoder["embeddings.special"] = table[model.shape.vocabulary :]
        model.encoder.load_state_dict(encoder)
    with torch.no_grad():
        for part, name in ((model.text, "text_projector"), (model.label, "classes_projector")):
            part.weight.copy_(tensors[name + ".linear_2.weight"][:, : model.shape.hidden])
            part.bias.copy_(tensors[name + ".linear_2.bias"])
        model.scale.copy_(tensors["logit_scale"])
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--out", required=True, help="checkpoint to write")
    options = parser.parse_args()
    with open(os.path.join(options.folder, "config.json"), encoding="utf-8") as file:
        kind = json.load(file)["encoder_config"]["model_type"]
    model = restored(floats(os.path.join(options.folder, "model.safetensors")), kind)
    content = {"model": model.state_dict(), "shape": model.shape.as_dict(), "tokens": 0}
    torch.save(content, options.out)


if __name__ == "__main__":
    main()
