# Runs the `gliss` tool over JSONL rows through its machine contract, and measures its peak memory.
import json
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / ".build" / "release" / "gliss"


def classify(model, rows, binary=BINARY, arguments=()):
    """Logits per row in label order, and the process's peak resident bytes."""
    command = [str(binary), "classify", "--jsonl", "--all", "--logits", *arguments]
    if model is not None:
        command += ["--model", str(model)]
    keys = ("text", "labels", "prompt", "examples")
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch, "in.jsonl"), Path(scratch, "out.jsonl")
        source.write_text(
            "".join(
                json.dumps({k: row[k] for k in keys if row.get(k) is not None}) + "\n"
                for row in rows
            )
        )
        with source.open() as stdin, target.open("w") as stdout:
            process = subprocess.Popen(command, stdin=stdin, stdout=stdout)
            _, status, usage = os.wait4(process.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            raise SystemExit(f"{' '.join(command)} ended with {code}")
        lines = [json.loads(line) for line in target.read_text().splitlines()]
    if len(lines) != len(rows):
        raise SystemExit(f"{len(rows)} rows went in, {len(lines)} lines came out")
    for index, (row, line) in enumerate(zip(rows, lines)):
        if [score["label"] for score in line["scores"]] != row["labels"] or line["truncated"] != 0:
            raise SystemExit(f"row {index}: unexpected labels or a cut: {line}")
    return lines, usage.ru_maxrss * 1024


def logits(line):
    return [score["logit"] for score in line["scores"]]
