"""Times Gliss against its peers in one interleaved run: same machine, threads, weights and token ids.

    python tools/peers/compare.py --model FOLDER [--cells 1x512,8x128] [--rounds 9] [--threads 2]

Each round measures every runtime once per cell, in turn (A B C A B C ...), each in its own process that
sleeps while the others run; Gliss reports the multiply-add peak it measured beside its own run. Prints one
Markdown table (medians over rounds, the paired ratio peer / gliss with its range) and writes JSON with
--json. Forward pass of the encoder only: token ids in, hidden states out, float32.
Build first: swift build -c release --product EncoderBenchmark.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent


def useful_gflop(config: dict, sequences: int, tokens: int) -> float:
    """Linear layers plus attention with the exact band in local layers."""
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    every = config.get("global_attn_every_n_layers", 3)
    window = config["local_attention"] // 2
    linear = 2 * tokens * (4 * hidden * hidden + 3 * hidden * wide)
    band = sum(min(tokens, p + window + 1) - max(0, p - window) for p in range(tokens))
    total = 0
    for layer in range(config["num_hidden_layers"]):
        pairs = tokens * tokens if layer % every == 0 else band
        total += linear + 4 * pairs * hidden
    return sequences * total / 1e9


class Runtime:
    def __init__(self, name: str, command: list[str]):
        self.name = name
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )

    def measure(self, cell: tuple[int, int], repetitions: int) -> dict:
        time.sleep(0.3)  # the others' threads stop spinning
        self.process.stdin.write(f"{cell[0]} {cell[1]} {repetitions}\n")
        self.process.stdin.flush()
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                return json.loads(line)
        self.log.seek(0)
        sys.exit(f"{self.name} ended: {self.log.read()[-2000:]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cells", default="1x512,8x128")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peers", default="torch,onnx")
    parser.add_argument("--json")
    options = parser.parse_args()

    config = json.loads(pathlib.Path(options.model, "config.json").read_text())["encoder_config"]
    threads = str(options.threads)
    binary = str(ROOT / ".build/release/EncoderBenchmark")
    runtimes = [Runtime("gliss", [binary, options.model, threads])]
    for peer in filter(None, options.peers.split(",")):
        command = [sys.executable, str(HERE / "worker.py"), peer, options.model, threads]
        runtimes.append(Runtime(peer, command))

    cells = [tuple(map(int, cell.split("x"))) for cell in options.cells.split(",")]
    for runtime in runtimes:  # load, export, warm up
        for cell in cells:
            runtime.measure(cell, 1)
    rows = []
    for cell in cells:
        rounds = [
            {runtime.name: runtime.measure(cell, options.repetitions) for runtime in runtimes}
            for _ in range(options.rounds)
        ]
        rows.append(row(config, cell, rounds))
    print(table(rows, options))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=1))


def row(config: dict, cell: tuple[int, int], rounds: list[dict]) -> dict:
    gflop = useful_gflop(config, *cell)
    own = [r["gliss"] for r in rounds]
    rates = [gflop / r["median_ms"] * 1e3 for r in own]
    result = {
        "cell": f"{cell[0]}x{cell[1]}",
        "gflop": gflop,
        "kernels": own[0]["kernels"],
        "gliss_ms": statistics.median(r["median_ms"] for r in own),
        "gflops": statistics.median(rates),
        "peak_gflops": statistics.median(r["peak_gflops"] for r in own),
        "share": statistics.median(rate / r["peak_gflops"] for rate, r in zip(rates, own)),
        "peers": {},
    }
    for name in rounds[0]:
        if name == "gliss":
            continue
        ratios = [r[name]["median_ms"] / r["gliss"]["median_ms"] for r in rounds]
        result["peers"][name] = {
            "ms": statistics.median(r[name]["median_ms"] for r in rounds),
            "ratio": statistics.median(ratios),
            "ratio_range": [min(ratios), max(ratios)],
            "difference": max(abs(r[name]["first"] - r["gliss"]["first"]) for r in rounds),
        }
    return result


def table(rows: list[dict], options: argparse.Namespace) -> str:
    names = list(rows[0]["peers"])
    head = ["cell", "gliss ms", "GFLOP/s", "share of peak"]
    for name in names:
        head += [f"{name} ms", f"{name} / gliss"]
    lines = [
        f"{options.model}, {options.threads} threads, {options.rounds} rounds of "
        f"{options.repetitions}, kernels {rows[0]['kernels']}",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
    ]
    for r in rows:
        cells = [r["cell"], f"{r['gliss_ms']:.1f}", f"{r['gflops']:.0f}"]
        cells.append(f"{r['share']:.0%} of {r['peak_gflops']:.0f}")
        for name in names:
            peer = r["peers"][name]
            low, high = peer["ratio_range"]
            cells += [f"{peer['ms']:.1f}", f"{peer['ratio']:.2f} [{low:.2f}-{high:.2f}]"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
