"""Token ids and the model as a function from token ids to logits: the same for every peer.

Benchmarks/Peers/main.swift has the same formula; the accuracy of every run compares logits, so a
difference would show.
"""

import os
import pathlib
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

import torch

LABELS = 4
CLS, SEP = 50281, 50282
LABEL_TOKEN, TEXT_TOKEN = 50368, 50369


def token_ids(sequences: int, tokens: int, draw: int) -> torch.Tensor:
    """[sequences, tokens]: `[CLS] <<LABEL>> x <<LABEL>> x ... <<SEP>> text [SEP]`, no padding."""
    rows = [
        [(s * 104_729 + p * 7_919 + draw * 15_485_863) % 50_000 for p in range(tokens)]
        for s in range(sequences)
    ]
    ids = torch.tensor(rows)
    ids[:, 0] = CLS
    ids[:, 1 : 1 + 2 * LABELS : 2] = LABEL_TOKEN
    ids[:, 1 + 2 * LABELS] = TEXT_TOKEN
    ids[:, -1] = SEP
    return ids


class Logits(torch.nn.Module):
    """gliclass's own encoder, pooling, projectors and scorer: token ids in, [sequences, LABELS] out.

    The encoder gets no padding mask: nothing is padded, and a peer is faster without one.
    """

    def __init__(self, folder: pathlib.Path, dtype: torch.dtype = torch.float32):
        super().__init__()
        import transformers
        from gliclass import GLiClassModel

        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        self.core = GLiClassModel.from_pretrained(folder, dtype=dtype).eval().model

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        hidden = self.core.encoder_model(input_ids=ids, attention_mask=None).last_hidden_state
        ones = torch.ones_like(ids)
        return self.core.process_encoder_output(ids, ones, hidden, max_num_classes=LABELS)[0]
