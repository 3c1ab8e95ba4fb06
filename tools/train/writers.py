"""Rows we write ourselves (2): opinions, company news, feelings, news, from phrases.json.

Every phrase there is ours (Apache-2.0); none is taken from an evaluation set. The grammar is what
makes them useful: negation, contrast, "too ... to be ...", the second clause deciding, losses that
narrow and profits that fall.
"""

import json
import os

with open(os.path.join(os.path.dirname(__file__), "phrases.json"), encoding="utf-8") as file:
    PHRASES = json.load(file)

OPINIONS = ("film", "film", "film", "product", "product", "service")
FINANCE, FEELINGS, FRAMES = PHRASES["finance"], PHRASES["feelings"], PHRASES["frames"]
LEVELS = ("very negative", "negative", "neutral", "positive", "very positive")
# other names of the five, three or two levels, in that order
FIVE = [
    LEVELS,
    ("terrible", "bad", "average", "good", "excellent"),
    ("one star", "two stars", "three stars", "four stars", "five stars"),
    ("awful", "poor", "okay", "good", "great"),
    ("strongly negative", "slightly negative", "neutral", "slightly positive", "strongly positive"),
    tuple(level + " sentiment" for level in LEVELS),
    tuple(level + " review" for level in LEVELS),
]
THREE = [
    ("negative", "neutral", "positive"),
    ("negative", "neutral", "positive"),
    ("negative sentiment", "neutral sentiment", "positive sentiment"),
    ("bad", "neither good nor bad", "good"),
    ("unfavorable", "neutral", "favorable"),
    ("negative opinion", "no opinion", "positive opinion"),
    ("criticism", "plain statement", "praise"),
    ("the author dislikes it", "the author has no opinion", "the author likes it"),
    ("dissatisfied", "indifferent", "satisfied"),
]
THREE_FINANCE = [
    ("negative", "neutral", "positive"),
    ("negative", "neutral", "positive"),
    ("negative sentiment", "neutral sentiment", "positive sentiment"),
    ("bad news for the company", "neutral", "good news for the company"),
    ("bearish", "neutral", "bullish"),
    ("business is getting worse", "no change", "business is getting better"),
]
TWO = [(three[0], three[2]) for three in THREE] + [
    ("thumbs down", "thumbs up"),
    ("not recommended", "recommended"),
    ("complaint", "compliment"),
    ("hate", "love"),
    ("pessimistic", "optimistic"),
    ("unhappy customer", "happy customer"),
    ("negative review", "positive review"),
    ("negative feedback", "positive feedback"),
]
DEGREES = ("", "", "", "very ", "really ", "quite ", "so ", "rather ", "truly ", "surprisingly ")


def article(phrase):
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


class Opinion:
    """One review sentence of a level from 0 (very negative) to 4 (very positive)."""

    def __init__(self, rng):
        self.rng = rng
        self.words = PHRASES[rng.choice(OPINIONS)]

    def pick(self, key):
        return self.rng.choice(self.words[key])

    def subject(self):
        rng = self.rng
        if rng.random() < 0.5:
            return self.pick("parts")
        return rng.choice(("the ", "this ", "this ", "my new ", "the ")) + self.pick("nouns")

    def plural(self, subject):
        return subject.endswith("s") and not subject.endswith("ss") or "staff" in subject

    def be(self, subject):
        return self.rng.choice(("are", "were") if self.plural(subject) else ("is", "was", "is"))

    def clause(self, good):
        """A clause that says good (or bad) plainly, no full stop."""
        rng = self.rng
        own, other = ("good", "bad") if good else ("bad", "good")
        does, strange = ("does_good", "does_bad") if good else ("does_bad", "does_good")
        draw = rng.random()
        if draw < 0.22:
            subject = self.subject()
            return f"{subject} {self.be(subject)} {rng.choice(DEGREES)}{self.pick(own)}"
        if draw < 0.40:
            return f"{rng.choice(('the', 'this'))} {self.pick('nouns')} {self.pick(does)}"
        if draw < 0.50:
            noun = self.pick("nouns")
            return f"{article(self.pick(own))} and {self.pick(own)} {noun}"
        if draw < 0.58:
            noun = self.pick("nouns")
            return f"{article(self.pick(own))} {noun} that {self.pick(does)}"
        if draw < 0.66:  # denied
            subject = self.subject()
            denial = rng.choice(("not", "never", "not at all", "by no means", "far from"))
            word = self.pick(other)
            if denial == "not at all" and rng.random() < 0.5:
                return f"{subject} {self.be(subject)} not {word} at all"
            return f"{subject} {self.be(subject)} {denial} {word}"
        if draw < 0.71:
            pair = f"{self.pick(other)} nor {self.pick(other)}"
            subject = self.subject()
            return f"{subject} {self.be(subject)} neither {pair}"
        if draw < 0.76:
            subject = self.subject()
            verb = self.be(subject)
            if good:
                return f"there is nothing {self.pick('bad')} about {subject}"
            return rng.choice(
                (
                    f"{subject} {verb} too {self.pick('bad')} to be {self.pick('good')}",
                    f"there is nothing {self.pick('good')} about {subject}",
                    f"if only {subject} were as {self.pick('good')} as promised",
                )
            )
        if draw < 0.81:
            noun = self.pick("nouns")
            if good:
                return f"i have yet to find a more {self.pick('good')} {noun}"
            wanted, got = article(self.pick("good")), article(self.pick("bad"))
            return f"i expected {wanted} {noun} and got {got} one"
        if draw < 0.90:
            noun = self.pick("nouns")
            return rng.choice(GOOD_VERDICTS if good else BAD_VERDICTS).format(noun)
        return f"{self.pick(own)} , {self.pick(own)} and {self.pick(own)}"

    def sentence(self, level):
        rng = self.rng
        if level == 2:
            draw = rng.random()
            subject = f"{rng.choice(('the', 'this'))} {self.pick('nouns')}"
            if draw < 0.45:
                return f"{subject} {self.pick('plain')}"
            if draw < 0.8:
                return f"{subject} {self.pick('mixed')}"
            one, two = self.clause(True), self.clause(False)
            return f"{one}, {rng.choice(('but', 'yet', 'though'))} {two}, so i am of two minds"
        good, strong = level > 2, level in (0, 4)
        if strong:
            word = self.pick("great" if good else "awful")
            subject = self.subject()
            draw = rng.random()
            if draw < 0.4:
                text = f"{subject} {self.be(subject)} {word}"
            elif draw < 0.6:
                text = f"{word}! {self.clause(good)}"
            elif draw < 0.8:
                text = f"{self.clause(good)}, and {self.pick('parts')} {self.be('it')} {word}"
            else:
                text = f"{self.clause(good)}. {self.clause(good)}. simply {word}"
            return text
        text = self.clause(good)
        draw = rng.random()
        if draw < 0.18:
            joiner = rng.choice((", and ", ". ", "; ", " -- ", " because "))
            text = f"{text}{joiner}{self.clause(good)}"
        elif draw < 0.45:  # the other side is admitted, this one decides
            against = self.clause(not good)
            text = rng.choice(
                (
                    f"although {against}, {text}",
                    f"{against}, but {text}",
                    f"{against}. still, {text}",
                    f"{against}, yet in the end {text}",
                    f"some say that {against}, but for me {text}",
                    f"{text}, even though {against}",
                    f"{text}, even if {against}",
                    f"while {against}, {text}",
                )
            )
        return text


GOOD_VERDICTS = (
    "i loved this {}",
    "i can warmly recommend this {}",
    "you will not regret this {}",
    "i would buy this {} again",
    "best {} in years",
    "do not miss this {}",
    "i have no complaints about this {}",
    "this {} made my day",
    "what a {} , i want more of it",
    "this is how a {} should be",
    "everything about this {} feels right",
    "hats off to whoever made this {}",
    "could not be happier with this {}",
    "nobody should be without this {}",
)
BAD_VERDICTS = (
    "i hated this {}",
    "avoid this {}",
    "i would not wish this {} on anyone",
    "i want my money back for this {}",
    "save your money and skip this {}",
    "i can not recommend this {} to anybody",
    "this {} is a disappointment",
    "i regret this {}",
    "never again such a {}",
    "this {} could have been so much better",
    "nobody needs this {}",
    "what were they thinking when they made this {}",
    "if you like this {} , you have never seen a decent one",
    "i have seen better {}s in a bargain bin",
)
INTROS = (
    "",
    "",
    "",
    "",
    "in short, ",
    "honestly, ",
    "overall, ",
    "well, ",
    "to be fair, ",
    "all in all ",
    "i think ",
    "for me, ",
)


def finish(text, rng):
    draw = rng.random()
    if draw < 0.35:
        text = text[0].upper() + text[1:]
    return text + rng.choice((".", ".", " .", "!", "", ""))


def opinion_row(rng):
    """-> text, positives, negatives"""
    level = rng.choice((0, 1, 1, 1, 2, 3, 3, 3, 4))
    opinion = Opinion(rng)
    text = finish(rng.choice(INTROS) + opinion.sentence(level), rng)
    if rng.random() < 0.2:
        text += " " + finish(opinion.sentence(level), rng)
    draw = rng.random()
    if draw < 0.4:
        return text, *levels(rng.choice(FIVE), level)
    side = (0, 0, 1, 2, 2)[level]
    if draw < 0.7 or side == 1:
        return text, *levels(rng.choice(THREE), side)
    return text, *levels(rng.choice(TWO), side // 2)


def levels(names, index):
    return [names[index]], [n for i, n in enumerate(names) if i != index]


def sentiment_names(kind, rng):
    """Names for a text known to be "positive", "negative" or "neutral"."""
    side = ("negative", "neutral", "positive").index(kind)
    if side == 1 or rng.random() < 0.4:
        return levels(rng.choice(THREE), side)
    return levels(rng.choice(TWO), side // 2)


def amount(rng):
    value = rng.choice((f"{rng.uniform(0.2, 99):.1f}", f"{rng.randint(2, 900)}"))
    unit = rng.choice(("million", "mln", "m", "mn", "billion"))
    money = rng.choice(
        ("eur {} {}", "${} {}", "{} {} euros", "usd {} {}", "{} {} dollars", "gbp {} {}")
    )
    return money.format(value, unit)


def finance_row(rng):
    words = FINANCE
    side = rng.choice((0, 1, 1, 2))
    company = rng.choice(words["companies"])
    fill = lambda pattern: pattern.format(
        c=company,
        a=amount(rng),
        n=rng.choice((rng.randint(12, 99), rng.randint(100, 9000))),
        s=rng.randint(3, 30),
        p=f"{rng.uniform(1, 40):.1f} {rng.choice(('%', 'percent', 'pct'))}",
        t=rng.choice(words["towns"]),
    )
    if side == 1:
        parts = [fill(f) for f in rng.sample(words["facts"], 1 + (rng.random() < 0.3))]
        text = ". ".join(parts)
    elif rng.random() < 0.4:
        text = fill(rng.choice(words["good_news" if side == 2 else "bad_news"]))
        if rng.random() < 0.3:
            text += rng.choice((", ", ", while ", " as ")) + fill(rng.choice(words["facts"]))
    else:
        up_is_good = rng.random() < 0.7
        rises = (side == 2) == up_is_good
        if up_is_good:
            metric, verb = (
                rng.choice(words["good_metrics"]),
                rng.choice(words["up" if rises else "down"]),
            )
        else:
            metric = rng.choice(words["bad_metrics"])
            verb = rng.choice(words["wider" if rises else "narrower"])
        owner = f"{company}'s {metric}" if rng.random() < 0.5 else f"{metric} of {company}"
        change = rng.choice(
            (
                f"to {amount(rng)} from {amount(rng)}",
                f"by {rng.uniform(1, 60):.1f} {rng.choice(('%', 'percent', 'pct'))}",
                f"from {amount(rng)} to {amount(rng)}",
                f"by {rng.randint(2, 60)} {rng.choice(('%', 'percent'))} to {amount(rng)}",
                f"to {amount(rng)}",
            )
        )
        period, day = rng.choice(words["periods"]), rng.choice(("monday", "tuesday", "friday"))
        text = rng.choice(
            (
                f"{owner} {verb} {change} {period}",
                f"{period}, {owner} {verb} {change}",
                f"{company} said its {metric} {verb} {change} {period}",
                f"{company} said on {day} that {metric} {verb} {change}",
                f"{owner} {verb} {period}",
            )
        )
    text = finish(text, rng)
    if rng.random() < 0.15:  # the subject, not the tone
        return (
            text,
            [rng.choice(("business", "company news", "finance"))],
            [
                "sports",
                "politics",
                "travel",
                "health",
                "science",
                "entertainment",
                "religion",
                "weather",
            ],
        )
    return text, *levels(rng.choice(THREE_FINANCE), side)


def feeling_row(rng):
    kind = rng.choice(list(FEELINGS)[:6] * 3 + list(FEELINGS))
    words = FEELINGS[kind]
    if rng.random() < 0.75:
        text = rng.choice(FRAMES).format(rng.choice(words["adjectives"]))
        if rng.random() < 0.45:
            text += rng.choice((" because ", " , ", " and ", " when ", " since ")) + rng.choice(
                words["events"]
            )
    else:
        text = rng.choice(words["events"])
    index = rng.choice((0, 0, 0, 1, 2))
    name = lambda key: FEELINGS[key]["names"][min(index, len(FEELINGS[key]["names"]) - 1)]
    others = [k for k in FEELINGS if k != kind]
    return text, [name(kind)], [name(k) for k in others]
