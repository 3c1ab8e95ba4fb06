"""Writes Sources/Tokenization/UnicodeTables+Generated.swift.

Every property is MEASURED by asking PyPI `tokenizers` about each code point, because its parts use
different Unicode versions (regular expressions, normalisation, categories, Rust's own tables) and a
table made from one version of the standard would disagree with it somewhere.

usage: python tools/tokenizer/generate_tables.py [--check]
"""

import sys
import tokenizers
from pathlib import Path

import charsmap
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

OUTPUT = Path(__file__).parents[2] / "Sources/Tokenization/UnicodeTables+Generated.swift"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
BLOCK = 128
HANGUL = range(0xAC00, 0xD7A4)

# Bits of a code point's flags. Keep in step with UnicodeTables.swift.
LETTER, NUMBER, SPACE = 1, 2, 4  # \p{L}, \p{N}, \s of the GPT-2 pattern
BERT_REMOVED, BERT_SPACE = 8, 16  # BertNormalizer, clean_text: dropped, made U+0020
CJK = 32  # BertNormalizer, handle_chinese_chars
WHITESPACE, PUNCTUATION = 64, 128  # BertPreTokenizer: splits and vanishes, stands alone
MARK = 256  # BertNormalizer, strip_accents
WORD, STRIPPED = 512, 1024  # added tokens: single_word's \w, lstrip's and rstrip's \s
NFC_ACTIVE, NFD_ACTIVE = 2048, 4096  # may change, or be changed by what stands beside it
LOWERCASED = 8192
FLAGS = [LETTER, NUMBER, SPACE, BERT_REMOVED, BERT_SPACE, CJK, WHITESPACE, PUNCTUATION, MARK, WORD,
         STRIPPED, NFC_ACTIVE, NFD_ACTIVE, LOWERCASED]


def measure_gpt2_classes(flags):
    split = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
    for c in SCALARS:
        s = chr(c)
        if len(split("a" + s)) == 1:
            flags[c] |= LETTER
        elif len(split("1" + s)) == 1:
            flags[c] |= NUMBER
        elif len(split("!" + s)) != 1:
            assert len(split("\n" + s)) == 1, hex(c)
            flags[c] |= SPACE


def measure_bert(flags):
    def normalizer(**on):
        options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False,
                       lowercase=False)
        return normalizers.BertNormalizer(**{**options, **on}).normalize_str

    clean, cjk = normalizer(clean_text=True), normalizer(handle_chinese_chars=True)
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    for c in SCALARS:
        s = chr(c)
        cleaned = clean("a" + s + "b")
        if cleaned == "ab":
            flags[c] |= BERT_REMOVED
        elif cleaned == "a b":
            flags[c] |= BERT_SPACE
        else:
            assert cleaned == "a" + s + "b", hex(c)
        spaced = cjk(s)
        if spaced == " " + s + " ":
            flags[c] |= CJK
        else:
            assert spaced == s, hex(c)
        pieces = [piece for piece, _ in split("a" + s + "b")]
        if pieces == ["a", "b"]:
            flags[c] |= WHITESPACE
        elif len(pieces) == 3:
            flags[c] |= PUNCTUATION
        else:
            assert len(pieces) == 1, hex(c)


def measure_added_token_classes(flags):
    def matcher(**options):
        tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
        tokenizer.add_tokens([AddedToken("X", normalized=False, **options)])
        return lambda text: [
            offsets for id_, offsets in
            zip(*(lambda e: (e.ids, e.offsets))(tokenizer.encode(text))) if id_ == 1]

    left, right, single = matcher(lstrip=True), matcher(rstrip=True), matcher(single_word=True)
    for c in SCALARS:
        s = chr(c)
        if s == "X":
            flags[c] |= WORD
            continue
        stripped = left(s + "X") == [(0, 2)]
        assert stripped == (right("X" + s) == [(0, 2)]), hex(c)
        word = not single(s + "X")
        assert word == (not single("X" + s)), hex(c)
        flags[c] |= (STRIPPED if stripped else 0) | (WORD if word else 0)


def combining_classes(decomposition):
    """Classes from the order that NFD puts marks in; only their order matters, so they are ranks.

    A mark of each class, found by insertion into a sorted list of representatives.
    """
    nfd = normalizers.NFD().normalize_str

    def moves_before(x, y):  # 0 < class(y) < class(x)
        return nfd(x + y) == y + x and x != y

    low, high = chr(0x334), chr(0x345)  # classes 1 and 240, the ends of the scale
    assert moves_before(high, low)
    active = [c for c in SCALARS if c not in decomposition and c not in HANGUL
              and (moves_before(chr(c), low) or moves_before(high, chr(c)) or chr(c) in (low, high))]
    representatives = []
    classes = {}
    for c in active:
        s = chr(c)
        position = 0
        while position < len(representatives) and moves_before(s, representatives[position]):
            position += 1
        if position == len(representatives) or moves_before(representatives[position], s):
            representatives.insert(position, s)
    for c in active:
        s = chr(c)
        rank = sum(moves_before(s, r) for r in representatives)
        classes[c] = rank + 1
    return classes


def measure_normalization(flags):
    nfd, nfc = normalizers.NFD().normalize_str, normalizers.NFC().normalize_str
    decomposition = {}
    for c in SCALARS:
        if c not in HANGUL and nfd(chr(c)) != chr(c):
            decomposition[c] = [ord(x) for x in nfd(chr(c))]
    classes = combining_classes(decomposition)
    composition = {}
    for c, parts in decomposition.items():
        if nfc("".join(map(chr, parts))) != chr(c):
            continue
        head = nfc("".join(map(chr, parts[:-1])))
        assert len(head) == 1 and nfc(head + chr(parts[-1])) == chr(c), hex(c)
        composition[(ord(head), parts[-1])] = c
    seconds = {second for _, second in composition}
    seconds |= set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
    for c in SCALARS:
        if c in classes or nfc(chr(c)) != chr(c) or c in seconds:
            flags[c] |= NFC_ACTIVE
        if c in classes or c in decomposition or c in HANGUL:
            flags[c] |= NFD_ACTIVE
    # strip_accents: the marks that vanish once the text is decomposed.
    strip = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False,
                                       strip_accents=True, lowercase=False).normalize_str
    for c in SCALARS:
        if c not in decomposition and strip(chr(c)) == "":
            flags[c] |= MARK
    for c, parts in decomposition.items():
        kept = "".join(chr(p) for p in parts if not flags[p] & MARK)
        assert strip(chr(c)) == kept, hex(c)
        assert not flags[c] & MARK
    return decomposition, composition, classes


# Bits of a code point's cluster class. Keep in step with GraphemeClusters.swift.
CONTROL, JOINS, EXTEND, PREPEND = 1, 2, 4, 8
LEADING, VOWEL, TRAILING, PAIR, TRIPLE = 16, 32, 64, 128, 256
PICTOGRAPH, CONSONANT, LINKER, BETWEEN = 512, 1024, 2048, 4096


def measure_clusters():
    """Classes of grapheme cluster rules, seen through a charsmap that turns two characters into Z.

    `Precompiled` asks it about clusters of up to five bytes. So a text ends in Z where its last two
    characters are a cluster of their own, and not where they belong to a longer one.
    """
    normalize = normalizers.Precompiled(charsmap.two_characters("Z")).normalize_str

    def stays(text):
        return normalize(text) == text

    mark = "\u0301"
    assert normalize("X" + mark) == "Z" and stays("XX") and stays("\u1100" + mark * 2)
    classes = [0] * 0x110000
    for c in SCALARS:
        s = chr(c)
        kind = 0
        if normalize(s + mark + "\u0302") == s + "Z":
            kind = CONTROL
        elif normalize("X" + s) == "Z":
            kind = JOINS
            kind |= EXTEND if stays("\u00a9" + s + "\u200d\u00a9" + mark) else 0
            kind |= LINKER if stays("\u0915" + s + "\u0915" + mark) else 0
            kind |= BETWEEN if stays("\u0915\u094d" + s + "\u0915" + mark) else 0
        elif normalize(s + "X") == "Z":
            kind = PREPEND
        else:
            before_vowel, before_trailing = stays(s + "\u1161" + mark), stays(s + "\u11a8" + mark)
            after_vowel = c < 0x10000 and stays("\u1161" + s + mark)
            after_trailing = c < 0x10000 and stays("\u11a8" + s + mark)
            kind = {(True, True): VOWEL if after_vowel else PAIR, (True, False): LEADING,
                    (False, True): TRAILING if after_trailing else TRIPLE,
                    (False, False): 0}[before_vowel, before_trailing]
            kind |= PICTOGRAPH if stays("\u00a9\u200d" + s) else 0
            kind |= CONSONANT if stays(s + "\u094d\u0915" + mark) else 0
        classes[c] = kind
    return classes


def measure_lowercase(flags):
    lower = normalizers.Lowercase().normalize_str
    bert = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False,
                                      strip_accents=False, lowercase=True).normalize_str
    mapping = {}
    for c in SCALARS:
        lowered = lower(chr(c))
        assert lowered == bert(chr(c)), hex(c)
        if lowered != chr(c):
            flags[c] |= LOWERCASED
            mapping[c] = [ord(x) for x in lowered]
    return mapping


# Numbers are written as digits of 5 bits, lowest first, 32 added on all but the last, as the
# characters from U+0030 on: printable, no quotation mark, safe in a raw string.
def number(value):
    out = ""
    while True:
        value, digit = value >> 5, value & 31
        out += chr(48 + digit + (32 if value else 0))
        if not value:
            return out


def signed(value):
    return number(value * 2 if value >= 0 else -value * 2 - 1)


def runs(values):
    out, start = [], 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[start]:
            out.append(number(values[start]) + number(i - start))
            start = i
    return number(len(values)) + "".join(out)


def two_stages(values):
    """Stage one: block numbers. Stage two: the blocks end to end. Both as runs."""
    numbers, first, second = {}, [], []
    for start in range(0, 0x110000, BLOCK):
        block = tuple(values[start:start + BLOCK])
        if block not in numbers:
            numbers[block] = len(numbers)
            second.extend(block)
        first.append(numbers[block])
    return runs(first) + runs(second), len(numbers)


def mappings(table):
    out, previous = number(len(table)), 0
    for c, parts in sorted(table.items()):
        out += number(c - previous) + number(len(parts)) + "".join(signed(p - c) for p in parts)
        previous = c
    return out


def compositions(table):
    out, previous = number(len(table)), 0
    for (first, second), composed in sorted(table.items()):
        out += number(first - previous) + number(second) + signed(composed - first)
        previous = first
    return out


def literal(name, comment, data):
    lines = [data[i:i + 96] for i in range(0, len(data), 96)]
    return (f"  /// {comment}\n  static let {name}: StaticString = #\"\"\"\n"
            + "".join(f"    {line}\n" for line in lines) + "    \"\"\"#\n")


def main():
    flags = [0] * 0x110000
    measure_gpt2_classes(flags)
    measure_bert(flags)
    measure_added_token_classes(flags)
    decomposition, composition, classes = measure_normalization(flags)
    lowercase = measure_lowercase(flags)
    clusters = measure_clusters()
    cluster_kinds = sorted(set(clusters))
    cluster_index = {kind: i for i, kind in enumerate(cluster_kinds)}
    cluster_data, cluster_blocks = two_stages([cluster_index[c] for c in clusters])

    kinds = sorted(set(flags))
    index = {kind: i for i, kind in enumerate(kinds)}
    flag_data, flag_blocks = two_stages([index[f] for f in flags])
    class_data, class_blocks = two_stages([classes.get(c, 0) for c in range(0x110000)])
    sizes = [sum(1 for f in flags if f & bit) for bit in FLAGS]
    text = f"""\
// GENERATED by tools/tokenizer/generate_tables.py; do not edit.
// Measured on PyPI tokenizers {tokenizers.__version__}, all {len(SCALARS)} Unicode scalars.
// Code points per flag, lowest bit first: {", ".join(map(str, sizes[:8]))},
// {", ".join(map(str, sizes[8:]))}. Combining classes: {max(classes.values())}.

// swift-format-ignore-file
enum GeneratedUnicodeTables {{
{literal("kinds", f"The {len(kinds)} different sets of flags.", number(len(kinds)) + "".join(map(number, kinds)))}
{literal("flags", f"Code point to set of flags, two stages, {flag_blocks} blocks.", flag_data)}
{literal("combiningClasses", f"Code point to rank of its combining class, two stages, {class_blocks} blocks.", class_data)}
{literal("clusterKinds", f"The {len(cluster_kinds)} different cluster classes.", number(len(cluster_kinds)) + "".join(map(number, cluster_kinds)))}
{literal("clusters", f"Code point to cluster class, two stages, {cluster_blocks} blocks.", cluster_data)}
{literal("decompositions", f"{len(decomposition)} full canonical decompositions, Hangul syllables not among them.", mappings(decomposition))}
{literal("compositions", f"{len(composition)} pairs that NFC joins.", compositions(composition))}
{literal("lowercase", f"{len(lowercase)} lowercase mappings.", mappings(lowercase))}}}
"""
    if "--check" in sys.argv:
        same = OUTPUT.read_text() == text
        print("the committed tables are", "what the oracle says" if same else "OUT OF DATE")
        sys.exit(0 if same else 1)
    OUTPUT.write_text(text)
    print(f"{OUTPUT.name}: {len(text)} bytes, {len(kinds)} kinds, {flag_blocks} blocks")


main()
