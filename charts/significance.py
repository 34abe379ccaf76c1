"""9.6 significance: the difference with its band over the days, and below it p, by the method of the readout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from charts import frame, style
from charts.canvas import Card, fit, render, round_ticks, text_width, ticks
from charts.ends import label_ends
from charts.wording import (
    alt,
    change,
    change_range,
    count,
    day_of,
    is_monitored,
    level,
    method,
    number,
    p_value,
    sample_ratio,
    short,
)
from experiments.design import Method, MetricKind
from experiments.readout import Interval, Look, Readout, Trail

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT = 170, 1110
UPPER_TOP, UPPER_HEIGHT = frame.TOP + 54, 400
LOWER_TOP, LOWER_HEIGHT = UPPER_TOP + UPPER_HEIGHT + 70, 220
LOWEST_P = 1e-12
FEW_LOOKS = 40
BESIDE = 16  # pixels between the end of a line and its name
_PLAIN: dict[str, Any] = {
    "linestyle": "solid", "marker": "none", "solid_joinstyle": "round", "solid_capstyle": "butt",
    "dash_joinstyle": "round", "dash_capstyle": "butt",
}  # fmt: skip
MOST_REACH = 3.0
ACCUMULATING = (Method.ALWAYS_VALID.words, Method.GROUP_SEQUENTIAL.words)
SAFETY = {
    Method.ALWAYS_VALID.words: "Safe to read at every look.",
    Method.GROUP_SEQUENTIAL.words: "Safe to read at the planned looks.",
    Method.FIXED.words: "Only the look at the planned end counts.",
    Method.WELCH.words: "Safe to read once, not at every look.",
}


@dataclass(frozen=True, slots=True)
class _Series:
    treatment: str
    looks: tuple[Look, ...]
    colour: str
    dashes: tuple[float, ...]
    marker: str

    @property
    def last(self) -> Look:
        return self.looks[-1]


def significance(readout: Readout) -> bytes:
    """The picture as PNG, 1400 pixels wide; at most six treatments of the primary metric."""
    return render(_draw, readout, size=(style.WIDTH, _height(readout)))


def describe(readout: Readout) -> str:
    """What the picture shows in words: where each treatment stands at its last look and how far the data reach."""
    head = f"Difference and {method(readout)} p over time for “{short(readout.title, 120)}”, {day_of(readout)}."
    if readout.blocked:
        return alt((head, sample_ratio(readout), f"No lift is shown: {readout.blocked.words}"))
    series = _series(readout)
    if not series:
        return alt((head, sample_ratio(readout), f"{_nothing(readout)}: {readout.verdict.sentence}"))
    metric, unit, kind = _metric(readout)
    lines = "; ".join(
        f"{short(each.treatment)} {change(each.last.difference, kind)} "
        f"({level(readout)} interval of the last look {change_range(_interval(each.last), kind)}), "
        f"{p_value(each.last.p)}, "
        f"{'below' if each.last.p <= readout.alpha else 'above'} the threshold of {readout.alpha:g}, "
        f"{len(each.looks):,} {'look' if len(each.looks) == 1 else 'looks'}"
        for each in series
    )
    left_out = len(_primary_trails(readout)) - len(series)
    more = f" {left_out:,} more treatments are left out." if left_out else ""
    return alt((head, sample_ratio(readout), f"Difference in {short(metric)}, {short(unit)}: {lines}.{more}"))


def _nothing(readout: Readout) -> str:
    return "Nothing to read yet" if is_monitored(readout) else "No looks yet"


def _interval(look: Look) -> Interval:
    return Interval(lower=look.lower, upper=look.upper)


def _metric(readout: Readout) -> tuple[str, str, MetricKind]:
    """Name, unit and kind of the primary metric the picture is about."""
    first = next(iter(readout.primary), None)
    if first is not None:
        return first.metric, first.unit, first.kind
    return (readout.trails[0].metric if readout.trails else "", "own unit", MetricKind.MEAN)


def _primary_trails(readout: Readout) -> list[Trail]:
    metric, *_ = _metric(readout)
    return [trail for trail in readout.trails if trail.metric == metric and _drawable(trail.looks)]


def _drawable(looks: Sequence[Look]) -> tuple[Look, ...]:
    return tuple(look for look in looks if math.isfinite(look.difference) and math.isfinite(look.p))


def _series(readout: Readout) -> list[_Series]:
    return [
        _Series(trail.treatment, _drawable(trail.looks), style.SERIES[place], style.DASHES[place],
                style.SERIES_MARKERS[place])
        for place, trail in enumerate(_primary_trails(readout)[: style.MOST_SERIES])
    ]  # fmt: skip


def _height(readout: Readout) -> int:
    if readout.blocked or not (series := _series(readout)):
        return frame.NOTICE_HEIGHT
    return LOWER_TOP + LOWER_HEIGHT + 90 + 30 * len(_remarks(readout, series)) + frame.BOTTOM


def _draw(card: Card, readout: Readout) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the upper and the lower panel."""
    series = _series(readout)
    metric, unit, kind = _metric(readout)
    frame.heading(card, readout, f"{metric}: difference to control over time" if metric else "Difference over time")
    if readout.blocked:
        frame.notice(card, readout, "⚠ No lift is shown", readout.blocked.words)
        return None
    if not series:
        frame.notice(card, readout, _nothing(readout), readout.verdict.sentence)
        return None
    end = max(float(readout.planned_days), readout.day, *(each.last.day for each in series))
    upper = card.axes(LEFT, UPPER_TOP, RIGHT - LEFT, UPPER_HEIGHT)
    lower = card.axes(LEFT, LOWER_TOP, RIGHT - LEFT, LOWER_HEIGHT)
    for axes in (upper, lower):
        axes.set_xlim(0, end * 1.02)
    scale = 100 if kind is MetricKind.PROPORTION else 1
    measured = f"Difference in percentage points, {unit}" if scale == 100 else f"Difference, {unit}"
    band = f" (band: {level(readout)} interval of each look)"
    measured = fit(measured, RIGHT - style.MARGIN - text_width(band, style.SMALL, bold=True), style.SMALL, bold=True)
    card.write(style.MARGIN, UPPER_TOP - 22, measured + band, size=style.SMALL, bold=True)
    card.write(style.MARGIN, LOWER_TOP - 22, _p_title(readout), size=style.SMALL, bold=True)
    _differences(upper, series, scale)
    _evidence(lower, series, readout.alpha)
    days = round_ticks(0, end, 8, whole=True)
    ticks(lower.xaxis, days, [f"{day:g}" for day in days])
    for axes in (upper, lower):
        axes.vlines([readout.planned_days], *axes.get_ylim(), colors=style.INK, linewidths=1.6, zorder=2,
                    linestyles=(0, (2, 3)), label="planned end")  # fmt: skip
    _planned_end(card, readout, end)
    reach = LEFT + (RIGHT - LEFT) * max(each.last.day for each in series) / (end * 1.02)
    x = reach + BESIDE if reach < LEFT + 0.7 * (RIGHT - LEFT) else RIGHT + BESIDE
    names = [(each.last.difference, each.colour, each.treatment) for each in series]
    label_ends(card, upper, (UPPER_TOP, UPPER_HEIGHT), names, x)
    threshold = (readout.alpha, style.INK, f"threshold α = {readout.alpha:g}")
    values = [(max(each.last.p, _floor(series, readout.alpha)), each.colour, _p_label(each.last.p)) for each in series]
    lane = (LOWER_TOP, LOWER_HEIGHT)
    if x > RIGHT:
        label_ends(card, lower, lane, [*values, threshold], x)
    else:
        label_ends(card, lower, lane, values, x, clear_of=readout.alpha)
        label_ends(card, lower, lane, [threshold], RIGHT + BESIDE)
    card.write((LEFT + RIGHT) / 2, LOWER_TOP + LOWER_HEIGHT + 66, "Days since start", size=style.SMALL, align="center")
    for place, remark in enumerate(_remarks(readout, series)):
        card.write(style.MARGIN, LOWER_TOP + LOWER_HEIGHT + 104 + place * 30, remark, size=style.SMALL,
                   colour=style.MUTED, width=frame.INNER)  # fmt: skip
    frame.signature(card, readout)
    return upper, lower


def _remarks(readout: Readout, series: Sequence[_Series]) -> list[str]:
    units = max(each.last.n for each in series)
    looks = max(len(each.looks) for each in series)
    words = (
        f"{looks:,} {'look' if looks == 1 else 'looks'}; n up to {count(units)} units per comparison at the last one"
    )
    left_out = len(_primary_trails(readout)) - len(series)
    more = f"; {left_out:,} more treatments are not drawn" if left_out else ""
    safety = SAFETY.get(readout.method, "")
    family = next((each.family for each in readout.primary if each.family), "")
    adjusted = f"Adjusted: {family}." if family else ""
    first = " ".join(filter(None, (f"{words}{more}.", safety, adjusted)))
    return [first, *[f"⚠ {each}" for each in frame.warnings(readout)[:1]]]


def _p_title(readout: Readout) -> str:
    name = method(readout)
    which = ", smallest so far" if readout.method in ACCUMULATING else " of each look"
    return f"{name[:1].upper()}{name[1:]} p{which} (lower is stronger evidence)"


def _p_label(p: float) -> str:
    return p_value(p) if p >= LOWEST_P else "p < 1e−12"


def _planned_end(card: Card, readout: Readout, end: float) -> None:
    x = LEFT + (RIGHT - LEFT) * readout.planned_days / (end * 1.02)
    card.write(
        x, UPPER_TOP + UPPER_HEIGHT + 24, f"planned end, day {readout.planned_days:,}", size=style.SMALL,
        colour=style.MUTED, align="left" if x < (LEFT + RIGHT) / 2 else "right",
    )  # fmt: skip


def _differences(axes: Axes, series: Sequence[_Series], scale: int) -> None:
    low, high = _span(series)
    axes.set_ylim(low, high)
    places = round_ticks(low, high, 6)
    ticks(axes.yaxis, places, [number(place * scale, signed=True) for place in places])
    axes.hlines(places, *axes.get_xlim(), colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.axhline(0, color=style.INK, linewidth=2, zorder=2, label="zero", **_PLAIN)
    for each in series:
        days = [look.day for look in each.looks]
        lower = [max(look.lower, low - (high - low)) for look in each.looks]
        upper = [min(look.upper, high + (high - low)) for look in each.looks]
        if len(days) == 1:
            axes.vlines(days, lower, upper, colors=each.colour, linewidths=4, linestyles="solid", zorder=3)
        axes.fill_between(
            days, lower, upper, facecolor=each.colour, alpha=0.20 / len(series) + 0.06, linewidth=0, edgecolor="none",
            zorder=1,
        )  # fmt: skip
        for edge in (lower, upper):
            axes.plot(days, edge, color=each.colour, linewidth=1, alpha=0.6, zorder=2, **_PLAIN)
        _line(axes, each, [look.difference for look in each.looks])


def _span(series: Sequence[_Series]) -> tuple[float, float]:
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


def _floor(series: Sequence[_Series], alpha: float) -> float:
    """The power of ten where the scale of p ends; smaller ones stand on it with a mark."""
    smallest = min(look.p for each in series for look in each.looks)
    return 10.0 ** math.floor(math.log10(max(LOWEST_P, min(smallest, alpha / 5))))


def _evidence(axes: Axes, series: Sequence[_Series], alpha: float) -> None:
    floor = _floor(series, alpha)
    decades = round(-math.log10(floor))
    axes.set_yscale("log")
    axes.set_ylim(floor * 10 ** (-0.06 * decades), 10 ** (0.06 * decades))
    places = [10.0**-power for power in range(0, decades + 1, max(1, math.ceil(decades / 4)))]
    ticks(
        axes.yaxis, places, [f"{place:g}" if place >= 1e-3 else f"1e−{-round(math.log10(place))}" for place in places]
    )
    axes.hlines(places, *axes.get_xlim(), colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    threshold = axes.axhline(alpha, color=style.INK, linewidth=2, zorder=2, label="threshold", **_PLAIN)
    threshold.set_dashes((6, 3))
    for each in series:
        _line(axes, each, [max(look.p, floor) for look in each.looks])
        if each.last.p < floor:
            axes.plot([each.last.day], [floor], marker="v", markersize=13, color=each.colour, linestyle="none",
                      markeredgewidth=0, clip_on=False, zorder=5, label="below the scale")  # fmt: skip


def _line(axes: Axes, each: _Series, values: list[float]) -> None:
    """One treatment's line, told apart by colour, dashes and the marker at its last look."""
    days = [look.day for look in each.looks]
    (line,) = axes.plot(
        days, values, color=each.colour, linewidth=3, markersize=7, markerfacecolor=each.colour,
        markeredgecolor=each.colour, markeredgewidth=0, zorder=4, label=each.treatment,
        markevery=1 if len(days) <= FEW_LOOKS else [len(days) - 1], **{**_PLAIN, "marker": each.marker},
    )  # fmt: skip
    if each.dashes:
        line.set_dashes(each.dashes)
