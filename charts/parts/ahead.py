"""What lies ahead of running experiments: on one scale of days, how long they ran, and when they may be done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from charts import style
from charts.canvas import Card, ticks
from charts.letters import text_width
from experiments.pictures.active import Active

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STRIP, MARK = 58, 14  # pixels: the bars below the top of their row, and how far the marks of days reach from them
LEAST = 6  # pixels that a range of days has at least
SOONEST, FARTHEST = timedelta(days=10), timedelta(days=90)
PAST = 0.3  # of the time ahead is shown of the time behind
DAY_STEPS = (1, 2, 7, 14, 28, 56)
MOST_DATES = 4


class _Window(NamedTuple):
    """The stretch of time that is drawn, in days from now."""

    low: float
    high: float


def ahead(card: Card, place: tuple[float, float, float, float], data: Active) -> Axes:
    """On one scale of days from now, at this left edge, top, width and height of a row: what ran so far, what lies
    ahead, when the precision may be reached, and the planned end."""
    left, top, width, tall = place
    rows, window = data.rows, _window(data)
    height = tall * len(rows)
    axes = card.axes(left, top, width, height)
    axes.set_xlim(*window)
    axes.set_ylim(height, 0)
    places = _days(data.now, window, width)
    ticks(axes.xaxis, [day for day, _ in places], [words for _, words in places])
    middles = [tall * row + STRIP for row in range(len(rows))]
    marks = [(day, y, colour) for day, colour in (*((day, style.GRID) for day, _ in places), (0.0, style.INK))
             for y in middles]  # fmt: skip
    axes.vlines([day for day, *_ in marks], [y - MARK for _, y, _ in marks], [y + MARK for _, y, _ in marks],
                colors=[colour for *_, colour in marks], linewidths=1.8, linestyles="solid", zorder=1,
                label="days")  # fmt: skip
    began = [(y, _from(data.now, each.began)) for y, each in zip(middles, rows, strict=True) if each.began]
    axes.hlines([y for y, _ in began], [max(day, window.low) for _, day in began], 0, colors=style.MUTED,
                linewidths=3, linestyles="solid", zorder=2, label="so far")  # fmt: skip
    _projections(axes, data, middles, window, width)
    ends = [(_from(data.now, each.end), y) for y, each in zip(middles, rows, strict=True) if each.end]
    within = [(day, y) for day, y in ends if window.low <= day <= window.high]
    axes.scatter([day for day, _ in within], [y for _, y in within], s=62, marker="D", facecolors=style.CARD,
                 edgecolors=style.INK, linewidths=1.6, zorder=5, label="planned end")  # fmt: skip
    return axes


def _projections(axes: Axes, data: Active, middles: Sequence[float], window: _Window, width: float) -> None:
    spans = [(y, max(0.0, _from(data.now, each.projected.first)), _from(data.now, each.projected.last))
             for y, each in zip(middles, data.rows, strict=True)
             if each.projected.first and each.projected.last]  # fmt: skip
    axes.hlines([y for y, *_ in spans], 0, [min(first, window.high) for _, first, _ in spans], colors=style.BLUE,
                linewidths=2.2, linestyles=(0, (3, 2)), zorder=3, label="ahead")  # fmt: skip
    least = (window.high - window.low) * LEAST / width
    drawn = [(y, first, min(max(last, first + least), window.high)) for y, first, last in spans if first < window.high]
    axes.hlines([y for y, *_ in drawn], [first for _, first, _ in drawn], [last for *_, last in drawn], alpha=0.5,
                colors=style.BLUE, linewidths=9, linestyles="solid", zorder=3, label="projected")  # fmt: skip
    beyond = [y for y, _, last in spans if last > window.high]
    axes.scatter([window.high] * len(beyond), beyond, s=70, marker=">", facecolors=style.BLUE, edgecolors="none",
                 zorder=5, clip_on=False, label="goes on")  # fmt: skip


def _from(now: datetime, moment: datetime | None) -> float:
    return 0.0 if moment is None else (moment - now) / timedelta(days=1)


def _window(data: Active) -> _Window:
    """As far ahead as most dates lie, within bounds, and some of what lies behind."""
    moments = [each for row in data.rows for each in (row.end, row.projected.last) if each]
    ahead = min(max((_from(data.now, max(moments)) if moments else 0.0) * 1.05, SOONEST.days), FARTHEST.days)
    behind = max((-_from(data.now, each.began) for each in data.rows if each.began), default=0.0)
    return _Window(-max(1.0, min(behind, ahead * PAST)) - ahead * 0.02, ahead)


def _days(now: datetime, window: _Window, width: float) -> list[tuple[float, str]]:
    """Midnights (UTC) as ticks, so few that their words stay apart."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for step in DAY_STEPS:
        places = []
        for place in range(math.ceil(window.low) - 1, math.floor(window.high) + 1):
            moment = first + timedelta(days=place)
            day = _from(now, moment)
            if window.low <= day <= window.high and moment.toordinal() % step == 0:
                places.append((day, f"{moment:%-d %b}"))
        wide = sum(text_width(words, style.SMALL) + 26 for _, words in places)
        if wide <= width and len(places) <= MOST_DATES:
            return places
    return places[:1]
