"""BM25: the best documents of a corpus for each query, as a run file for trec_eval and `gliss eval`.

    python tools/eval/bm25.py corpus.jsonl.gz queries.jsonl.gz --output bm25.run [--top 100]

Corpus and queries are BEIR's JSON lines ("_id" or "id", "title", "text"), gzipped or not. Scores are
BM25 as Lucene has it (Robertson and Walker 1994; idf = ln(1 + (N - n + 0.5) / (n + 0.5)), k1 0.9,
b 0.4 as Anserini and BEIR set them). Words are runs of letters and digits, in lower case, without
Lucene's 33 English stop words, cut to their stems by Porter's algorithm (1980).
"""

import argparse
import collections
import gzip
import json
import math
import re
import sys

STOP_WORDS = set(
    "a an and are as at be but by for if in into is it no not of on or such that the their then "
    "there these they this to was will with".split()
)
WORD = re.compile(r"[^\W_]+", re.UNICODE)


class Porter:
    """M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980."""

    STEP2 = {
        "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize",
        "abli": "able", "alli": "al", "entli": "ent", "eli": "e", "ousli": "ous",
        "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al", "iveness": "ive",
        "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble",
    }
    STEP3 = {
        "icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": "",
    }
    STEP4 = (
        "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize"
    ).split()

    def __init__(self):
        self.known = {}

    @staticmethod
    def consonant(word, i):
        if word[i] == "y":
            return i == 0 or not Porter.consonant(word, i - 1)
        return word[i] not in "aeiou"

    @staticmethod
    def measure(stem):
        """How often a vowel is followed by a consonant."""
        kinds = [Porter.consonant(stem, i) for i in range(len(stem))]
        return sum(not before and after for before, after in zip(kinds, kinds[1:]))

    @staticmethod
    def has_vowel(stem):
        return any(not Porter.consonant(stem, i) for i in range(len(stem)))

    @staticmethod
    def doubled(word):
        return len(word) > 1 and word[-1] == word[-2] and Porter.consonant(word, len(word) - 1)

    @staticmethod
    def short_end(word):
        """Consonant, vowel, consonant other than w, x and y."""
        if len(word) < 3 or word[-1] in "wxy":
            return False
        kinds = [Porter.consonant(word, len(word) - i) for i in (3, 2, 1)]
        return kinds == [True, False, True]

    def stem(self, word):
        if word not in self.known:
            self.known[word] = self.cut(word) if len(word) > 2 and word.isascii() else word
        return self.known[word]

    def cut(self, word):
        if word.endswith("sses") or word.endswith("ies"):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith("ss"):
            word = word[:-1]
        word = self.past(word)
        if word.endswith("y") and self.has_vowel(word[:-1]):
            word = word[:-1] + "i"
        for endings in (self.STEP2, self.STEP3):
            ending = max((e for e in endings if word.endswith(e)), key=len, default=None)
            if ending and self.measure(word[: -len(ending)]) > 0:
                word = word[: -len(ending)] + endings[ending]
        ending = max((e for e in self.STEP4 if word.endswith(e)), key=len, default=None)
        if ending:
            stem = word[: -len(ending)]
            if self.measure(stem) > 1 and (ending != "ion" or stem.endswith(("s", "t"))):
                word = stem
        if word.endswith("e"):
            stem, size = word[:-1], self.measure(word[:-1])
            if size > 1 or (size == 1 and not self.short_end(stem)):
                word = stem
        if word.endswith("ll") and self.measure(word) > 1:
            word = word[:-1]
        return word

    def past(self, word):
        if word.endswith("eed"):
            return word[:-1] if self.measure(word[:-3]) > 0 else word
        for ending in ("ed", "ing"):
            if word.endswith(ending) and self.has_vowel(word[: -len(ending)]):
                word = word[: -len(ending)]
                if word.endswith(("at", "bl", "iz")):
                    return word + "e"
                if self.doubled(word) and word[-1] not in "lsz":
                    return word[:-1]
                if self.measure(word) == 1 and self.short_end(word):
                    return word + "e"
                return word
        return word


def words(text, porter):
    found = (word.lower() for word in WORD.findall(text))
    return [porter.stem(word) for word in found if word not in STOP_WORDS]


def rows(path):
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            text = " ".join(filter(None, [row.get("title"), row["text"]]))
            yield row.get("_id", row.get("id")), text


class Index:
    def __init__(self, corpus, porter, k1, b):
        self.k1, self.names, self.postings = k1, [], collections.defaultdict(list)
        lengths = []
        for name, text in corpus:
            counts = collections.Counter(words(text, porter))
            for word, count in counts.items():
                self.postings[word].append((len(self.names), count))
            self.names.append(name)
            lengths.append(sum(counts.values()))
        mean = sum(lengths) / len(lengths)
        self.norms = [k1 * (1 - b + b * length / mean) for length in lengths]

    def best(self, query, top):
        scores = collections.defaultdict(float)
        for word in query:
            postings = self.postings.get(word, [])
            n = len(postings)
            weight = math.log(1 + (len(self.names) - n + 0.5) / (n + 0.5))
            for place, count in postings:
                scores[place] += weight * count / (count + self.norms[place])
        ranked = sorted(scores.items(), key=lambda item: (-item[1], self.names[item[0]]))
        return [(self.names[place], score) for place, score in ranked[:top]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus")
    parser.add_argument("queries")
    parser.add_argument("--output", required=True)
    parser.add_argument("--top", type=int, default=100)
    parser.add_argument("--k1", type=float, default=0.9)
    parser.add_argument("--b", type=float, default=0.4)
    options = parser.parse_args()
    porter = Porter()
    index = Index(rows(options.corpus), porter, options.k1, options.b)
    with open(options.output, "w", encoding="utf-8") as file:
        for query, text in rows(options.queries):
            found = index.best(words(text, porter), options.top)
            if not found:
                print(f"query {query} finds nothing", file=sys.stderr)
            for place, (name, score) in enumerate(found, 1):
                file.write(f"{query} Q0 {name} {place} {score:.6f} bm25\n")


if __name__ == "__main__":
    main()
