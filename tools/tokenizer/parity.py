"""Compares ids and offsets with PyPI `tokenizers`, text by text; 0 mismatches wanted.

usage: python tools/tokenizer/parity.py --binary .build/release/TokenizerBenchmark
           --data FOLDER [--only NAME] [--per-file 4000] [--soups 20000]

The binary is the product TokenizerBenchmark. FOLDER holds sets of texts (*/*.jsonl.gz) and
tokenizers/NAME/tokenizer.json. Control tokens in text: `literal` is compared with upstream's
`encode_special_tokens`, `matched` with its default. Where upstream's model makes a control token of
ordinary text, `literal` differs on purpose: such texts are counted as guarded.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("RAYON_NUM_THREADS", "1")
import tokenizers  # noqa: E402

import corpus  # noqa: E402
from tokenizer_files import control_guard, sentencepiece_variants, tokenizer_files  # noqa: E402

BATCH = 2000


def oracle(tokenizer, texts):
    for start in range(0, len(texts), BATCH):
        for encoding in tokenizer.encode_batch(texts[start:start + BATCH]):
            yield encoding


def compare(binary, name, path, texts, matched, shown=5):
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = not matched
    forges = control_guard(tokenizer)
    with tempfile.TemporaryFile("w+") as lines:
        for text in texts:
            lines.write(json.dumps(text) + "\n")
        lines.seek(0)
        command = [binary, "encode", str(path)] + (["--matched"] if matched else [])
        process = subprocess.Popen(command, stdin=lines, stdout=subprocess.PIPE, text=True)
        mismatches, tokens, guarded = 0, 0, 0
        for text, encoding in zip(texts, oracle(tokenizer, texts)):
            line = process.stdout.readline()
            found = json.loads(line) if line else None
            expected = [encoding.ids, [x for pair in encoding.offsets for x in pair]]
            tokens += len(expected[0])
            if found == expected:
                continue
            if not matched and forges(encoding):
                guarded += 1
                continue
            mismatches += 1
            if mismatches <= shown:
                print(f"  {text!r}\n    expected {expected}\n    found    {found}")
        process.stdout.close()
        code = process.wait()
    mode = "matched" if matched else "literal"
    print(f"{name:24} {mode}: {len(texts)} texts, {tokens} tokens, {mismatches} mismatches"
          + (f", {guarded} guarded" if guarded else "") + (f", exit status {code}" if code else ""), flush=True)
    return mismatches + (1 if code else 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--only")
    parser.add_argument("--per-file", type=int, default=4000)
    parser.add_argument("--soups", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=2)
    options = parser.parse_args()

    start = time.time()
    real = list(corpus.real_texts(options.data, options.per_file))
    points = list(corpus.code_point_texts())
    runs = list(corpus.long_texts())
    print(f"tokenizers {tokenizers.__version__}; {len(real)} real texts, {len(points)} code points, "
          f"{len(runs)} runs, {options.soups} soups, seed {options.seed}")
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        files = tokenizer_files(options.data, folder)
        for name, path in files + sentencepiece_variants(options.data, folder):
            if options.only and options.only != name:
                continue
            added = json.loads(path.read_text())["added_tokens"]
            special = [t["content"] for t in added if not t["content"].isspace()]
            soups = list(corpus.soups(options.soups, special, options.seed))
            is_variant = str(path).startswith(folder)
            sample = real[::20] + points[::20] if is_variant else real + points
            total += compare(options.binary, name, path, sample + runs + soups, matched=False)
            total += compare(options.binary, name, path, runs + soups, matched=True)
    print(f"{total} mismatches in all, {time.time() - start:.0f} s")
    sys.exit(1 if total else 0)


main()
