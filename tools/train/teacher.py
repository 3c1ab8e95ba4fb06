"""all-MiniLM-L6-v2 as the source of the token table and of dense targets.

Two things are taken from it: what its embedding layer says of every token (projected to our
width), and, while training, its hidden states and sentence vectors.
"""

import torch
from transformers import BertModel

from prompt import minilm_folder

SHARPNESS = 16.0  # a teacher logit is SHARPNESS * (cosine - OFFSET)
OFFSET = 0.25


class Teacher:
    def __init__(self, device):
        self.device = device
        self.model = (
            BertModel.from_pretrained(minilm_folder(), add_pooling_layer=False).to(device).eval()
        )

    @torch.no_grad()
    def encode(self, encoded, pad):
        """Lists of ids, specials included, to states [batch, length, 384] and unit vectors."""
        longest = max(len(e) for e in encoded)
        ids = torch.tensor([e + [pad] * (longest - len(e)) for e in encoded], device=self.device)
        mask = torch.tensor(
            [[1] * len(e) + [0] * (longest - len(e)) for e in encoded], device=self.device
        )
        with torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16):
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return hidden, torch.nn.functional.normalize(mean, dim=-1)

    def vectors(self, tokenizer, strings, longest=64, size=256):
        """Unit vectors of many strings, as one [n, 384] tensor on the CPU."""
        encoded = [
            [tokenizer.cls] + tokenizer.plain(s)[:longest] + [tokenizer.end] for s in strings
        ]
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
        out = torch.zeros(len(encoded), 384)
        for start in range(0, len(order), size):
            chunk = order[start : start + size]
            out[chunk] = self.encode([encoded[i] for i in chunk], tokenizer.pad)[1].cpu()
        return out

    @torch.no_grad()
    def token_table(self, hidden, generator):
        """MiniLM's normalised embeddings (word + type 0 + mean position), centred: their first
        `hidden` principal directions, turned at random so that no coordinate is special."""
        embeddings = self.model.embeddings
        words = embeddings.word_embeddings.weight + embeddings.token_type_embeddings.weight[0]
        words = embeddings.LayerNorm(
            words + embeddings.position_embeddings.weight[:64].mean(0)
        ).cpu()
        sample = words[999:]  # [unused...] rows say nothing
        centred = words - sample.mean(0)
        values, vectors = torch.linalg.eigh(centred[999:].T @ centred[999:])
        kept = (values[-hidden:].sum() / values.sum()).item()
        turn, _ = torch.linalg.qr(torch.randn(hidden, hidden, generator=generator))
        table = centred @ vectors[:, -hidden:] @ turn
        return table / table[999:].std(), kept


class Targets:
    """Unit vectors [n, 384] to text and label vectors [n, hidden]; their product is the logit.

    hidden - 1 directions carry the cosine (projected sentence vectors), one carries the offset.
    """

    def __init__(self, sample, hidden, generator):
        values, vectors = torch.linalg.eigh(sample.T @ sample)
        self.kept = (values[-(hidden - 1) :].sum() / values.sum()).item()
        self.projection = vectors[:, -(hidden - 1) :]
        self.turn, _ = torch.linalg.qr(torch.randn(hidden, hidden, generator=generator))

    def to(self, device):
        self.projection, self.turn = self.projection.to(device), self.turn.to(device)
        return self

    def __call__(self, vectors, is_text):
        extra = torch.full(
            (*vectors.shape[:-1], 1), OFFSET**0.5 * (1 if is_text else -1), device=vectors.device
        )
        return SHARPNESS**0.5 * torch.cat((vectors @ self.projection, extra), dim=-1) @ self.turn
