#!/usr/bin/env python3
"""usage: tools/streaming/measure.py [--rows 50000] [--memory-rows 1000000] [--repeat 3] [--folder DIR]

Streams JSON lines through the built `gliss classify` and compares with the same texts classified in
process (`gliss bench pipeline`): the bundled model, two labels, short texts that all differ.

- throughput: rows a second of the tool, model loading left out (a run over one row is subtracted),
  against the best of the in-process calls of 32, 128 and 256 texts. Runs take turns; medians.
- memory: the peak of resident memory over --memory-rows rows, against that over 1,000 rows, with
  the smallest model there is, a golden's; what is held does not depend on the model's speed. The
  order of the results (index 0, 1, 2, ...) is checked on the way.

Needs nothing but Python's own library and `swift build -c release --product gliss`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GLISS = os.path.join(ROOT, ".build", "release", "gliss")
TINY = os.path.join(ROOT, "Tests", "Goldens", "models", "edge")
LABELS = "complaint,praise"
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


def classify(path, count, model=None):
    """Seconds and peak bytes of one run; checks that every row is answered, in order."""
    command = [GLISS, "classify", "--labels", LABELS, "--jsonl", "--all", "--input", path]
    command += ["--model", model] if model else []
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    answered = 0
    for line in process.stdout:
        # Cheaper than parsing a million objects: the index is the first member.
        if not line.startswith(b'{"index":%d,' % answered):
            sys.exit(f"row {answered} is answered by {line[:80]!r}")
        answered += 1
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or answered != count:
        sys.exit(f"status {process.returncode}, {answered} of {count} rows")
    return seconds, usage.ru_maxrss * 1024


def in_process(path, batches):
    """Texts a second of one round over all texts, by batch size."""
    command = [GLISS, "bench", "pipeline", "--texts", path, "--labels", LABELS, "--repeat", "1"]
    command += ["--batch", ",".join(map(str, batches)), "--json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["batch"]: row["texts_per_s"] for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--memory-rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", default=None, help="where the rows are written")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        rows = os.path.join(folder, "rows.jsonl")
        one = os.path.join(folder, "one.jsonl")
        write_rows(one, 1)
        if arguments.rows > 0:
            write_rows(rows, arguments.rows)
            tool, engine = [], []
            for _ in range(arguments.repeat):
                loading, _ = classify(one, 1)
                seconds, _ = classify(rows, arguments.rows)
                tool.append(arguments.rows / (seconds - loading))
                engine.append(max(in_process(rows, [32, 128, 256]).values()))
            share = statistics.median(tool) / statistics.median(engine)
            print(f"tool        {statistics.median(tool):10.1f} rows/s  of {sorted(map(round, tool))}")
            print(f"in process  {statistics.median(engine):10.1f} rows/s  of {sorted(map(round, engine))}")
            print(f"share       {share:10.3f}")
        if arguments.memory_rows > 0:
            write_rows(one, 1000)
            _, small = classify(one, 1000, TINY)
            write_rows(rows, arguments.memory_rows)
            size = os.path.getsize(rows)
            seconds, large = classify(rows, arguments.memory_rows, TINY)
            print(f"memory      {small / 1e6:10.1f} MB peak over 1,000 rows")
            print(
                f"memory      {large / 1e6:10.1f} MB peak over {arguments.memory_rows:,} rows "
                f"({size / 1e6:.1f} MB), {seconds:.0f} s, all in order"
            )


if __name__ == "__main__":
    main()
