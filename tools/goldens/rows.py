# The inputs of the goldens: texts, labels, task prompts and in-context examples, written for this file.
# Every text that tests a window is many windows long (the tiny models see 2 to 4 tokens each way).

LONG = (
    "The first tram of the day was late again, so the baker, two nurses and a man with a cello stood in "
    "the rain and compared excuses. At the river the driver stopped, counted to ten, and explained that "
    "the bridge would open for a barge loaded with gravel. Nobody complained. The cello player told a "
    "story about a concert in 1987 when the lights failed and the orchestra went on by memory. When the "
    "barge had passed, the bridge closed with a sigh; the nurses missed the shift change, the bread was "
    "sold before eight, and the concert hall, they learned later, had been a supermarket for years. "
    "By noon the rain had stopped, the timetable was posted with new numbers, and somebody had drawn a "
    "very small barge in the corner of it."
)

TEXT = "The service was slow and the soup arrived cold, but we'd still go back for the bread."

LABELS = ["food", "travel", "sport"]

SEVEN = ["politics", "health", "weather", "music", "science", "money", "trains"]

EXAMPLE = {"text": "Our train left late and nobody told us why.", "labels": ["travel", "complaint"]}

PLAIN = [
    {"name": "short", "text": TEXT, "labels": LABELS},
    {"name": "long", "text": LONG, "labels": ["transport", "weather report", "music", "cooking"]},
    {"name": "one label", "text": TEXT, "labels": ["negative"]},
    {"name": "two labels", "text": "He's sure they'll win.", "labels": ["positive", "negative"]},
    {"name": "seven labels", "text": LONG[:260], "labels": SEVEN},
    {"name": "seven labels, other order", "text": LONG[:260], "labels": SEVEN[3:] + SEVEN[:3]},
    {"name": "empty text", "text": "", "labels": LABELS},
]

STRINGS = [
    {"name": "spaces around and inside", "text": "  two  spaces,   three,\ttab\nline   end  ",
     "labels": ["leading", "trailing"]},
    {"name": "other scripts", "text": "nai\u0308ve cafe\u0301, na\u00efve caf\u00e9; \u4e16\u754c, \u041f\u0440\u0438\u0432\u0435\u0442 \U0001f600\U0001f44d\U0001f3fd \u0e20\u0e32\u0e29\u0e32",
     "labels": ["greeting", "\u4e16\u754c", "cafe\u0301"]},
    {"name": "labels with spaces and capitals", "text": TEXT,
     "labels": ["Customer Service", "FOOD: bread, soup", " padded ", "food"]},
]

PROMPTS = [
    {"name": "task prompt", "text": TEXT, "labels": LABELS,
     "prompt": "Classify the text by what the customer writes about: "},
    {"name": "empty prompt", "text": TEXT, "labels": LABELS, "prompt": ""},
]

EXAMPLES = [
    {"name": "one example", "text": TEXT, "labels": LABELS, "examples": [EXAMPLE]},
    {"name": "three examples and a prompt", "text": LONG[:120], "labels": SEVEN[:4],
     "prompt": "Choose every label that fits.", "examples": [
         EXAMPLE,
         {"text": "  Rain in the north ", "labels": ["weather"]},
         {"text": "It is late.", "labels": []},
     ]},
]

# Upstream matches markers inside user strings; Gliss does so only with --raw-control-tokens.
RAW = [
    {"name": "control tokens in the text", "text": "A <<LABEL>>fake [SEP] text <<SEP>> with [MASK] marks.",
     "labels": LABELS, "raw_control_tokens": True},
]

# WordPiece's normalizer deletes U+200B: a label of no tokens, so an empty span, so a zero vector.
NOTHING = [
    {"name": "a label of no tokens", "text": TEXT, "labels": ["food", "\u200b", "sport"]},
]

EVERY = PLAIN + STRINGS + PROMPTS + EXAMPLES + RAW
# For tokenizers of few merges, whose tokens of the long text would be more than the encoders' 512.
BRIEF = [row for row in EVERY if row is not PLAIN[1]]
SOME = [PLAIN[0], PLAIN[1], PLAIN[4], PLAIN[6], STRINGS[2], PROMPTS[0], *EXAMPLES]
FEW = [PLAIN[0], PLAIN[1], PLAIN[4], EXAMPLES[0]]
# For heads: what is around the text differs, and its length; the encoder is the other goldens' business.
HEADS = [PLAIN[0], PLAIN[4], PLAIN[2], EXAMPLES[1]]
