"""A small ModernBERT encoder: parameter names and arithmetic of transformers' ModernBertModel.

`folder.py` checks the equality on every export. The token table is frozen; only the rows of the
three added tokens are learned.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Shape:
    vocabulary: int = 30522  # MiniLM's own; <<LABEL>>, <<SEP>>, <<EXAMPLE>> follow
    specials: int = 3
    hidden: int = 384
    layers: int = 7
    heads: int = 12
    intermediate: int = 832
    window: int = 128  # local layers see window/2 tokens to either side, inclusive
    global_every: int = 3
    global_theta: float = 160000.0
    local_theta: float = 10000.0
    context: int = 2048
    epsilon: float = 1e-5

    def as_dict(self):
        return asdict(self)


def norm(shape):
    return nn.LayerNorm(shape.hidden, eps=shape.epsilon, bias=False)


class Embeddings(nn.Module):
    """LN(table[id]). The table is a frozen buffer, the added rows a parameter."""

    def __init__(self, shape):
        super().__init__()
        self.register_buffer("table", torch.zeros(shape.vocabulary, shape.hidden))
        self.special = nn.Parameter(torch.randn(shape.specials, shape.hidden))
        self.norm = norm(shape)

    def forward(self, ids):
        return self.norm(look_up(ids, self.table, self.special))


def look_up(ids, table, special):
    """Rows of the frozen table, and of the trained ones that follow it."""
    count = table.shape[0]
    words = F.embedding(ids.clamp(max=count - 1), table)
    added = F.embedding((ids - count).clamp(min=0), special)
    return torch.where((ids >= count)[..., None], added, words)


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.Wqkv = nn.Linear(shape.hidden, 3 * shape.hidden, bias=False)
        self.Wo = nn.Linear(shape.hidden, shape.hidden, bias=False)

    def forward(self, x, mask, rope):
        q, k, v = split_heads(self.Wqkv(x), self.heads)
        return self.Wo(join_heads(attend(rotate(q, rope), rotate(k, rope), v, mask)))


def split_heads(qkv, heads):
    """[batch, length, 3 hidden] -> q, k, v of [batch, heads, length, size]"""
    batch, length, width = qkv.shape
    return qkv.view(batch, length, 3, heads, width // 3 // heads).permute(2, 0, 3, 1, 4)


def join_heads(seen):
    return seen.transpose(1, 2).flatten(2)


def attend(q, k, v, mask):
    """softmax(q k' / sqrt(size)) v. Written out for CPUs, in the type of q: torch's fused backward
    is slow there, and autocast would make copies in float32.
    q, k, v: [batch, heads, length, size]; mask: [batch, 1, 1 or length, length]"""
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    with torch.autocast("cpu", enabled=False):
        scores = torch.matmul(q * q.shape[-1] ** -0.5, k.transpose(-1, -2))
        scores.add_(torch.zeros(mask.shape, dtype=scores.dtype).masked_fill_(~mask, -30000.0))
        return torch.matmul(torch.softmax(scores, dim=-1), v)


def rotate(x, rope):
    """x cos + rotate_half(x) sin.   x: [batch, heads, length, size]"""
    cos, sin = rope
    first, second = x.chunk(2, dim=-1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Feed(nn.Module):
    """GeGLU; the activation is on the first half."""

    def __init__(self, shape):
        super().__init__()
        self.Wi = nn.Linear(shape.hidden, 2 * shape.intermediate, bias=False)
        self.Wo = nn.Linear(shape.intermediate, shape.hidden, bias=False)

    def forward(self, x):
        value, gate = self.Wi(x).chunk(2, dim=-1)
        return self.Wo(F.gelu(value) * gate)


class Layer(nn.Module):
    def __init__(self, shape, index):
        super().__init__()
        self.attn_norm = nn.Identity() if index == 0 else norm(shape)
        self.attn = Attention(shape)
        self.mlp_norm = norm(shape)
        self.mlp = Feed(shape)

    def forward(self, x, mask, rope):
        x = x + self.attn(self.attn_norm(x), mask, rope)
        return x + self.mlp(self.mlp_norm(x))


class Encoder(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embeddings = Embeddings(shape)
        self.layers = nn.ModuleList(Layer(shape, i) for i in range(shape.layers))
        self.final_norm = norm(shape)

    def rope(self, length, theta, device):
        half = self.shape.hidden // self.shape.heads // 2
        inverse = theta ** (-torch.arange(half, device=device, dtype=torch.float32) / half)
        angles = torch.arange(length, device=device, dtype=torch.float32)[:, None] * inverse
        return angles.cos(), angles.sin()

    def forward(self, ids, mask, states=None):
        """ids, mask: [batch, length] -> hidden states [batch, length, hidden]. What comes before
        the first layer and after each is appended to `states`."""
        length = ids.shape[1]
        everywhere = mask[:, None, None, :].bool()
        position = torch.arange(length, device=ids.device)
        near = (position[:, None] - position[None, :]).abs() <= self.shape.window // 2
        local = everywhere & near if length > self.shape.window // 2 + 1 else everywhere
        ropes = [
            self.rope(length, t, ids.device)
            for t in (self.shape.global_theta, self.shape.local_theta)
        ]
        x = self.embeddings(ids)
        for index, layer in enumerate(self.layers):
            if states is not None:
                states.append(x)
            is_global = index % self.shape.global_every == 0
            x = layer(x, everywhere if is_global else local, ropes[0 if is_global else 1])
        if states is not None:
            states.append(x)
        return self.final_norm(x)


def rounded(length, step=8):
    """Up to a multiple: every new shape costs oneDNN a new kernel."""
    return -(-length // step) * step


def padded(encoded, pad):
    """Lists of ids to ids and mask, [batch, longest], in few different shapes."""
    longest = rounded(max(len(ids) for ids in encoded))
    ids = torch.tensor([e + [pad] * (longest - len(e)) for e in encoded])
    return ids, torch.tensor([[1] * len(e) + [0] * (longest - len(e)) for e in encoded])
