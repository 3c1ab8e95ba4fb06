"""Writes Tests/Goldens/tokenization: tiny tokenizers and what PyPI `tokenizers` makes of texts.

usage: python tools/tokenizer/goldens.py

The tokenizers are trained here, on text of our own; the texts are soups (corpus.py) and lines that
the tests name. `literal` is upstream with `encode_special_tokens`, `matched` upstream's default.
"""

import copy
import json
import shutil
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from tokenizers import trainers

import corpus
import sentencepiece_files

FOLDER = Path(__file__).parents[2] / "Tests/Goldens/tokenization"
SEED = 20261121
SOUPS = 70

TRAINING = [
    "The river runs through the old town and under three bridges before it reaches the sea.",
    "Reading the manual is faster than guessing, and guessing is faster than asking nobody.",
    "She didn't know that they'd moved; he'll tell her when she's back, and we've got time.",
    "In 1998 the price was 12.50, in 2007 it was 3,400 and in 2024 it's 99% of that.",
    "Sports, politics, technology and weather: four labels for one text, and none of them fits.",
    "Der Fluß fließt durch die Städte, où l'été dure; mañana será otro día, señor Ångström.",
    "hello world hello there the the the thing nothing something anything everything",
    "    for (int i = 0; i < n; ++i) {\n        total += values[i];\n    }\n",
]

LINES = [
    "", " ", "  ", "a", "Hello world", "Hello  world   again", " leading", "trailing ",
    "it's they'll we've I'm he'd you're can't 'S 'LL ''s", "tabs\tand\nlines\r\n\r\nand\u00a0more",
    "caf\u00e9 cafe\u0301 \u00c5 A\u030a \u212b \u1e69 s\u0323\u0307 s\u0307\u0323",
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab \uac00\u11a8 \u1100\u1161",
    "\u0301 starts with a mark", "q\u0315\u0300\u05ae\u0062", "\u0344\u0f73\u0f74\u0f71",
    "\u4e2d\u6587\u5b57 mixed\u4e2dwith latin \U00020000x", "\U0001f468\u200d\U0001f469 \u263a\ufe0f!",
    "\u0130stanbul \u03a3\u03a3 \u01c5 STRA\u1e9eE \u00dc\u00f1\u00ee", "x\u200by\ufeffz\u00ad\ufffd\u0000w",
    "[SEP] [CLS][MASK] <<LABEL>>sports<<SEP>>text", "<<LABEL>", "<<LABEL>><<LABEL>> x <<SEP>>y",
    "spaces" + " " * 5 + "and" + " " * 3 + "more" + " " * 9, "x [MASK]  y", "a[unused0]b [unused1]",
    "supercalifragilistic" * 3, "a" * 60, "ab" * 70, "the" * 40, "1234567890" * 9, "!?" * 50,
]

ADDED = [
    ("[UNK]", dict(special=True)), ("[CLS]", dict(special=True)), ("[SEP]", dict(special=True)),
    ("[PAD]", dict(special=True)), ("[MASK]", dict(special=True, lstrip=True)),
    ("<<LABEL>>", dict(special=True)), ("<<SEP>>", dict(special=True)),
    ("[unused0]", dict(normalized=True)), ("[unused1]", dict(normalized=False, single_word=True)),
    ("  ", dict(normalized=True)), ("   ", dict(normalized=True)),
    ("caf\u00e9", dict(normalized=True)), ("tot", dict(single_word=True, rstrip=True)),
]


def add_tokens(tokenizer, wanted):
    for content, flags in wanted:
        flags = {"normalized": False, **flags}
        special = flags.pop("special", False)
        token = AddedToken(content, special=special, **flags)
        (tokenizer.add_special_tokens if special else tokenizer.add_tokens)([token])


def template(tokenizer):
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    return processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)])


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=420, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(TRAINING, trainer)
    add_tokens(tokenizer, ADDED)
    tokenizer.post_processor = template(tokenizer)
    return json.loads(tokenizer.to_str())


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=330, show_progress=False,
                                        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.train_from_iterator(TRAINING, trainer)
    add_tokens(tokenizer, [a for a in ADDED if not a[0].isspace()])
    tokenizer.post_processor = template(tokenizer)
    return json.loads(tokenizer.to_str())


def files():
    base = byte_level()
    base["model"]["merges"] = [" ".join(pair) for pair in base["model"]["merges"]]
    yield "byte-level", base

    changed = copy.deepcopy(base)
    changed["model"]["merges"] = [line.split(" ") for line in changed["model"]["merges"]]
    changed["pre_tokenizer"]["add_prefix_space"] = True
    changed["truncation"] = {"max_length": 5, "strategy": "LongestFirst", "stride": 0,
                             "direction": "Right"}
    changed["padding"] = {"strategy": {"Fixed": 64}, "direction": "Right",
                          "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0,
                          "pad_token": "[PAD]"}
    yield "byte-level-prefix", changed

    ids = {t["content"]: t["id"] for t in base["added_tokens"]}
    changed = copy.deepcopy(base)
    changed["post_processor"] = {
        "type": "RobertaProcessing", "cls": ["[CLS]", ids["[CLS]"]], "sep": ["[SEP]", ids["[SEP]"]],
        "trim_offsets": True, "add_prefix_space": True}
    changed["pre_tokenizer"]["add_prefix_space"] = True
    yield "roberta", changed

    changed = copy.deepcopy(base)
    changed["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "NFD"},
                                                                 {"type": "Lowercase"}]}
    changed["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "BertPreTokenizer"}, changed["pre_tokenizer"]]}
    changed["post_processor"] = {"type": "Sequence", "processors": [
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        changed["post_processor"]]}
    yield "sequences", changed

    # Some bytes have no token: they become [UNK], or nothing.
    alphabet = set("abcdehilnorstuw\u0120")
    merges = [m for m in base["model"]["merges"] if set(m.replace(" ", "")) <= alphabet]
    tokens = sorted(alphabet | {m.replace(" ", "") for m in merges} | {"?"})
    changed = copy.deepcopy(base)
    changed["model"].update(vocab={t: i for i, t in enumerate(tokens)}, merges=merges)
    changed["added_tokens"], changed["post_processor"] = [], None
    yield "missing-bytes", changed
    changed = copy.deepcopy(changed)
    changed["model"].update(unk_token="?", fuse_unk=True)
    yield "missing-bytes-unknown", changed
    yield from pattern_files(base)
    small_map = sentencepiece_files.small_map()
    for name, file in sentencepiece_files.files(TRAINING + SENTENCES, 90, small_map):
        yield "sentence-" + name, file

    uncased = word_piece()
    yield "word-piece", uncased
    changed = copy.deepcopy(uncased)
    changed["normalizer"].update(lowercase=False)
    changed["post_processor"] = {
        "type": "BertProcessing", "cls": ["[CLS]", uncased["model"]["vocab"]["[CLS]"]],
        "sep": ["[SEP]", uncased["model"]["vocab"]["[SEP]"]]}
    yield "word-piece-cased", changed
    changed = copy.deepcopy(uncased)
    changed["normalizer"].update(clean_text=False, handle_chinese_chars=False, strip_accents=False)
    yield "word-piece-plain", changed


# Beside TRAINING, for what the files of sentencepiece_files.py are trained on.
SENTENCES = [
    "Gliss reads a checkpoint as it is, labels and text as one sequence, on any processor.",
    "Le chat dort, der Hund bellt, \u6f22\u5b57 and \u0440\u0443\u0441\u0441\u043a\u0438\u0439 text.",
]
SENTENCE_SOUPS = 30
SENTENCE_LINES = [
    "", " ", "a", "Hello world", "  Hello  world   again ", "tabs\tand\nlines\r\n\r\nand\u00a0more\n\n",
    "\ufb01n \ufb01\u0301 \uff28\uff45\uff4c\uff4c\uff4f \u00bd \u3000x \u0340\u0301 e\u0301 \u00aa\u0301 \U0001d400",
    "\u00a9\u200d\u00a9\u0301 \u0600\ufb01 \u0915\u094d\u0958\u0301 \u1100\u1161\u0301 \uff76\uff9e",
    "\u00adx\x01y\u200bz\ufeff \x00", "\u2581a\u2581\u2581b \u2581", "<0x41><unk>[UNK]<s>",
    "\U0001f468\u200d\U0001f469 \u263a\ufe0f! \u6f22\u5b57\u304b\u306a \ud55c\uad6d\uc5b4", "\u00b5x zz zz", "q thx zzz \u0120thx",
    "it's THEY'LL 1234567 12,345.6 ...  ?!\n", "<<LABEL>>sports<<SEP>>text <mask>  [MASK] <mask>!x",
    "[unused0] x[unused0]", "internationalization" * 3, "ab" * 60,
]

LLAMA = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
PATTERN_SOUPS = 24
PATTERN_LINES = [
    "", "e", "ee", "eee", "beekeeper", "e--e-", "a-b--c---d", "-", "--a", "line\nline\n\nend\n",
    "it's they'll WE'VE I'M he'D 'S '\u017f 'LL'T", "a\u180eb \u0085c\u2003d", "K\u212ak",
    "1234567 12 3", "x  \n\n  y \r\n z   ", "caf\u00e9 cafe\u0301 \u4e2d\u6587 \U0001f600",
]


def pattern_files(base):
    """Split and Replace before ByteLevel. Without a vocabulary, a piece is one unknown token, so
    that the offsets show every cut; the Llama-like file has the base's."""
    base = copy.deepcopy(base)
    base["added_tokens"], base["post_processor"] = [], None
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                  "use_regex": False}

    def file(split=None, replace=None, whole=False):
        changed = copy.deepcopy(base)
        if not whole:
            changed["model"].update(vocab={"?": 0}, merges=[], unk_token="?", fuse_unk=True)
        changed["normalizer"] = replace
        changed["pre_tokenizer"] = byte_level if split is None else {
            "type": "Sequence", "pretokenizers": [split, byte_level]}
        return changed

    def split(pattern, behavior="Isolated", invert=False):
        return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}

    for behavior in BEHAVIORS:
        for invert in (False, True):
            name = f"split-{behavior.lower()}{'-inverted' if invert else ''}"
            yield name, file(split({"Regex": r"e+|-|(?<=b)|^l|(?=n$)"}, behavior, invert))
    yield "split-string", file(split({"String": "e"}, "MergedWithNext"))
    yield "split-llama", file(split({"Regex": LLAMA}), whole=True)
    yield "split-escapes", file(split({
        "Regex": r"\s+$|\d{,2}[^\S\n]|(?>\p{Lu}+)|[\h_]?x"}))
    yield "replace", file(split({"Regex": r"\S+"}, "Removed", True), {
        "type": "Sequence", "normalizers": [
            {"type": "Replace", "pattern": {"Regex": r" {2,}|\n"}, "content": " te "},
            {"type": "Replace", "pattern": {"String": "--"}, "content": ""},
            {"type": "Replace", "pattern": {"Regex": r"(?<=a)"}, "content": "\u00e9"},
            {"type": "NFD"}]})


def encode(tokenizer, texts, matched):
    tokenizer.encode_special_tokens = not matched
    encodings = [tokenizer.encode(text) for text in texts]
    return [[e.ids, [x for pair in e.offsets for x in pair]] for e in encodings]


def forges_control_tokens(tokenizer, text):
    """Whether the model itself makes a control token of this text, which Gliss prevents."""
    tokenizer.encode_special_tokens = True
    added = {i for i, t in tokenizer.get_added_tokens_decoder().items()
             if t.special and t.content not in ("<unk>", "[UNK]")}
    found, around = tokenizer.encode(text).ids, tokenizer.encode("").ids
    return sum(i in added for i in found) > sum(i in added for i in around)


def main():
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    FOLDER.mkdir(parents=True)
    names = []
    for name, file in files():
        text = json.dumps(file, ensure_ascii=False, separators=(",", ":"))
        (FOLDER / f"{name}.tokenizer.json").write_text(text + "\n")
        tokenizer = Tokenizer.from_str(text)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        added = [t["content"] for t in file["added_tokens"]]
        if name.startswith(("split", "replace")):
            texts = PATTERN_LINES + list(corpus.soups(PATTERN_SOUPS, ["ee", "--", "\n"], SEED))
        elif name.startswith("sentence"):
            texts = SENTENCE_LINES + list(corpus.soups(SENTENCE_SOUPS, added, SEED))
            texts = [t for t in texts if not forges_control_tokens(tokenizer, t)]
        else:
            texts = LINES + list(corpus.soups(SOUPS, added, SEED))
        literal, matched = (encode(tokenizer, texts, m) for m in (False, True))
        rows = [json.dumps([t, a] if a == b else [t, a, b], separators=(",", ":"))
                for t, a, b in zip(texts, literal, matched)]
        (FOLDER / f"{name}.cases.jsonl").write_text("\n".join(rows) + "\n")
        names.append({"name": name, "texts": len(texts)})
    manifest = {
        "made_by": "tools/tokenizer/goldens.py", "oracle": f"tokenizers {tokenizers.__version__}",
        "seed": SEED, "row": "text, [ids, offsets] literal, [ids, offsets] matched if different",
        "tokenizers": names}
    (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


main()
