"""The panels of significance: over the days the difference with its band, p, and the width of the interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from charts import style
from charts.canvas import round_ticks, ticks
from charts.wording import number
from experiments.pictures.prospects import Prospect
from experiments.pictures.tracks import Track
from experiments.readout import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOWEST_P = 1e-12
FEW_LOOKS = 40
MOST_REACH = 3.0


@dataclass(frozen=True, slots=True)
class Series:
    """One treatment's track with its colour, dashes and marker; `sign` tells its words from those of others."""

    track: Track
    colour: str
    dashes: tuple[float, ...]
    marker: str
    sign: str

    @property
    def looks(self) -> tuple[Look, ...]:
        return self.track.looks

    @property
    def days(self) -> list[float]:
        return [look.day for look in self.track.looks]

    @property
    def last(self) -> Look:
        return self.track.last


def series_of(tracks: Sequence[Track]) -> list[Series]:
    """As many as are told apart."""
    shown = tracks[: style.MOST_SERIES]
    signs = [f"{glyph} " for glyph in style.SERIES_GLYPHS] if len(shown) > 1 else [""]
    looks = zip(shown, style.SERIES, style.DASHES, style.SERIES_MARKERS, signs, strict=False)
    return [Series(*each) for each in looks]


def differences(axes: Axes, series: Sequence[Series], scale: int) -> None:
    """The difference of every look, in its interval, around the line of no difference."""
    from matplotlib.collections import LineCollection

    low, high = _span(series)
    axes.set_ylim(low, high)
    _grid(axes, round_ticks(low, high, 5 if axes.bbox.height < 350 else 6), scale, signed=True)
    axes.axhline(0, color=style.INK, linewidth=2, zorder=2, label="zero", **style.PLAIN)
    edges, colours = [], []
    for each in series:
        lower = [max(look.lower, low - (high - low)) for look in each.looks]
        upper = [min(look.upper, high + (high - low)) for look in each.looks]
        if len(each.looks) == 1:
            axes.vlines(each.days, lower, upper, colors=each.colour, linewidths=4, linestyles="solid", zorder=3)
        axes.fill_between(
            each.days, lower, upper, facecolor=each.colour, alpha=0.20 / len(series) + 0.06, linewidth=0,
            edgecolor="none", zorder=1, label=f"band of {each.track.treatment}",
        )  # fmt: skip
        edges += [list(zip(each.days, edge, strict=True)) for edge in (lower, upper)]
        colours += [each.colour, each.colour]
        _line(axes, each, [look.difference for look in each.looks])
    axes.add_collection(
        LineCollection(edges, colors=colours, linewidths=1, alpha=0.6, linestyles="solid", zorder=2), autolim=False
    )


def _span(series: Sequence[Series]) -> tuple[float, float]:
    """Low and high end of the difference: the last interval fits; the first, far wider ones may run out of it."""
    ends = [0.0]
    for each in series:
        half = max(abs(bound - each.last.difference) for bound in (each.last.lower, each.last.upper))
        if not math.isfinite(half):
            half = abs(each.last.difference)
        for look in each.looks:
            ends += [end for end in (look.lower, look.upper, look.difference)
                     if abs(end - each.last.difference) <= MOST_REACH * half]  # fmt: skip
    low, high = min(ends), max(ends)
    if low == high:
        low, high = -1.0, 1.0
    room = (high - low) * 0.06
    return low - room, high + room


def floor_of(series: Sequence[Series], alpha: float) -> float:
    """The power of ten where the scale of p ends; smaller ones stand on it with a mark."""
    smallest = min(look.p for each in series for look in each.looks)
    return 10.0 ** math.floor(math.log10(max(LOWEST_P, min(smallest, alpha / 5))))


def evidence(axes: Axes, series: Sequence[Series], alpha: float) -> None:
    """p of every look on a logarithmic scale, with the threshold."""
    floor = floor_of(series, alpha)
    decades = round(-math.log10(floor))
    axes.set_yscale("log")
    axes.set_ylim(floor * 10 ** (-0.06 * decades), 10 ** (0.06 * decades))
    places = [10.0**-power for power in range(0, decades + 1, max(1, math.ceil(decades / 4)))]
    ticks(
        axes.yaxis, places, [f"{place:g}" if place >= 1e-3 else f"1e−{-round(math.log10(place))}" for place in places]
    )
    axes.hlines(places, *axes.get_xlim(), colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    threshold = axes.axhline(alpha, color=style.INK, linewidth=2, zorder=2, label="threshold", **style.PLAIN)
    threshold.set_dashes((6, 3))
    for each in series:
        _line(axes, each, [max(look.p, floor) for look in each.looks])
        if each.last.p < floor:
            axes.plot([each.last.day], [floor], marker="v", markersize=13, color=each.colour, linestyle="none",
                      markeredgewidth=0, clip_on=False, zorder=5, label="below the scale")  # fmt: skip


def widths(axes: Axes, series: Sequence[Series], prospect: Prospect, scale: int) -> float:
    """Width of the interval of every look, the width that was planned, and, dashed, how it goes on; returns the end of
    the scale."""
    known = [width for each in series for width in each.track.widths if width is not None]
    newest = [each.track.widths[-1] or 0.0 for each in series]
    high = 1.12 * min(max(known, default=1.0), max(MOST_REACH * max(newest), 1.3 * (prospect.target or 0.0))) or 1.0
    high = max(high, 1.15 * (prospect.target or 0.0))
    axes.set_ylim(0, high)
    _grid(axes, round_ticks(0, high, 4), scale)
    for each in series:
        _line(axes, each, [math.nan if width is None else width for width in each.track.widths])
    if prospect.target is not None:
        target = axes.axhline(prospect.target, color=style.INK, linewidth=2, zorder=2, label="planned", **style.PLAIN)
        target.set_dashes((6, 3))
        _path(axes, series, prospect.target, prospect)
    return high


def _path(axes: Axes, series: Sequence[Series], target: float, prospect: Prospect) -> None:
    """Dashed to where the planned width is reached, and there a bar from the first to the last day it may be."""
    path = prospect.path
    colour = next((each.colour for each in series if path and each.track.treatment == path.treatment), None)
    if path is None or colour is None:
        return
    days, points = zip(*path.points, strict=True)
    (line,) = axes.plot(days, points, color=colour, linewidth=2.5, zorder=3, label="projection", **style.PLAIN)
    line.set_dashes((3, 2.5))
    axes.plot([path.first, path.last], [target, target], color=colour, linewidth=5, markersize=17,
              markeredgewidth=3, markeredgecolor=colour, zorder=5, label="projected days",
              **{**style.PLAIN, "marker": "|"})  # fmt: skip


def _grid(axes: Axes, places: list[float], scale: int, *, signed: bool = False) -> None:
    ticks(axes.yaxis, places, [number(place * scale, signed=signed) for place in places])
    axes.hlines(places, *axes.get_xlim(), colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)


def _line(axes: Axes, each: Series, values: list[float]) -> None:
    """One treatment's line, told apart by colour, dashes and the marker at its last look."""
    days = each.days
    (line,) = axes.plot(
        days, values, color=each.colour, linewidth=3, markersize=7, markerfacecolor=each.colour,
        markeredgecolor=each.colour, markeredgewidth=0, zorder=4, label=each.track.treatment,
        markevery=1 if len(days) <= FEW_LOOKS else [len(days) - 1], **{**style.PLAIN, "marker": each.marker},
    )  # fmt: skip
    if each.dashes:
        line.set_dashes(each.dashes)
