"""9.1 quality: every variant's level over the days with its band, below it the difference to control around zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.parts.courses import (
    Lane,
    day_axis,
    draw,
    heading,
    look_of,
    name_ends,
    panel,
    phase_words,
    upright,
)
from charts.parts.verdicts import refusal, refusal_words, verdict_lines, write_verdicts
from charts.wording import (
    alt,
    change,
    change_range,
    count,
    evidence,
    good_direction,
    headed,
    lowered,
    mean,
    mean_range,
    short,
)
from experiments.design import MetricKind
from experiments.numerals import stated
from experiments.pictures.levels import Course
from experiments.pictures.quality import Quality
from experiments.readout import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTICE_HEIGHT = 580
LEVELS, DIFFERENCES, AGREEMENT = 340, 250, 110
BETWEEN = 74
AXIS = 84
REMARK = 30
ADJUSTED = "The difference is adjusted by what was known of the units before (CUPED); the levels above are not."
MOST_NAMED = 64


def quality(data: Quality) -> bytes:
    """The picture as PNG, 1400 pixels wide; control and at most five treatments."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Quality) -> str:
    """What the picture shows in words: each difference and how it reads, then the newest level of every variant."""
    head = f"{short(data.metric)} over time for “{short(data.basis.title, 120)}”, {data.basis.facts[1]}"
    if data.refused:
        return refusal_words(head, data.refused)
    read = "; ".join(map(_reading, data.comparisons))
    said = data.withheld or f"Against control, {short(data.unit)}, {read}."
    levels = [
        f"{short(each.variant)} {mean(each.last.value, data.kind)} "
        f"({_range(each, data.kind)}, n = {count(each.last.n)})"
        for each in data.levels
        if each.stretches
    ]
    silent = [lowered(each.refused.removesuffix(".")) for each in data.levels if each.refused]
    more = [f"{data.left_out:,} more treatments are left out"] if data.left_out else []
    judged = "; ".join(
        f"{short(each.variant)} {mean(each.last.value, MetricKind.PROPORTION)} ({_range(each, MetricKind.PROPORTION)})"
        for each in data.agreement
    )
    agree = f"Judge and person agree: {judged}." if judged else ""
    return alt((headed(head, said), f"Newest level: {'; '.join((*levels, *silent, *more))}.", agree))


def _range(course: Course, kind: MetricKind) -> str:
    return mean_range(course.last.lower, course.last.upper, kind)


def _reading(each: Comparison) -> str:
    if each.difference is None:
        return f"{short(each.treatment.variant)}: {each.refused or 'no number'}"
    interval = f" ({change_range(each.interval, each.kind)})" if each.interval else ""
    proof = f", {evidence(each)}" if evidence(each) else ""
    return (
        f"{short(each.treatment.variant)} {change(each.difference, each.kind)}{interval}, {each.standing.words}{proof}"
    )


def _lanes(data: Quality) -> list[Lane]:
    """The panels from top to bottom: levels, differences or why there are none, agreement."""
    tops = [Lane(frame.TOP + 44 + (24 if data.phases else 0), LEVELS)]
    if data.differences:
        tops.append(Lane(tops[-1].top + LEVELS + BETWEEN, DIFFERENCES))
    if data.agreement:
        tops.append(Lane(tops[-1].top + tops[-1].height + BETWEEN, AGREEMENT))
    return tops


def _height(data: Quality) -> int:
    if data.refused:
        return NOTICE_HEIGHT
    last = _lanes(data)[-1]
    return int(last.top + last.height + AXIS + REMARK * len(_remarks(data)) + 16 + frame.BOTTOM)


def _draw(card: Card, data: Quality) -> tuple[Axes, ...]:
    """Everything on the card; returns the panels."""
    frame.head(card, data.basis.title, f"{data.metric}: every variant over time")
    write_verdicts(card, _head(data))
    frame.foot(card, data.basis.footer)
    if data.refused:
        refusal(card, data.refused)
        return ()
    lanes = _lanes(data)
    days = (0.0, max(data.planned_end, *(each.last.day for each in data.levels if each.stretches)) * 1.01)
    panels = [_levels(card, data, lanes[0], days)]
    if data.differences:
        panels.append(_differences(card, data, lanes[1], days))
    if data.agreement:
        panels.append(_agreements(card, data, lanes[-1], days))
    for axes in panels:
        upright(axes, data.phases, data.planned_end)
    phase_words(card, data.phases, days, lanes[0].top - 10)
    day_axis(card, panels[-1], lanes[-1])
    frame.remarks(card, lanes[-1].top + lanes[-1].height + AXIS + 18, _remarks(data), REMARK)
    return tuple(panels)


def _head(data: Quality) -> list[str]:
    """What is known of the differences, before anything is looked at, in one or two lines."""
    if data.refused:
        return []
    if data.withheld:
        return [data.withheld]
    return verdict_lines(data.comparisons, _reading)


def _levels(card: Card, data: Quality, lane: Lane, days: tuple[float, float]) -> Axes:
    shown = [each for each in data.levels if each.stretches]
    percent = data.kind is MetricKind.PROPORTION
    room = lane._replace(top=lane.top - (24 if data.phases else 0))
    measured = f"{data.metric}, {'% ' if percent else ''}{data.unit}"
    heading(card, room, measured, f" (band: {_level(data)} always-valid interval of each variant's own level)")
    axes = panel(card, lane, shown, days, scale=100 if percent else 1)
    _lines(card, axes, lane, shown, data, lambda value: mean(value, data.kind))
    return axes


def _differences(card: Card, data: Quality, lane: Lane, days: tuple[float, float]) -> Axes:
    percent = data.kind is MetricKind.PROPORTION
    good = good_direction(data.direction)
    unit = "percentage points" if percent else data.unit
    heading(card, lane, f"Difference to control, {unit}", f" (band: {_level(data)} interval of each look), {good}")
    axes = panel(card, lane, data.differences, days, zero=True, scale=100 if percent else 1)
    _lines(card, axes, lane, data.differences, data, lambda value: change(value, data.kind).removesuffix(" points"))
    return axes


def _agreements(card: Card, data: Quality, lane: Lane, days: tuple[float, float]) -> Axes:
    heading(card, lane, "Judge and person agree, % of the answers both saw", f" (band: {_level(data)} interval)")
    axes = panel(card, lane, data.agreement, days, scale=100)
    _lines(card, axes, lane, data.agreement, data, lambda value: mean(value, MetricKind.PROPORTION))
    return axes


def _lines(
    card: Card, axes: Axes, lane: Lane, courses: Sequence[Course], data: Quality, write: Callable[[float], str]
) -> None:
    for place, each in enumerate(courses):
        draw(axes, each, look_of(each.variant, data.places), place, len(courses))
    ends = [(each, look_of(each.variant, data.places), write(each.last.value)) for each in courses]
    name_ends(card, axes, lane, ends)


def _level(data: Quality) -> str:
    return stated(1 - data.alpha)


def _remarks(data: Quality) -> list[str]:
    shown = [each for each in data.levels if each.stretches]
    more = f"; {data.left_out:,} more treatments are not drawn" if data.left_out else ""
    again = "; the estimates of a phase begin anew" if data.phases else ""
    silent = [each.refused for each in data.levels if each.refused][:1]
    return [
        f"n at the newest look: {_units(shown)}{more}. Dotted: planned end, day {data.planned_end:,g}{again}.",
        *silent,
        *([ADJUSTED] if any(each.variance_left is not None for each in data.comparisons) else []),
        *(f"⚠ {each}" for each in data.warnings[:1]),
    ]


def _units(shown: Sequence[Course]) -> str:
    named = ", ".join(f"{each.variant} {count(each.last.n)}" for each in shown)
    if len(named) <= MOST_NAMED:
        return named
    counts = sorted({each.last.n for each in shown})
    return f"{' to '.join(dict.fromkeys((count(counts[0]), count(counts[-1]))))} per variant"
