"""Training rows: {"text", "labels", "targets"[, "prompt", "examples", "soft"]}.

A source draws (text, positives, negatives, prompts); `Rows.draw` makes a row of it: it picks how
many labels there are, shuffles them, sometimes removes the true ones, wraps labels in templates,
adds a task prompt or in-context examples. `Rows.draw_soft` draws rows for the teacher's targets.
"""

import gzip
import json
import os
import random
import re

import catalogue
import patterns
import writers

with open(os.path.join(os.path.dirname(__file__), "labels.json"), encoding="utf-8") as file:
    NAMES = json.load(file)

TEMPLATES, PROMPTS = NAMES["templates"], NAMES["prompts"]
SENTIMENT_PROMPTS, INTENT_PROMPTS = NAMES["sentiment_prompts"], NAMES["intent_prompts"]
LEXNAMES = NAMES["lexnames"]  # WordNet's lexicographer files
DBPEDIA, TOPIC_NAMES = NAMES["dbpedia"], NAMES["topic_names"]  # class -> names, one is drawn
SECTIONS = NAMES["sections"]  # Debian archive section -> name
POSITIVE, NEGATIVE = set(NAMES["positive"]), set(NAMES["negative"])  # GoEmotions' own grouping
EKMAN = {name: set(members) for name, members in NAMES["ekman"].items()}
EMOTION_NAMES = NAMES["emotion_names"]


# source -> share of the supervised rows
SHARES = {
    "wordnet": 9,
    "wiki_description": 9,
    "wiki_topic": 5,
    "dbpedia": 5,
    "clinc": 12,
    "emotion": 9,
    "sentiment": 13,
    "topic": 16,
    "request": 14,
    "pattern_topic": 3,
    "newspaper": 5,
    "opinion": 10,
    "finance": 4,
    "feeling": 3,
    "debtags": 3,
    "section": 4,
    "hate": 1,
    "nli": 2,
}
ALIKE = 0.55  # cosine of two names of topics from which on both may be right
FEELING = ("sentiment", "opinion", "finance")  # closed sets of labels that exclude one another


class Rows:
    """All sources in memory, and one random generator that every draw goes through."""

    def __init__(self, folder, seed, shares=SHARES):
        """`shares`: of the sources that rows are drawn of."""
        self.rng = random.Random(seed)
        self.folder = folder
        self.wordnet = [
            r
            for r in self.read("train/wordnet_glosses")
            if r["lexname"] in LEXNAMES or r["hypernyms"]
        ]
        self.descriptions = self.read("train/wiki_vital_desc.all")
        self.topics = [
            r for r in self.read("train/wiki_vital_topic.all") if r["labels"][0] in TOPIC_NAMES
        ]
        self.dbpedia = self.read("train/dbpedia14.train14k")
        self.clinc = self.read_all("train/clinc150", ("train", "valid", "test"))
        self.clinc_oos = self.read("train/clinc150_oos.test")
        self.emotions = self.read_all("train/goemotions", ("train", "dev", "test"))
        self.debtags = [r for r in self.read("train/debtags.all") if r["labels"]]
        self.sections = [
            r for r in self.read("train/debian_section.all") if r["labels"][0] in SECTIONS
        ]
        self.hate = self.read("train/hate_davidson.all")
        self.nli = [
            r
            for name in ("climate_fever", "folio_train", "med_monotonicity")
            for r in self.read(f"train/{name}")
        ]
        self.passages = [
            p
            for name in ("openstax_ccby", "debian_docs")
            for r in self.read(f"text/{name}")[:: 1 if name[0] == "o" else 4]
            for p in r["paras"][:40]
            if 60 < len(p) < 2000
        ]
        self.intents = sorted({r["labels"][0] for r in self.clinc})
        self.tags = sorted({tag for r in self.debtags for tag in r["labels"] if "TODO" not in tag})
        self.emotion_labels = sorted({label for r in self.emotions for label in r["labels"]})
        self.lemmas = [lemma for r in self.wordnet for lemma in r["lemmas"]]
        self.hypernyms = [h for r in self.wordnet for h in r["hypernyms"][:3]]
        self.children = {}
        for row in self.wordnet:
            for hypernym in row["hypernyms"][:1]:
                self.children.setdefault(hypernym, []).append(row["lemmas"][0])
        self.utterances = {}  # intent -> short texts of it, which serve as labels too
        for row in self.clinc:
            if len(row["text"]) < 60:
                self.utterances.setdefault(row["labels"][0], []).append(row["text"])
        self.near, self.memo = {}, {}  # intent -> like intents; vectors: filled by `find_near`
        self.related = {}  # a catalogue's topic -> names that may be right beside its own
        self.names, self.weights = zip(*shares.items())

    def read(self, name):
        with gzip.open(
            os.path.join(self.folder, name + ".jsonl.gz"), "rt", encoding="utf-8"
        ) as file:
            return [json.loads(line) for line in file]

    def read_all(self, name, parts):
        return [row for part in parts for row in self.read(f"{name}.{part}")]

    def label_strings(self, count):
        """Label-like strings for soft rows: closed sets, bare and in templates, and open ones."""
        rng = self.rng
        strings = (
            set(self.intents)
            | set(self.tags)
            | set(self.emotion_labels)
            | set(SECTIONS.values())
            | set(LEXNAMES.values())
        )
        for names in (
            *DBPEDIA.values(),
            *TOPIC_NAMES.values(),
            *patterns.SENTIMENT_NAMES.values(),
            *EMOTION_NAMES.values(),
        ):
            strings.update(names)
        for topic, (others, description, _, _) in patterns.TOPICS.items():
            strings.update([topic, *others, description, f"{topic}: {description}"])
        strings.update(catalogue.label_strings())
        strings.update(d for r in self.wordnet for d in r["domains"])
        strings.update(
            template.format(s) for s in sorted(strings) for template in rng.sample(TEMPLATES, 2)
        )
        strings.update(label for r in self.descriptions for label in r["labels"])
        strings.update(rng.sample(self.hypernyms, count // 3))
        strings.update(rng.sample(self.lemmas, count // 3))
        strings.update(
            self.short(r["text"], 1, 60)
            for source in (self.emotions, self.clinc)
            for r in rng.sample(source, count // 12)
        )
        return sorted(s for s in strings if s)

    def find_near(self, memo, count=20):
        """For every intent the most alike ones by MiniLM's vectors, as hard negatives; for every
        topic the names so alike that they are none."""
        self.memo = memo
        vectors = memo.rows(self.intents)
        order = (vectors @ vectors.T).argsort(dim=-1, descending=True)
        for i, intent in enumerate(self.intents):
            self.near[intent] = [self.intents[j] for j in order[i, 1 : count + 1].tolist()]
        names = sorted({n for t in catalogue.TOPICS for n in catalogue.topic_names(t)})
        vectors = memo.rows(names)
        for topic in catalogue.TOPICS:
            own = memo.rows([topic["topic"], *topic["other_names"]])
            close = (vectors @ own.T).max(dim=1).values > ALIKE
            self.related[topic["topic"]] = {names[i] for i in close.nonzero()[:, 0].tolist()}

    def alike(self, string, count, among):
        """`count` of the `among` strings in the memo that MiniLM finds most like this one."""
        if string not in self.memo:
            return []
        found = self.memo.near(string, among)
        return self.rng.sample(found, min(count, len(found)))

    # sources: each returns text, positives, negatives, prompts

    def from_wordnet(self):
        rng, row = self.rng, self.rng.choice(self.wordnet)
        text = row["gloss"]
        draw = rng.random()
        if row["examples"] and draw < 0.25:
            text += "; " + rng.choice(row["examples"])
        elif draw < 0.45:
            text = f"{rng.choice(row['lemmas'])}: {text}"
        forbidden = set(row["hypernyms"]) | set(row["lemmas"])
        draw = rng.random()
        if draw < 0.4 and row["hypernyms"]:
            return (
                text,
                self.some(row["hypernyms"][:3], (1, 1, 2, 3)),
                self.others(self.hypernyms, forbidden, 40),
                PROMPTS,
            )
        if draw < 0.65:
            siblings = [s for h in row["hypernyms"][:1] for s in self.children[h]]
            siblings = rng.sample(siblings, min(len(siblings), rng.choice((0, 3, 8, 30))))
            return (
                row["gloss"] if text.startswith(tuple(row["lemmas"])) else text,
                [rng.choice(row["lemmas"])],
                [s for s in siblings if s not in forbidden]
                + self.others(self.lemmas, forbidden, 30),
                PROMPTS,
            )
        domains = sorted({d for r in rng.choices(self.wordnet, k=400) for d in r["domains"]})
        if row["domains"] or draw < 0.7 or row["lexname"] not in LEXNAMES:
            return (
                text,
                row["domains"][:2],
                [d for d in domains if d not in row["domains"]],
                PROMPTS,
            )
        own = LEXNAMES[row["lexname"]]
        return (
            text,
            [own],
            [name for name in sorted(set(LEXNAMES.values())) if name != own],
            PROMPTS,
        )

    def from_wiki_description(self):
        row = self.rng.choice(self.descriptions)
        others = self.others(
            [label for r in self.rng.sample(self.descriptions, 60) for label in r["labels"]],
            set(row["labels"]),
            50,
        )
        if self.rng.random() < 0.3:
            like = self.alike(row["labels"][0], self.rng.choice((2, 5, 10)), 60)
            others = [label for label in like if label not in row["labels"]] + others[:20]
        return self.crop(row["text"]), row["labels"], others, PROMPTS

    def from_names(self, row, table):
        own = row["labels"][0]
        return (
            self.crop(row["text"]),
            self.some(table[own], (1, 1, 1, 2)),
            [self.rng.choice(names) for key, names in table.items() if key != own],
            PROMPTS,
        )

    def from_wiki_topic(self):
        return self.from_names(self.rng.choice(self.topics), TOPIC_NAMES)

    def from_dbpedia(self):
        row = self.rng.choice(self.dbpedia)
        return self.from_names(
            {"text": row["text"].replace("\t", " "), "labels": row["labels"]}, DBPEDIA
        )

    def from_clinc(self):
        rng = self.rng
        if rng.random() < 0.06:
            return rng.choice(self.clinc_oos)["text"], [], list(self.intents), INTENT_PROMPTS
        row = rng.choice(self.clinc)
        own = row["labels"]
        pool = self.near.get(own[0]) if rng.random() < 0.4 else None
        others = [i for i in pool or self.intents if i not in own]
        if rng.random() < 0.35:  # a label says by an example what is wanted
            said = {i: rng.choice(self.utterances[i]) for i in own + others}
            if said[own[0]] != row["text"]:
                own, others = [said[own[0]]], [said[i] for i in others]
        return row["text"], own, others, INTENT_PROMPTS

    def from_emotion(self):
        rng, row = self.rng, self.rng.choice(self.emotions)
        while row["labels"] == ["neutral"] and rng.random() < 0.8:
            row = rng.choice(self.emotions)
        own = set(row["labels"])
        if rng.random() < 0.4:
            positives = [name for name, members in EKMAN.items() if own & members]
            negatives = [name for name in EKMAN if name not in positives]
        else:
            positives, negatives = sorted(own), [e for e in self.emotion_labels if e not in own]
        rename = lambda e: (
            rng.choice(EMOTION_NAMES[e]) if e in EMOTION_NAMES and rng.random() < 0.3 else e
        )
        return (
            row["text"],
            [rename(e) for e in positives],
            [rename(e) for e in negatives],
            ["What does the author feel? ", "Which emotions are expressed? "],
        )

    def from_sentiment(self):
        rng = self.rng
        while True:
            row = rng.choice(self.emotions)
            own = set(row["labels"])
            kinds = [
                k for k, group in (("positive", POSITIVE), ("negative", NEGATIVE)) if own & group
            ]
            if own == {"neutral"} and rng.random() < 0.2:
                kinds = ["neutral"]
            if len(kinds) == 1:
                return (row["text"], *writers.sentiment_names(kinds[0], rng), SENTIMENT_PROMPTS)

    def from_opinion(self):
        return (*writers.opinion_row(self.rng), SENTIMENT_PROMPTS)

    def from_finance(self):
        return (*writers.finance_row(self.rng), SENTIMENT_PROMPTS)

    def from_feeling(self):
        return (
            *writers.feeling_row(self.rng),
            ["Which emotion is it? ", "How does the author feel? "],
        )

    def from_topic(self):
        related = lambda topic: self.related.get(topic["topic"], ())
        return (*catalogue.topic_row(self.rng, related), PROMPTS)

    def from_request(self):
        return (*catalogue.request_row(self.rng), INTENT_PROMPTS)

    def from_pattern_topic(self):
        return (*patterns.topic_row(self.rng), PROMPTS)

    def from_newspaper(self):
        return (*patterns.newspaper_row(self.rng), PROMPTS)

    def from_debtags(self):
        row = self.rng.choice(self.debtags)
        return (
            self.crop(row["text"]),
            [tag for tag in row["labels"] if "TODO" not in tag][:6],
            [tag for tag in self.tags if tag not in row["labels"]],
            PROMPTS,
        )

    def from_section(self):
        row = self.rng.choice(self.sections)
        own = row["labels"][0]
        return (
            self.crop(row["text"]),
            [SECTIONS[own]],
            [name for key, name in SECTIONS.items() if key != own],
            PROMPTS,
        )

    def from_hate(self):
        row = self.rng.choice(self.hate)
        own = row["labels"][0]
        positives = {
            "neither": ["inoffensive"],
            "hate speech": ["hate speech"],
            "offensive language": ["offensive language"],
        }[own]
        return (
            row["text"],
            positives,
            [n for n in ("inoffensive", "hate speech", "offensive language") if n not in positives],
            PROMPTS,
        )

    def from_nli(self):
        row = self.rng.choice(self.nli)
        true = row["label"] == "entailment"
        return (
            row["premise"],
            [row["hypothesis"]] if true else [],
            [] if true else [row["hypothesis"]],
            ["Does the text say this? "],
        )

    # shaping

    def others(self, pool, forbidden, count):
        return [label for label in self.rng.choices(pool, k=count) if label not in forbidden]

    def some(self, pool, counts):
        return self.rng.sample(pool, min(len(pool), self.rng.choice(counts)))

    def crop(self, text, limit=4):
        """One to `limit` consecutive sentences; the start of the text half of the time."""
        rng = self.rng
        sentences = re.split(r"(?<=[.!?])\s+", text)
        count = rng.randint(1, limit)
        start = 0 if rng.random() < 0.6 else rng.randrange(max(1, len(sentences) - count + 1))
        return " ".join(sentences[start : start + count])[:1200]

    def short(self, text, sentences, characters):
        return " ".join(re.split(r"(?<=[.!?])\s+", text)[:sentences])[:characters]

    def draw(self):
        rng = self.rng
        name = rng.choices(self.names, self.weights)[0]
        text, positives, negatives, prompts = getattr(self, "from_" + name)()
        positives, negatives = list(dict.fromkeys(positives)), list(dict.fromkeys(negatives))
        rng.shuffle(negatives)
        want = min(30, 1 + int(rng.expovariate(1 / 6.0)))
        if name in FEELING:
            want = 9 if rng.random() < 0.9 else 2
        elif name in ("clinc", "debtags", "request") and rng.random() < 0.4:
            want = rng.randint(30, 100)
        elif rng.random() < (0.4 if name == "topic" else 0.15):
            want = rng.randint(15 if name == "topic" else 20, 60)
        if rng.random() < (0.5 if want == 1 else 0.05) and negatives:  # none of the labels is true
            positives = []
        positives = positives[: max(1, want)]
        negatives = [n for n in negatives if n not in positives][
            : max(want - len(positives), 0 if positives else 1)
        ]
        if rng.random() < 0.12:  # a label from elsewhere
            negatives += [
                n for n in self.others(self.lemmas, set(positives), 2) if n not in negatives
            ]
        labels = [(label, 1.0) for label in positives] + [(label, 0.0) for label in negatives]
        if not labels:
            return self.draw()
        if name not in ("wiki_description", "nli") and rng.random() < 0.05:
            labels = self.reworded(labels)
        rng.shuffle(labels)
        names = [label for label, _ in labels]
        if name not in ("wiki_description", "nli") and rng.random() < 0.2:
            template = rng.choice(TEMPLATES)
            names = [template.format(n) for n in names]
        if rng.random() < 0.07:
            names = [n.upper() if rng.random() < 0.3 else n.title() for n in names]
        row = {"text": text, "labels": names, "targets": [target for _, target in labels]}
        if rng.random() < 0.1:
            row["prompt"] = rng.choice(prompts)
        if rng.random() < 0.04 and name in (
            "clinc",
            "emotion",
            "sentiment",
            "pattern_topic",
            "opinion",
        ):
            row["examples"] = self.examples(name, row)
        return row

    def reworded(self, labels):
        """One label denied, or two joined by "or" or "and"."""
        rng, labels = self.rng, list(labels)
        label, true = labels.pop(rng.randrange(len(labels)))
        if not labels or rng.random() < 0.5:
            return labels + [
                (rng.choice(("not {}", "not about {}", "anything but {}")).format(label), 1 - true)
            ]
        other, too = labels.pop(rng.randrange(len(labels)))
        word = rng.choice(("or", "and"))
        both = max(true, too) if word == "or" else min(true, too)
        return labels + [(f"{label} {word} {other}", both)]

    def examples(self, name, row):
        """One or two texts of the same source, each with those of the row's labels it has."""
        found, given = [], set(row["labels"])
        for _ in range(60):
            text, positives, _, _ = getattr(self, "from_" + name)()
            true = [p for p in positives if p in given]
            if true:
                found.append({"text": text, "labels": true})
            if len(found) == 1 + (self.rng.random() < 0.5):
                break
        return found[:2]

    def draw_soft(self, memo):
        """A text of any source with labels from the memo; targets are the teacher's."""
        text, positives = self.soft_text(memo)
        labels = [label for label in positives[:2] if label in memo]
        labels = list(dict.fromkeys(labels + self.soft_labels(memo, labels)))
        self.rng.shuffle(labels)
        return {"text": text, "labels": labels, "soft": True}

    def soft_text(self, memo):
        """-> text, labels that may be right"""
        rng = self.rng
        draw = rng.random()
        if draw < 0.08:
            return self.crop(rng.choice(self.passages), rng.choice((2, 4, 12))), []
        if draw < 0.20:  # paragraphs that follow one another
            first = rng.randrange(len(self.passages))
            return "\n\n".join(self.passages[first : first + rng.randint(2, 6)]), []
        if draw < 0.30:  # comments as if of one talk
            comments = rng.choices(self.emotions, k=rng.randint(2, 10))
            return rng.choice((" ", "\n")).join(r["text"] for r in comments), []
        if draw < 0.46:  # answers to posts, comments among them
            topics = rng.sample(catalogue.TOPICS, rng.choice((1, 1, 2)))
            parts = [catalogue.thread(topic, rng) for topic in topics]
            parts += [r["text"] for r in rng.choices(self.emotions, k=rng.choice((0, 0, 1, 3)))]
            rng.shuffle(parts)
            return "\n".join(parts), [topics[0]["topic"]]
        if draw < 0.52:
            return rng.choice(self.descriptions + self.topics)["text"], []
        if draw < 0.57:  # names of like things
            anchor, between = rng.choice(memo.strings), rng.choice((", ", " ", ". ", "\n"))
            like = self.alike(anchor, rng.randint(2, 25), rng.choice((30, 200)))
            return between.join([anchor, *like]), [anchor]
        source = rng.choices(self.names, self.weights)[0]
        return getattr(self, "from_" + source)()[:2]

    def soft_labels(self, memo, right):
        """Strings of the memo; a name of `right` may be what they are like."""
        rng = self.rng
        count = 3 + min(20, int(rng.expovariate(1 / 6.0)))
        if rng.random() < 0.3:
            count = rng.randint(25, 90)
        draw = rng.random()
        if draw < 0.15:
            return rng.sample(self.intents, min(count, len(self.intents)))
        if draw < 0.6:  # like labels together
            anchor = right[0] if right and rng.random() < 0.5 else rng.choice(memo.strings)
            return self.alike(anchor, count, rng.choice((100, 400, 1500)))
        return [memo.strings[rng.randrange(len(memo.strings))] for _ in range(count)]
