"""torch's side of gemm.py: one pass is M rows times every layer's four weights, in bf16.

usage: gemm_worker.py plain|packed HIDDEN INTERMEDIATE LAYERS THREADS; lines "run M WARMUPS REPETITIONS".
Weights and rows are the formulas of Benchmarks/Gemm/main.swift. plain: `F.linear`; packed: weights put into
oneDNN's own layout for this M before the clock starts.
"""

import json
import os
import sys
import time

kind = sys.argv[1]
hidden, wide, layers, threads = map(int, sys.argv[2:6])
os.environ["OMP_NUM_THREADS"] = str(threads)

import torch  # noqa: E402  (after the thread count)

torch.set_num_threads(threads)
torch.set_grad_enabled(False)
bf16 = torch.bfloat16


def matrix(rows: int, columns: int, across: int, along: int) -> torch.Tensor:
    """(row * across + column * along) % 251 / 125 - 1."""
    grid = torch.arange(rows)[:, None] * across + torch.arange(columns)[None, :] * along
    return ((grid % 251) / 125 - 1).to(bf16)


def product(weight: torch.Tensor, m: int):
    if kind == "plain":
        return lambda x: torch.nn.functional.linear(x, weight)
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, m)
    linear = torch.ops.mkldnn._linear_pointwise
    return lambda x: linear(x, packed, None, "none", [], "")


shapes = [(3 * hidden, hidden), (hidden, hidden), (2 * wide, hidden), (hidden, wide)]
weights = [
    matrix(outputs, inputs, 7 + layer, 3 + layer)
    for layer in range(layers)
    for outputs, inputs in shapes
]
print(json.dumps({"peer": f"torch {torch.__version__} {kind}"}), flush=True)
m, steps = 0, []
for line in sys.stdin:
    rows, warmups, repetitions = map(int, line.split()[1:])
    if rows != m:
        m = rows
        inputs = {k: matrix(m, k, 5, 11) for k in (hidden, wide)}
        steps = [(inputs[w.shape[1]], product(w, m)) for w in weights]
    samples = []
    for turn in range(warmups + repetitions):
        start = time.perf_counter()
        for x, multiply in steps:
            result = multiply(x)
        if turn >= warmups:
            samples.append((time.perf_counter() - start) * 1e3)
    record = {"samples_ms": sorted(samples), "result": result[0, :8].float().tolist()}
    print(json.dumps(record), flush=True)
