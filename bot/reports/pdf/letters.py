"""Letters: a text as the fonts at hand can print it, with what they have no glyph for named instead of lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import groupby

OPEN, CLOSE = "⟨", "⟩"
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# They only choose between the coloured and the plain form of the character before them.
SELECTORS = re.compile("(?<=\\S)[\ufe0e\ufe0f]")
JOINERS = "\u200c\u200d"
MOST_NAME = 40
TAB = "    "


def printable(text: str, glyphs: Collection[int]) -> str:
    """The text with line ends as newlines and every character that cannot be seen or printed written out.

    >>> ascii_only = range(32, 127)
    >>> printable("up \U0001f680 and \u4e2d\u6587", ascii_only)
    'up ⟨rocket⟩ and ⟨4E2D 6587⟩'
    >>> printable("a\u202eb\u200bc", range(0x10000))
    'a⟨202E⟩b⟨200B⟩c'
    """
    if text.isascii() and text.isprintable():
        return text
    text = SELECTORS.sub("", LINE_ENDS.sub("\n", text)).replace("\t", TAB)
    shown = [_shows(text, place, glyphs) for place in range(len(text))]
    parts = []
    for is_shown, run in groupby(zip(text, shown, strict=True), key=lambda pair: pair[1]):
        characters = "".join(character for character, _ in run)
        parts.append(characters if is_shown else _named(characters))
    return "".join(parts)


def needs_shaping(text: str) -> bool:
    """Whether letters join, change their order or sit on top of each other: Arabic, Hebrew, combining marks."""
    if text.isascii():
        return False
    return any(
        unicodedata.combining(character) or unicodedata.bidirectional(character) in ("R", "AL", "AN")
        for character in text
    )


def is_right_to_left(text: str) -> bool:
    """Whether a paragraph begins at the right: its first letter with a direction decides.

    >>> is_right_to_left("(1) שלום, Ada"), is_right_to_left("Ada: שלום")
    (True, False)
    """
    strong = (unicodedata.bidirectional(character) for character in text)
    return next((each for each in strong if each in ("L", "R", "AL")), "L") != "L"


def _shows(text: str, place: int, glyphs: Collection[int]) -> bool:
    character = text[place]
    if character == "\n":
        return True
    if character in JOINERS:
        return 0 < place < len(text) - 1 and _joins(text[place - 1]) and _joins(text[place + 1])
    kind = unicodedata.category(character)
    return kind[0] != "C" and kind not in ("Zl", "Zp") and ord(character) in glyphs


def _joins(character: str) -> bool:
    return unicodedata.bidirectional(character) == "AL"


def _named(characters: str) -> str:
    """Symbols by their names, spaces as a space, everything else by code point, those in a row in one pair of brackets.

    >>> _named("\U0001f600\ue000\ue001"), _named("\u2003")
    ('⟨grinning face⟩⟨E000 E001⟩', ' ')
    """
    parts = []
    for word, run in groupby(characters, key=_word):
        count = list(run)
        if word:
            parts += [word] * len(count)
        else:
            parts.append(f"{OPEN}{' '.join(f'{ord(character):04X}' for character in count)}{CLOSE}")
    return "".join(parts)


def _word(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Zs":
        return " "
    name = unicodedata.name(character, "").lower()
    return f"{OPEN}{name}{CLOSE}" if kind in ("So", "Sk") and 0 < len(name) <= MOST_NAME else ""
