"""How the units' values are spread: outlines of the same bins laid over each other, with quantiles marked on them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import style
from charts.canvas import Card, round_ticks, ticks
from charts.letters import text_width
from charts.parts.courses import BESIDE, LEFT, RIGHT, Lane, Look, heading, look_of, tick_labels
from charts.parts.ranges import decades, round_places
from charts.wording import change_range, number
from experiments.design import MetricKind
from experiments.pictures.distribution import Distribution, Shape
from experiments.readout import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 220
NAMED = 45  # pixels for a variant beside the panel
ABOVE = 1.24  # how far the scale goes beyond the highest bin, for the words of the marks
WORD = 22  # pixels from the top of the panel
FEW = 3
MOST_POWERS = 9


class Mark(NamedTuple):
    """A quantile: what it is called, and its value in every variant that has one."""

    words: str
    values: Mapping[str, float]


def height_of(data: Distribution) -> float:
    """How high the panel is: beside it stands every variant."""
    return max(HEIGHT, NAMED * (len(data.shapes) + 0.5))


def histogram(
    card: Card, lane: Lane, data: Distribution, marks: Sequence[Mark], places: Mapping[str, int],
    named: tuple[str, str],
) -> Axes:  # fmt: skip
    """The panel, its scales, and beside it every variant with where half of its units lie; `named` is what is measured
    and its unit."""
    family, unit = named
    step = _step(data) if unit.startswith("per ") else f"{_step(data)} {unit}"
    heading(card, lane, f"Distribution: share of the units of a variant in each {step}".rstrip(", "), "")
    axes = card.axes(LEFT, lane.top, RIGHT - LEFT, lane.height)
    peak = max((share for each in data.shapes for share in each.shares), default=0.0) or 1.0
    axes.set_ylim(0, peak * ABOVE)
    if data.log:
        axes.set_xscale("log")
    low, high = data.edges[0], data.edges[-1]
    axes.set_xlim(low, high)
    beside = round_ticks(0.0, peak, 4)
    ticks(axes.yaxis, beside, [f"{words} %" for words in tick_labels([share * 100 for share in beside])])
    axes.hlines(beside, low, high, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    below = decades(low, high, MOST_POWERS) if data.log else round_places(low, high, RIGHT - LEFT, tick_labels)
    ticks(axes.xaxis, below, tick_labels(below))
    for each in reversed(data.shapes):
        _outline(axes, data, each, look_of(each.variant, places), len(data.shapes))
    _mark(card, axes, lane, data, marks, places)
    _name(card, lane, data, places)
    words = f"{family}, {unit}" if unit else family
    card.write((LEFT + RIGHT) / 2, lane.top + lane.height + 64, words, size=style.SMALL, align="center",
               width=RIGHT - LEFT)  # fmt: skip
    return axes


def _step(data: Distribution) -> str:
    if not data.log:
        return f"step of {number(data.step)}"
    if data.step < 1:
        return f"of {round(1 / data.step):g} steps per power of ten,"
    return "power of ten," if data.step == 1 else f"step of {data.step:g} powers of ten,"


def _outline(axes: Axes, data: Distribution, shape: Shape, look: Look, of: int) -> None:
    """One variant: a light area below a line with its dashes."""
    axes.stairs(
        shape.shares, data.edges, fill=True, facecolor=look.colour, edgecolor="none", linewidth=0, hatch="",
        alpha=0.16 / of + 0.02, zorder=1, label=f"area {shape.variant}",
    )  # fmt: skip
    axes.stairs(
        shape.shares, data.edges, fill=False, edgecolor=look.colour, linewidth=2.6 if of <= FEW else 2.0, hatch="",
        linestyle=(0, look.dashes) if look.dashes and of > 1 else "solid", capstyle="butt", joinstyle="miter",
        antialiased=True, zorder=3, label=f"outline {shape.variant}",
    )  # fmt: skip


def _mark(
    card: Card, axes: Axes, lane: Lane, data: Distribution, marks: Sequence[Mark], places: Mapping[str, int]
) -> None:
    """Every quantile as a marker on the outline of its variant; those of the first variant also as an upright with
    their name, as far as the names have room."""
    first, low, high = data.shapes[0], data.edges[0], data.edges[-1]
    top, free = axes.get_ylim()[1], 0.0
    for words, values in marks:
        for shape in data.shapes:
            value = values.get(shape.variant)
            if value is None or not low <= value <= high:
                continue
            look, share = look_of(shape.variant, places), _share_at(value, data, shape)
            axes.plot([value], [share], marker=look.marker, markersize=11, color=look.colour, linestyle="none",
                      markerfacecolor=look.colour, markeredgecolor=style.CARD, markeredgewidth=1.5, zorder=5,
                      clip_on=False, label=f"{words} {shape.variant}")  # fmt: skip
        value = values.get(first.variant)
        if value is None or not low <= value <= high:
            continue
        axes.vlines([value], _share_at(value, data, first), top * (1 - (WORD + 6) / lane.height), colors=style.MUTED,
                    linewidths=1.4, linestyles=(0, (2, 3)), zorder=2, label="mark")  # fmt: skip
        x, half = float(axes.transData.transform((value, 0.0))[0]), text_width(words, style.SMALL) / 2
        if x - half >= free:
            card.write(min(x, RIGHT - half), lane.top + WORD, words, size=style.SMALL, colour=style.MUTED,
                       align="center")  # fmt: skip
            free = x + half + 16


def _share_at(value: float, data: Distribution, shape: Shape) -> float:
    return shape.shares[min(bisect_right(data.edges, value), len(shape.shares)) - 1]


def _name(card: Card, lane: Lane, data: Distribution, places: Mapping[str, int]) -> None:
    x, y, width = RIGHT + BESIDE, lane.top + 10, style.WIDTH - style.MARGIN - RIGHT - BESIDE
    card.write(x, y, "the middle half of the units", size=style.SMALL - 3, colour=style.MUTED, width=width)
    for each in data.shapes:
        look = look_of(each.variant, places)
        card.write(x, y + 26, f"{look.glyph} {each.variant}", size=style.SMALL, bold=True, colour=look.colour,
                   width=width)  # fmt: skip
        card.write(x, y + 44, half_of(each), size=style.SMALL - 3, width=width, whole=True)
        y += NAMED


def half_of(shape: Shape) -> str:
    """Between which values the middle half of a variant's units lie: “275 to 577”."""
    low, high = shape.half
    return number(low) if low == high else change_range(Interval(lower=low, upper=high), MetricKind.MEAN)
