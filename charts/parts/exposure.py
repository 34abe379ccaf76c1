"""Who sees a treatment: the share of everybody over time, as the lower panel of a timeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from charts import style
from charts.canvas import Card, ticks
from charts.letters import text_width
from charts.parts.moments import Span, moments
from experiments.numerals import share
from experiments.pictures.exposure import Level
from experiments.pictures.timeline import Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 176


def exposure(card: Card, axes: Axes, data: Timeline, span: Span, top: float) -> None:
    """The share of everybody as a step line, dashed where it is planned, its size written on every step."""
    card.write(style.MARGIN, top + 18, "Sees a treatment", bold=True)
    card.write(style.MARGIN, top + 44, f"% of all eligible {data.unit}s", size=style.SMALL, colour=style.MUTED,
               width=span.left - style.MARGIN - 90)  # fmt: skip
    known = [*data.levels, *data.ahead]
    most = _round_share(max((each.share for each in known), default=0) / 100 or 100.0)
    axes.set_ylim(-most * 0.03, most * 1.3)
    places = [0.0, most / 2, most]
    ticks(axes.yaxis, places, [f"{each:g}" for each in places])
    right = axes.get_xlim()[1]
    axes.hlines(places, 0, right, colors=style.GRID, linewidths=1.2, linestyles="solid", label="grid")
    times = moments(data.start, data.end)
    ticks(axes.xaxis, [span.hours(at) for at, _ in times], [words for _, words in times])
    if data.levels:
        x, y = _steps(data.levels, data.now or data.end, span, rising=True)
        axes.fill_between(x, 0, y, facecolor=style.BLUE, alpha=0.14, linewidth=0, edgecolor="none", zorder=1)
        axes.plot(x, y, color=style.BLUE, linewidth=3, zorder=4, label="seen", **style.PLAIN)
    if data.ahead:
        x, y = _steps(data.ahead, data.end, span)
        (line,) = axes.plot(x, y, color=style.BLUE, linewidth=2, zorder=3, label="planned", **style.PLAIN)
        line.set_dashes((4, 2.5))
    _sizes(card, data, span, top, most)


def _round_share(most: float) -> float:
    """The round percentage that is as large or a little larger.

    >>> _round_share(5.0), _round_share(70.0), _round_share(33.33)
    (5.0, 100.0, 50.0)
    """
    decade = 10.0 ** math.floor(math.log10(most))
    return next(step * decade for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * decade >= most * (1 - 1e-9))


def _steps(
    levels: Sequence[Level], end: datetime, span: Span, *, rising: bool = False
) -> tuple[list[float], list[float]]:
    """The corners of the line, from its first level, or from nothing before it, to the end."""
    x, y = [span.hours(levels[0].at)], [0.0 if rising else levels[0].share / 100]
    ends = [*(each.at for each in levels[1:]), max(end, levels[-1].at)]
    for each, until in zip(levels, ends, strict=True):
        x += [span.hours(each.at), span.hours(until)]
        y += [each.share / 100] * 2
    return x, y


def _sizes(card: Card, data: Timeline, span: Span, top: float, most: float) -> None:
    levels = [*data.levels, *(data.ahead[1:] if data.levels else data.ahead)]
    ends = [each.at for each in levels[1:]] + [data.end] * bool(levels)
    for each, after in zip(levels, ends, strict=True):
        words = share(each.share)
        if each.share and span.x(after) - span.x(each.at) >= text_width(words, style.SMALL - 2) + 12:
            y = top + HEIGHT * (1 - (each.share / 100 + most * 0.03) / (most * 1.33)) - 8
            card.write(span.x(each.at) + 6, y, words, size=style.SMALL - 2)
