"""Random tokenizer files and hostile texts against PyPI `tokenizers`; 0 mismatches wanted.

usage: python tools/tokenizer/fuzz.py --binary .build/release/TokenizerBenchmark
           [--texts 100000] [--seed 0] [--per-file 400] [--only KIND]

Every seed stands for one file and its texts, so that `--seed` goes on where a run ended, and one seed
alone repeats it. A file is one of the kinds of sentencepiece_files.py, trained on texts of its
own, with random normalizers, pre-tokenizers, options and added tokens. `matched` is compared with
upstream's default, `literal` with `encode_special_tokens`; where upstream's model makes a control
token of ordinary text, `literal` does not on purpose: such texts are counted as guarded.
With PyPI `sentencepiece`, every other map is SentencePiece's own.
"""

import argparse
import copy
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter

os.environ.setdefault("RAYON_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import tokenizers  # noqa: E402

import corpus  # noqa: E402
import sentencepiece_files as kinds  # noqa: E402
from tokenizer_files import control_guard  # noqa: E402

MARK = kinds.MARK
CLUSTERS = [
    "e\u0301", "\ufb01\u0301", "\u0340\u0301", "\u00a9\u200d", "\u00a9\u200d\u00a9\u0301", "\u0600X",
    "\u0600\ufb01", "\u0915\u094d\u0958\u0301", "\u0915\u094d\u200d\u0937\u0301", "\u1100\u1161\u0301",
    "\uac01\u11a8\u0301", "\r\n", "\r", "\n", "\u00aa\u0301", "\uff11\u0301", "\u00a0\u0301", "\u00a0",
    "\uff76\uff9e", "\u3000", "\u200d", "\u0e33\u0301", "\U0001f1e9\U0001f1ea\U0001f1e9", "\u00bd",
    "\u3300", "\ufdfa", "\u00ad", "\u200b", "\u200e", "\x01", "\x00", MARK, MARK * 2, " " + MARK,
    "a" + MARK, MARK + "the", "<0x41>", "<0xE2>", "<0x", "<unk>", "[UNK]", "<s>", "</s>", "[CLS]",
    "\u00b5x", "zz zz", "\u0120", "\u010a", "\u0903\u0301", "\u0d4e\u0301", "\U000110bdX", "\u0345",
    "\u1e9b\u0323", "\u0130", "\U0001d400", "\U00011f02X", "\u115f", "\u2126", "\u05d0\u05b7",
]


def texts_to_train(rng):
    words = [w for atoms in corpus.ATOMS for w in atoms] + CLUSTERS
    letters = "abcdefghijklmnopqrstuvwxyz"
    own = ["".join(rng.choice(letters) for _ in range(rng.randint(1, 9))) for _ in range(60)]
    return [" ".join(rng.choice(own if rng.random() < 0.8 else words)
                     for _ in range(rng.randint(3, 30))) for _ in range(120)]


def random_normalizer(rng, blob):
    def one():
        return rng.choice([
            {"type": "NFC"}, {"type": "NFD"}, {"type": "Lowercase"},
            {"type": "Strip", "strip_left": rng.random() < 0.7, "strip_right": rng.random() < 0.7},
            {"type": "Prepend", "prepend": rng.choice([MARK, " ", "ab", "\u00e9" + MARK, ""])},
            {"type": "Replace", "pattern": {"String": " "}, "content": MARK},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": rng.choice([" ", MARK])},
            {"type": "Replace", "pattern": {"Regex": r"\s{2,}|[\n\r\t]"}, "content": " "},
            {"type": "Replace", "pattern": {"String": "a"}, "content": rng.choice(["", "xyz"])},
            kinds.precompiled(blob), kinds.precompiled(blob)])
    return {"type": "Sequence", "normalizers": [one() for _ in range(rng.randint(1, 4))]}


def random_pre_tokenizer(rng, is_byte_level):
    behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]

    def metaspace():
        return {"type": "Metaspace", "replacement": rng.choice([MARK, MARK, "_", "a"]),
                "prepend_scheme": rng.choice(["always", "first", "never"]),
                "split": rng.random() < 0.7}

    def one():
        return rng.choice([
            metaspace(), metaspace(), {"type": "WhitespaceSplit"}, {"type": "BertPreTokenizer"},
            {"type": "Punctuation", "behavior": rng.choice(behaviors)},
            {"type": "Split", "behavior": rng.choice(behaviors), "invert": rng.random() < 0.3,
             "pattern": rng.choice([{"String": " "}, {"String": MARK}, {"Regex": r"\s+"},
                                    {"Regex": r"[a-f]+|\d"}, {"Regex": r"(?=x)|\n"}])}])
    steps = [one() for _ in range(rng.randint(0, 3))]
    if is_byte_level:
        steps.append({"type": "ByteLevel", "add_prefix_space": rng.random() < 0.5,
                      "trim_offsets": True, "use_regex": rng.random() < 0.5})
    return {"type": "Sequence", "pretokenizers": steps}


def random_file(rng, blob, only):
    """(kind, file): a kind as it is, or with a random part or two."""
    base = list(kinds.files(texts_to_train(rng), rng.randint(60, 240), blob))
    name, file = rng.choice([b for b in base if only in (None, b[0])])
    file = copy.deepcopy(file)
    model = file["model"]
    is_byte_level = name in ("llama-3", "qwen")
    if rng.random() < 0.35:
        file["normalizer"] = random_normalizer(rng, blob)
    if rng.random() < 0.35:
        file["pre_tokenizer"] = random_pre_tokenizer(rng, is_byte_level)
    if "merges" in model and rng.random() < 0.4:
        model.update(fuse_unk=rng.random() < 0.5, byte_fallback=rng.random() < 0.5,
                     ignore_merges=rng.random() < 0.4)
    if model["type"] == "Unigram" and rng.random() < 0.4:
        model["byte_fallback"] = rng.random() < 0.5
        if rng.random() < 0.3:  # equal scores: ties
            model["vocab"] = [[t, float(round(s / 4))] for t, s in model["vocab"]]
    if rng.random() < 0.4:
        following = 1 + max(t["id"] for t in file["added_tokens"])
        following = max(following, len(model["vocab"]))
        known = model["vocab"] if isinstance(model["vocab"], dict) else \
            {t: i for i, (t, _) in enumerate(model["vocab"])}
        present = {t["content"] for t in file["added_tokens"]}
        for content in rng.sample(["ab", "e\u0301", "\u00c5", " x", "<l>", "zz", "\n\n", MARK + "a",
                                   "\ufb01", "\uff21"], 3):
            if content in known or content in present:
                continue
            file["added_tokens"].append(kinds.token(
                following, content, special=rng.random() < 0.3, normalized=rng.random() < 0.6,
                lstrip=rng.random() < 0.3, rstrip=rng.random() < 0.3,
                single_word=rng.random() < 0.3))
            following += 1
    return name, file


def compare(binary, path, texts, matched, shown):
    """Mismatches, guarded texts, panics of upstream, a report; None for the first where the file is refused."""
    oracle = tokenizers.Tokenizer.from_file(path)
    oracle.encode_special_tokens = not matched
    forges = control_guard(oracle)
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    command = [binary, "encode", path] + (["--matched"] if matched else [])
    process = subprocess.run(command, input=lines, capture_output=True, text=True)
    if process.returncode:
        return None, 0, 0, process.stderr.strip()
    mismatches = guarded = panics = 0
    report = ""
    for text, line in zip(texts, process.stdout.splitlines(), strict=True):
        try:
            encoding = oracle.encode(text)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            panics += 1
            continue
        expected = [encoding.ids, [x for pair in encoding.offsets for x in pair]]
        if not matched and forges(encoding):
            guarded += 1
        elif json.loads(line) != expected:
            mismatches += 1
            if mismatches <= shown:
                report += f"\n  {text!r}\n    expected {expected}\n    found    {line}"
    return mismatches, guarded, panics, report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-file", type=int, default=400)
    parser.add_argument("--only")
    parser.add_argument("--keep", help="a folder for the files of seeds with mismatches")
    options = parser.parse_args()

    start = time.time()
    own = kinds.sentencepiece_map()
    print(f"tokenizers {tokenizers.__version__}, SentencePiece's map "
          f"{'of %d bytes' % len(own) if own else 'not at hand'}")
    total, seed, counts, refused = Counter(), options.seed, Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tokenizer.json")
        while total["texts"] < options.texts:
            rng = random.Random(seed)
            blob = own if own and seed % 2 else kinds.small_map()
            name, file = random_file(rng, blob, options.only)
            with open(path, "w") as output:
                json.dump(file, output)
            try:
                tokenizers.Tokenizer.from_file(path)
            except BaseException as error:  # pyo3's PanicException is no Exception
                if isinstance(error, KeyboardInterrupt):
                    raise
                total["refused by upstream"] += 1
                print(f"seed {seed}, {name}: upstream refuses it: {error}")
                seed += 1
                continue
            tokens = [t["content"] for t in file["added_tokens"]]
            pieces = list(file["model"]["vocab"]) if isinstance(file["model"]["vocab"], dict) else \
                [t for t, _ in file["model"]["vocab"]]
            atoms = tokens * 2 + CLUSTERS + rng.sample(pieces, 40)
            texts = list(corpus.soups(options.per_file, atoms, seed))
            texts += ["", rng.choice(CLUSTERS) * rng.randint(50, 400)]
            # Long enough for windows of normalizers and blocks of words.
            texts.append("".join(rng.choice(texts) for _ in range(600)))
            for matched in (True, False):
                mismatches, guarded, panics, report = compare(
                    options.binary, path, texts, matched, 2)
                if mismatches is None:
                    refused[report[:160]] += 1
                    break
                total["texts"] += len(texts)
                total["guarded"] += guarded
                total["panics"] += panics
                total["mismatches"] += mismatches
                counts[name] += len(texts)
                if mismatches:
                    print(f"seed {seed}, {name}, matched {matched}: {mismatches}{report}", flush=True)
                    if options.keep:
                        with open(f"{options.keep}/{seed}.json", "w") as output:
                            json.dump(file, output)
            seed += 1
            if seed % 50 == 0:
                print(f"seed {seed}: {dict(total)}, {time.time() - start:.0f} s", flush=True)
    for name, count in sorted(counts.items()):
        print(f"  {name:24} {count} texts")
    for reason, count in refused.items():
        print(f"  refused {count}: {reason}")
    print(f"{total['texts']} texts in the files of seeds {options.seed} to {seed - 1}: "
          f"{total['mismatches']} mismatches, {total['guarded']} guarded, "
          f"{total['panics']} panics upstream, {sum(refused.values())} files refused, {time.time() - start:.0f} s")
    sys.exit(1 if total["mismatches"] else 0)


main()
