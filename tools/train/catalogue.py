"""Rows we write ourselves: posts on several hundred topics, customers' requests by intent.

topics.jsonl and requests.jsonl are ours (Apache-2.0), written for this without a look at an
evaluation set. A topic has other names, broader subjects, terms that tell it from its neighbours,
passages and longer posts about it; a request has a domain, an intent and messages that mean it.
"""

import json
import os
import textwrap


def lines(name):
    path = os.path.join(os.path.dirname(__file__), name)
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


TOPICS = lines("topics.jsonl")
REQUESTS = lines("requests.jsonl")
DOMAINS = {}
for request in REQUESTS:
    DOMAINS.setdefault(request["domain"], []).append(request)

MENTIONS = (
    "I was reading about {} and {}.",
    "{}, {}",
    "does anyone here know more about {} or {}?",
    "It is the old question of {} against {}.",
    "see also {} and {}",
    "We talked about {}, and then {} came up.",
    "Re: {} ({})",
    "{}? I would rather have {}.",
)
FILLERS = (
    "Thanks in advance.",
    "Any help would be appreciated.",
    "Please reply by email, I do not read this every day.",
    "Just my two cents.",
    "Sorry if this has been asked before.",
    "That is all I know about it.",
    "I may be wrong, of course.",
    "Hi all,",
    "Hello everyone.",
    "Let me know what you think.",
    "You have missed my point entirely.",
    "I could not disagree more.",
    "Well, I tried that last week.",
    "Follow-ups welcome.",
)
LENGTHS = (1, 1, 1, 2, 2, 3, 4, 6, 9)  # passages in a post
WRITERS = (
    ("Anna Keller", "akeller@example.com"),
    ("D. Osei", "osei@dept.example.edu"),
    ("Marek Nowak", "marek@host.example.org"),
    ("Priya R.", "priya.r@mail.example"),
    ("J. T. Lindqvist", "jtl@lab.example.edu"),
    ("Tom B", "tomb@example.net"),
    ("Carmen Ruiz", "cruiz@news.example.com"),
    ("Lee Sung", "sung@cs.example.edu"),
)
WROTE = (
    "{name} wrote:",
    "{name} <{address}> writes:",
    "On Tuesday {name} wrote:",
    "In article <{number}@example.com>, {address} ({name}) writes:",
    "Quoting {name}:",
    "{address} said:",
)
SIGNATURES = (
    "-- \n{name}\n{address}",
    "{name}",
    "--\n{name} | {address}",
    "Regards,\n{name}",
    "/{name}",
)


def post(topic, rng):
    """A text on one topic: a post, or some passages, sometimes its terms, sometimes filler."""
    if topic["posts"] and rng.random() < 0.35:
        return rng.choice(topic["posts"])
    parts = rng.sample(topic["sentences"], min(rng.choice(LENGTHS), len(topic["sentences"])))
    for chance, make in ((0.3, lambda: mention(topic, rng)), (0.3, lambda: rng.choice(FILLERS))):
        if rng.random() < chance:
            parts.insert(rng.randint(0, len(parts)), make())
    if rng.random() < 0.08:
        parts = [mention(topic, rng) for _ in range(rng.randint(1, 4))]
    return rng.choice((" ", " ", "\n")).join(parts)


def thread(topic, rng):
    """Posts on one topic as mail shows an answer: lines quoted, a signature under it."""
    parts = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        (name, address), mark = rng.choice(WRITERS), rng.choice(("> ", ">", ": ", "| "))
        number = rng.randrange(10**6)
        parts.append(rng.choice(WROTE).format(name=name, address=address, number=number))
        quoted = textwrap.wrap(post(topic, rng), rng.randint(40, 76))
        parts += [mark + line for line in quoted[: rng.randint(2, 14)]]
        parts += ["", textwrap.fill(post(topic, rng), 74), ""]
    if rng.random() < 0.6:
        name, address = rng.choice(WRITERS)
        parts.append(rng.choice(SIGNATURES).format(name=name, address=address))
    return "\n".join(parts)


def mention(topic, rng):
    return rng.choice(MENTIONS).format(*rng.sample(topic["terms"], 2))


def topic_names(topic):
    return [topic["topic"], *topic["other_names"], topic["description"], *topic["broader"]]


def topic_name(topic, rng):
    draw = rng.random()
    if draw < 0.6:
        return topic["topic"]
    if draw < 0.9:
        return rng.choice(topic["other_names"])
    return topic["description"]


def topic_row(rng, related):
    """`related(topic)`: names too close to one of the topic's to be wrong. -> text, positives,
    negatives"""
    places = rng.sample(range(len(TOPICS)), 2 if rng.random() < 0.2 else 1)
    chosen = [TOPICS[place] for place in places]
    write = thread if rng.random() < 0.2 else post
    text = " ".join(write(topic, rng) for topic in chosen)
    positives = [topic_name(topic, rng) for topic in chosen]
    if rng.random() < 0.3:
        positives.append(rng.choice(chosen[0]["broader"]))
    close = {name for topic in chosen for name in (*topic_names(topic), *related(topic))}
    pool = TOPICS
    if rng.random() < 0.5:  # its neighbours in the file, which are of like subjects
        pool = TOPICS[max(0, places[0] - 30) : places[0] + 31]
    others = [topic for topic in pool if topic["topic"] not in close]
    return text, positives, [n for t in others if (n := topic_name(t, rng)) not in close]


def request_row(rng):
    """-> text, positives, negatives"""
    own = rng.choice(REQUESTS)
    kin = [r for r in DOMAINS[own["domain"]] if r is not own]
    far = rng.sample(REQUESTS, rng.choice((0, 0, 10, 60)))
    others = kin + [r for r in far if r["domain"] != own["domain"]]
    text = rng.choice(own["utterances"])
    if rng.random() < 0.25:  # a label says by an example what is wanted
        name = lambda r: rng.choice([u for u in r["utterances"] if u != text])
    else:
        name = lambda r: request_name(r, rng)
    if rng.random() < 0.05:
        return text, [], [name(r) for r in others if r["domain"] != own["domain"]] or [name(kin[0])]
    return text, [name(own)], [name(r) for r in others]


def request_name(request, rng):
    draw = rng.random()
    if draw < 0.65:
        return request["intent"]
    return rng.choice(request["other_names"]) if draw < 0.9 else request["description"]


def label_strings():
    names = {name for topic in TOPICS for name in topic_names(topic)}
    for topic in TOPICS:
        names.update(topic["terms"])
    for request in REQUESTS:
        names.update((request["intent"], *request["other_names"], request["description"]))
    return names
