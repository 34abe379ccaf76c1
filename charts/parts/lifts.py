"""Lifts of many rows on one scale around zero: a bar for the interval, an arrow where it goes on beyond the picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from charts import style
from charts.canvas import round_ticks
from charts.letters import text_width
from charts.parts.amounts import tick_words
from experiments.pictures.portfolio import Lift
from experiments.readout import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FARTHEST, USUAL = 5.0, 2.0  # times the usual reach: where a lift runs out of the picture, and where its interval does
BETWEEN = 18


class Scale(NamedTuple):
    """Which lifts lie within `width` pixels from `left` on."""

    low: float
    high: float
    left: float
    width: float

    def across(self, value: float) -> float:
        """Where on the card a lift lies; those beyond lie on the edge."""
        held = min(max(value, self.low), self.high)
        return self.left + self.width * (held - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Where round lifts lie and how they read, so few that their words stay apart."""
        places, words = [0.0], ["0"]
        for about in (5, 4, 3, 2):
            places = round_ticks(self.low, self.high, about)
            said = tick_words([place * 100 for place in places], signed=True, after=" %")
            words = [each if place else "0" for place, each in zip(places, said, strict=True)]
            ends = [(self.across(place), text_width(each, style.SMALL) / 2)
                    for place, each in zip(places, words, strict=True)]  # fmt: skip
            if all(x + half + BETWEEN <= after - its_half for (x, half), (after, its_half) in pairwise(ends)):
                break
        return [(self.across(place), each) for place, each in zip(places, words, strict=True)]


def scale_of(lifts: Sequence[Lift | None], left: float, width: float) -> Scale:
    """All lifts with their intervals and zero fit; one far beyond the others runs out."""
    rows = [[end for end in (each.value, each.interval.lower, each.interval.upper) if end is not None]
            for each in lifts if each and each.value is not None and each.interval]  # fmt: skip
    usual = median([max(map(abs, ends)) for ends in rows]) if rows else 0.0
    most = max([USUAL * usual, *(1.1 * min(abs(ends[0]), FARTHEST * usual) for ends in rows)])
    held = [0.0, *(min(max(end, -most), most) for ends in rows for end in ends)]
    low, high = min(held), max(held)
    if not high - low > 0:
        low, high = -0.01, 0.01
    spare = (high - low) * 0.05
    return Scale(low - spare, high + spare, left, width)


class _Row(NamedTuple):
    y: float
    value: float
    low: float
    high: float
    colour: str


def lifts_on(board: Axes, lifts: Sequence[tuple[float, Lift | None]], scale: Scale) -> None:
    """Lifts at their heights: filled where the interval is clear of zero, a square where it is below it."""
    rows = [_row(y, each.value, each.interval, scale) for y, each in lifts
            if each and each.value is not None and each.interval]  # fmt: skip
    board.hlines([row.y for row in rows], [scale.across(row.low) for row in rows],
                 [scale.across(row.high) for row in rows], colors=[row.colour for row in rows], linewidths=3.6,
                 linestyles="solid", zorder=2, label="lift intervals")  # fmt: skip
    beyond = [("<", scale.low, [row for row in rows if row.low < scale.low]),
              (">", scale.high, [row for row in rows if row.high > scale.high])]  # fmt: skip
    for marker, edge, some in beyond:
        board.scatter([scale.across(edge)] * len(some), [row.y for row in some], s=70, marker=marker, edgecolors="none",
                      facecolors=[row.colour for row in some], zorder=4, label=f"goes on {marker}")  # fmt: skip
    for marker, colour in (("o", style.BLUE), ("s", style.ORANGE), ("o", style.MUTED)):
        some = [row for row in rows if row.colour == colour and scale.low <= row.value <= scale.high]
        board.scatter([scale.across(row.value) for row in some], [row.y for row in some], s=62, marker=marker,
                      facecolors=style.CARD if colour == style.MUTED else colour, edgecolors=colour, linewidths=2,
                      zorder=3, label=f"lifts {colour}")  # fmt: skip


def _row(y: float, value: float, interval: Interval, scale: Scale) -> _Row:
    """An open end lies beyond the scale."""
    spare = scale.high - scale.low
    low = scale.low - spare if interval.lower is None else interval.lower
    high = scale.high + spare if interval.upper is None else interval.upper
    clear = interval.lower is not None and interval.lower > 0
    worse = interval.upper is not None and interval.upper < 0
    return _Row(y, value, low, high, style.BLUE if clear else style.ORANGE if worse else style.MUTED)
