"""Writes Tests/Goldens/metrics.json: what scikit-learn and pytrec_eval say of seeded answers.

    python tools/eval/goldens.py Tests/Goldens/metrics.json

Classes that are never true, classes that are never said, rows without labels, scores with ties and
queries without anything relevant or without results are all in it.
"""

import importlib.metadata
import json
import sys
import warnings

import numpy
import pytrec_eval
from sklearn import metrics
from sklearn.calibration import calibration_curve

SEED = 20261122
AVERAGES = ["macro", "micro", "weighted"]
ZERO = {"zero": 0.0, "one": 1.0, "skipped": numpy.nan}
CUTOFFS = [1, 3, 5, 10, 100]


def number(value):
    """JSON has no NaN."""
    value = float(value)
    return None if numpy.isnan(value) else value


def family(truth, predicted, labels=None):
    found = {}
    for average in AVERAGES:
        for name, zero in ZERO.items():
            precision, recall, f1, _ = metrics.precision_recall_fscore_support(
                truth, predicted, average=average, zero_division=zero
            )
            found[f"{average} {name}"] = [number(precision), number(recall), number(f1)]
    return found


def single(random, rows, labels, true_labels, said_labels):
    truth = random.choice(true_labels, rows)
    guess = random.choice(said_labels, rows)
    predicted = numpy.where(random.random(rows) < 0.5, truth, guess)
    predicted = numpy.where(numpy.isin(predicted, said_labels), predicted, guess)
    return {
        "labels": labels,
        "truth": [[int(label)] for label in truth],
        "predicted": [[int(label)] for label in predicted],
        "accuracy": metrics.accuracy_score(truth, predicted),
        "hamming": metrics.hamming_loss(truth, predicted),
        "averages": family(truth, predicted),
    }


def indices(matrix):
    return [[int(i) for i in numpy.flatnonzero(row)] for row in matrix]


def multiple(random, rows, labels, never_true=(), never_said=(), ties=False):
    truth = random.random((rows, labels)) < 0.25
    truth[:, list(never_true)] = False
    scores = numpy.clip(random.normal(0.3 + 0.3 * truth, 0.25), 0, 1)
    scores = numpy.round(scores * 8) / 8 if ties else scores
    scores = scores.astype(numpy.float32).astype(float)
    scores[:, list(never_said)] = 0.125
    predicted = scores >= 0.5
    best = {}
    for average in AVERAGES:
        tried = [
            (metrics.f1_score(truth, scores >= bar, average=average, zero_division=0), bar)
            for bar in numpy.unique(scores)
        ]
        top = max(f1 for f1, _ in tried)
        best[average] = [max(bar for f1, bar in tried if f1 > top - 1e-12), top]
    bins = 10
    flat, told = truth.ravel(), scores.ravel()
    right, mean = calibration_curve(flat, told, n_bins=bins, strategy="uniform")
    places = numpy.searchsorted(numpy.linspace(0, 1, bins + 1)[1:-1], told)
    shares = numpy.bincount(places, minlength=bins)
    shares = shares[shares > 0] / len(told)
    return {
        "labels": labels,
        "truth": indices(truth),
        "predicted": indices(predicted),
        "scores": scores.tolist(),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "hamming": metrics.hamming_loss(truth, predicted),
        "averages": family(truth, predicted),
        "average_precision": {
            average: number(metrics.average_precision_score(truth, scores, average=average))
            for average in AVERAGES
        },
        "best": best,
        "calibration_error": float(numpy.sum(shares * numpy.abs(right - mean))),
    }


def ranking(random):
    judged, run = {}, {}
    for query in range(12):
        name = f"q{query}"
        documents = [f"d{i}" for i in random.permutation(60)[:40]]
        grades = [-1, 0, 1, 2, 3] if query % 3 else [0, 1]
        if query == 4:
            grades = [0]
        judged[name] = {
            document: int(random.choice(grades)) for document in documents[:20]
        }
        retrieved = documents[10 : 10 + int(random.integers(1, 30))]
        if query == 7:
            retrieved = []
        coarse = 4 if query % 2 else 1 << 20
        run[name] = {
            document: float(numpy.float32(numpy.round(random.random() * coarse) / coarse))
            for document in retrieved
        }
    # Numbers in names: byte order, not the order of numbers.
    judged["ties"] = {"10": 1, "9": 2, "z": 0, "é": 3}
    run["ties"] = {"9": 0.5, "10": 0.5, "z": 0.5, "é": 0.5, "A": 0.5}
    cuts = ",".join(map(str, CUTOFFS))
    measures = {f"ndcg_cut.{cuts}", f"recall.{cuts}", "recip_rank", "map"}
    found = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(run)
    queries = []
    for name in judged:
        values = found[name]
        queries.append(
            {
                "name": name,
                "judgements": judged[name],
                "scores": run[name],
                "ndcg": [values[f"ndcg_cut_{k}"] for k in CUTOFFS],
                "recall": [values[f"recall_{k}"] for k in CUTOFFS],
                "reciprocal_rank": values["recip_rank"],
                "average_precision": values["map"],
            }
        )
    mean = {
        measure: sum(values[measure] for values in found.values()) / len(found)
        for measure in ["ndcg_cut_10", "recall_10", "recip_rank", "map"]
    }
    return {"cutoffs": CUTOFFS, "queries": queries, "mean": mean}


def main():
    warnings.simplefilter("ignore")
    random = numpy.random.default_rng(SEED)
    packages = ["numpy", "scikit-learn", "pytrec-eval-terrier"]
    goldens = {
        "made_by": "tools/eval/goldens.py",
        "versions": {name: importlib.metadata.version(name) for name in packages},
        "seed": SEED,
        "single": [
            single(random, 40, 4, [0, 1, 2, 3], [0, 1, 2, 3]),
            single(random, 30, 6, [0, 1, 4], [0, 1, 2]),
            single(random, 1, 3, [2], [0]),
            single(random, 25, 2, [1], [1]),
        ],
        "multiple": [
            multiple(random, 40, 5),
            multiple(random, 30, 4, never_true=[1], never_said=[2], ties=True),
            multiple(random, 20, 3, never_true=[0, 2], never_said=[0], ties=True),
            multiple(random, 12, 2, never_true=[0, 1]),
            multiple(random, 25, 2, ties=True),
        ],
        "ranking": ranking(random),
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(goldens, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
