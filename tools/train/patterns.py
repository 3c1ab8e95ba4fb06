"""Rows we write ourselves: everyday topics and sentiment, from the small hand-written lexicon.json.

Every phrase there is ours (Apache-2.0); none is taken from, or modelled on, an evaluation set.
"""

import json
import os

with open(os.path.join(os.path.dirname(__file__), "lexicon.json"), encoding="utf-8") as file:
    LEXICON = json.load(file)

# topic -> (other names, description, who or what, does what)
TOPICS = {
    name: (topic["other_names"], topic["description"], topic["subjects"], topic["predicates"])
    for name, topic in LEXICON["topics"].items()
}
OPENERS = LEXICON["openers"]
CLOSERS = LEXICON["closers"]
POSITIVE = LEXICON["positive"]
NEGATIVE = LEXICON["negative"]
MILD = LEXICON["mild"]
THINGS = LEXICON["things"]
LIKED = LEXICON["liked"]
HATED = LEXICON["hated"]
FACTS = LEXICON["facts"]
DEGREES = LEXICON["degrees"]
SENTIMENT_NAMES = LEXICON["sentiment_names"]


def topic_row(rng):
    """Sentences on one or two topics, topic names as labels. -> text, positives, negatives"""
    names = list(TOPICS)
    chosen = rng.sample(names, 2 if rng.random() < 0.3 else 1)
    parts = []
    for topic in chosen:
        _, _, subjects, predicates = TOPICS[topic]
        for _ in range(1 + (rng.random() < 0.3)):
            parts.append(
                rng.choice(OPENERS)
                + rng.choice(subjects)
                + " "
                + rng.choice(predicates)
                + rng.choice(CLOSERS)
            )
    return (
        " ".join(parts),
        [topic_name(t, rng) for t in chosen],
        [topic_name(t, rng) for t in names if t not in chosen],
    )


def topic_name(topic, rng):
    others, description, _, _ = TOPICS[topic]
    draw = rng.random()
    if draw < 0.6:
        return topic
    if draw < 0.85:
        return rng.choice(others)
    return f"{topic}: {description}" if draw < 0.93 else description


def sentiment_clause(kind, rng):
    thing = rng.choice(THINGS)
    draw = rng.random()
    if kind == "neutral":
        if draw < 0.6:
            return rng.choice(FACTS).format(thing)
        return f"{thing} was {rng.choice(MILD)}"
    own, other = (POSITIVE, NEGATIVE) if kind == "positive" else (NEGATIVE, POSITIVE)
    if draw < 0.4:
        return rng.choice(LIKED if kind == "positive" else HATED).format(thing)
    if draw < 0.75:
        return f"{thing} was {rng.choice(DEGREES)}{rng.choice(own)}"
    if draw < 0.9:
        denial = rng.choice(["not", "never", "hardly", "not at all", "by no means"])
        return f"{thing} was {denial} {rng.choice(other)}"
    article = "a" if rng.random() < 0.9 else "such a"
    return f"what {article} {rng.choice(own)} experience, {thing} was {rng.choice(own)}"


def sentiment_row(rng):
    """A short review. -> text, positives, negatives"""
    kind = rng.choice(["positive", "negative", "positive", "negative", "neutral"])
    text = sentiment_clause(kind, rng)
    if rng.random() < 0.4:
        text += rng.choice([" and ", ", ", ". ", "; "]) + sentiment_clause(kind, rng)
    elif kind != "neutral" and rng.random() < 0.3:
        other = "negative" if kind == "positive" else "positive"
        text = f"although {sentiment_clause(other, rng)}, {text}"
    text += rng.choice(["", ".", "!", " ."])
    return text, *sentiment_labels(kind, rng)


def sentiment_labels(kind, rng):
    kinds = ["positive", "negative"] + (
        ["neutral"] if kind == "neutral" or rng.random() < 0.5 else []
    )
    if rng.random() < 0.5:
        return [kind], [k for k in kinds if k != kind]
    index = rng.randrange(6)
    return [SENTIMENT_NAMES[kind][index]], [SENTIMENT_NAMES[k][index] for k in kinds if k != kind]
