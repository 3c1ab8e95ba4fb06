"""Bare bf16 products: gliss's tile kernels against torch `F.linear`, interleaved.

    tools/peers/run gemm [--geometry base,edge] [--rows 64,128,512,4096] [--threads 2] [--rounds 9]

One pass multiplies M rows by the four weights of every layer in turn, so that the weights come from where
they come from in the model: for base at small M, from memory. Both sides multiply bf16 operands and sum in
f32. torch stores bf16; gliss does what the model needs next (rotated heads, GeGLU, residual add), which
torch would do in passes of their own. torch gets its weights as F.linear takes them and, as a second
peer, packed by oneDNN ahead for exactly this M.
"""

import argparse
import json
import pathlib
import statistics
import sys

from processes import BINARIES, HERE, Worker, WorkerError

SIZES = {"base": (768, 1152, 22), "edge": (384, 576, 10)}  # hidden, intermediate, layers
MUST = {64: 1.5, 128: 1.5, 512: 1.2, 4096: 1.0}
PEERS = {"F.linear": "plain", "packed": "packed"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    numbers = lambda text: [int(n) for n in text.split(",")]
    parser.add_argument("--geometry", type=lambda t: t.split(","), default=list(SIZES))
    parser.add_argument("--rows", type=numbers, default=list(MUST))
    parser.add_argument("--threads", type=numbers, default=[2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.15)
    parser.add_argument("--out", type=pathlib.Path, help="JSON file")
    options = parser.parse_args()
    rows = []
    for threads in options.threads:
        for geometry in options.geometry:
            sizes = [str(size) for size in (*SIZES[geometry], threads)]
            workers = {"gliss": Worker([str(BINARIES / "GemmBenchmark"), *sizes])}
            for name, kind in PEERS.items():
                workers[name] = Worker([sys.executable, str(HERE / "gemm_worker.py"), kind, *sizes])
            try:
                for m in options.rows:
                    rows.append(compare(workers, geometry, m, threads, options))
                    print(rows[-1], file=sys.stderr)
            finally:
                for worker in workers.values():
                    worker.close()
    print(table(rows))
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1))


def compare(workers: dict, geometry: str, m: int, threads: int, options) -> dict:
    hidden, wide, layers = SIZES[geometry]
    gflop = 2 * m * layers * (4 * hidden * hidden + 3 * hidden * wide) / 1e9
    first = {name: worker.ask(f"run {m} 1 1") for name, worker in workers.items()}
    check(first, geometry, m)
    passes = {name: found["samples_ms"][0] for name, found in first.items()}

    def measure(name: str) -> float:
        least = 1 if passes[name] > 200 else 3
        repetitions = min(200, max(least, round(options.seconds * 1e3 / passes[name])))
        samples = workers[name].ask(f"run {m} 1 {repetitions}")["samples_ms"]
        passes[name] = statistics.median(samples)
        return passes[name]

    times = {name: [] for name in workers}
    ratios = {name: [] for name in PEERS}
    peaks = []
    for _ in range(options.rounds):
        for name in PEERS:
            peaks.append(workers["gliss"].ask("peak")["amx-bf16"])
            before = measure("gliss")
            theirs = measure(name)
            after = measure("gliss")
            times["gliss"] += [before, after]
            times[name].append(theirs)
            ratios[name].append(2 * theirs / (before + after))
    return {
        "geometry": geometry,
        "rows": m,
        "threads": threads,
        "rounds": options.rounds,
        "gflop": gflop,
        "ms": {name: statistics.median(values) for name, values in times.items()},
        "ratio": {name: statistics.median(values) for name, values in ratios.items()},
        "ratio_range": {name: [min(values), max(values)] for name, values in ratios.items()},
        "peak_gflops": statistics.median(peaks),
        "must": MUST.get(m),
    }


def check(first: dict, geometry: str, m: int) -> None:
    """All sides multiply the same numbers: row 0 of the last product, to bf16's rounding."""
    expected = first["F.linear"]["result"]
    for name, found in first.items():
        for a, b in zip(expected, found["result"], strict=True):
            if abs(a - b) > 0.02 * max(1, abs(a)):
                raise WorkerError(f"{name}, {geometry}, {m} rows: {b} where F.linear has {a}")


def table(rows: list[dict]) -> str:
    head = ["geometry", "M", "threads", "gliss ms", "GFLOP/s", "AMX bf16 peak"]
    for name in PEERS:
        head += [f"{name} ms", f"{name} / gliss"]
    head += ["must", "verdict"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        own = row["ms"]["gliss"]
        cells = [row["geometry"], str(row["rows"]), str(row["threads"]), f"{own:.2f}"]
        cells += [f"{row['gflop'] / own * 1e3:.0f}", f"{row['peak_gflops']:.0f}"]
        for name in PEERS:
            low, high = row["ratio_range"][name]
            cells += [f"{row['ms'][name]:.2f}", f"{row['ratio'][name]:.2f} [{low:.2f}-{high:.2f}]"]
        must = row["must"]
        passed = "-" if must is None else "pass" if row["ratio"]["F.linear"] >= must else "FAIL"
        lines.append("| " + " | ".join([*cells, str(must or "-"), passed]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
