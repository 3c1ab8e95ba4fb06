"""One peer in a process of its own, with the line protocol of Benchmarks/Peers/main.swift.

usage: worker.py PEER FOLDER CACHE THREADS

    run CELL DRAW WARMUPS REPETITIONS

CELL as cells.py writes it.

One JSON object a line answers: "samples_ms" (fastest first) and "logits" of the last repetition, or
"error". What a cell needs (a compilation, an export) is made when its first request comes and dropped
when another cell comes.
"""

import json
import os
import pathlib
import sys
import time

peer, folder, cache, threads = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
os.environ["OMP_NUM_THREADS"] = str(threads)
protocol = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print goes to the log

import cells
import inputs  # noqa: E402  (after the thread count)
import torch  # noqa: E402

torch.set_num_threads(threads)
torch.set_grad_enabled(False)


def answer(record: dict) -> None:
    protocol.write(json.dumps(record) + "\n")
    protocol.flush()


def prepare():
    if peer.startswith("torch"):
        import torch_peers as family
    elif peer.startswith("openvino"):
        import openvino_peers as family
    else:
        import onnx_peers as family
    return family.PEERS[peer](folder, pathlib.Path(cache), threads)


def measure(run, ids: torch.Tensor, warmups: int, repetitions: int) -> dict:
    for _ in range(warmups):
        run(ids)
    samples = []
    for _ in range(repetitions):
        start = time.perf_counter()
        logits = run(ids)
        samples.append((time.perf_counter() - start) * 1e3)
    return {"samples_ms": sorted(samples), "logits": logits}


def first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:300] if text else ''}"


try:
    start = time.perf_counter()
    for_cell = prepare()
    answer({"peer": peer, "load_ms": (time.perf_counter() - start) * 1e3})
except Exception as error:  # a peer that cannot load is a finding, not a crash
    answer({"error": first_line(error)})
    sys.exit(1)

cell, run = None, None
for line in sys.stdin:
    _, name, *numbers = line.split()
    draw, warmups, repetitions = map(int, numbers)
    wanted = cells.Cell.parse(name)
    try:
        if cell != wanted:
            cell, run = None, None
            run = for_cell(wanted)
            cell = wanted
        answer(measure(run, inputs.token_ids(cell, draw), warmups, repetitions))
    except Exception as error:
        cell = None
        answer({"error": first_line(error)})
