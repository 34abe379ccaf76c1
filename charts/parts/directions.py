"""The two panels of patterns, a row a direction: shares of hits, and effects with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from charts import style
from charts.canvas import Card, ticks
from charts.parts.amounts import tick_words
from charts.parts.ranges import round_places

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAR = 1e6
REACH = 4.0  # times the usual width beyond which an interval runs out of the picture
SMALLEST = 1e-7
MOST_TICKS = 5
SHARES = (0.0, 0.5, 1.0)
CAP = 9.0


class Column(NamedTuple):
    """Where a panel stands, in pixels."""

    left: float
    width: float


class Row(NamedTuple):
    """One direction at `y` pixels below the top: its share of hits, its effect with interval and the effect of the next
    experiment (None: not known, or open on that side), and whether the effect is surely not nothing."""

    y: float
    rate: float
    rate_ends: tuple[float, float]
    lift: float | None
    ends: tuple[float | None, float | None] | None
    ahead: tuple[float | None, float | None] | None
    sure: bool


HITS = Column(366, 156)
EFFECT = Column(634, 236)


def hit_axes(card: Card, top: float, height: float, rows: Sequence[Row], all_together: float) -> Axes:
    """The share of hits of every row with its interval, and that of all experiments as a line."""
    axes = card.axes(HITS.left, top, HITS.width, height)
    axes.set_xlim(0, 1)
    axes.set_ylim(height, 0)
    ticks(axes.xaxis, SHARES, [f"{share * 100:g}" for share in SHARES])
    axes.vlines(SHARES, 0, height, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.vlines([all_together], 0, height, colors=style.INK, linewidths=1.6, linestyles=(0, (2, 3)), zorder=1,
                label="all together")  # fmt: skip
    heights = [row.y for row in rows]
    axes.hlines(heights, [row.rate_ends[0] for row in rows], [row.rate_ends[1] for row in rows], colors=style.MUTED,
                linewidths=4, linestyles="solid", zorder=3, label="intervals")  # fmt: skip
    axes.scatter([row.rate for row in rows], heights, s=72, marker="o", facecolors=style.INK, edgecolors=style.INK,
                 linewidths=0.8, clip_on=False, zorder=4, label="hit rates", plotnonfinite=False)  # fmt: skip
    return axes


def effect_axes(card: Card, top: float, height: float, rows: Sequence[Row]) -> Axes:
    """The effect of every row with both intervals, around the line of nothing; arrows where one goes on."""
    axes = card.axes(EFFECT.left, top, EFFECT.width, height)
    low, high = _span(rows)
    axes.set_xlim(low, high)
    axes.set_ylim(height, 0)
    places = round_places(low, high, EFFECT.width, _labels, MOST_TICKS)
    ticks(axes.xaxis, places, _labels(places))
    axes.vlines(places, 0, height, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.vlines([0.0], 0, height, colors=style.INK, linewidths=2, linestyles="solid", zorder=1, label="zero")
    known = [row for row in rows if row.lift is not None and row.ends is not None]
    ahead = [(row, row.ahead) for row in known if row.ahead]
    _bars(axes, [(row, ends) for row, ends in ahead], 1.8, (0, (4, 2)), "the next one")
    _bars(axes, [(row, row.ends) for row in known if row.ends], 5, None, "intervals")
    ends = [(end * 100, row) for row in known for end in row.ends or () if end is not None and low <= end * 100 <= high]
    axes.vlines([end for end, _ in ends], [row.y - CAP for _, row in ends], [row.y + CAP for _, row in ends],
                colors=[_colour(row) for _, row in ends], linewidths=3, linestyles="solid", zorder=3,
                label="ends")  # fmt: skip
    for label, marker in (("effects", "o"), ("worse", "s")):
        some = [row for row in known if (row.sure and (row.lift or 0.0) < 0) is (marker == "s")]
        axes.scatter([min(max((row.lift or 0.0) * 100, low), high) for row in some], [row.y for row in some], s=80,
                     marker=marker, facecolors=[_colour(row) if row.sure else style.CARD for row in some],
                     edgecolors=[_colour(row) for row in some], linewidths=2.2, clip_on=False, zorder=4, label=label,
                     plotnonfinite=False)  # fmt: skip
    return axes


def _bars(
    axes: Axes,
    rows: Sequence[tuple[Row, tuple[float | None, float | None]]],
    width: float,
    line: tuple[int, tuple[int, int]] | None,
    label: str,
) -> None:
    low, high = axes.get_xlim()
    lower = [low if ends[0] is None else min(max(ends[0] * 100, low), high) for _, ends in rows]
    upper = [high if ends[1] is None else min(max(ends[1] * 100, low), high) for _, ends in rows]
    axes.hlines([row.y for row, _ in rows], lower, upper, colors=[_colour(row) for row, _ in rows], linewidths=width,
                linestyles=line or "solid", zorder=2 if label == "the next one" else 3, label=label)  # fmt: skip
    for at, marker, place in ((low, "<", 0), (high, ">", 1)):
        beyond = [row for row, ends in rows if _goes_on(ends[place], low, high)]
        axes.scatter([at] * len(beyond), [row.y for row in beyond], s=46, marker=marker,
                     facecolors=[_colour(row) for row in beyond], edgecolors="none", linewidths=0, clip_on=False,
                     zorder=4, label=f"{label} goes on {marker}", plotnonfinite=False)  # fmt: skip


def _goes_on(end: float | None, low: float, high: float) -> bool:
    return end is None or not low <= end * 100 <= high


def _colour(row: Row) -> str:
    if not row.sure:
        return style.MUTED
    return style.BLUE if (row.lift or 0.0) >= 0 else style.ORANGE


def _span(rows: Sequence[Row]) -> tuple[float, float]:
    """The scale in percent: zero, all effects but those far beyond the others, and the intervals as far as they go."""
    lifts = [row.lift * 100 for row in rows if row.lift is not None]
    widths = [(row.ends[1] - row.ends[0]) * 50 for row in rows
              if row.ends and row.ends[0] is not None and row.ends[1] is not None]  # fmt: skip
    usual = max(median(widths) if widths else 0.0, median(abs(lift) for lift in lifts) if lifts else 0.0)
    bound = REACH * usual
    ends = [end * 100 for row in rows for end in (*(row.ends or ()), *(row.ahead or ())) if end is not None]
    held = [min(max(each, -bound), bound) for each in (*lifts, *ends)]
    low, high = min([0.0, *held]), max([0.0, *held])
    if high - low < SMALLEST:
        return -1.0, 1.0
    spare = (high - low) * 0.05
    return low - spare, high + spare


def _labels(places: Sequence[float]) -> list[str]:
    return tick_words(places, signed=True)
