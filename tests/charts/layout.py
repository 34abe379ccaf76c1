"""Where the words of a drawn card stand: which of them cover each other, and which leave the card."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from charts.canvas import Card, text_width

SHIFT = {"left": 0.0, "center": 0.5, "right": 1.0}


class Box(NamedTuple):
    text: str
    left: float
    top: float
    right: float
    bottom: float


def boxes(card: Card) -> list[Box]:
    """The letters of every line of words, between the tops of small letters and the baseline."""
    found = []
    for each in (*card.words, *card.tick_labels()):
        width = text_width(each.text, each.size, each.bold)
        left = each.x - SHIFT[each.align] * width
        found.append(Box(each.text, left, each.y - 0.6 * each.size, left + width, each.y))
    return found


def covering(card: Card) -> list[tuple[str, str]]:
    """Pairs of words that cover each other."""
    return [
        (one.text, other.text)
        for one, other in combinations(boxes(card), 2)
        if one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom
    ]


def outside(card: Card) -> list[str]:
    """Words that leave the card."""
    return [
        each.text
        for each in boxes(card)
        if each.left < 0 or each.right > card.width or each.top < 0 or each.bottom > card.height - 6
    ]
