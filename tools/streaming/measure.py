#!/usr/bin/env python3
"""usage: tools/streaming/measure.py [--rows 14000] [--repeat 3] [--memory-rows 1000000] [--folder DIR]

Streams JSON lines through the built `gliss classify` and compares with the same texts classified in
process (`gliss bench pipeline`): the bundled model, two labels, short texts that all differ, as many
rows a call as the tool reads at a time, all threads.

- throughput: rows a second of the tool, by those in process. Virtual machines change their speed by a
  third from one second to the next, so the runs go on together, a quarter of a second each in turn
  while the others are stopped. A short run of either is subtracted: loading, and the first calls. In
  process a seventh of the texts comes seven times, so that the two long runs end at the same time.
- memory: the peak of resident memory over --memory-rows rows, against that over 1,000 rows, with
  the smallest model there is, a golden's; what is held does not depend on the model's speed. The
  order of the results (index 0, 1, 2, ...) is checked on the way.

Needs nothing but Python's own library and `swift build -c release --product gliss`.
"""

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GLISS = os.path.join(ROOT, ".build", "release", "gliss")
TINY = os.path.join(ROOT, "Tests", "Goldens", "models", "edge")
LABELS = "complaint,praise"
# Rows that `gliss classify` scores together.
BATCH = 256
# Seconds that each of the runs that are compared goes on in turn.
SLICE = 0.25
# How often the texts in process come.
ROUNDS = 7
WORDS = (
    "battery screen price delivery support refund manual cable sound camera order invoice "
    "broke arrived works failed shines stopped pleased annoyed again early late never twice"
).split()


def text(index):
    """A sentence of nine words, its own for every index."""
    state = index * 2654435761 + 12345
    words = []
    for _ in range(8):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        words.append(WORDS[(state >> 33) % len(WORDS)])
    return " ".join(words) + f" {index}"


def write_rows(path, count):
    with open(path, "w", encoding="utf-8") as file:
        for index in range(count):
            file.write(json.dumps({"text": text(index)}) + "\n")


def take_turns(commands, outputs):
    """Runs all, SLICE seconds each in turn; how long each ran, and the peak of its memory."""
    class Run:
        pass

    runs = []
    for command, output in zip(commands, outputs):
        run = Run()
        run.seconds, run.peak = 0.0, 0
        with open(output, "wb") as file:
            begin = time.monotonic()
            run.process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
            os.kill(run.process.pid, signal.SIGSTOP)
            run.seconds += time.monotonic() - begin
        run.handle = os.pidfd_open(run.process.pid)
        runs.append(run)
    waiting = list(runs)
    while waiting:
        run = waiting.pop(0)
        ended = select.poll()
        ended.register(run.handle, select.POLLIN)
        begin = time.monotonic()
        os.kill(run.process.pid, signal.SIGCONT)
        if not ended.poll(1000 * SLICE if waiting else None):
            os.kill(run.process.pid, signal.SIGSTOP)
            run.seconds += time.monotonic() - begin
            waiting.append(run)
            continue
        run.seconds += time.monotonic() - begin
        _, status, usage = os.wait4(run.process.pid, 0)
        os.close(run.handle)
        run.process.returncode = os.waitstatus_to_exitcode(status)
        if run.process.returncode != 0:
            sys.exit(f"status {run.process.returncode}: {' '.join(run.process.args)}")
        run.peak = usage.ru_maxrss * 1024
    return runs


def classify(path, model=None):
    command = [GLISS, "classify", "--labels", LABELS, "--jsonl", "--all", "--input", path]
    return command + (["--model", model] if model else [])


def bench(path, rounds):
    command = [GLISS, "bench", "pipeline", "--texts", path, "--labels", LABELS, "--json"]
    return command + ["--batch", str(BATCH), "--repeat", str(rounds)]


def check_order(results, count):
    answered = 0
    with open(results, "rb") as lines:
        for line in lines:
            # Cheaper than parsing a million objects: the index is the first member.
            if not line.startswith(b'{"index":%d,' % answered):
                sys.exit(f"row {answered} is answered by {line[:80]!r}")
            answered += 1
    if answered != count:
        sys.exit(f"{answered} of {count} rows are answered")


def rates(folder, count):
    """Rows a second of the tool and in process."""
    rows, few, part = (os.path.join(folder, name) for name in ("rows", "few", "part"))
    write_rows(rows, count)
    write_rows(few, BATCH)
    write_rows(part, count // ROUNDS)
    outputs = [os.path.join(folder, f"out{index}") for index in range(4)]
    tool, start, engine, once = take_turns(
        [classify(rows), classify(few), bench(part, 1 + ROUNDS), bench(part, 1)], outputs)
    check_order(outputs[0], count)
    return ((count - BATCH) / (tool.seconds - start.seconds),
            count // ROUNDS * ROUNDS / (engine.seconds - once.seconds))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=14_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--memory-rows", type=int, default=1_000_000)
    parser.add_argument("--folder", default=None, help="where the rows are written")
    arguments = parser.parse_args()
    if 0 < arguments.rows <= ROUNDS * BATCH:
        parser.error(f"--rows should be more than {ROUNDS * BATCH}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for _ in range(arguments.repeat if arguments.rows > 0 else 0):
            tool, engine = rates(folder, arguments.rows)
            print(f"tool {tool:.1f} rows/s, in process {engine:.1f} rows/s, share {tool / engine:.3f}",
                  flush=True)
        if arguments.memory_rows > 0:
            rows, results = os.path.join(folder, "rows.jsonl"), os.path.join(folder, "out")
            peaks = []
            for count in (1000, arguments.memory_rows):
                write_rows(rows, count)
                run, = take_turns([classify(rows, TINY)], [results])
                check_order(results, count)
                peaks.append(run.peak)
            print(f"memory {peaks[0] / 1e6:.1f} MB peak over 1,000 rows")
            print(f"memory {peaks[1] / 1e6:.1f} MB peak over {arguments.memory_rows:,} rows "
                  f"({os.path.getsize(rows) / 1e6:.1f} MB), {run.seconds:.0f} s, all in order")


if __name__ == "__main__":
    main()
