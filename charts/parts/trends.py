"""Trends of many rows, each a small staircase of months on its own scale, with its band and the line of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import style
from charts.canvas import Card
from charts.wording import percent, short_percent_range
from experiments.knowledge.gains import Estimate
from experiments.pictures.trends import FEWEST, Trend
from experiments.readout import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, BESIDE, LETTERS = 126, 12, 14
LOOKS = ((style.BLUE, "o"), (style.ORANGE, "s"), (style.MUTED, "o"))

Stairs = list[tuple[float, float]]


class Corner(NamedTuple):
    """The lower left corner of a trend on the card."""

    x: float
    y: float


class _Drawn(NamedTuple):
    """The shapes of one row in the card's pixels; `thin` is the sum as measured beside the one without the luck."""

    zero: float
    line: Stairs
    band: Stairs
    thin: Stairs
    colour: str


def trends_on(card: Card, board: Axes, trends: Sequence[tuple[Corner, Trend]], tall: float, room: float) -> None:
    """Trends at their corners: a circle at the end where the interval is clear of zero, a square where it is below it,
    hollow where it is neither. What was measured has a thin line, its sum beside the end in so much `room`."""
    from matplotlib.collections import LineCollection, PolyCollection

    known = [(at, trend) for at, trend in trends if trend.course]
    drawn = [_drawn(at, trend, tall) for at, trend in known]
    board.hlines([each.zero for each in drawn], [at.x for at, _ in known], [at.x + WIDTH for at, _ in known],
                 colors=style.INK, linewidths=1.8, linestyles="solid", zorder=2, label="nothing shipped")  # fmt: skip
    board.add_collection(
        PolyCollection([each.band for each in drawn], facecolors=[each.colour for each in drawn], edgecolors="none",
                       linewidths=0, alpha=0.2, zorder=1, label="trend bands"), autolim=False,
    )  # fmt: skip
    for label, lines, width, order in (
        ("trends as measured", [(each.thin, style.MUTED) for each in drawn], 1.8, 2),
        ("trends", [(each.line, each.colour) for each in drawn], 3.2, 3),
    ):
        some = [(line, colour) for line, colour in lines if line]
        board.add_collection(
            LineCollection([line for line, _ in some], colors=[colour for _, colour in some], linewidths=width,
                           linestyles="solid", capstyle="butt", joinstyle="miter", zorder=order, label=label),
            autolim=False,
        )  # fmt: skip
    for colour, marker in LOOKS:
        ends = [each.line[-1] for each in drawn if each.colour == colour]
        board.scatter([x for x, _ in ends], [y for _, y in ends], s=50, marker=marker, edgecolors=colour, linewidths=2,
                      facecolors=style.CARD if colour == style.MUTED else colour, zorder=4,
                      label=f"trend ends {colour}")  # fmt: skip
    for each, (at, trend) in zip(drawn, known, strict=True):
        x, end = at.x + WIDTH + BESIDE, (each.thin or each.line)[-1][1]
        words = percent(trend.measured[-1].value, signed=True) if each.thin else "measured"
        y = min(max(end + 7, at.y - tall + LETTERS), at.y)
        card.write(x, y, words, size=style.SMALL, colour=style.MUTED, width=room - WIDTH - BESIDE, whole=True)


def trend_words(trend: Trend | None) -> tuple[str, str, str]:
    """The newest value, or what is there instead of one; and its interval with how many were shipped, or why."""
    if trend is None:
        return "", "not known", ""
    if trend.experiments < FEWEST:
        return (
            "",
            "no trend yet",
            f"only {trend.experiments:,} measured it",
        )
    if not trend.course:
        return "", *(("not known", "no standard error") if trend.unknown else ("nothing shipped", ""))
    end = trend.course[-1]
    ends = short_percent_range(Interval(lower=end.lower, upper=end.upper))
    return percent(end.value, signed=True), "", f"{ends}, n = {trend.shipped:,}"


def _drawn(at: Corner, trend: Trend, tall: float) -> _Drawn:
    course = trend.course
    thin = trend.measured if trend.corrected else ()
    ends = [0.0, *(end for each in course for end in (each.lower, each.upper)), *(each.value for each in thin)]
    low, high = min(ends), max(ends)
    step = WIDTH / len(course)

    def up(value: float) -> float:
        return at.y - (tall * (value - low) / (high - low) if high > low else tall / 2)

    def stairs(values: Sequence[float]) -> Stairs:
        """From nothing at the beginning; a month is level, and what it brought shows where it begins."""
        months = [(at.x + step * (place + edge), up(value)) for place, value in enumerate(values) for edge in (0, 1)]
        return [(at.x, up(0.0)), *months] if months else []

    return _Drawn(
        zero=up(0.0),
        line=stairs([each.value for each in course]),
        band=[*stairs([each.lower for each in course]), *reversed(stairs([each.upper for each in course]))],
        thin=stairs([each.value for each in thin]),
        colour=_colour(course[-1]),
    )


def _colour(end: Estimate) -> str:
    return style.BLUE if end.lower > 0 else style.ORANGE if end.upper < 0 else style.MUTED
