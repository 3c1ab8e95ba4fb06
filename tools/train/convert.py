"""A ModernBERT-style student out of a BERT teacher, layer by layer, by least squares.

    python tools/train/convert.py --checkpoint RUN/checkpoint.pt --out START.pt --data DATA

A pre-norm stream h can follow BERT's post-norm states x: LN's division by a token's own deviation
is replaced by its mean over tokens, so that x = G h + constant with a diagonal G per layer (its
entries kept within a factor of four of their median: a few coordinates with small weights would
otherwise rule the norms). Then every matrix has a linear problem to solve on sample rows, from
what the student itself computes: queries, keys, values and the feed-forward's inputs from the
normalised stream; the two output matrices from what they get to what the stream lacks. There are
no biases: a constant direction is put into the token table instead. Gates begin at 1, the least
useful feed-forward units are left out, a layer that the teacher does not have begins without
effect. What least squares can not give is position (the teacher's are absolute, in its states;
the student's rotate queries and keys): each head's space is turned so that its strongest
directions rotate slowest, and matching (`match.py`) does the rest.
"""

import random

import torch
import torch.nn.functional as F

import modern
from data import Rows
from exported import arguments
from prompt import PromptTokenizer
from uni import Uni, batch_tensors, load_checkpoint

SHAPE = modern.Shape()
CONSTANT = 0.7  # share of the token table's variance that the constant direction adds


def standard(x, epsilon=1e-5):
    return F.layer_norm(x, x.shape[-1:], eps=epsilon)


class Squares:
    """Least squares over batches: W with x W' ~ y."""

    def __init__(self):
        self.gram = self.cross = self.count = 0

    def add(self, x, y):
        self.gram = self.gram + (x.T @ x).double()
        self.cross = self.cross + (x.T @ y).double()
        self.count += len(x)

    def solve(self, strength=3e-3):
        gram = self.gram.clone()
        gram.diagonal().add_(strength * gram.diagonal().mean())
        return torch.linalg.solve(gram, self.cross).T.float()


class Moments:
    """Mean and variance per column over batches."""

    def __init__(self):
        self.count, self.sum, self.squares = 0, 0, 0

    def add(self, x):
        self.count += len(x)
        self.sum, self.squares = (
            self.sum + x.double().sum(0),
            self.squares + x.double().square().sum(0),
        )

    @property
    def mean(self):
        return (self.sum / self.count).float()

    @property
    def variance(self):
        return (self.squares / self.count - (self.sum / self.count).square()).float()


def mean_of(tensors):
    found = Moments()
    for tensor in tensors:
        found.add(tensor)
    return found


def convert(teacher, shape, batches, log=print):
    """`batches`: (ids, mask) pairs. -> student Uni, and what `match.py` needs to compare states:
    {"scale": [layers + 1, hidden], "shift": ...} with x_l = scale_l h_l + shift_l, and the bridge
    from the student's last states to the teacher's."""
    student, bert = Uni(shape), teacher.encoder
    generator = torch.Generator().manual_seed(1)
    encoder, masks = student.encoder, [mask.bool() for _, mask in batches]
    every = range(len(batches))
    scale = make_table(bert, encoder)
    x = [bert.norm(bert.embed(ids)) for ids, _ in batches]
    h = [encoder.embeddings(ids) for ids, _ in batches]
    rows = lambda tensors, i: tensors[i][masks[i]]
    average = lambda tensors: mean_of(rows(tensors, i) for i in every).mean
    # the stream's mean, the constant in it, grows as the stream does
    first, spread = average(h), lambda scale: scale.reciprocal().abs().median()
    centre = lambda scale: first * spread(scale) / spread(scales[0])
    scales = [scale]
    shifts = [average(x) - scale * first]

    def step(tensors, norm, scale):
        """Teacher's sums before a norm -> its states, and the student's scale for them."""
        deviation = mean_of(rows(tensors, i).std(-1, correction=0)[:, None] for i in every).mean
        scale = scale * norm.weight / deviation
        middle = scale.abs().median()
        kept = scale.abs().clamp(middle / 4, middle * 4)
        return [norm(t) for t in tensors], scale.sign() * kept

    for index, layer in enumerate(encoder.layers):
        if index >= len(bert.layers):
            idle(layer, generator)
            scales.append(scales[-1]), shifts.append(shifts[-1])
            continue
        theirs, is_global = bert.layers[index], index % shape.global_every == 0
        look = (lambda t: t) if index == 0 else standard
        # attention
        turns = head_turns((theirs.qkv(rows(x, i)) for i in every), shape)
        found = Squares()
        for i in every:
            found.add(look(rows(h, i)), turn_heads(theirs.qkv(rows(x, i)), turns, shape))
        layer.attn.Wqkv.weight.copy_(found.solve())
        after = [
            x[i] + theirs.out(bert_attention(theirs, theirs.qkv(x[i]), masks[i])) for i in every
        ]
        x, scale = step(after, theirs.attention_norm, scale)
        middle, found = average(x), Squares()
        for i in every:
            seen = attention(layer, look(h[i]), masks[i], encoder, is_global)[masks[i]]
            found.add(seen, (rows(x, i) - middle) / scale + centre(scale) - rows(h, i))
        layer.attn.Wo.weight.copy_(found.solve())
        h = [
            h[i] + layer.attn.Wo(attention(layer, look(h[i]), masks[i], encoder, is_global))
            for i in every
        ]
        # feed-forward
        units = mean_of(F.gelu(theirs.up(rows(x, i))) for i in every)
        worth = units.variance * theirs.down.weight.square().sum(0)
        kept = worth.argsort(descending=True)[: shape.intermediate]
        share = (worth[kept].sum() / worth.sum()).item()
        found = Squares()
        for i in every:
            up = theirs.up(rows(x, i))[:, kept]
            found.add(standard(rows(h, i)), torch.cat((up, torch.ones(len(up), 1)), 1))
        both = found.solve()
        gate = both[-1:].expand(shape.intermediate, -1)
        layer.mlp.Wi.weight.copy_(torch.cat((both[:-1], gate)))
        x, scale = step(
            [t + theirs.down(F.gelu(theirs.up(t))) for t in x], theirs.output_norm, scale
        )
        middle, found = average(x), Squares()
        for i in every:
            found.add(
                inner(layer, rows(h, i)), (rows(x, i) - middle) / scale + centre(scale) - rows(h, i)
            )
        layer.mlp.Wo.weight.copy_(found.solve())
        h = [t + layer.mlp.Wo(inner(layer, t)) for t in h]
        scales.append(scale), shifts.append(middle - scale * centre(scale))
        total = mean_of(rows(x, i) for i in every).variance.sum()
        lost = mean_of((rows(h, i) - centre(scale)) * scale - rows(x, i) + middle for i in every)
        error = ((lost.squares / lost.count).sum() / total).item()
        log(f"layer {index}: units kept carry {share:.3f}, states not explained {error:.4f}")
    found = Squares()
    for i in every:
        final = standard(rows(h, i))
        found.add(torch.cat((final, torch.ones(len(final), 1)), 1), rows(x, i))
    both = found.solve(1e-4)
    weight, bias = both[:, :-1], both[:, -1]
    for ours, theirs in ((student.text, teacher.text), (student.label, teacher.label)):
        ours.weight.copy_(theirs.weight @ weight)
        ours.bias.copy_(theirs.weight @ bias + theirs.bias)
    student.scale.copy_(teacher.scale)
    maps = {"scale": torch.stack(scales), "shift": torch.stack(shifts)}
    return student, maps | {"weight": weight, "bias": bias}


def inner(layer, h):
    value, gate = layer.mlp.Wi(standard(h)).chunk(2, -1)
    return F.gelu(value) * gate


def make_table(bert, encoder):
    """Rows of unit variance plus a constant; the norm's weight makes BERT's first states of them.
    -> the scale of the first states"""
    rows = torch.cat((bert.table, bert.special)) + bert.positions[:96].mean(0)
    rows = standard(rows, bert.norm.eps)
    used = (rows * bert.norm.weight)[1000:].T.cov()
    direction = standard(torch.linalg.eigh(used)[1][:, 0])  # the least used
    rows = rows - (rows @ direction / len(direction))[:, None] * direction
    rows = rows + CONSTANT**0.5 * direction
    count = bert.table.shape[0]
    encoder.embeddings.table.copy_(rows[:count])
    encoder.embeddings.special.copy_(rows[count:])
    encoder.embeddings.norm.weight.copy_(bert.norm.weight * (1 + CONSTANT) ** 0.5)
    return torch.ones_like(bert.norm.weight)


def heads_of(qkv, shape):
    return (t.reshape(len(qkv), shape.heads, -1) for t in qkv.chunk(3, -1))


def head_turns(batches, shape):
    """For every head an orthogonal matrix: its query and key space, weakest directions first."""
    size, total = shape.hidden // shape.heads, 0
    for qkv in batches:
        q, k, _ = heads_of(qkv, shape)
        for t in (q, k):
            t = t - t.mean(0)
            energy = torch.einsum("nha,nhb->hab", t, t)
            total = total + energy / energy.diagonal(dim1=1, dim2=2).sum(-1)[:, None, None]
    turns = torch.linalg.eigh(total)[1]
    # rotate_half pairs j with j + size/2, and rotates the slower the greater j is
    places = torch.tensor([p for j in range(size // 2) for p in (j, j + size // 2)])
    out = torch.empty_like(turns)
    out[:, :, places] = turns
    return out


def turn_heads(qkv, turns, shape):
    q, k, v = heads_of(qkv, shape)
    q, k = (torch.einsum("nha,hab->nhb", t, turns) for t in (q, k))
    return torch.cat([t.reshape(len(qkv), -1) for t in (q, k, v)], -1)


def bert_attention(layer, qkv, mask):
    q, k, v = modern.split_heads(qkv, layer.heads)
    return modern.join_heads(modern.attend(q, k, v, mask[:, None, None]))


def attention(layer, z, mask, encoder, is_global):
    """What reaches Wo in a student's layer."""
    shape, length = encoder.shape, z.shape[1]
    theta = shape.global_theta if is_global else shape.local_theta
    rope = encoder.rope(length, theta, z.device)
    q, k, v = modern.split_heads(layer.attn.Wqkv(z), shape.heads)
    place = torch.arange(length)
    near = (place[:, None] - place).abs() <= (length if is_global else shape.window // 2)
    seen = modern.attend(
        modern.rotate(q, rope), modern.rotate(k, rope), v, mask[:, None, None] & near
    )
    return modern.join_heads(seen)


def idle(layer, generator):
    for matrix in (layer.attn.Wqkv, layer.mlp.Wi):
        fan_in = matrix.weight.shape[1]
        matrix.weight.copy_(torch.randn(matrix.weight.shape, generator=generator) * fan_in**-0.5)
    layer.attn.Wo.weight.zero_(), layer.mlp.Wo.weight.zero_()


def sample_batches(folder, seed, tokens, context):
    rows, tokenizer, chosen = Rows(folder, seed), PromptTokenizer(), random.Random(seed)
    encoded, total = [], 0
    while total < tokens:
        row = rows.draw()
        if chosen.random() < 0.3:
            row["text"] = chosen.choice(rows.passages)
        ids, _ = tokenizer.encode(row, chosen.choice((48, 96, 200)))
        if len(ids) <= min(300, context):
            encoded.append(ids)
            total += len(ids)
    encoded.sort(key=len)
    return [batch_tensors(encoded[i : i + 16], tokenizer)[:2] for i in range(0, len(encoded), 16)]


if __name__ == "__main__":
    parser = arguments(__doc__.split("\n")[0])
    parser.add_argument("--tokens", type=int, default=150000)
    options = parser.parse_args()
    torch.set_num_threads(2)
    with torch.no_grad():
        source, _ = load_checkpoint(options.checkpoint)
        sample = sample_batches(options.data, 5, options.tokens, source.shape.context)
        made, maps = convert(source, SHAPE, sample)
    torch.save({"model": made.state_dict(), "shape": SHAPE.as_dict(), "maps": maps}, options.out)
