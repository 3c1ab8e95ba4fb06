"""A ModernBERT-style student out of a BERT teacher, layer by layer, by least squares.

    python tools/train/convert.py --teacher RUN/checkpoint.pt --out START.pt --data ../shared/data

A pre-norm stream h can follow BERT's post-norm states x: LN's division by a token's own deviation
is replaced by its mean over tokens, so that x = G h + constant with a diagonal G per layer. Then
every matrix has a linear problem to solve on sample rows, from what the student itself computes:
queries, keys, values and the feed-forward's inputs from the normalised stream; the two output
matrices from what they get to what the stream lacks. There are no biases: a constant direction is
put into the token table instead. Gates begin at 1, the least useful feed-forward units are left
out, a layer that the teacher does not have begins without effect. What least squares can not give
is position (the teacher's are absolute, in its states; the student's rotate queries and keys):
each head's space is turned so that its strongest directions rotate slowest, and matching
(`match.py`) does the rest.
"""

import argparse
import random

import torch
import torch.nn.functional as F

import model as modern
from data import Rows
from prompt import PromptTokenizer
from uni import Uni, batch_tensors, load_checkpoint

SHAPE = modern.Shape(hidden=384, layers=7, heads=12, intermediate=864)
CONSTANT = 0.7  # share of the token table's variance that the constant direction adds


def ridge(x, y, strength=1e-2):
    """W with x W' ~ y.   x [n, a], y [n, b] -> [b, a]"""
    gram = x.T @ x
    gram.diagonal().add_(strength * gram.diagonal().mean())
    return torch.linalg.solve(gram.double(), (x.T @ y).double()).T.float()


def standard(x, epsilon=1e-5):
    return F.layer_norm(x, x.shape[-1:], eps=epsilon)


def convert(teacher, shape, batches, log=print):
    """`batches`: (ids, mask) pairs. -> student Uni, and what `match.py` needs to compare states:
    {"scale": [layers + 1, hidden], "shift": ...} with x_l = scale_l h_l + shift_l."""
    student, bert = Uni(shape), teacher.encoder
    generator = torch.Generator().manual_seed(1)
    encoder = student.encoder
    table, scale = make_table(bert, encoder, generator)
    masks = [mask.bool() for _, mask in batches]
    flat = lambda tensors: torch.cat([t[m] for t, m in zip(tensors, masks)])
    x = [bert.norm(embed(bert, ids)) for ids, _ in batches]
    h = [encoder.embeddings(ids) for ids, _ in batches]
    mean = flat(h).mean(0)
    scales, shifts = [scale], [flat(x).mean(0) - scale * mean]
    for index, layer in enumerate(encoder.layers):
        if index >= len(bert.layers):
            idle(layer, generator)
            scales.append(scales[-1]), shifts.append(shifts[-1])
            continue
        theirs, is_global = bert.layers[index], index % shape.global_every == 0
        # attention
        qkv = [theirs.qkv(t) for t in x]
        z = h if index == 0 else [standard(t) for t in h]
        turned = turn_heads(flat(qkv), shape)
        layer.attn.Wqkv.weight.copy_(ridge(flat(z), turned))
        seen = [attention(layer, t, mask, encoder, is_global) for t, mask in zip(z, masks)]
        after = [t + theirs.out(bert_attention(theirs, q, m)) for t, q, m in zip(x, qkv, masks)]
        scale = scale * theirs.attention_norm.weight / flat(after).std(-1, correction=0).mean()
        x = [theirs.attention_norm(t) for t in after]
        wanted = lambda: (flat(x) - flat(x).mean(0)) / scale + mean
        layer.attn.Wo.weight.copy_(ridge(flat(seen), wanted() - flat(h)))
        h = [t + layer.attn.Wo(s) for t, s in zip(h, seen)]
        # feed-forward
        z, up = [standard(t) for t in h], [theirs.up(t) for t in x]
        act = F.gelu(flat(up))
        worth = act.var(0) * theirs.down.weight.square().sum(0)
        kept = worth.argsort(descending=True)[: shape.intermediate]
        share = (worth[kept].sum() / worth.sum()).item()
        value = ridge(flat(z), flat(up)[:, kept])
        gate = ridge(flat(z), torch.ones(len(act), 1), 1e-4).expand(shape.intermediate, -1)
        layer.mlp.Wi.weight.copy_(torch.cat((value, gate)))
        after = [t + theirs.down(F.gelu(u)) for t, u in zip(x, up)]
        scale = scale * theirs.output_norm.weight / flat(after).std(-1, correction=0).mean()
        x = [theirs.output_norm(t) for t in after]
        inner = [F.gelu(a) * b for a, b in (layer.mlp.Wi(t).chunk(2, -1) for t in z)]
        layer.mlp.Wo.weight.copy_(ridge(flat(inner), wanted() - flat(h)))
        h = [t + layer.mlp.Wo(i) for t, i in zip(h, inner)]
        scales.append(scale), shifts.append(flat(x).mean(0) - scale * mean)
        error = ((flat(h) - wanted()) * scale).square().sum() / (
            flat(x) - flat(x).mean(0)
        ).square().sum()
        log(f"layer {index}: units kept carry {share:.3f}, states not explained {error.item():.4f}")
    final = flat([standard(t) for t in h])
    ones = torch.ones(len(final), 1)
    both = ridge(torch.cat((final, ones), 1), flat(x), 1e-4)
    weight, bias = both[:, :-1], both[:, -1]
    left = (final @ weight.T + bias - flat(x)).square().sum() / (
        flat(x) - flat(x).mean(0)
    ).square().sum()
    log(f"final states not explained {left.item():.4f}")
    for ours, theirs in ((student.text, teacher.text), (student.label, teacher.label)):
        ours.weight.copy_(theirs.weight @ weight)
        ours.bias.copy_(theirs.weight @ bias + theirs.bias)
    student.scale.copy_(teacher.scale)
    maps = {"scale": torch.stack(scales), "shift": torch.stack(shifts)}
    return student, maps | {"weight": weight, "bias": bias}


def embed(bert, ids):
    count = bert.table.shape[0]
    both = torch.cat((bert.table, bert.special))
    assert ids.max() < count + len(bert.special)
    return both[ids] + bert.positions[: ids.shape[1]]


def make_table(bert, encoder, generator):
    """Rows of unit variance plus a constant; the norm's weight makes BERT's first states of them.
    -> table, G of the first states"""
    rows = torch.cat((bert.table, bert.special)) + bert.positions[:96].mean(0)
    rows = standard(rows, bert.norm.eps)
    used = (rows * bert.norm.weight)[1000:].T.cov()
    direction = torch.linalg.eigh(used)[1][:, 0]  # the least used, across all coordinates
    direction = standard(direction)
    rows = rows - (rows @ direction / len(direction))[:, None] * direction
    rows = rows + CONSTANT**0.5 * direction
    count = bert.table.shape[0]
    encoder.embeddings.table.copy_(rows[:count])
    encoder.embeddings.special.copy_(rows[count:])
    encoder.embeddings.norm.weight.copy_(bert.norm.weight * (1 + CONSTANT) ** 0.5)
    return rows, torch.ones_like(bert.norm.weight)


def turn_heads(qkv, shape):
    """Turns every head's query and key space alike: strongest directions to slowest rotations."""
    size = shape.hidden // shape.heads
    q, k, v = (t.reshape(len(qkv), shape.heads, size) for t in qkv.chunk(3, -1))
    # pair j of rotate_half is (j, j + size/2), and slower as j grows
    places = [p for j in range(size // 2) for p in (j, j + size // 2)]
    out_q, out_k = torch.empty_like(q), torch.empty_like(k)
    for head in range(shape.heads):
        a, b = q[:, head], k[:, head]
        energy = (a - a.mean(0)).T @ (a - a.mean(0)) / a.var() + (b - b.mean(0)).T @ (
            b - b.mean(0)
        ) / b.var()
        vectors = torch.linalg.eigh(energy)[1]  # weakest first
        out_q[:, head, places], out_k[:, head, places] = a @ vectors, b @ vectors
    return torch.cat([t.reshape(len(qkv), -1) for t in (out_q, out_k, v)], -1)


def split(qkv, heads):
    batch, length, width = qkv.shape
    return qkv.view(batch, length, 3, heads, width // 3 // heads).permute(2, 0, 3, 1, 4)


def join(seen):
    return seen.transpose(1, 2).flatten(2)


def bert_attention(layer, qkv, mask):
    return join(modern.attend(*split(qkv, layer.heads), mask[:, None, None]))


def attention(layer, z, mask, encoder, is_global):
    """What reaches Wo in a student's layer."""
    shape, length = encoder.shape, z.shape[1]
    theta = shape.global_theta if is_global else shape.local_theta
    rope = encoder.rope(length, theta, z.device)
    q, k, v = split(layer.attn.Wqkv(z), shape.heads)
    place = torch.arange(length)
    near = (place[:, None] - place).abs() <= (length if is_global else shape.window // 2)
    seen = modern.attend(
        modern.rotate(q, rope), modern.rotate(k, rope), v, mask[:, None, None] & near
    )
    return join(seen)


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
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--teacher", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--tokens", type=int, default=60000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with torch.no_grad():
        source, _ = load_checkpoint(options.teacher)
        sample = sample_batches(options.data, 5, options.tokens, source.shape.context)
        made, maps = convert(source, SHAPE, sample)
    torch.save({"model": made.state_dict(), "shape": SHAPE.as_dict(), "maps": maps}, options.out)
