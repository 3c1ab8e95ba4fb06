"""Token ids and the model as a function from token ids to logits: the same for every peer.

Benchmarks/Peers/main.swift has the same formula; the accuracy of every run compares logits, so a
difference would show.
"""

import json
import os
import pathlib
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

import torch
from cells import Cell

CLS, SEP = 50281, 50282
LABEL_TOKEN, TEXT_TOKEN = 50368, 50369


def token_ids(cell: Cell, draw: int) -> torch.Tensor:
    """[sequences, tokens], no padding: `[CLS] <<LABEL>> name <<LABEL>> name ... <<SEP>> text [SEP]`, or
    `[CLS] text [SEP] name [SEP]` of a pair."""
    rows = [
        [(s * 104_729 + p * 7_919 + draw * 15_485_863) % 50_000 for p in range(cell.tokens)]
        for s in range(cell.sequences)
    ]
    ids = torch.tensor(rows)
    ids[:, 0] = CLS
    ids[:, -1] = SEP
    if cell.is_pair:
        ids[:, -2 - cell.name] = SEP
        return ids
    end = 1 + (1 + cell.name) * cell.labels
    ids[:, 1 : end : 1 + cell.name] = LABEL_TOKEN
    ids[:, end] = TEXT_TOKEN
    return ids


def module(folder: pathlib.Path, dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    """The folder's model: token ids in, [sequences, labels] out. `at(cell)` says how many labels.

    The encoder gets no padding mask: nothing is padded, and a peer is faster without one.
    """
    config = json.loads((folder / "config.json").read_text())
    return Joint(folder, dtype) if config["model_type"] == "GLiClass" else Pairs(folder, dtype)


class Joint(torch.nn.Module):
    """gliclass's own encoder, pooling, projectors and scorer."""

    def __init__(self, folder: pathlib.Path, dtype: torch.dtype):
        super().__init__()
        from gliclass import GLiClassModel

        self.core = loaded(GLiClassModel, folder, dtype).model

    def at(self, cell: Cell) -> "Joint":
        self.labels = cell.labels
        return self

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        hidden = self.core.encoder_model(input_ids=ids, attention_mask=None).last_hidden_state
        ones = torch.ones_like(ids)
        return self.core.process_encoder_output(ids, ones, hidden, max_num_classes=self.labels)[0]


class Pairs(torch.nn.Module):
    """transformers' own sequence classifier."""

    def __init__(self, folder: pathlib.Path, dtype: torch.dtype):
        super().__init__()
        from transformers import ModernBertForSequenceClassification

        self.core = loaded(ModernBertForSequenceClassification, folder, dtype)

    def at(self, _cell: Cell) -> "Pairs":
        return self

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.core(input_ids=ids, attention_mask=None).logits


def loaded(kind, folder: pathlib.Path, dtype: torch.dtype):
    import transformers

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    return kind.from_pretrained(folder, dtype=dtype).eval()
