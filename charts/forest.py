"""The forest of a comparison: a point and its interval per row around the line of no change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from charts import style
from charts.canvas import round_ticks, ticks
from charts.letters import text_width
from charts.wording import number, tone
from experiments.design import MetricRole
from experiments.readout import Comparison, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIDDEN = 30  # pixels below which a full-sized marker would hide its interval
TICK_GAP = 24


def forest(axes: Axes, shown: Sequence[Comparison], middles: Sequence[float], height: float) -> None:
    """One row per comparison, `height` pixels high around its middle; y runs down in pixels, x is percent."""
    low, high = _span(shown)
    axes.set_xlim(low, high)
    places = _places(low, high, axes.bbox.width)
    ticks(axes.xaxis, places, _labels(places))
    for each, y in zip(shown, middles, strict=True):
        if each.relative is None or each.refused:
            continue
        above, below = y - height / 2, y + height / 2
        axes.vlines(places, above, below, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=1)
        axes.vlines([0.0], above, below, colors=style.INK, linewidths=2, linestyles="solid", zorder=2, label="zero")
        colour = style.STANDING[tone(each)]
        if each.relative_interval is not None:
            _bar(axes, each, y, colour)
        if low <= each.relative * 100 <= high:
            slim = each.relative_interval is None or _width(axes, each) < HIDDEN
            hollow = tone(each) in (Standing.UNCLEAR, Standing.MONITORING)
            axes.plot(
                [each.relative * 100], [y], marker=style.MARKERS[tone(each)],
                markersize=7 if slim else 11, color=colour,
                markerfacecolor=style.CARD if hollow else colour, markeredgecolor=colour, markeredgewidth=2.5,
                linestyle="none", zorder=5, label=f"{each.metric} · {each.treatment.variant}",
            )  # fmt: skip


def _span(shown: Sequence[Comparison]) -> tuple[float, float]:
    """Low and high end of the x axis in percent: the primary metric fits, a wild interval does not flatten the rest."""
    drawn = [each for each in shown if each.relative is not None]
    reach = [max(abs(end) for end in _finite(each)) for each in drawn]
    if not any(reach):
        return -1.0, 1.0
    primary = [size for each, size in zip(drawn, reach, strict=True) if each.role is MetricRole.PRIMARY]
    leading = max(primary or [median(reach)])
    most = max(reach) if max(reach) <= 5 * leading else 2.5 * leading
    most = most or max(reach)
    low = min(-most / 4, *(max(min(_finite(each)), -most) for each in drawn))
    high = max(most / 4, *(min(max(_finite(each)), most) for each in drawn))
    room = (high - low) * 0.07
    return (low - room) * 100, (high + room) * 100


def _finite(each: Comparison) -> list[float]:
    return [end for end in (each.relative or 0.0, *_ends(each)) if math.isfinite(end)]


def _ends(each: Comparison) -> tuple[float, float]:
    interval = each.relative_interval
    low = -math.inf if interval is None or interval.lower is None else interval.lower
    high = math.inf if interval is None or interval.upper is None else interval.upper
    return low, high


def _bar(axes: Axes, each: Comparison, y: float, colour: str) -> None:
    low, high = axes.get_xlim()
    lower, upper = (end * 100 for end in _ends(each))
    left, right = max(lower, low), min(upper, high)
    if left < right:
        axes.hlines([y], left, right, colors=colour, linewidths=4, linestyles="solid", zorder=3)
    for end, inside, arrow in ((lower, lower >= low, "<"), (upper, upper <= high, ">")):
        _mark(axes, min(max(end, low), high), y, "|" if inside else arrow, colour)


def _width(axes: Axes, each: Comparison) -> float:
    """How many pixels wide the interval is."""
    low, high = axes.get_xlim()
    lower, upper = _ends(each)
    return float((upper - lower) * 100 / (high - low) * axes.bbox.width)


def _mark(axes: Axes, x: float, y: float, marker: str, colour: str) -> None:
    """A cap where the interval ends, seen also beside a marker as wide as the interval; an arrow where it goes on
    beyond the picture."""
    axes.plot(
        [x], [y], marker=marker, markersize=18 if marker == "|" else 10, color=colour, markerfacecolor=colour,
        markeredgecolor=colour, markeredgewidth=3 if marker == "|" else 1, linestyle="none", clip_on=False, zorder=4,
    )  # fmt: skip


def _places(low: float, high: float, width: float) -> list[float]:
    """Round ticks, so many that their labels stay apart."""
    for about in (5, 4, 3):
        places = round_ticks(low, high, about)
        if sum(text_width(label, style.SMALL) + TICK_GAP for label in _labels(places)) <= width:
            return places
    return round_ticks(low, high, 2)


def _labels(places: Sequence[float]) -> list[str]:
    """Ticks with as many decimals as tell them apart."""
    largest = max((abs(place) for place in places), default=0.0)
    if largest >= 1e6:
        return [number(place, signed=True) for place in places]
    decimals = next((digits for digits in range(9) if _exact(places, digits, largest)), 9)
    return [f"{place:+,.{decimals}f}".replace("-", "−") if place else "0" for place in places]


def _exact(places: Sequence[float], digits: int, largest: float) -> bool:
    return all(abs(round(place, digits) - place) <= 1e-9 * largest for place in places)
