"""Lines over the days with their bands: one per variant, parted where a phase began or data were missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import style
from charts.canvas import Card, round_ticks, ticks
from charts.letters import fit, text_width
from charts.parts.ends import label_ends
from charts.wording import number
from experiments.pictures.levels import Course, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT = 170, 1060
BESIDE = 16
MOST_REACH = 3.0
FEW_POINTS = 40
BARS_APART = 16  # pixels
ROOM = 330
MOST_DIGITS, FEW_DIGITS = 9, 4
CONTROL = len(style.SERIES) - 1


class Look(NamedTuple):
    """How a variant is told apart: colour, dashes, marker and the sign before its name say the same."""

    colour: str
    dashes: tuple[float, ...]
    marker: str
    glyph: str


class Lane(NamedTuple):
    """Where a panel stands on the card, in pixels from its top."""

    top: float
    height: float


def look_of(variant: str, places: Mapping[str, int]) -> Look:
    """That of a treatment by its place; control, which has none, is ink."""
    at = places.get(variant, CONTROL)
    return Look(style.SERIES[at], style.DASHES[at] if at != CONTROL else (), style.SERIES_MARKERS[at],
                style.SERIES_GLYPHS[at])  # fmt: skip


def panel(
    card: Card, lane: Lane, courses: Sequence[Course], days: tuple[float, float], *, zero: bool = False,
    scale: float = 1.0, span: tuple[float, float] | None = None,
) -> Axes:  # fmt: skip
    """Axes of this `span`; without one their scale fits the newest intervals, and the first, far wider ones may run out
    of it."""
    axes = card.axes(LEFT, lane.top, RIGHT - LEFT, lane.height)
    axes.set_xlim(*days)
    low, high = span or reach(courses, zero=zero)
    axes.set_ylim(low, high)
    places = round_ticks(low, high, max(2, round(lane.height / 48)))
    ticks(axes.yaxis, places, tick_labels([place * scale for place in places], signed=zero))
    axes.hlines(places, *days, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    if zero:
        axes.axhline(0, color=style.INK, linewidth=2, zorder=2, label="zero", **style.PLAIN)
    return axes


def reach(courses: Sequence[Course], *, zero: bool = False) -> tuple[float, float]:
    """Low and high end of the scale: whatever is known about as well as the newest value fits, however far it was."""
    ends = [0.0] if zero else []
    for course in courses:
        last = course.last
        half = max(last.upper - last.value, last.value - last.lower)
        for point in course.points:
            known = max(point.upper - point.value, point.value - point.lower) <= MOST_REACH * half
            if known or len(course.points) == 1:
                ends.append(point.value)
            bounds = (point.lower, point.upper)
            ends += [end for end in bounds if known or abs(end - last.value) <= MOST_REACH * half]
    low, high = min(ends, default=0.0), max(ends, default=0.0)
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        room = abs(high) * 0.1 or 1.0
        return low - room, high + room
    room = (high - low) * 0.06
    return low - room, high + room


def tick_labels(values: Sequence[float], *, signed: bool = False) -> list[str]:
    """Ticks with as many decimals as tell them apart, in powers of ten where they are huge or tiny."""
    largest = max((abs(value) for value in values), default=0.0)
    sign = "+" if signed else ""
    if largest and not 1e-5 <= largest < 1e7:
        true = (each for each in range(FEW_DIGITS + 1) if _exact(values, each))
        digits = next(true, next((each for each in range(MOST_DIGITS) if _apart(values, each)), MOST_DIGITS))
        if digits > FEW_DIGITS:
            return _from_one(values)
        return [f"{value:{sign}.{digits}e}".replace("-", "−") if value else "0" for value in values]
    exact = 1e-9 * largest
    digits = next((each for each in range(MOST_DIGITS) if all(abs(round(v, each) - v) <= exact for v in values)), 0)
    return [f"{value:{sign},.{digits}f}".replace("-", "−") if value else "0" for value in values]


def _from_one(values: Sequence[float]) -> list[str]:
    """One tick in full, the others by how far they are from it: where all have many digits in common."""
    base = values[len(values) // 2]
    return [number(value - base, signed=True) if value != base else number(value) for value in values]


def _exact(values: Sequence[float], digits: int) -> bool:
    return all(abs(float(f"{value:.{digits}e}") - value) <= 1e-9 * abs(value) for value in values)


def _apart(values: Sequence[float], digits: int) -> bool:
    return len({f"{value:.{digits}e}" for value in values}) == len(values)


def draw(axes: Axes, course: Course, look: Look, at: int, of: int) -> None:
    """A course with its band, number `at` of so many in the panel; a point alone is a bar, beside those of others."""
    low, high = axes.get_ylim()
    slack = high - low
    points = [point for stretch in course.stretches for point in (*stretch, None)][:-1]
    aside = (at - (of - 1) / 2) * BARS_APART * (axes.get_xlim()[1] - axes.get_xlim()[0]) / (RIGHT - LEFT)
    single = {id(stretch[0]) for stretch in course.stretches if len(stretch) == 1}
    days = [point.day + (aside if id(point) in single else 0.0) if point else math.nan for point in points]
    held = [(_held(point, low - slack, high + slack) if point else (math.nan, math.nan)) for point in points]
    lower, upper = [each[0] for each in held], [each[1] for each in held]
    axes.fill_between(
        days, lower, upper, facecolor=look.colour, alpha=0.20 / of + 0.06, linewidth=0, edgecolor="none", zorder=1,
        label=f"band {course.variant}",
    )  # fmt: skip
    alone = [(day, _held(point, low, high)) for day, point in zip(days, points, strict=True)
             if point and id(point) in single]  # fmt: skip
    if alone:
        axes.vlines([day for day, _ in alone], [ends[0] for _, ends in alone], [ends[1] for _, ends in alone],
                    colors=look.colour, linewidths=4, linestyles="solid", zorder=3)  # fmt: skip
    marked = [n for n, point in enumerate(points) if point and (id(point) in single or len(points) <= FEW_POINTS)]
    last = len(points) - 1
    (line,) = axes.plot(
        days, [point.value if point else math.nan for point in points], color=look.colour,
        linewidth=3, markersize=7, markerfacecolor=look.colour, markeredgecolor=look.colour,
        markeredgewidth=0, zorder=4, label=course.variant, markevery=sorted({*marked, last}),
        **{**style.PLAIN, "marker": look.marker},
    )  # fmt: skip
    if look.dashes:
        line.set_dashes(look.dashes)


def _held(point: Point, low: float, high: float) -> tuple[float, float]:
    """The ends of its interval, not farther out than the renderer can count."""
    return min(max(point.lower, low), high), min(max(point.upper, low), high)


def upright(axes: Axes, phases: Sequence[float], planned_end: float | None) -> None:
    """Where phases began, and the planned end, through the whole panel."""
    low, high = axes.get_ylim()
    if phases:
        axes.vlines(list(phases), low, high, colors=style.MUTED, linewidths=2.2, linestyles="solid", zorder=2,
                    label="phases")  # fmt: skip
    if planned_end is not None:
        axes.vlines([planned_end], low, high, colors=style.INK, linewidths=1.6, linestyles=(0, (2, 3)), zorder=2,
                    label="planned end")  # fmt: skip


def phase_words(card: Card, phases: Sequence[float], days: tuple[float, float], y: float) -> None:
    """“phase 2, from day 7” above the line of each phase, as long as they have room."""
    free = 0.0
    for number_, day in enumerate(phases, 2):
        words = f"phase {number_}, from day {round(day, 1):g}"
        x, width = place_of(day, days), text_width(words, style.SMALL)
        left = min(x, RIGHT - width)
        if left >= free:
            card.write(left, y, words, size=style.SMALL, colour=style.MUTED)
            free = left + width + 24


def place_of(day: float, days: tuple[float, float]) -> float:
    """Where on the card a day stands."""
    return LEFT + (RIGHT - LEFT) * (day - days[0]) / (days[1] - days[0])


def day_axis(card: Card, axes: Axes, lane: Lane, words: str = "Days since start") -> None:
    """The days below the lowest panel."""
    low, high = axes.get_xlim()
    places = round_ticks(low, high, 8, whole=high - low >= 4)
    ticks(axes.xaxis, places, tick_labels(places))
    card.write((LEFT + RIGHT) / 2, lane.top + lane.height + 64, words, size=style.SMALL, align="center")


def name_ends(card: Card, axes: Axes, lane: Lane, ends: Sequence[tuple[Course, Look, str]]) -> None:
    """Beside each line its variant and its newest value, of which the value is never cut; right of the panel, unless
    the lines end long before."""
    low, high = axes.get_ylim()
    reached = place_of(max(course.last.day for course, _, _ in ends), axes.get_xlim())
    bars = sum(len(course.stretches[-1]) == 1 for course, _, _ in ends)
    reached += bars * BARS_APART / 2
    x = (reached if RIGHT - reached > ROOM else RIGHT) + BESIDE
    room = (RIGHT if x < RIGHT else style.WIDTH - style.MARGIN) - x - 8
    labels = []
    for course, look, value in ends:
        left = room - text_width(f"{look.glyph}   {value}", style.SMALL, bold=True)
        name = fit(course.variant, left, style.SMALL, bold=True)
        labels.append((min(max(course.last.value, low), high), look.colour, f"{look.glyph} {name}  {value}"))
    label_ends(card, axes, (lane.top, lane.height), labels, x)


def heading(card: Card, lane: Lane, name: str, rest: str) -> None:
    """The words above a panel: what is measured, which gives way, and what is drawn of it."""
    room = style.WIDTH - 2 * style.MARGIN - text_width(rest, style.SMALL, bold=True)
    words = fit(name, room, style.SMALL, bold=True) + rest
    card.write(style.MARGIN, lane.top - 20, words, size=style.SMALL, bold=True)
