"""Times gliss against its peers, interleaved: same machine, threads, weights and token ids.

    tools/peers/run [--geometry edge,base] [--cells 1x128,8x128] [--precision f32,bf16,int8]
                    [--peers default,fp32] [--threads 2] [--rounds 9] [--budget 60] [--resume]

Measurements go into a state file after every round; the table is made from it (see report.py), by
`--report` without measuring anything. README.md says what is measured and how.
"""

import argparse
import datetime
import hashlib
import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

import cells as setup
import report
from processes import BINARIES, ROOT, Stable, WorkerError

# Passes longer than this are timed once a measurement; longer than the second, without a warm-up.
SINGLE_S = 0.2
LONG_S = 1.0


def main() -> None:
    parser = arguments(__doc__, "peers")
    parser.add_argument(
        "--cells", type=names, default=setup.CELLS, help="BATCHxTOKENS,... (see cells.py)"
    )
    options = parsed(parser)
    state = load_state(options)
    if not options.report:
        state["machine"] = machine()
        for geometry in options.geometry:
            measure(geometry, options.cells, options, state)
    publish(report.markdown(state, options.models), options)


def publish(text: str, options: argparse.Namespace) -> None:
    options.out.with_suffix(".md").write_text(text)
    print(text)


def measure(model: str, cells: list[str], options: argparse.Namespace, state: dict) -> None:
    """All rounds of these cells of one model folder."""
    for threads in options.threads:
        stable = Stable(options.models / model, options.cache / model, threads)
        stable.cache.mkdir(parents=True, exist_ok=True)
        try:
            for cell in cells:
                compare(stable, model, cell, options, state)
        finally:
            stable.close()


def names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def arguments(description: str, file: str) -> argparse.ArgumentParser:
    """What every comparison can be told; `file` names its state file."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    home = pathlib.Path.home() / ".cache/gliss-peers"
    parser.add_argument("--geometry", type=names, default=setup.GEOMETRIES)
    parser.add_argument("--precision", type=names, default=setup.PRECISIONS)
    parser.add_argument(
        "--peers",
        type=names,
        default=["default"],
        help=f"groups {', '.join(setup.GROUPS)} or names: {', '.join(setup.PEERS)}",
    )
    parser.add_argument("--threads", type=lambda t: [int(n) for n in names(t)], default=[2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--seconds", type=float, default=0.15, help="a measurement of a short pass takes about this"
    )
    parser.add_argument(
        "--budget",
        type=float,
        default=120,
        help="seconds a cell's rounds may take; one round is always done",
    )
    parser.add_argument("--models", type=pathlib.Path, default=home / "models")
    parser.add_argument("--cache", type=pathlib.Path, default=home)
    parser.add_argument(
        "--out", type=pathlib.Path, default=ROOT / f".build/{file}.json", help="state file"
    )
    parser.add_argument("--resume", action="store_true", help="add to the state file")
    parser.add_argument("--report", action="store_true", help="only print the state file's table")
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    options = parser.parse_args()
    options.peers = [p for name in options.peers for p in setup.GROUPS.get(name, [name])]
    for given, known in [
        (options.geometry, setup.GEOMETRIES),
        (options.precision, setup.PRECISIONS),
        (options.peers, setup.PEERS),
    ]:
        for name in given:
            if name not in known:
                parser.error(f"unknown {name}; known are {', '.join(known)}")
    return options


def load_state(options: argparse.Namespace) -> dict:
    if (options.resume or options.report) and options.out.exists():
        return json.loads(options.out.read_text())
    if options.out.exists():
        options.out.rename(options.out.with_suffix(".previous.json"))
    return {"cells": {}}


def save_state(state: dict, path: pathlib.Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(".partial")
    staging.write_text(json.dumps(state, indent=1))
    staging.rename(path)


def machine() -> dict:
    from importlib.metadata import PackageNotFoundError, version

    def installed(name):
        try:
            return version(name)
        except PackageNotFoundError:
            return "none"

    packages = "torch transformers gliclass openvino onnxruntime nncf".split()
    cpu = pathlib.Path("/proc/cpuinfo").read_text().split("model name\t: ")[-1].split("\n")[0]
    return {"cpu": cpu, "packages": {name: installed(name) for name in packages}}


def build_of_gliss() -> dict:
    """The binary, so that rounds of different builds are never mixed, and the commit for people."""
    binary = BINARIES / "PeerBenchmark"

    def git(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    commit = git("describe", "--always", "--dirty")
    changed = git("log", "-1", "--format=%ct", "--", "Sources", "Benchmarks", "Package.swift")
    if changed and int(changed) > binary.stat().st_mtime:
        commit = f"built before {commit}"
    return {"binary": hashlib.sha256(binary.read_bytes()).hexdigest()[:12], "commit": commit}


def compare(stable: Stable, geometry: str, cell: str, options, state: dict) -> None:
    """Brings one cell's rounds to the number asked for, or to what the budget allows."""
    key = f"{geometry} {cell} {stable.threads}"
    record = state["cells"].setdefault(key, {"runtimes": {}, "rounds": []})
    build = build_of_gliss()
    names = [f"gliss-{p}" for p in options.precision] + options.peers
    if rounds_left(record, names, build, options) == 0:
        return
    say(f"{key}: preparing")
    runtimes = record["runtimes"]
    for name in names:
        known = runtimes.get(name, {})
        if name.startswith("gliss-") and known.get("binary") != build["binary"]:
            known = {}
        runtimes[name] = prepared(stable, name, cell, known)
        if name.startswith("gliss-"):
            runtimes[name]["binary"] = build["binary"]
        found = runtimes[name]
        say(f"  {name}: {found.get('error') or summary(found)}")
        save_state(state, options.out)
    started = time.monotonic()
    done = 0
    while rounds_left(record, names, build, options) > 0:
        if done and (time.monotonic() - started) * (done + 1) / done > options.budget:
            break
        able = [name for name in names if "error" not in runtimes[name]]
        if not any(name.startswith("gliss-") for name in able):
            break
        steps = one_round(stable, able, cell, runtimes, options.seconds)
        record["rounds"].append({**build, "at": now(), "steps": steps})
        save_state(state, options.out)
        done += 1
    say(f"  {done} rounds in {time.monotonic() - started:.0f} s")
    record["spent"] = {"binary": build["binary"], "names": names, "budget": options.budget}
    save_state(state, options.out)


def rounds_left(record: dict, names: list[str], build: dict, options) -> int:
    """Rounds still wanted of exactly these runtimes and this build of gliss."""
    able = {n for n in names if "error" not in record["runtimes"].get(n, {})}
    done = 0
    for a_round in record["rounds"]:
        measured = {step["name"] for step in a_round["steps"] if "ms" in step}
        done += a_round["binary"] == build["binary"] and able <= measured
    spent = record.get("spent", {})
    same = spent.get("binary") == build["binary"] and spent.get("names") == names
    if done and same and spent["budget"] >= options.budget:
        return 0
    return max(0, options.rounds - done)


def prepared(stable: Stable, name: str, cell: str, known: dict) -> dict:
    """Makes a runtime ready for a cell: its time for one pass, and how far its logits are off."""
    try:
        worker = stable[name]
        start = time.monotonic()
        first = worker.run(cell, 0, 0, 1)
        found = {"ready_s": time.monotonic() - start}
        if "static" in name or first["samples_ms"][0] < LONG_S * 1e3:
            first = worker.run(cell, 0, 0, 1)
        found["pass_ms"] = first["samples_ms"][0]
        found["peak_mb"] = worker.peak_mb
        for fact in ("kernels", "precision"):
            if fact in worker.hello:
                found[fact] = worker.hello[fact]
        if "delta" in known:
            return {**found, "delta": known["delta"], "logit_count": known["logit_count"]}
        return {**found, **accuracy(stable, worker, cell, first["logits"])}
    except WorkerError as error:
        return {"error": str(error)}


def accuracy(stable: Stable, worker, cell: str, first: list) -> dict:
    """The largest difference of any logit from torch f32's, over a few batches."""
    delta, count = 0.0, 0
    for draw in range(draws(cell)):
        expected = reference(stable, cell, draw)
        found = worker.run(cell, draw, 0, 1)["logits"] if draw else first
        differences = [
            1e9 if b is None or not math.isfinite(b) else abs(a - b)
            for a, b in zip(expected, found, strict=True)
        ]
        delta, count = max(delta, *differences), count + len(differences)
    return {"delta": delta, "logit_count": count}


def draws(cell: str) -> int:
    """Batches whose logits are compared: more of small ones."""
    sequences, tokens, *_ = setup.Cell.parse(cell)
    return max(1, min(8, 4096 // (sequences * tokens)))


def reference(stable: Stable, cell: str, draw: int) -> list[float]:
    """torch f32's logits, kept beside the converted models."""
    weights = (stable.folder / "model.safetensors").stat()
    stamp = f"{weights.st_size}-{weights.st_mtime_ns}"
    path = stable.cache / f"logits-{cell}-{draw}.json"
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["weights"] == stamp:
            return kept["logits"]
    logits = stable["torch-f32"].run(cell, draw, 0, 1)["logits"]
    path.write_text(json.dumps({"weights": stamp, "logits": logits}))
    return logits


def one_round(stable, names: list[str], cell: str, runtimes: dict, seconds) -> list:
    """probe, ours, peer, probe, ours, peer, ..., probe, ours: every peer between two of ours."""
    own = [name for name in names if name.startswith("gliss-")]
    steps = []

    def measure(name: str) -> None:
        if "error" in runtimes[name]:
            return
        pass_s = runtimes[name]["pass_ms"] / 1e3
        repetitions = 1 if pass_s > SINGLE_S else min(40, max(3, round(seconds / pass_s)))
        try:
            found = stable[name].run(cell, 0, 0 if pass_s > LONG_S else 1, repetitions)
            samples = found["samples_ms"]
            runtimes[name]["pass_ms"] = statistics.median(samples)
            steps.append({"name": name, "ms": statistics.median(samples), "best_ms": samples[0]})
        except WorkerError as error:  # out of this cell: what it measured before stays
            runtimes[name]["error"] = str(error)

    def probe() -> None:
        try:
            steps.append({"name": "peak", "gflops": stable[own[0]].ask("peak")})
        except WorkerError:
            return

    peers = [name for name in names if name not in own]
    for peer in peers:
        probe()
        for name in own:
            if compared(name, peer, own):
                measure(name)
        measure(peer)
    probe()
    for name in own:
        if any(compared(name, peer, own) for peer in peers):
            measure(name)
    return steps


def compared(own_name: str, peer: str, own: list[str]) -> bool:
    """f32 is compared with fp32 peers, unless there is nothing else to compare the others with."""
    return own_name != "gliss-f32" or len(own) == 1 or peer in setup.F32_PEERS


def summary(found: dict) -> str:
    return (
        f"{found['pass_ms']:.1f} ms, ready in {found['ready_s']:.0f} s, delta {found['delta']:.3g}"
    )


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
