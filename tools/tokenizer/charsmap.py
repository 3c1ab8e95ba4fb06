"""Builds SentencePiece's precompiled_charsmap: a length, a Darts-clone double array, replacements.

Format: google/sentencepiece, src/normalizer.cc; s-yata/darts-clone for the units.
"""

import struct
import unicodedata


def unit(label, offset, has_value):
    assert 0 <= offset < 1 << 21
    return offset << 10 | has_value << 8 | label


def pack(units, replacements):
    units += [0] * (-len(units) % 256)
    return struct.pack(f"<{len(units) + 1}I", 4 * len(units), *units) + replacements


def charsmap(rules):
    """Rules as {text: replacement}, no text empty."""
    root, replacements, places = {}, bytearray(), {}
    for key, value in sorted(rules.items()):
        if value not in places:
            places[value] = len(replacements)
            replacements += value.encode() + b"\0"
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[0] = places[value]
    used, bases, units = {0}, set(), {}
    first = 1

    def place(labels):
        nonlocal first
        while first in used:
            first += 1
        base = first ^ min(labels)
        while base in bases or any(base ^ label in used for label in labels):
            base += 1
        bases.add(base)
        used.update(base ^ label for label in labels)
        return base

    base = place(root)
    units[0] = unit(0, base, False)
    waiting = [(root, base)]
    while waiting:
        node, base = waiting.pop()
        for label, child in node.items():
            if label == 0:
                units[base] = 1 << 31 | child
                continue
            position = base ^ label
            child_base = place(child)
            units[position] = unit(label, position ^ child_base, 0 in child)
            waiting.append((child, child_base))
    return pack([units.get(i, 0) for i in range(max(units) + 1)], bytes(replacements))


def two_characters(replacement):
    """A map of all texts of two characters, none of them U+0000: states of an automaton, not a tree.

    Each state has a block of 256 units, in which its edges lie; any number of them may share a
    target.
    """
    first, second, end = 1, 5, 9  # states: a character begins; +1 to +3 that many bytes to come
    units = [0] * (10 * 256)

    def edge(state, label, target):
        position = state * 256 ^ label
        units[position] = unit(label, position ^ target * 256, target == end)

    units[0] = unit(0, first * 256, False)
    for begin, after in ((first, second), (second, end)):
        for byte in range(1, 0x80):
            edge(begin, byte, after)
        for byte in range(0xC2, 0xF5):
            edge(begin, byte, begin + (1 if byte < 0xE0 else 2 if byte < 0xF0 else 3))
        for left in (1, 2, 3):
            for byte in range(0x80, 0xC0):
                edge(begin + left, byte, begin + left - 1 if left > 1 else after)
    units[end * 256] = 1 << 31
    return pack(units, replacement.encode() + b"\0")


def nfkc(points):
    """Rules like those of SentencePiece's nmt_nfkc: NFKC, white space as spaces, controls gone."""
    rules = {}
    for point in points:
        text = chr(point)
        if 0xD800 <= point < 0xE000 or point == 0:
            continue
        if text in "\t\n\r\u2028\u2029\u200b" or unicodedata.category(text) == "Zs":
            replacement = " "
        elif unicodedata.category(text) == "Cc" or point in (0xAD, 0x200E, 0xFEFF):
            replacement = ""
        else:
            replacement = unicodedata.normalize("NFKC", text)
        if replacement != text:
            rules[text] = replacement
    # Clusters, as SentencePiece's table has them for what NFKC composes.
    for letter in "aeiounAEIOU":
        for mark in "\u0300\u0301\u0303\u0308":
            composed = unicodedata.normalize("NFKC", letter + mark)
            if len(composed) == 1:
                rules[letter + mark] = composed
    return rules
