"""Megabytes per second of TokenizerBenchmark and of PyPI `tokenizers`, turn by turn, one thread.

usage: python tools/tokenizer/throughput.py --binary .build/release/TokenizerBenchmark
           --data FOLDER [--rounds 7] [--texts 4000]

Both encode the same texts, one after another, with ids and offsets; upstream's time is the better of
`encode_batch` and `encode` in a loop. Left out: reading the texts and loading the tokenizer, which
is timed apart. The runs are 1 MiB of one thing, per byte against English.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
import tokenizers  # noqa: E402

import corpus  # noqa: E402
from tokenizer_files import sentencepiece_variants, tokenizer_files  # noqa: E402


class Swift:
    def __init__(self, binary, path, texts):
        self.process = subprocess.Popen([binary, "time", str(path)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"{len(texts)}\n" + "".join(json.dumps(t) + "\n" for t in texts))
        self.process.stdin.flush()
        self.load = float(self.process.stdout.readline().split()[0])

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, tokens = self.process.stdout.readline().split()
        return float(seconds), int(tokens)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(body):
    start = time.perf_counter()
    encodings = body()
    seconds = time.perf_counter() - start
    return seconds, sum(len(e.ids) for e in encodings)


def rate(seconds, size):
    median, best = statistics.median(seconds), min(seconds)
    return size / median / 1e6, median / best


def measure(binary, name, path, label, texts, rounds):
    start = time.perf_counter()
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    load = time.perf_counter() - start
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    swift = Swift(binary, path, texts)
    ours, batch, single = [], [], []
    counts = set()
    for round_ in range(rounds + 1):
        for body, times in ((swift.round, ours),
                            (lambda: timed(lambda: tokenizer.encode_batch(texts)), batch),
                            (lambda: timed(lambda: [tokenizer.encode(t) for t in texts]), single)):
            seconds, tokens = body()
            counts.add(tokens)
            if round_ > 0:  # the first warms up
                times.append(seconds)
    swift.close()
    assert len(counts) == 1, counts
    size = sum(len(t.encode()) for t in texts)
    (mine, mine_spread), *theirs = rate(ours, size), rate(batch, size), rate(single, size)
    best, spread = max(theirs)
    print(f"{name:20} {label:10} {size / 1e6:6.2f} MB: {mine:7.2f} MB/s (spread {mine_spread:.2f}), "
          f"tokenizers {best:6.2f} MB/s (spread {spread:.2f}), ratio {mine / best:5.2f}; "
          f"load {swift.load * 1e3:.0f} ms, tokenizers {load * 1e3:.0f} ms", flush=True)
    return mine


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--texts", type=int, default=4000)
    parser.add_argument("--only")
    options = parser.parse_args()

    texts = list(corpus.real_texts(options.data, options.texts // 40 + 1))[:options.texts]
    english = [t for t in texts if t.isascii()]
    long = ["\n".join(english)[:1 << 20]]
    marked = [t.replace("a", "a\u0301").replace("o", "\u0442") for t in english[:1000]]
    print(f"tokenizers {tokenizers.__version__}, one thread, {options.rounds} rounds, medians; "
          f"{len(texts)} texts, {len(english)} of them ASCII")
    with tempfile.TemporaryDirectory() as folder:
        files = [(n, p) for n, p in tokenizer_files(options.data, folder)
                 if n in ("gliclass-modernbert", "minilm", "roberta")]
        files += [(n, p) for n, p in sentencepiece_variants(options.data, folder)
                  if n in ("gemma", "deberta", "llama-3")]
        files = [(n, p) for n, p in files if options.only in (None, n)]
        for name, path in files:
            measure(options.binary, name, path, "real", texts, options.rounds)
            measure(options.binary, name, path, "marked", marked, options.rounds)
            base = measure(options.binary, name, path, "one text", long, options.rounds)
            for label, unit in (("a", "a"), ("spaces", " "), ("marks", "\u0301"),
                                ("2 marks", "\u0315\u0300"), ("digits", "7"), ("hangul", "\ud55c")):
                run = [unit * ((1 << 20) // len(unit.encode()))]
                swift = Swift(options.binary, path, run)
                rates = [len(run[0].encode()) / swift.round()[0] / 1e6 for _ in range(4)][1:]
                swift.close()
                print(f"{name:20} 1 MiB of {label}: {statistics.median(rates):7.2f} MB/s, English "
                      f"is {base / statistics.median(rates):.2f}x that", flush=True)


main()
