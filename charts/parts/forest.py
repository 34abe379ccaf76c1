"""The forest of a comparison: a point and its interval per row around the line of no change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from charts import style
from charts.canvas import ticks
from charts.parts.amounts import tick_words
from charts.parts.ranges import round_places
from charts.wording import tone
from experiments.design import MetricRole
from experiments.readout import Comparison, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Segment: TypeAlias = tuple[tuple[float, float], tuple[float, float]]

CAP = 11  # pixels from the middle of a bar to the tip of its end
MOST_TICKS = 6
HIDDEN = 30  # pixels below which a full-sized marker would hide its interval


def forest(
    axes: Axes,
    shown: Sequence[Comparison],
    middles: Sequence[float],
    height: float,
    leading: Sequence[Comparison] = (),
) -> None:
    """One row per comparison, `height` pixels high around its middle; y runs down in pixels, x is percent.

    The intervals of the `leading` ones fit, those of the primary metrics unless told otherwise. Everything of one kind
    is one artist, which is what makes it quick.
    """
    low, high = _span(shown, leading or [each for each in shown if each.role is MetricRole.PRIMARY])
    axes.set_xlim(low, high)
    places = round_places(low, high, axes.bbox.width, _labels, MOST_TICKS)
    ticks(axes.xaxis, places, _labels(places))
    drawn = [
        (each, y) for each, y in zip(shown, middles, strict=True) if each.relative is not None and not each.refused
    ]
    rows = [(y - height / 2, y + height / 2) for _, y in drawn]
    _lines(axes, [((x, top), (x, foot)) for x in places for top, foot in rows], style.GRID, 1.2, zorder=1, label="grid")
    _lines(axes, [((0.0, top), (0.0, foot)) for top, foot in rows], style.INK, 2, zorder=2, label="zero")
    _intervals(axes, drawn)
    _points(axes, [(each, y) for each, y in drawn if low <= (each.relative or 0.0) * 100 <= high])


def _lines(
    axes: Axes, segments: Sequence[Segment], colours: str | Sequence[str], width: float, *, zorder: float, label: str
) -> None:
    from matplotlib.collections import LineCollection

    lines = LineCollection(
        segments, colors=colours, linewidths=width, linestyles="solid", zorder=zorder, label=label, clip_on=False,
        capstyle="butt",
    )  # fmt: skip
    axes.add_collection(lines, autolim=False)


def _intervals(axes: Axes, drawn: Sequence[tuple[Comparison, float]]) -> None:
    """Bars, with a cap where the interval ends, seen also beside a marker as wide as the interval; an arrow where it
    goes on beyond the picture."""
    low, high = axes.get_xlim()
    bars: list[tuple[Segment, str]] = []
    caps: list[tuple[Segment, str]] = []
    arrows: dict[str, list[tuple[float, float, str]]] = {"<": [], ">": []}
    for each, y in drawn:
        if each.relative_interval is None:
            continue
        colour = style.STANDING[tone(each)]
        lower, upper = (end * 100 for end in _ends(each))
        left, right = max(lower, low), min(upper, high)
        if left < right:
            bars.append((((left, y), (right, y)), colour))
        for end, inside, arrow in ((lower, lower >= low, "<"), (upper, upper <= high, ">")):
            x = min(max(end, low), high)
            if inside:
                caps.append((((x, y - CAP), (x, y + CAP)), colour))
            else:
                arrows[arrow].append((x, y, colour))
    for pairs, width, zorder, label in ((bars, 4, 3, "intervals"), (caps, 3, 4, "ends")):
        if pairs:
            segments, colours = zip(*pairs, strict=True)
            _lines(axes, segments, colours, width, zorder=zorder, label=label)
    for arrow, places in arrows.items():
        if places:
            xs, ys, colours = zip(*places, strict=True)
            axes.scatter(xs, ys, s=100, marker=arrow, c=colours, linewidths=1, clip_on=False, zorder=4, label=arrow)


def _points(axes: Axes, drawn: Sequence[tuple[Comparison, float]]) -> None:
    """The estimates: small where a marker would hide its interval, hollow where nothing is clear."""
    for shape in sorted({style.MARKERS[tone(each)] for each, _ in drawn}):
        rows = [(each, y) for each, y in drawn if style.MARKERS[tone(each)] == shape]
        colours = [style.STANDING[tone(each)] for each, _ in rows]
        hollow = [tone(each) in (Standing.UNCLEAR, Standing.MONITORING) for each, _ in rows]
        slim = [each.relative_interval is None or _width(axes, each) < HIDDEN for each, _ in rows]
        axes.scatter(
            [(each.relative or 0.0) * 100 for each, _ in rows], [y for _, y in rows], marker=shape,
            s=[49 if thin else 121 for thin in slim], edgecolors=colours, linewidths=2.5, zorder=5,
            facecolors=[style.CARD if empty else colour for empty, colour in zip(hollow, colours, strict=True)],
            label=f"points {shape}",
        )  # fmt: skip


def _span(shown: Sequence[Comparison], leading: Sequence[Comparison]) -> tuple[float, float]:
    """Low and high end of the x axis in percent: what leads fits, a wild interval does not flatten the rest."""
    drawn = [each for each in shown if each.relative is not None]
    reach = [_reach(each) for each in drawn]
    if not any(reach):
        return -1.0, 1.0
    first = max([_reach(each) for each in leading if each.relative is not None] or [median(reach)])
    most = max(reach) if max(reach) <= 5 * first else 2.5 * first
    most = most or max(reach)
    low = min(-most / 4, *(max(min(_finite(each)), -most) for each in drawn))
    high = max(most / 4, *(min(max(_finite(each)), most) for each in drawn))
    room = (high - low) * 0.07
    return (low - room) * 100, (high + room) * 100


def _reach(each: Comparison) -> float:
    return max(abs(end) for end in _finite(each))


def _finite(each: Comparison) -> list[float]:
    return [end for end in (each.relative or 0.0, *_ends(each)) if math.isfinite(end)]


def _ends(each: Comparison) -> tuple[float, float]:
    interval = each.relative_interval
    low = -math.inf if interval is None or interval.lower is None else interval.lower
    high = math.inf if interval is None or interval.upper is None else interval.upper
    return low, high


def _width(axes: Axes, each: Comparison) -> float:
    """How many pixels wide the interval is."""
    low, high = axes.get_xlim()
    lower, upper = _ends(each)
    return float((upper - lower) * 100 / (high - low) * axes.bbox.width)


def _labels(places: Sequence[float]) -> list[str]:
    return tick_words(places, signed=True)
