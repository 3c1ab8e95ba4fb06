"""Small tokenizer.json files of the kinds that SentencePiece models become, and of Llama 3 and Qwen.

Vocabularies are trained here, by PyPI `tokenizers`, on the text that is given; character maps are
built here (charsmap.py), or cut out of a model of PyPI `sentencepiece` where that is installed.
"""

import base64
import copy
import importlib.util
import io
import json

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

import charsmap

MARK = "\u2581"
LLAMA_3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
           r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+")
SMALL_MAP_POINTS = (list(range(0x20)) + list(range(0x7F, 0x180)) + list(range(0x340, 0x346))
                    + list(range(0x2000, 0x2070)) + list(range(0x2100, 0x2130))
                    + list(range(0xFB00, 0xFB07)) + list(range(0xFF01, 0xFF5F))
                    + [0x37A, 0x958, 0x3000, 0x3099, 0x309B, 0xFEFF, 0xFF71, 0xFF9E, 0x1D400])


def small_map():
    return charsmap.charsmap(charsmap.nfkc(SMALL_MAP_POINTS))


def sentencepiece_map(rule="nmt_nfkc"):
    """The map that SentencePiece itself puts into its models; None where it is not installed."""
    if importlib.util.find_spec("sentencepiece") is None:
        return None
    import sentencepiece
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g"] * 50), model_writer=model, vocab_size=12,
        normalization_rule_name=rule, minloglevel=2, hard_vocab_limit=False)
    return normalizer_spec(model.getvalue())


def normalizer_spec(data, wanted=(3, 2)):
    """Field 3.2 of a protocol buffer: ModelProto.normalizer_spec.precompiled_charsmap."""
    position, found = 0, None

    def number():
        nonlocal position
        value = shift = 0
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(data):
        key = number()
        if key & 7 == 0:
            number()
        elif key & 7 in (1, 5):
            position += 8 if key & 7 == 1 else 4
        else:
            length = number()
            if key >> 3 == wanted[0]:
                found = data[position:position + length]
            position += length
    return normalizer_spec(found, wanted[1:]) if len(wanted) > 1 else found


def token(id_, content, **flags):
    return {"id": id_, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": True, **flags}


def template(before, after, ids):
    def special(name):
        return {"SpecialToken": {"id": name, "type_id": 0}}
    names = before + after
    single = [*map(special, before), {"Sequence": {"id": "A", "type_id": 0}}, *map(special, after)]
    return {"type": "TemplateProcessing", "single": single, "pair": single,
            "special_tokens": {n: {"id": n, "ids": [ids[n]], "tokens": [n]} for n in names}}


def add(file, tokens):
    """Appends added tokens with the ids that `tokenizers` would give them, and the markers."""
    vocab = file["model"]["vocab"]
    size = len(vocab)
    known = vocab if isinstance(vocab, dict) else {t: i for i, (t, _) in enumerate(vocab)}
    added, following = [], size
    markers = [("<<LABEL>>", {}), ("<<SEP>>", {})]
    for content, flags in tokens + markers:
        if content in known:
            added.append(token(known[content], content, **flags))
        else:
            added.append(token(following, content, **flags))
            following += 1
    file["added_tokens"] = added
    return {t["content"]: t["id"] for t in added}


def gemma(texts, size):
    """Gemma 2 and mmBERT: spaces become marks, the whole text is one word, bytes at need."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    fallbacks = [f"<0x{b:02X}>" for b in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", MARK)
    # Trained word by word, as SentencePiece does, so that no token lies across a mark.
    tokenizer.pre_tokenizer = pre_tokenizers.Split(MARK, "merged_with_next")
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size + 256, special_tokens=special + fallbacks + ["\n", MARK], show_progress=False,
        limit_alphabet=80))
    file = json.loads(tokenizer.to_str())
    file["pre_tokenizer"] = {"type": "Split", "pattern": {"String": " "},
                             "behavior": "MergedWithPrevious", "invert": False}
    vocab, merges = file["model"]["vocab"], file["model"]["merges"]
    for run in (2, 3, 4):  # runs of spaces, as Gemma has them
        if MARK * run not in vocab:
            vocab[MARK * run] = len(vocab)
            merges.append([MARK * (run - 1), MARK])
    ids = add(file, [(t, {}) for t in special] + [
        ("<mask>!", {"lstrip": True}), ("\n\n", {"special": False}),
        ("[unused0]", {"special": False, "normalized": True})])
    file["post_processor"] = template(["<bos>"], ["<eos>"], ids)
    return file


def llama_2(texts, size):
    """Llama 2: a mark before every text."""
    file = gemma(texts, size)
    file["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": MARK},
        {"type": "Replace", "pattern": {"String": " "}, "content": MARK}]}
    file["pre_tokenizer"] = None
    return file


def characters(texts, size, **options):
    """BPE over characters behind Metaspace, without bytes."""
    file = gemma(texts, size)
    file["model"]["byte_fallback"] = False
    file["model"].update(options)
    file["normalizer"] = {"type": "Strip", "strip_left": True, "strip_right": True}
    file["pre_tokenizer"] = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "first",
                             "split": True}
    return file


def byte_level(texts, size, pattern, whole_words):
    """Llama 3 and Qwen: their pattern, then bytes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size + 256, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    file = json.loads(tokenizer.to_str())
    file["normalizer"] = None if whole_words else {"type": "NFC"}
    file["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]}
    if whole_words:
        # Words that no merges lead to.
        for word in ("\u0120thx", "\u0120q", "zzz"):
            file["model"]["vocab"].setdefault(word, len(file["model"]["vocab"]))
    file["model"].update(ignore_merges=whole_words, byte_fallback=False)
    ids = add(file, [("<|begin_of_text|>", {}), ("<|end|>", {})])
    file["post_processor"] = {"type": "Sequence", "processors": [
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
        template(["<|begin_of_text|>"], [], ids)]}
    return file


def unigram_model(texts, size, special, unknown):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    characters = len(set("".join(texts)))
    tokenizer.train_from_iterator(texts, trainers.UnigramTrainer(
        vocab_size=size + characters, special_tokens=special, unk_token=unknown, show_progress=False))
    return json.loads(tokenizer.to_str())


def precompiled(blob):
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(blob).decode()}


def deberta(texts, size, blob):
    """DeBERTa v3: Strip, the character map, runs of spaces; Metaspace; Unigram."""
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    file = unigram_model(texts, size, special, "[UNK]")
    file["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Strip", "strip_left": True, "strip_right": True}, precompiled(blob),
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}
    file["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": True}]}
    ids = add(file, [(t, {}) for t in special] + [("[MASK]", {})])
    file["post_processor"] = template(["[CLS]"], ["[SEP]"], ids)
    return file


def xlm_roberta(texts, size, blob):
    """XLM-R as first published: the map alone, words at white space, an old Metaspace."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    file = unigram_model(texts, size, special, "<unk>")
    file["normalizer"] = precompiled(blob)
    file["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"},
        {"type": "Metaspace", "replacement": MARK, "str_rep": MARK, "add_prefix_space": True}]}
    ids = add(file, [(t, {}) for t in special] + [("<mask>", {"lstrip": True})])
    file["post_processor"] = template(["<s>"], ["</s>"], ids)
    return file


def unigram_bytes(texts, size, blob):
    """Unigram with bytes for unknown text, not cut into words."""
    file = deberta(texts, size, blob)
    vocab = file["model"]["vocab"]
    for byte in range(256):
        vocab.append([f"<0x{byte:02X}>", -3.5])
    for word in ("\u00b5x", "zz zz"):  # tokens that unknown characters make together
        vocab.append([word, -80.0])
    file["model"]["byte_fallback"] = True
    file["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"Regex": r"\s{2,}|[\n\r\t]"}, "content": " "},
        {"type": "NFC"}, {"type": "Strip", "strip_left": False, "strip_right": True}]}
    file["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "Punctuation", "behavior": "Isolated"},
        {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "first", "split": False}]}
    ids = add(file, [(t, {}) for t in ("[PAD]", "[CLS]", "[SEP]", "[UNK]")])
    file["post_processor"] = template(["[CLS]"], ["[SEP]"], ids)
    return file


def missing(file, drop):
    """The same without the tokens that `drop` says, and the merges that need them."""
    changed = copy.deepcopy(file)
    model = changed["model"]
    gone = {t for t in model["vocab"] if drop(t)}
    model["merges"] = [m for m in model["merges"] if not gone & {*m, "".join(m)}]
    kept = sorted((i, t) for t, i in model["vocab"].items() if t not in gone)
    model["vocab"] = {t: i for i, (_, t) in enumerate(kept)}
    ids = add(changed, [(t["content"], {k: v for k, v in t.items() if k not in ("id", "content")})
                        for t in changed["added_tokens"] if not t["content"].startswith("<<")])
    changed["post_processor"] = template(["<bos>"], ["<eos>"], ids)
    return changed


def files(texts, size, blob):
    """(name, file) of every kind."""
    texts = list(texts)
    base = gemma(texts, size)
    yield "gemma", base
    yield "llama-2", llama_2(texts, size)
    yield "characters", characters(texts, size)
    yield "characters-whole-words", characters(texts, size, ignore_merges=True, fuse_unk=False)
    yield "characters-no-unknown", characters(texts, size, unk_token=None)
    # Some bytes have no token: unknowns and bytes side by side.
    yield "some-bytes", missing(base, lambda t: t.startswith("<0x") and t[3] in "89BE")
    split = missing(base, lambda t: t == MARK * 2)
    split["model"].update(fuse_unk=False, unk_token="<unk>")
    split["pre_tokenizer"] = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "never",
                              "split": True}
    yield "metaspace-never", split
    yield "llama-3", byte_level(texts, size, LLAMA_3, True)
    yield "qwen", byte_level(texts, size, QWEN, False)
    yield "deberta", deberta(texts, size, blob)
    yield "xlm-roberta", xlm_roberta(texts, size, blob)
    yield "unigram-bytes", unigram_bytes(texts, size, blob)
