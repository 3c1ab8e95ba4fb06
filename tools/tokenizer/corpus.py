"""Texts to compare tokenizers on: real ones, every assigned code point, and random soups."""

import gzip
import json
import random
import unicodedata
from pathlib import Path


def real_texts(data, per_file):
    """Up to `per_file` texts of every set under `data`, spread evenly over the file."""
    for path in sorted(Path(data).glob("*/*.jsonl.gz")):
        found = []
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                strings = [v for v in json.loads(line).values() if isinstance(v, str) and v]
                found.extend(strings)
        step = max(1, len(found) // per_file)
        yield from found[::step][:per_file]


def code_point_texts():
    """Every assigned code point, and one in 16 of the others, among letters, marks and spaces."""
    for c in range(0x110000):
        if unicodedata.category(chr(c)) in ("Cn", "Co") and c % 16 or 0xD800 <= c <= 0xDFFF:
            continue
        s = chr(c)
        yield f"{s}a {s} b{s}{s}1{s}'s{s}  {s}a{s}\u0323\u0301 \n{s}.{s}A\u030a{s}"


ATOMS = (
    ["a", "B", "z", "Hello", "world", "the", "ing", "don't", "'s", "'ll", "'", "12", "3.14", "_"],
    [" ", "  ", "   ", " " * 7, " " * 24, " " * 25, " " * 60, "\n", "\r\n", "\t", "\u00a0",
     "\u2003", "\u3000", "\u200b", "\u0085", "\u180e", "\ufeff", "\u2028"],
    ["\u0301", "\u0323", "\u0327", "\u0345", "\u0308\u0301", "\u0344", "\u0f73", "\u0f71\u0f72",
     "\u0315\u0300\u05ae\u0062", "\u3099", "\u0334", "\U0001d165", "\u09be", "\u0b57"],
    ["\uac00", "\uac01", "\u1100", "\u1161", "\u11a8", "\u1100\u1161\u11a8", "\ud7a3", "\u11a7"],
    ["\u00e9", "e\u0301", "\u212b", "\u1e69", "\u0958", "\u2126", "\ufb01", "\u01d5", "\u1f82",
     "\u0130", "\u0149", "\u1e9e", "\u03a3", "\u01c5", "\U0001d15e", "\ufb2c", "\u0b48"],
    ["\u4e2d\u6587", "\u65e5\u672c\u8a9e", "\u3042", "\uff21", "\U00020000", "\uf900", "\u0915",
     "\u0627\u0644", "\u05d0", "\u0e01\u0e33", "\u0421", "\u0416\u0443\u043a"],
    ["\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
     "\u263a\ufe0f", "\u2764", "\U000e0041", "\U0010ffff", "\ue000", "\ufffd", "\x00", "\x7f"],
    ["!", "?!", "...", "\u2019", "\u201c", "$", "^", "`", "~", "|", "<", ">>", "[", "]", "##",
     "-", "\u2014", "@x", "#1", "&amp;"],
)


def soups(count, special, seed):
    """Random texts of atoms and added tokens, some whole, some cut short or run together."""
    generator = random.Random(seed)
    for _ in range(count):
        parts = []
        for _ in range(generator.randint(1, 24)):
            kind = generator.random()
            if kind < 0.2 and special:
                token = generator.choice(special)
                if generator.random() < 0.25:
                    token = token[:generator.randint(0, len(token))]
                parts.append(token)
            elif kind < 0.27:
                parts.append(chr(generator.choice([
                    generator.randrange(0x250), generator.randrange(0x300, 0x370),
                    generator.randrange(0x1AB0, 0x2100), generator.randrange(0xD800),
                    generator.randrange(0xE000, 0x110000)])))
            else:
                parts.append(generator.choice(generator.choice(ATOMS)))
        yield "".join(parts)


def long_texts():
    """Runs of one thing: words and marks without end."""
    for unit in ("a", " ", "\n", "\u0301", "\u0301\u0323", "\uac00", "1", "!", "\U0001f600", "ab ",
                 "\u1100\u1161", "\t ", "A\u0301"):
        for count in (99, 100, 101, 1000, 4000):
            yield unit * count
            yield "x" + unit * count + "y"
