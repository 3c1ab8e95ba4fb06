"""The evaluation sets, for looking at a model while it is trained."""

import gzip
import json

NEWSGROUPS = {
    "alt.atheism": "atheism",
    "comp.graphics": "computer graphics",
    "comp.os.ms-windows.misc": "microsoft windows",
    "comp.sys.ibm.pc.hardware": "ibm pc hardware",
    "comp.sys.mac.hardware": "mac hardware",
    "comp.windows.x": "x window system",
    "misc.forsale": "for sale",
    "rec.autos": "cars",
    "rec.motorcycles": "motorcycles",
    "rec.sport.baseball": "baseball",
    "rec.sport.hockey": "hockey",
    "sci.crypt": "cryptography",
    "sci.electronics": "electronics",
    "sci.med": "medicine",
    "sci.space": "space",
    "soc.religion.christian": "christianity",
    "talk.politics.guns": "gun politics",
    "talk.politics.mideast": "middle east politics",
    "talk.politics.misc": "politics",
    "talk.religion.misc": "religion",
}
SETS = [
    "agnews.test",
    "emotion.test",
    "banking77.test",
    "20newsgroups.test",
    "sst2.test",
    "sst5.test",
    "cr.all",
    "financial_phrasebank_allagree.all",
    "situation.test",
]


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def f1(predicted, gold, labels):
    """Macro and micro F1 over sets of labels per row."""
    scores, totals = [], [0, 0, 0]
    for label in labels:
        hit = sum(label in p and label in g for p, g in zip(predicted, gold))
        given, true = sum(label in p for p in predicted), sum(label in g for g in gold)
        totals = [totals[0] + hit, totals[1] + given, totals[2] + true]
        if given + true:
            scores.append(2 * hit / (given + true))
    return sum(scores) / len(scores), 2 * totals[0] / max(1, totals[1] + totals[2])
