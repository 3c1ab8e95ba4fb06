"""What is compared: peers, shapes, and what issue 3 asks of each shape."""

import json
import pathlib
import re
from typing import NamedTuple

GEOMETRIES = ["edge", "base"]
CELLS = "1x64 1x128 1x256 1x512 1x1024 1x2048 1x4096 1x8192 8x128 8x256 8x512 32x128".split()
PRECISIONS = ["f32", "bf16", "int8"]

DEFAULT_PEERS = ["openvino-bf16", "torch-bf16", "torch-bf16-compiled"]
# The bar of a bf16 or int8 row whatever their own rounding: see README.md.
BF16_PEERS = [*DEFAULT_PEERS, "torch-bf16-compiled-static"]
F32_PEERS = ["openvino-f32", "torch-f32", "onnx-f32"]
OTHER_PEERS = ["openvino-w8", "torch-int8-dynamic", "onnx-int8-dynamic"]
PEERS = BF16_PEERS + F32_PEERS + OTHER_PEERS
GROUPS = {"default": DEFAULT_PEERS, "fp32": F32_PEERS, "other": OTHER_PEERS, "all": PEERS}

# Tokens of a label's name in the joint and pairwise forms.
NAME = 3


class Cell(NamedTuple):
    """A batch of equal sequences, by what its name says.

    `8x128`: 8 sequences of 128 tokens, with 4 labels of one token among them. `8x128+32`: 8 texts of 128
    tokens, each read jointly with 32 labels of 3 tokens. `8x128p`: 8 pairs of a text of 128 tokens and one such
    label, for a cross-encoder.
    """

    sequences: int
    tokens: int
    labels: int
    name: int
    is_pair: bool = False

    @classmethod
    def parse(cls, text: str) -> "Cell":
        found = re.fullmatch(r"(\d+)x(\d+)(?:(p)|\+(\d+))?", text)
        if found is None:
            raise ValueError(f"{text}: expected 8x128, 8x128+32 or 8x128p")
        sequences, tokens = int(found[1]), int(found[2])
        if found[3]:  # [CLS] text [SEP] name [SEP]
            return cls(sequences, tokens + NAME + 3, 1, NAME, True)
        if found[4]:  # [CLS] (<<LABEL>> name)... <<SEP>> text [SEP]
            labels = int(found[4])
            return cls(sequences, tokens + labels * (NAME + 1) + 3, labels, NAME)
        return cls(sequences, tokens, 4, 1)

    @property
    def suffix(self) -> str:
        """Tells apart what is converted for a label count."""
        return "" if self.is_pair or self.labels == 4 else f"-{self.labels}"


# Logits of an accurate runtime are this close to torch f32's on the same model and ids.
ACCURATE = 0.05


def targets(geometry: str, cell: str, precision: str) -> tuple[float | None, float | None]:
    """(must, aim) of issue 3, on two threads and on one; None where it asks nothing."""
    sequences, tokens, *_ = Cell.parse(cell)
    if precision == "f32":
        return (1.3 if geometry == "edge" or tokens >= 2048 else 0.95), None
    if geometry == "edge":
        if tokens >= 2048:
            bf16, int8 = (3, 6), 4
        else:
            bf16, int8 = (2.2, 3.2 if tokens < 256 and sequences < 32 else 3.5), 3
    elif tokens >= 4096:
        bf16, int8 = (4, 7), 5
    elif tokens >= 2048:
        bf16, int8 = (2.3, 3.5), 3
    elif sequences == 1 and tokens < 512:
        bf16, int8 = (1.6, 2.2), 2.3
    else:
        bf16, int8 = (1.7, 2.5), 2.3
    return bf16 if precision == "bf16" else (int8, None)


def useful_gflop(folder: pathlib.Path, cell: str) -> float:
    """Linear layers of the encoder, and attention with the exact band in local layers."""
    sequences, tokens, *_ = Cell.parse(cell)
    config = json.loads((folder / "config.json").read_text())
    config = config.get("encoder_config", config)
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    every = config.get("global_attn_every_n_layers", 3)
    window = config["local_attention"] // 2
    linear = 2 * tokens * (4 * hidden * hidden + 3 * hidden * wide)
    band = sum(min(tokens, p + window + 1) - max(0, p - window) for p in range(tokens))
    total = 0
    for layer in range(config["num_hidden_layers"]):
        pairs = tokens * tokens if layer % every == 0 else band
        total += linear + 4 * pairs * hidden
    return sequences * total / 1e9
