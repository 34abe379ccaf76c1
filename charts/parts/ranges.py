"""Rows of intervals: a bar from end to end with its value, an arrow where it goes on beyond the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from charts import style
from charts.canvas import Card, round_ticks, ticks
from charts.letters import text_width
from charts.parts.courses import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Labels: TypeAlias = Callable[[Sequence[float]], list[str]]
"""How the numbers of an axis are written."""

OUTLYING = 4.0
TICK_GAP = 24
TOO_WIDE = 15.0
FEW_POWERS, MOST_POWERS = 3, 5
HIDDEN = 34  # pixels below which a full-sized marker would hide its interval
CAP = 9.0  # pixels above and below the bar


class Range(NamedTuple):
    """An interval in the row whose middle is `y` pixels below the top of the axes; an end that is None is open."""

    y: float
    value: float | None
    lower: float | None
    upper: float | None
    look: Look


class Place(NamedTuple):
    """Where the axes stand on the card, in pixels."""

    left: float
    top: float
    width: float
    height: float


def ranges_on(
    card: Card,
    place: Place,
    rows: Sequence[Range],
    labels: Labels,
    *,
    zero: bool = False,
    at: float | None = None,
    log: bool = False,
) -> Axes:
    """Axes with these rows; with `zero` around the line of nothing, `at` another upright line, dashed; in powers of ten
    where `log`, which only values above zero can be."""
    axes = card.axes(*place)
    axes.set_ylim(place.height, 0)
    low, high = _reach(rows, [each for each in (0.0 if zero else None, at) if each is not None])
    if log:
        axes.set_xscale("log")
        low = max(low, min(row.value for row in rows if row.value) / 2)
    axes.set_xlim(low, high)
    places = decades(low, high) if log else round_places(low, high, place.width, labels)
    ticks(axes.xaxis, places, labels(places))
    axes.vlines(places, 0, place.height, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    if zero:
        axes.vlines([0.0], 0, place.height, colors=style.INK, linewidths=2, linestyles="solid", zorder=1, label="zero")
    if at is not None:
        axes.vlines([at], 0, place.height, colors=style.INK, linewidths=2, linestyles=(0, (4, 3)), zorder=1,
                    label="mark")  # fmt: skip
    _bars(axes, rows, low, high)
    for row in rows:
        if row.value is not None and low <= row.value <= high:
            slim = _pixels(axes, row) < HIDDEN
            axes.plot([row.value], [row.y], marker=row.look.marker, markersize=6 if slim else 11, color=row.look.colour,
                      markerfacecolor=row.look.colour, markeredgecolor=row.look.colour, markeredgewidth=0,
                      linestyle="none", zorder=4, label="value")  # fmt: skip
    return axes


def _reach(rows: Sequence[Range], others: Sequence[float]) -> tuple[float, float]:
    """The scale: all values fit, an interval far wider than the rest does not flatten them."""
    values = [middle for row in rows if (middle := _middle(row)) is not None] + list(others)
    finite = [(row.lower, row.upper) for row in rows if row.lower is not None and row.upper is not None]
    ends = [end for row in rows for end in (row.lower, row.upper) if end is not None]
    usual = median([upper - lower for lower, upper in finite]) if finite else 0.0
    known = values or [median(ends)] if ends or values else [0.0]
    room = OUTLYING * usual if usual else math.inf
    held = [min(max(end, min(known) - room), max(known) + room) for end in ends]
    low, high = min([*known, *held]), max([*known, *held])
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        spare = abs(high) * 0.1 or 1.0
        return low - spare, high + spare
    spare = (high - low) * 0.06
    return low - spare, high + spare


def _middle(row: Range) -> float | None:
    if row.value is None and row.lower is not None and row.upper is not None:
        return row.lower + (row.upper - row.lower) / 2
    return row.value


def _pixels(axes: Axes, row: Range) -> float:
    if row.lower is None or row.upper is None:
        return math.inf
    low, high = axes.get_xlim()
    (start, _), (end, _) = axes.transData.transform([(max(row.lower, low), 0.0), (min(row.upper, high), 0.0)])
    return float(end - start)


def is_wide(rows: Sequence[Range]) -> bool:
    """Whether only powers of ten show all of these."""
    values = [row.value for row in rows if row.value is not None]
    return bool(values) and min(values) > 0 and max(values) / min(values) > TOO_WIDE


def decades(low: float, high: float, most: int = MOST_POWERS) -> list[float]:
    """One, two and five of every power of ten; the powers alone where they are many, about `most` of them."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(powers) <= FEW_POWERS else (1,)
    apart = max(1, math.ceil(len(powers) / most))
    places = [step * 10.0**power for power in powers[::apart] for step in steps]
    return [place for place in places if low <= place <= high]


def round_places(low: float, high: float, width: float, labels: Labels, most: int = 7) -> list[float]:
    """Round ticks, at most about so many, that their labels stay apart."""
    for about in range(most, 2, -1):
        places = round_ticks(low, high, about)
        if sum(text_width(label, style.SMALL) + TICK_GAP for label in labels(places)) <= width:
            return places
    return round_ticks(low, high, 2)[:2]


def _bars(axes: Axes, rows: Sequence[Range], low: float, high: float) -> None:
    """All bars, their caps and the arrows of those that go on: one artist of each."""
    drawn = [row for row in rows if row.lower is not None or row.upper is not None]
    if not drawn:
        return
    spans = [(_held(row.lower, low, high, low), _held(row.upper, low, high, high)) for row in drawn]
    heights, colours = [row.y for row in drawn], [row.look.colour for row in drawn]
    axes.hlines(heights, [each[0] for each in spans], [each[1] for each in spans], colors=colours, linewidths=4,
                linestyles="solid", zorder=3, label="intervals")  # fmt: skip
    caps = [(end, row) for row in drawn for end in (row.lower, row.upper) if end is not None and low <= end <= high]
    axes.vlines([end for end, _ in caps], [row.y - CAP for _, row in caps], [row.y + CAP for _, row in caps],
                colors=[row.look.colour for _, row in caps], linewidths=3, linestyles="solid", zorder=3,
                label="ends")  # fmt: skip
    for end, marker in ((low, "<"), (high, ">")):
        beyond = [row for row in drawn if _goes_on(row, end, marker)]
        for row in beyond:
            axes.plot([end], [row.y], marker=marker, markersize=11, color=row.look.colour, markeredgewidth=0,
                      linestyle="none", clip_on=False, zorder=4, label="goes on")  # fmt: skip


def _held(end: float | None, low: float, high: float, instead: float) -> float:
    return instead if end is None else min(max(end, low), high)


def _goes_on(row: Range, edge: float, marker: str) -> bool:
    end = row.lower if marker == "<" else row.upper
    return end is None or (end < edge if marker == "<" else end > edge)
