"""A strip of figures side by side, each with what it is measured by; a meter where it is a share of something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from charts import style
from charts.canvas import Card

PITCH, ROOM = 336, 300
METER = 9


class Figure(NamedTuple):
    """A caption, its value, and what it is measured by; `share` fills a meter of this colour, `mark` stands on it."""

    caption: str
    value: str
    under: str
    share: float | None = None
    mark: float | None = None
    colour: str = style.BLUE


def strip(card: Card, figures: Sequence[Figure], top: float) -> None:
    """At most four of them, the first baseline at `top`."""
    for place, each in enumerate(figures):
        left = style.MARGIN + place * PITCH
        card.write(left, top, each.caption, size=style.SMALL, colour=style.MUTED, width=ROOM)
        card.write(left, top + 37, each.value, size=style.HEADLINE, bold=True, width=ROOM, whole=True)
        if each.share is not None:
            card.box(left, top + 52, ROOM, METER, style.GRID)
            card.box(left, top + 52, max(2.0, ROOM * min(each.share, 1.0)), METER, each.colour)
        if each.mark is not None:
            card.box(left + ROOM * each.mark - 1.5, top + 48, 3, METER + 8, style.INK)
        card.write(left, top + 88, each.under, size=style.SMALL, colour=style.MUTED, width=ROOM, whole=True)
