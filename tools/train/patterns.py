"""Rows we write ourselves: everyday topics, from the small hand-written lexicon.json.

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
NEWSPAPER = LEXICON["newspaper"]
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


def newspaper_row(rng):
    """A sentence or two on one topic, the sections of a newspaper as labels."""
    own = rng.choice(list(NEWSPAPER))
    _, _, subjects, predicates = TOPICS[rng.choice(NEWSPAPER[own]["topics"])]
    text = " ".join(
        rng.choice(OPENERS)
        + rng.choice(subjects)
        + " "
        + rng.choice(predicates)
        + rng.choice(CLOSERS)
        for _ in range(1 + (rng.random() < 0.4))
    )
    name = lambda section: rng.choice(NEWSPAPER[section]["names"])
    return text, [name(own)], [name(section) for section in NEWSPAPER if section != own]
