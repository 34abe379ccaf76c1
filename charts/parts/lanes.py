"""The lanes of a canary: for each metric both arms window by window, and beside them where the canary's shift lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from charts import style
from charts.canvas import round_ticks, ticks
from charts.parts.ends import Label
from charts.wording import mean
from experiments.pictures.canary import CanaryMetric, Values
from experiments.readout import GuardrailState

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = 16  # pixels kept free at the top and the bottom of a lane
FARTHEST = 3.0  # how many times the spread of the values a limit may be away and still be drawn
DASHED = (0, (6, 3))
ARMS = (("o", style.BLUE), ("s", style.ORANGE))


@dataclass(frozen=True, slots=True)
class Lane:
    """Where one metric is drawn: `height` pixels from `top` down, its scale from `low` to `high`."""

    metric: CanaryMetric
    top: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        """The place of a value of the scale."""
        part = (value - self.low) / (self.high - self.low)
        return self.top + ROOM + (self.height - 2 * ROOM) * (1 - part)

    @property
    def has_failed(self) -> bool:
        return self.metric.state is GuardrailState.BREACHED

    @property
    def colour(self) -> str:
        return style.ORANGE if self.has_failed else style.BLUE

    @property
    def marker(self) -> str:
        return "s" if self.has_failed else "o"

    @property
    def limit(self) -> float | None:
        """The place of its limit; None where it has none or lies far away."""
        limit = self.metric.limit
        return None if limit is None or not self.low <= limit <= self.high else self.y(limit)


def lane(each: CanaryMetric, top: float, height: float) -> Lane:
    """The lane of a metric, on whose scale its values and its interval fit, and its limit where that is not far."""
    known = [value for values in (each.stable, each.canary) for _, value in values]
    if each.stable_mean is not None and each.lower is not None and each.upper is not None:
        known += [each.stable_mean + each.lower, each.stable_mean + each.upper]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if each.limit is not None:
        reach = FARTHEST * max(high - low, abs(high) * 0.05)
        if low - reach <= each.limit <= high + reach:
            low, high = min(low, each.limit), max(high, each.limit)
    if not high - low > abs(high) * 1e-9:
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    return Lane(each, top, height, low, high)


def scales(values: Axes, intervals: Axes, lanes: Sequence[Lane]) -> None:
    """Round values at the left of each lane, and the lines of its grid."""
    marked = [
        (lane.y(value), mean(value, lane.metric.kind))
        for lane in lanes
        if lane.metric.stable or lane.metric.canary
        for value in round_ticks(lane.low, lane.high, 3)
    ]
    places = [place for place, _ in marked]
    ticks(values.yaxis, places, [label for _, label in marked])
    for axes in (values, intervals):
        axes.hlines(
            places, 0, axes.get_xlim()[1], colors=style.GRID, linewidths=1.2, linestyles=(0, (1, 3)), zorder=0,
            label="grid",
        )  # fmt: skip


def windows(axes: Axes, lanes: Sequence[Lane], minutes: float, gate: float) -> None:
    """Both arms over windows of so many minutes, with a dot for each; lines only join windows that follow each other.
    The step is judged from `gate` on."""
    from matplotlib.collections import LineCollection

    def dot(lane: Lane, at: int, value: float) -> tuple[float, float]:
        return (at + 0.5) * minutes, lane.y(value)

    def stretches(lane: Lane, values: Values) -> Iterator[list[tuple[float, float]]]:
        for (at, value), (following, other) in pairwise(values):
            if following == at + 1:
                yield [dot(lane, at, value), dot(lane, following, other)]

    stable = [each for lane in lanes for each in stretches(lane, lane.metric.stable)]
    axes.add_collection(LineCollection(stable, colors=style.MUTED, linewidths=1.6, linestyles="solid", zorder=2))
    _dots(axes, [dot(lane, *each) for lane in lanes for each in lane.metric.stable], "o", style.MUTED, 9, "stable")
    for marker, colour in ARMS:
        some = [lane for lane in lanes if lane.marker == marker]
        lines = [each for lane in some for each in stretches(lane, lane.metric.canary)]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=2.2, linestyles="solid", zorder=3))
        _dots(axes, [dot(lane, *each) for lane in some for each in lane.metric.canary], marker, colour, 22, "canary")
    limits = [lane.limit for lane in lanes if lane.limit is not None]
    right = axes.get_xlim()[1]
    axes.hlines(limits, 0, right, colors=style.INK, linewidths=2, linestyles=DASHED, zorder=1, label="limit")
    axes.vlines([gate], *axes.get_ylim(), colors=style.INK, linewidths=1.6, linestyles=(0, (2, 3)), zorder=1,
                label="gate")  # fmt: skip


def _dots(axes: Axes, points: Sequence[tuple[float, float]], marker: str, colour: str, size: float, label: str) -> None:
    axes.scatter(
        [x for x, _ in points], [y for _, y in points], s=size, marker=marker, facecolor=colour, edgecolor="none",
        linewidth=0, zorder=4, label=label, clip_on=False,
    )  # fmt: skip


def intervals(axes: Axes, lanes: Sequence[Lane]) -> None:
    """On the same scales: stable's mean, and where the canary lies beside it by the shift and its interval."""
    levels = [lane.y(lane.metric.stable_mean) for lane in lanes if lane.metric.stable_mean is not None]
    limits = [lane.limit for lane in lanes if lane.limit is not None]
    axes.hlines(levels, 0, 1, colors=style.MUTED, linewidths=2, linestyles="solid", zorder=2, label="stable")
    axes.hlines(limits, 0, 1, colors=style.INK, linewidths=2, linestyles=DASHED, zorder=1, label="limit")
    for marker, colour in ARMS:
        bars = [_bar(lane) for lane in lanes if lane.marker == marker and lane.metric.shift is not None]
        if not bars:
            continue
        lower, middle, upper = (list(each) for each in zip(*bars, strict=True))
        halfway = [0.5] * len(bars)
        axes.vlines(halfway, lower, upper, colors=colour, linewidths=4, linestyles="solid", zorder=3, label="interval")
        axes.hlines(lower + upper, 0.34, 0.66, colors=colour, linewidths=3, linestyles="solid", zorder=3, label="ends")
        axes.scatter(halfway, middle, s=46, marker=marker, facecolor=colour, edgecolor=colour, linewidth=1, zorder=5,
                     label="shift")  # fmt: skip


def _bar(lane: Lane) -> tuple[float, float, float]:
    """The lower end, the middle and the upper end of where the canary lies."""
    each = lane.metric
    base = each.stable_mean or 0.0
    lower, middle, upper = (lane.y(base + (part or 0.0)) for part in (each.lower, each.shift, each.upper))
    return lower, middle, upper


def names(lanes: Sequence[Lane]) -> Iterator[Label]:
    """What the lines at the end of each lane are."""
    for each in lanes:
        if each.metric.stable_mean is not None:
            yield each.y(each.metric.stable_mean), style.MUTED, "stable"
        if each.limit is not None:
            yield each.limit, style.INK, "limit"
