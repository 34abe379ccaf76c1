"""Names beside points, each where there is room for it, and none where there is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from charts import style
from charts.canvas import Card
from charts.letters import fit, text_width

GAP = 7
WIDEST = 300
TALL = style.SMALL * 1.2
UNDER = style.SMALL * 0.3


class Box(NamedTuple):
    """A part of the card in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


class Spot(NamedTuple):
    """A point of the card with its radius, and the words that belong to it; without words it is only in the way."""

    x: float
    y: float
    radius: float
    words: str = ""
    colour: str = style.INK


def call_out(
    card: Card, spots: Sequence[Spot], within: Box, hard: Sequence[Box] = (), soft: Sequence[Box] = (), insist: int = 0
) -> list[str]:
    """Writes the words of the spots, the first ones first, and returns those that found room.

    Nothing is written over points, other words and what is `hard`; over `soft` lines only the first `insist` spots,
    where there is no other room for them.
    """
    taken = [*hard, *(Box(x - r, y - r, x + r, y + r) for x, y, r, *_ in spots)]
    written = []
    for place, spot in enumerate(spots):
        if not (words := fit(spot.words, WIDEST, style.SMALL, bold=True)):
            continue
        wide = text_width(words, style.SMALL, bold=True)
        places = [(left, base, _box(left, base, wide)) for left, base in _places(spot, wide)]
        free = [each for each in places if within.holds(each[2]) and not any(each[2].meets(box) for box in taken)]
        clear = [each for each in free if not any(each[2].meets(box) for box in soft)]
        if best := clear[:1] or (free[:1] if place < insist else []):
            left, base, box = best[0]
            card.write(left, base, words, size=style.SMALL, bold=True, colour=spot.colour)
            taken.append(box)
            written.append(spot.words)
    return written


def _box(left: float, base: float, wide: float) -> Box:
    return Box(left, base - TALL + UNDER, left + wide, base + UNDER)


def _places(spot: Spot, wide: float) -> list[tuple[float, float]]:
    """Where words of this width can begin beside the point, and on which baseline: the best place first."""
    right, left = spot.x + spot.radius + GAP, spot.x - spot.radius - GAP - wide
    middle, above, below = spot.y + UNDER * 1.2, spot.y - spot.radius - GAP, spot.y + spot.radius + TALL
    return [
        *((right, middle), (left, middle), (right, above), (right, below), (left, above), (left, below)),
        *((spot.x - wide / 2, above), (spot.x - wide / 2, below)),
    ]
