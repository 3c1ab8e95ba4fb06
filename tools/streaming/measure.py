#!/usr/bin/env python3
"""usage: tools/streaming/measure.py [--rows 10000] [--pairs 7] [--memory-rows 1000000] [--folder DIR]

Streams JSON lines through the built `gliss classify` and compares with the same texts classified in
process (`gliss bench pipeline`): the bundled model, two labels, short texts that all differ, as many
rows a call as the tool reads at a time, all threads.

- throughput: rows a second of the tool, model loading left out (a run over one row is subtracted),
  by those in process. One run of each makes a pair; pairs begin with the one and the other in turn;
  the share is the median of the pairs' shares. A machine that changes its speed between the runs of
  a pair shows in the spread. The tool writes to a file: who reads a pipe takes time from two cores.
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
# Rows that `gliss classify` scores together.
BATCH = 256
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


def classify(path, count, results, model=None):
    """Seconds and peak bytes of one run; checks that every row is answered, in order."""
    command = [GLISS, "classify", "--labels", LABELS, "--jsonl", "--all", "--input", path]
    command += ["--model", model] if model else []
    with open(results, "wb") as output:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    answered = 0
    with open(results, "rb") as lines:
        for line in lines:
            # Cheaper than parsing a million objects: the index is the first member.
            if not line.startswith(b'{"index":%d,' % answered):
                sys.exit(f"row {answered} is answered by {line[:80]!r}")
            answered += 1
    if process.returncode != 0 or answered != count:
        sys.exit(f"status {process.returncode}, {answered} of {count} rows")
    return seconds, usage.ru_maxrss * 1024


def tool_rate(rows, one, count, results):
    loading, _ = classify(one, 1, results)
    seconds, _ = classify(rows, count, results)
    return count / (seconds - loading)


def engine_rate(rows):
    """Texts a second of one round over all texts, behind a first round that is not timed."""
    command = [GLISS, "bench", "pipeline", "--texts", rows, "--labels", LABELS, "--repeat", "1"]
    command += ["--batch", str(BATCH), "--json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(lines)["texts_per_s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--memory-rows", type=int, default=1_000_000)
    parser.add_argument("--folder", default=None, help="where the rows are written")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        rows = os.path.join(folder, "rows.jsonl")
        one = os.path.join(folder, "one.jsonl")
        results = os.path.join(folder, "results.jsonl")
        write_rows(one, 1)
        if arguments.rows > 0 and arguments.pairs > 0:
            write_rows(rows, arguments.rows)
            pairs = []
            for index in range(arguments.pairs):
                runs = [lambda: tool_rate(rows, one, arguments.rows, results), lambda: engine_rate(rows)]
                order = [0, 1] if index % 2 == 0 else [1, 0]
                rates = {which: runs[which]() for which in order}
                pairs.append((rates[0], rates[1]))
                print(f"pair {index + 1}: tool {rates[0]:.1f} rows/s, in process {rates[1]:.1f} rows/s, "
                      f"share {rates[0] / rates[1]:.3f}", flush=True)
            shares = sorted(tool / engine for tool, engine in pairs)
            print(f"tool        {statistics.median(tool for tool, _ in pairs):10.1f} rows/s")
            print(f"in process  {statistics.median(engine for _, engine in pairs):10.1f} rows/s")
            print(f"share       {statistics.median(shares):10.3f} median of {len(pairs)} pairs, "
                  f"{shares[0]:.3f} to {shares[-1]:.3f}")
        if arguments.memory_rows > 0:
            write_rows(one, 1000)
            _, small = classify(one, 1000, results, TINY)
            write_rows(rows, arguments.memory_rows)
            size = os.path.getsize(rows)
            seconds, large = classify(rows, arguments.memory_rows, results, TINY)
            print(f"memory      {small / 1e6:10.1f} MB peak over 1,000 rows")
            print(
                f"memory      {large / 1e6:10.1f} MB peak over {arguments.memory_rows:,} rows "
                f"({size / 1e6:.1f} MB), {seconds:.0f} s, all in order"
            )


if __name__ == "__main__":
    main()
