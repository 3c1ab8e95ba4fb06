#!/usr/bin/env python3
# Makes Tests/Goldens/sentences: tiny sequence classifiers and sentence encoders with random weights,
# and what transformers and sentence-transformers compute on them (ids, types, logits, vectors, and
# the scores of the zero-shot pipeline). Running it twice gives the same bytes.
# usage: sentences.py [--out Tests/Goldens/sentences]
import argparse
import json
import shutil
from pathlib import Path

import upstream  # before transformers: it sets the environment
import numpy as np
import sentence_transformers
import tokenizers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer, pipeline

import vocabulary

ROOT = Path(__file__).resolve().parents[2]
SEED = "gliss-sentences-1"

SMALL = dict(hidden_size=30, num_hidden_layers=3, num_attention_heads=2, intermediate_size=44)
# Heads of size 5: no vector register divides it.
ODD = dict(hidden_size=20, num_hidden_layers=2, num_attention_heads=4, intermediate_size=28)
MODERN = dict(hidden_size=20, num_hidden_layers=4, num_attention_heads=2, intermediate_size=28,
              local_attention=8, classifier_activation="gelu")
NLI = ["contradiction", "entailment", "neutral"]
ST_IDENTITY = {"sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity",
                                         "version": "4.1.0"}}

# model: the class without ForSequenceClassification; patch: fields that are put into config.json
# afterwards; zero_shot: whether the pipeline's answers are kept.
CLASSIFIERS = {
    "bert-rerank": dict(
        why="ms-marco-MiniLM in small: one logit, pooler, token types, activation Identity",
        model="Bert", config=SMALL, labels=["LABEL_0"], tokenizer="types", patch=ST_IDENTITY),
    "bert-nli": dict(
        why="BERT with three labels, heads of size 5, types in the file for one of two texts",
        model="Bert", config=ODD, labels=NLI, tokenizer="types", zero_shot=True),
    "bert-binary": dict(
        why="two labels, entailment first; epsilon 1e-3; no token_type_ids among model_input_names",
        model="Bert", config=dict(ODD, layer_norm_eps=1e-3), labels=["ENTAILMENT", "not_entailment"],
        tokenizer="types", model_input_names=["input_ids", "attention_mask"], zero_shot=True),
    "modern-rerank": dict(
        why="ModernBERT, first token, one logit, old Sigmoid of sentence-transformers",
        model="ModernBert", config=dict(MODERN, classifier_pooling="cls"), labels=["LABEL_0"],
        tokenizer="bytes",
        patch={"sbert_ce_default_activation_function": "torch.nn.modules.activation.Sigmoid"}),
    "modern-mean": dict(
        why="ModernBERT, mean pooling, biases everywhere, an activation of its own",
        model="ModernBert",
        config=dict(MODERN, classifier_pooling="mean", classifier_bias=True, norm_bias=True,
                    mlp_bias=True, attention_bias=True, classifier_activation="silu"),
        labels=["entailment", "neutral", "contradiction"], tokenizer="bytes", zero_shot=True),
    "xlm-roberta": dict(
        why="bge-reranker-base in small: Unigram, two separators between, positions behind the padding's",
        model="XLMRoberta",
        config=dict(SMALL, type_vocab_size=1, layer_norm_eps=1e-5, max_position_embeddings=66),
        labels=["LABEL_0"], tokenizer="unigram"),
    "roberta-nli": dict(
        why="RobertaProcessing; positions begin at 431, behind the padding's",
        model="Roberta", config=dict(ODD, type_vocab_size=1, max_position_embeddings=512),
        labels=["CONTRADICTION", "NEUTRAL", "ENTAILMENT"], tokenizer="roberta", zero_shot=True),
    "deberta-nli": dict(
        why="DeBERTa-v3 NLI in small, here with token types",
        model="DebertaV2",
        config=dict(SMALL, relative_attention=True, position_buckets=8, max_position_embeddings=64,
                    pos_att_type=["c2p", "p2c"], norm_rel_ebd="layer_norm", share_att_key=True,
                    position_biased_input=False, type_vocab_size=2, pooler_hidden_act="gelu",
                    pooler_hidden_size=30, pooler_dropout=0.0, layer_norm_eps=1e-7),
        labels=["entailment", "neutral", "contradiction"], tokenizer="types", zero_shot=True),
}

# model: what the checkpoint is saved as. The files beside it: pooling (1_Pooling/config.json; without
# one the folder has no modules.json), normalized (a module more), transformer
# (sentence_bert_config.json), prompts (config_sentence_transformers.json).
ENCODERS = {
    "minilm": dict(
        why="all-MiniLM-L6-v2 in small: mean, normalised, texts cut at 16 tokens",
        model="BertModel", config=SMALL, tokenizer="types",
        pooling={"word_embedding_dimension": 30, "pooling_mode_cls_token": False,
                 "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False,
                 "pooling_mode_mean_sqrt_len_tokens": False},
        normalized=True, transformer={"max_seq_length": 16, "do_lower_case": False}),
    "modern-cls": dict(
        why="ModernBERT, first token, the spelling of 2026, a prompt before every text",
        model="ModernBertModel", config={k: v for k, v in MODERN.items() if "classifier" not in k},
        tokenizer="bytes", pooling={"embedding_dimension": 20, "pooling_mode": "cls"},
        transformer={"max_seq_length": 512},
        prompts={"prompts": {"query": "query: ", "passage": "passage: "},
                 "default_prompt_name": "query"}),
    "plain-bert": dict(
        why="no modules.json: a BertForMaskedLM folder, whose tensors are below bert., and the mean",
        model="BertForMaskedLM", config=ODD, tokenizer="types"),
    "xlm-cls": dict(
        why="XLM-RoBERTa, first token, normalised: bge-m3's dense vectors",
        model="XLMRobertaModel",
        config=dict(SMALL, type_vocab_size=1, layer_norm_eps=1e-5, max_position_embeddings=66),
        tokenizer="unigram",
        pooling={"word_embedding_dimension": 30, "pooling_mode_cls_token": True,
                 "pooling_mode_mean_tokens": False},
        normalized=True, transformer={"max_seq_length": 64, "do_lower_case": False}),
}

LONG = " ".join(vocabulary.CORPUS[:4])
PAIRS = [
    ("When do the boats leave?", "The harbour was quiet that morning, and the boats lay still."),
    ("refund", "She wrote that the product arrived broken, and that she wants a refund."),
    ("Prices rose by 4.5 percent.", "This example is money."),
    ("", "an empty first text"),
    ("an empty second text", ""),
    ("", ""),
    ("naïve café — Привет 🙂", "  spaces   and\ttabs\n"),
    ("the same", "the same"),
]
# (first, second, most tokens, which is cut)
CUT = [
    ("When do the boats leave?", LONG, 24, "second"),
    (LONG, "This example is about the harbour.", 30, "first"),
    ("query", LONG, 40, "second"),
]
TEXTS = [pair[1] for pair in PAIRS[:3]] + ["", "naïve café — Привет 🙂", LONG]
ZERO_SHOT = [
    ("The film is long, the story is thin.", ["film", "money", "sport and travel"],
     "This example is {}."),
    ("Prices rose in March.", ["economy"], "It is about {}."),
]


def unigram():
    """XLM-RoBERTa's layout: control tokens first, pieces with scores, Metaspace, two separators."""
    words = sorted({word for line in vocabulary.CORPUS for word in line.split()})
    letters = sorted({letter for line in vocabulary.CORPUS for letter in line if letter != " "})
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    pieces += [("▁" + word, -4.0 - 0.01 * index) for index, word in enumerate(words)]
    pieces += [(letter, -9.0 - 0.01 * index) for index, letter in enumerate(letters)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([vocabulary.added(name) for name, _ in pieces[:4]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer, {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>",
                       "unk_token": "<unk>"}


def roberta():
    """RoBERTa's: byte pairs and the post-processor of its own name."""
    tokenizer = vocabulary.byte_level(True, [])
    ids = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.RobertaProcessing(
        sep=("[SEP]", ids["[SEP]"]), cls_token=("[CLS]", ids["[CLS]"]), trim_offsets=True,
        add_prefix_space=True)
    return tokenizer, BRACKETS


def types():
    """BERT's: WordPiece, the second text and its separator of type 1."""
    tokenizer = vocabulary.word_piece([])
    ids = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=list(ids.items()))
    return tokenizer, BRACKETS


BRACKETS = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
TOKENIZERS = {"unigram": unigram, "roberta": roberta, "types": types,
              "bytes": lambda: (vocabulary.byte_level(False, []), BRACKETS)}


def write_tokenizer(case, folder):
    tokenizer, names = TOKENIZERS[case["tokenizer"]]()
    compact = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(compact + "\n")
    takes_types = case["tokenizer"] == "types"
    inputs = ["input_ids", "token_type_ids"][:1 + takes_types] + ["attention_mask"]
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **names,
              "model_input_names": case.get("model_input_names", inputs)}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return tokenizer, tokenizer.token_to_id(names["pad_token"])


def write_model(name, kind, case, folder, labels=None):
    folder.mkdir(parents=True)
    tokenizer, padding = write_tokenizer(case, folder)
    base = kind.removesuffix("Model").removesuffix("ForMaskedLM").removesuffix("ForSequenceClassification")
    arguments = dict(vocab_size=tokenizer.get_vocab_size(), pad_token_id=padding, **case["config"])
    if labels:
        arguments.update(id2label=dict(enumerate(labels)),
                         label2id={label: index for index, label in enumerate(labels)})
    config = getattr(transformers, base + "Config")(**arguments)
    config._attn_implementation = "eager"
    model = getattr(transformers, kind)(config)
    # The first token's row is much the same for every text where attention is as weak as it is drawn.
    gains = {"classifier.weight": 4.0, "classifier.out_proj.weight": 4.0, "query.weight": 2.0,
             "key.weight": 2.0, "value.weight": 2.0, "query_proj.weight": 2.0, "key_proj.weight": 2.0,
             "value_proj.weight": 2.0}
    with torch.no_grad():
        for tensor_name, tensor in model.named_parameters():
            tensor.copy_(upstream.draw(f"{SEED}/{name}", tensor_name, tensor, gains))
    model.eval().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    written = json.loads((folder / "config.json").read_text())
    written.update(case.get("patch", {}))
    (folder / "config.json").write_text(json.dumps(dict(sorted(written.items())), indent=2) + "\n")
    for file in folder.iterdir():
        file.chmod(0o644)
    return model


def numbers(values):
    return [float(np.float32(value)) for value in values]


def classify(model, tokenizer, first, second, **cut):
    # As a batch of one: of two strings an empty second one would count as none.
    encoded = tokenizer([[first, second]], return_tensors="pt", **cut)
    with torch.no_grad():
        logits = model(**encoded).logits[0].numpy()
        exact = model.double()(**encoded).logits[0].numpy()
        model.float()
    noise = (abs(exact - logits) / np.maximum(1, abs(exact))).max()
    ids = encoded["input_ids"][0].tolist()
    kinds = encoded["token_type_ids"][0].tolist() if "token_type_ids" in encoded else []
    return ids, kinds, logits, noise


def make_classifier(name, case, out):
    folder = out / name
    model = write_model(name, case["model"] + "ForSequenceClassification", case, folder, case["labels"])
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows, worst = [], 0.0
    for first, second, limit, cut in [(*pair, None, None) for pair in PAIRS] + CUT:
        arguments = dict(truncation=f"only_{cut}", max_length=limit) if limit else {}
        ids, kinds, logits, noise = classify(model, tokenizer, first, second, **arguments)
        worst = max(worst, noise)
        row = dict(first=first, second=second, ids=ids, types=kinds, logits=numbers(logits))
        if limit:
            row.update(limit=limit, cut=cut, truncated=len(tokenizer(first, second)["input_ids"]) - len(ids))
        rows.append(row)
    assert worst <= 3e-6, f"{name}: float32 noise {worst:.1e}"
    answers = []
    if case.get("zero_shot"):
        pipe = pipeline("zero-shot-classification", model=model, tokenizer=tokenizer)
        for text, labels, template in ZERO_SHOT:
            for multi in (False, True):
                found = pipe(text, labels, hypothesis_template=template, multi_label=multi)
                scores = dict(zip(found["labels"], found["scores"]))
                answers.append(dict(text=text, labels=labels, template=template, multi=multi,
                                    scores=[scores[label] for label in labels]))
    spread = np.std([row["logits"] for row in rows])
    print(f"{name:16} {len(rows)} pairs, {len(answers)} answers, logits std {spread:.3f}, noise {worst:.1e}")
    return dict(name=name, why=case["why"], labels=case["labels"], rows=rows, zero_shot=answers)


def make_encoder(name, case, out):
    folder = out / name
    write_model(name, case["model"], case, folder)
    if "pooling" in case:
        kinds = ["Transformer", "Pooling"] + (["Normalize"] if case.get("normalized") else [])
        modules = [
            {"idx": index, "name": str(index), "path": "" if index == 0 else f"{index}_{kind}",
             "type": f"sentence_transformers.models.{kind}"} for index, kind in enumerate(kinds)]
        dump(folder / "modules.json", modules)
        (folder / "1_Pooling").mkdir()
        dump(folder / "1_Pooling" / "config.json", case["pooling"])
        for key, file in (("transformer", "sentence_bert_config.json"),
                          ("prompts", "config_sentence_transformers.json")):
            if key in case:
                dump(folder / file, case[key])
    model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"attn_implementation": "eager"})
    rows = []
    for text in TEXTS:
        vector = model.encode([text], show_progress_bar=False)[0]
        prompt = (case.get("prompts") or {}).get("prompts", {}).get("query", "")
        features = model.tokenizer(prompt + text, truncation=True, max_length=model.max_seq_length)
        rows.append(dict(text=text, ids=features["input_ids"], vector=numbers(vector)))
    print(f"{name:16} {len(rows)} texts, longest {max(len(row['ids']) for row in rows)} tokens")
    return dict(name=name, why=case["why"], rows=rows)


def dump(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=ROOT / "Tests" / "Goldens" / "sentences")
    out = parser.parse_args().out
    torch.set_num_threads(1)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    classifiers = [make_classifier(name, case, out) for name, case in CLASSIFIERS.items()]
    encoders = [make_encoder(name, case, out) for name, case in ENCODERS.items()]
    about = {
        "about": "Made by tools/goldens/sentences.py; do not edit.",
        "versions": {"transformers": transformers.__version__, "torch": torch.__version__,
                     "tokenizers": tokenizers.__version__,
                     "sentence-transformers": sentence_transformers.__version__},
        "seed": SEED, "dtype": "float32", "attention": "eager",
        "tolerance": "|delta logit| <= 1e-5 x max(1, |logit|)",
    }
    lines = [f'"about": {json.dumps(about, ensure_ascii=False)}']
    for key, cases in (("classifiers", classifiers), ("encoders", encoders)):
        items = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
        lines.append(f'"{key}": [\n{items}\n]')
    (out / "sentences.json").write_text("{" + ",\n".join(lines) + "}\n")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{len(classifiers) + len(encoders)} models, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
