"""A GLiClass uni-encoder whose score is a cosine: BERT (MiniLM's weights) or ModernBERT inside.

gliclass's options: extract_text_features with pooling "first" (the text's vector is the state of
<<SEP>>, the token before it), class_token_pooling "average" (a label's is the mean over its marker
and its words), normalize_features, scorer "simple". Padding changes none of them, and a label's
vector is made as all-MiniLM-L6-v2 makes sentence vectors, so its geometry is near from the start.

Both projectors are linear maps, written for gliclass's two layers with a GELU between them as
[W, -W] gelu([x; -x]), for gelu(x) - gelu(-x) = x.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn

import modern
from teacher import OFFSET, SHARPNESS


@dataclass
class BertShape:
    vocabulary: int = 30522
    specials: int = 3
    hidden: int = 384
    layers: int = 6
    heads: int = 12
    intermediate: int = 1536
    context: int = 512
    epsilon: float = 1e-12

    def as_dict(self):
        return asdict(self)


class BertLayer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.out = nn.Linear(shape.hidden, shape.hidden)
        self.attention_norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.up = nn.Linear(shape.hidden, shape.intermediate)
        self.down = nn.Linear(shape.intermediate, shape.hidden)
        self.output_norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)

    def forward(self, x, mask):
        q, k, v = modern.split_heads(self.qkv(x), self.heads)
        x = self.attention_norm(x + self.out(modern.join_heads(modern.attend(q, k, v, mask))))
        return self.output_norm(x + self.down(F.gelu(self.up(x))))


class BertEncoder(nn.Module):
    """BertModel without the pooler. The word table is frozen, but for the three added rows."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.register_buffer("table", torch.zeros(shape.vocabulary, shape.hidden))
        self.special = nn.Parameter(torch.zeros(shape.specials, shape.hidden))
        self.positions = nn.Parameter(torch.zeros(shape.context, shape.hidden))
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.layers = nn.ModuleList(BertLayer(shape) for _ in range(shape.layers))

    def forward(self, ids, mask, states=None):
        x, everywhere = self.norm(self.embed(ids)), mask[:, None, None, :].bool()
        for layer in self.layers:
            if states is not None:
                states.append(x)
            x = layer(x, everywhere)
        if states is not None:
            states.append(x)
        return x

    def embed(self, ids):
        words = modern.look_up(ids, self.table, self.special)
        return words + self.positions[: ids.shape[1]]

    def load_minilm(self, state):
        """`state`: all-MiniLM-L6-v2's tensors. Markers begin as [CLS] and [SEP]."""
        name = "embeddings.word_embeddings.weight"
        self.load_official(state | {name: torch.cat((state[name], state[name][[101, 101, 102]]))})

    def load_official(self, state):
        """`state`: tensors by BertModel's names, the added rows last in the word table."""
        pick = lambda name: state[name].float()
        with torch.no_grad():
            words = pick("embeddings.word_embeddings.weight")
            words = words + pick("embeddings.token_type_embeddings.weight")[0]
            self.table.copy_(words[: self.shape.vocabulary])
            self.special.copy_(words[self.shape.vocabulary :])
            self.positions.copy_(pick("embeddings.position_embeddings.weight"))
            self.norm.weight.copy_(pick("embeddings.LayerNorm.weight"))
            self.norm.bias.copy_(pick("embeddings.LayerNorm.bias"))
            for index, layer in enumerate(self.layers):
                at = f"encoder.layer.{index}."
                for kind in ("weight", "bias"):
                    getattr(layer.qkv, kind).copy_(
                        torch.cat(
                            [
                                pick(f"{at}attention.self.{part}.{kind}")
                                for part in ("query", "key", "value")
                            ]
                        )
                    )
                    for ours, theirs in BERT_NAMES.items():
                        getattr(getattr(layer, ours), kind).copy_(pick(f"{at}{theirs}.{kind}"))

    def official(self):
        """Tensors by BertModel's names. Token type 0 is already in the table."""
        out = {
            "embeddings.word_embeddings.weight": torch.cat((self.table, self.special)),
            "embeddings.position_embeddings.weight": self.positions,
            "embeddings.token_type_embeddings.weight": torch.zeros(2, self.shape.hidden),
            "embeddings.LayerNorm.weight": self.norm.weight,
            "embeddings.LayerNorm.bias": self.norm.bias,
        }
        for index, layer in enumerate(self.layers):
            at = f"encoder.layer.{index}."
            for kind in ("weight", "bias"):
                parts = getattr(layer.qkv, kind).chunk(3)
                for part, tensor in zip(("query", "key", "value"), parts):
                    out[f"{at}attention.self.{part}.{kind}"] = tensor
                for ours, theirs in BERT_NAMES.items():
                    out[f"{at}{theirs}.{kind}"] = getattr(getattr(layer, ours), kind)
        return out


BERT_NAMES = {
    "out": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "output_norm": "output.LayerNorm",
}


class Uni(nn.Module):
    """logit_k = scale cos(W_t h[<<SEP>>] + b_t, W_l mean(h of label k) + b_l)"""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        bert = isinstance(shape, BertShape)
        self.encoder = BertEncoder(shape) if bert else modern.Encoder(shape)
        self.text = nn.Linear(shape.hidden, shape.hidden)
        self.label = nn.Linear(shape.hidden, shape.hidden)
        self.scale = nn.Parameter(torch.tensor(SHARPNESS * (1 + OFFSET)))

    def forward(self, ids, mask, owner, count, states=None):
        """owner [batch, length]: the label a token belongs to, `count` for the first <<SEP>>,
        count + 1 for all others. -> hidden, text states, label means, logits"""
        hidden = self.encoder(ids, mask, states).float()
        weight = F.one_hot(owner, count + 2)[..., : count + 1].to(hidden.dtype)
        weight = weight / weight.sum(1, keepdim=True).clamp(min=1)
        with torch.autocast(ids.device.type, enabled=False):
            means = weight.transpose(1, 2) @ hidden
            labels, text = means[:, :count], means[:, count]
            a = F.normalize(self.text(text), dim=-1)
            b = F.normalize(self.label(labels), dim=-1)
            logits = self.scale * (b @ a[:, :, None])[..., 0]
        return hidden, text, labels, logits

    def make_cosine(self, direction, length):
        """Sets the head so that the logit is SHARPNESS (cosine - OFFSET) for vectors of that
        `length`: a direction that sentence vectors hardly use gets opposite constants."""
        with torch.no_grad():
            for part, sign in ((self.text, 1), (self.label, -1)):
                part.weight.copy_(torch.eye(self.shape.hidden))
                part.bias.copy_(sign * OFFSET**0.5 * length * direction)


def batch_tensors(encoded, tokenizer):
    """Lists of ids to ids, mask, owner, present [batch, most labels]."""
    ids, mask = modern.padded(encoded, tokenizer.pad)
    counts = [row.count(tokenizer.label) for row in encoded]
    most = max(1, *counts)
    owner = torch.full(ids.shape, most + 1)
    present = torch.zeros(len(encoded), most)
    for i, row in enumerate(encoded):
        line = torch.tensor(row)
        sep = row.index(tokenizer.sep)
        own = (line == tokenizer.label).cumsum(0) - 1
        own[0] = most + 1
        own[sep], own[sep + 1 :] = most, most + 1
        owner[i, : len(row)] = own
        present[i, : counts[i]] = 1
    return ids, mask, owner, present


def linear_tensors(prefix, weight, bias):
    """gliclass's projector, of middle width 2 x hidden, that is the linear map."""
    eye = torch.eye(weight.shape[1])
    return {
        f"{prefix}.linear_1.weight": torch.cat((eye, -eye)),
        f"{prefix}.linear_1.bias": torch.zeros(2 * weight.shape[1]),
        f"{prefix}.linear_2.weight": torch.cat((weight, -weight), dim=1),
        f"{prefix}.linear_2.bias": bias,
    }


def load_checkpoint(path):
    """-> the model with averaged weights where there are any, and all that the file holds."""
    saved = torch.load(path, map_location="cpu", weights_only=False)
    kind = modern.Shape if "window" in saved["shape"] else BertShape
    model = Uni(kind(**saved["shape"]))
    state = saved.get("average", saved["model"])
    model.load_state_dict(
        {name: t.float() for name, t in state.items() if not name.startswith("bridge.")}
    )
    return model.eval(), saved
