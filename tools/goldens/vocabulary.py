# The tiny tokenizers of the goldens, trained here on our own sentences (written for this file), or those
# that tools/tokenizer/goldens.py has made of SentencePiece's kinds. Layouts follow the ModernBERT,
# BERT-uncased, DeBERTa-v3 and mmBERT tokenizer.json files: section G of the anatomy.
import json
import re
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import AddedToken

SPECIALS = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]

CORPUS = """
The harbour was quiet that morning, and the boats lay still beside the old stone wall.
Nobody had told the children why the market would open late, so they waited and counted birds.
A good label says what a text is about: sport, travel, music, money, health, or the weather.
She wrote that the product arrived broken, that the service was slow, and that she wants a refund.
He's sure they'll win the match; we've seen them play twice, and I'd say it's a fair bet.
The doctor explained the results, the nurse took notes, and the patient asked three questions.
Prices rose by 4.5 percent in March 2021, then fell again when the new contracts were signed.
Please send the report before Friday, 17:30, or call 555-0123 and leave a message for the team.
Engineers tested the engine at full load and found no leak, no noise, and no loss of power.
The film is long, the story is thin, but the music and the final scene are worth the ticket.
We travelled by train through the mountains, past lakes and forests, to a village without roads.
Scientists measured the light of a distant star and argued about what the numbers could mean.
If the parser fails, print the line number and stop; if it works, write the tree to the file.
Rain in the north, sun in the south, wind along the coast, and a cold night everywhere.
The council voted for the bridge, against the tunnel, and postponed the question of the park.
Our cat sleeps on the keyboard, wakes at noon, and believes that every door should be open.
Is the account locked? Was the payment refused? Did the customer say which card was used?
Classify the text, choose every label that fits, and explain nothing.
Examples help: a short text, its labels, another text, its labels, and then the question.
The museum shows maps, masks, and machines; entry is free for students on Sundays.
Voters said the speech was honest, the plan was vague, and the debate was much too long.
Bake the bread for forty minutes, let it cool, and serve it with butter, salt, and soup.
positive negative neutral sports politics science technology business travel health weather
""".strip().split("\n")


def added(content, identifier_is_special=True, normalized=False, lstrip=False):
    return AddedToken(content, single_word=False, lstrip=lstrip, rstrip=False,
                      normalized=normalized, special=identifier_is_special)


def template(tokenizer):
    ids = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:0 [SEP]:0", special_tokens=list(ids.items()))


def byte_level(add_prefix_space, markers):
    """ModernBERT's layout: ByteLevel BPE, NFC, space runs as normalized added tokens, then the specials,
    then GLiClass's markers at the end of the table."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens([added(" " * n, False, normalized=True) for n in range(8, 1, -1)])
    tokenizer.add_special_tokens([added(name, lstrip=name == "[MASK]") for name in SPECIALS])
    tokenizer.add_tokens([added(f"[unused{n}]", False, normalized=True) for n in range(2)])
    tokenizer.add_special_tokens([added(name) for name in markers])
    template(tokenizer)
    return tokenizer


def word_pieces():
    """A WordPiece vocabulary without the trainer, which numbers equal pieces in no fixed order:
    characters, common endings, and every word of the corpus."""
    seen = set(re.findall(r"[a-z]+", " ".join(CORPUS).lower()))
    words = sorted(word for word in seen if len(word) > 1)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    endings = ["ing", "ed", "er", "ly", "tion", "es", "or", "al", "ment", "port", "ous", "ent"]
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *"!'#$%&()*+,-./:;<=>?@[]_{|}~",
             *("##" + piece for piece in [*letters, *endings]), *words]
    return {name: index for index, name in enumerate(names)}


def word_piece(markers):
    """BERT-uncased's layout: BertNormalizer (lowercase, accents stripped), WordPiece."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.model = models.WordPiece(word_pieces(), unk_token="[UNK]")
    tokenizer.add_special_tokens([added(name) for name in [*SPECIALS, *markers]])
    template(tokenizer)
    return tokenizer


MARKERS = ["<<LABEL>>", "<<SEP>>", "<<EXAMPLE>>"]
TOKENIZATION = Path(__file__).resolve().parents[2] / "Tests" / "Goldens" / "tokenization"


def sentence_piece(name):
    """A tokenizer of the tokenization goldens, which has the markers but the last."""
    tokenizer = Tokenizer.from_file(str(TOKENIZATION / f"sentence-{name}.tokenizer.json"))
    tokenizer.add_special_tokens([added(marker) for marker in MARKERS])
    return tokenizer


TOKENIZERS = {
    "bytes": lambda: byte_level(False, MARKERS),
    "bytes-prefix": lambda: byte_level(True, MARKERS),
    "bytes-no-example": lambda: byte_level(True, MARKERS[:2]),
    "words": lambda: word_piece(MARKERS),
    "unigram": lambda: sentence_piece("deberta"),
    "marks": lambda: sentence_piece("gemma"),
}

# What `[CLS]` and the others are called where not so.
NAMES = {"marks": {"[UNK]": "<unk>", "[CLS]": "<bos>", "[SEP]": "<eos>", "[PAD]": "<pad>",
                   "[MASK]": "<mask>"}}


def special(name, token):
    """What a tokenizer calls the special token `[CLS]`, or another."""
    return NAMES.get(name, {}).get(token, token)


def make(name):
    """The tokenizer and its two files' text: tokenizer.json, tokenizer_config.json."""
    tokenizer = TOKENIZERS[name]()
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512,
        **{f"{kind}_token": special(name, f"[{kind.upper()}]")
           for kind in ("cls", "mask", "pad", "sep", "unk")},
    }
    # Compact: pretty printing doubles the size of the committed files.
    compact = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    return tokenizer, compact + "\n", json.dumps(config, indent=2) + "\n"
