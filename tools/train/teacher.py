"""all-MiniLM-L6-v2 as a teacher: its hidden states and sentence vectors."""

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
