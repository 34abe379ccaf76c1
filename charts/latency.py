"""9.3 latency: every quantile in every variant with its difference to control; below it how many units came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.parts import courses
from charts.parts.courses import Lane, Look, look_of, tick_labels
from charts.parts.ranges import Place, Range, is_wide, ranges_on
from charts.parts.verdicts import refusal, write_verdicts
from charts.wording import MARKS, alt, change, change_range, count, evidence, level_range, number, short
from experiments.design import Direction
from experiments.numerals import listed
from experiments.pictures.latency import Latency
from experiments.pictures.levels import Level
from experiments.readout import Comparison, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTICE_HEIGHT = 580
TOP = frame.TOP - 2
HEAD, GROUP, ROW, AXIS = 74, 44, 50, 56
LEVELS, VALUE, CHANGES, CHANGE = 340, 624, 800, 1094
ARRIVALS = 150
BETWEEN = 46
REMARK = 30
CONNECTED = 1.6  # pixels wide


def latency(data: Latency) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its quantiles need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Latency) -> str:
    """What the picture shows in words: every quantile in every variant, how each differs, and how many units come."""
    head = f"Latency for “{short(data.basis.title, 120)}”, {data.basis.facts[1]}."
    if data.refused:
        return alt((head, data.refused))
    named = f"{short(data.family)}, {short(data.unit)}"
    levels = "; ".join(
        f"{words_of(each.quantile)} "
        + ", ".join(f"{short(level.variant, 40)} {_value(level)}" for level in each.levels)
        for each in data.quantiles
    )
    if data.withheld:
        said = data.withheld
    else:
        rows = [f"{words_of(each.quantile)} {_reading(one)}" for each in data.quantiles for one in each.comparisons]
        said = f"Against control: {'; '.join(rows)}."
    came = ", ".join(f"{short(each.variant, 40)} {number(each.last.value)}" for each in data.arrivals)
    arrived = f"Units {_per(data)} now: {came}." if came else ""
    return alt((head, f"{named}: {levels}.", said, arrived))


def words_of(quantile: float) -> str:
    """p95, p99.9, median.

    >>> words_of(0.95), words_of(0.999), words_of(0.5)
    ('p95', 'p99.9', 'median')
    """
    return "median" if quantile == 0.5 else f"p{round(quantile * 100, 6):g}"


def _value(level: Level) -> str:
    if level.value is None:
        return f"({level.refused.removesuffix('.')})"
    return f"{number(level.value)} ({level_range(level)})"


def _reading(each: Comparison) -> str:
    name = short(each.treatment.variant, 40)
    if each.difference is None:
        return f"{name}: {(each.refused or 'no number').removesuffix('.')}"
    interval = f" ({change_range(each.interval, each.kind)})" if each.interval else ""
    proof = f", {evidence(each)}" if evidence(each) else ""
    return f"{name} {change(each.difference, each.kind)}{interval}, {each.standing.words}{proof}"


def _per(data: Latency) -> str:
    return "per hour" if data.hourly else "per day"


def _tall(data: Latency) -> float:
    return sum(GROUP + ROW * len(each.levels) for each in data.quantiles) + 8


def _lane(data: Latency) -> Lane:
    return Lane(TOP + HEAD + _tall(data) + AXIS + BETWEEN + (24 if data.phases else 0), ARRIVALS)


def _height(data: Latency) -> int:
    if data.refused:
        return NOTICE_HEIGHT
    end = _lane(data).top + ARRIVALS + 84 if data.arrivals else TOP + HEAD + _tall(data) + AXIS + 20
    return int(end + REMARK * len(_remarks(data)) + 14 + frame.BOTTOM)


def _draw(card: Card, data: Latency) -> tuple[Axes, ...]:
    """Everything on the card; returns the axes: levels, differences and arrivals, as far as there are any."""
    frame.head(card, data.basis.title, f"{data.family}: quantiles, {data.unit}" if data.unit else "Latency")
    frame.foot(card, data.basis.footer)
    if data.refused:
        refusal(card, data.refused)
        return ()
    write_verdicts(card, _head(data))
    panels = _quantiles(card, data)
    y = TOP + HEAD + _tall(data) + AXIS + 54
    if data.arrivals:
        lane = _lane(data)
        panels.append(_arrivals(card, data, lane))
        y = lane.top + ARRIVALS + 102
    for remark in _remarks(data):
        card.write(style.MARGIN, y, remark, size=style.SMALL, colour=style.MUTED, width=frame.INNER)
        y += REMARK
    return tuple(panels)


def _head(data: Latency) -> list[str]:
    """Each treatment's quantiles by how they read."""
    if data.withheld:
        return [data.withheld]
    lines, unclear = [], False
    for variant in dict.fromkeys(one.treatment.variant for each in data.quantiles for one in each.comparisons):
        read: dict[Standing, list[str]] = {}
        for each in data.quantiles:
            for one in each.comparisons:
                if one.treatment.variant == variant:
                    read.setdefault(one.standing, []).append(words_of(each.quantile))
        said = ", ".join(f"{MARKS[each]} {listed(read[each])} {each.words}" for each in Standing if each in read)
        if set(read) == {Standing.UNCLEAR} and len(data.places) > 2:
            unclear = True
        else:
            lines.append(f"{short(variant, 20 if len(data.places) > 2 else 40)}: {said}")
    if unclear:
        lines.append(f"{MARKS[Standing.UNCLEAR]} all else is unclear")
    half = (len(lines) + 1) // 2
    return lines if len(lines) <= 2 else [" · ".join(lines[:half]), " · ".join(lines[half:])]


def _quantiles(card: Card, data: Latency) -> list[Axes]:
    """A group per quantile with a row per variant: its value, and its difference to control."""
    _titles(card, data)
    start = y = TOP + HEAD
    relative = _is_relative(data)
    levels: list[Range] = []
    changes: list[Range] = []
    for each in data.quantiles:
        if y > start:
            card.rule(y + 5, left=style.MARGIN, right=frame.RIGHT, thickness=1.2)
        card.write(style.MARGIN, y + 34, words_of(each.quantile), bold=True)
        y += GROUP
        for level in each.levels:
            compared = next((one for one in each.comparisons if one.treatment.variant == level.variant), None)
            _row(card, data, level, compared, y)
            look, middle = look_of(level.variant, data.places), y + ROW / 2 - start
            if level.value is not None:
                levels.append(Range(middle, level.value, level.lower, level.upper, look))
            if compared is not None and compared.difference is not None:
                changes.append(_change(middle, compared, look, relative))
            y += ROW
    tall = _tall(data)
    log = is_wide(levels)
    first = ranges_on(card, Place(LEVELS, start, _values(data) - LEVELS - 20, tall), levels, tick_labels, log=log)
    _connect(first, data, levels)
    if not changes:
        return [first]
    place = Place(CHANGES, start, CHANGE - CHANGES - 20, tall)
    return [first, ranges_on(card, place, changes, lambda values: _signed(values, relative), zero=True)]


def _is_relative(data: Latency) -> bool:
    compared = [one for each in data.quantiles for one in each.comparisons if one.difference is not None]
    return all(one.relative is not None for one in compared)


def _change(middle: float, compared: Comparison, look: Look, relative: bool) -> Range:
    """The difference, in percent of control where all have one: so the quantiles can be held against each other."""
    interval = compared.relative_interval if relative else compared.interval
    scale = 100.0 if relative else 1.0
    value = (compared.relative if relative else compared.difference) or 0.0
    if interval is None:
        return Range(middle, value * scale, value * scale, value * scale, look)
    ends = [None if end is None else end * scale for end in (interval.lower, interval.upper)]
    return Range(middle, value * scale, ends[0], ends[1], look)


def _signed(values: Sequence[float], relative: bool) -> list[str]:
    return [f"{words} %" if relative else words for words in tick_labels(values, signed=True)]


def _values(data: Latency) -> int:
    """Where the values stand; without differences their bars have all the room."""
    return VALUE if any(each.comparisons for each in data.quantiles) else CHANGE


def _titles(card: Card, data: Latency) -> None:
    good = "↑ good" if data.direction is Direction.UP else "↓ good"
    level = f"{round((1 - data.alpha) * 100, 2):g} %"
    unit = data.unit or "own unit"
    columns = [(style.MARGIN, LEVELS, "Quantile, variant", "n at the newest look"),
               (LEVELS, CHANGES, "Distribution", f"{unit}, {level} always-valid interval")]  # fmt: skip
    if not data.withheld:
        drawn = f"bars in %, numbers in {unit}" if _is_relative(data) else unit
        below = f"{level} interval, {good}; {drawn}"
        columns.append((CHANGES, frame.RIGHT + 16, "Difference to control", below))
    for x, end, name, below in columns:
        card.write(x, TOP + 26, name, size=style.SMALL, bold=True, width=end - x - 16)
        card.write(x, TOP + 50, below, size=style.SMALL, colour=style.MUTED, width=end - x - 16)
    card.rule(TOP + HEAD - 10, left=style.MARGIN, right=frame.RIGHT)


def _row(card: Card, data: Latency, level: Level, compared: Comparison | None, y: float) -> None:
    look, base = look_of(level.variant, data.places), y + ROW / 2 + 7
    card.write(style.MARGIN + 14, base, f"{look.glyph} {level.variant}", size=style.SMALL, bold=True,
               colour=look.colour, width=LEVELS - style.MARGIN - 130)  # fmt: skip
    card.write(LEVELS - 22, base, count(level.n), size=style.SMALL, colour=style.MUTED, align="right", width=90,
               whole=True)  # fmt: skip
    if level.value is None:
        card.write(LEVELS, base, level.refused, size=style.SMALL, colour=style.MUTED, width=frame.RIGHT - LEVELS)
        return
    x, room = _values(data), CHANGES - VALUE - 20
    card.write(x, base - 9, number(level.value), size=style.SMALL, bold=True, width=room, whole=True)
    card.write(x, base + 13, level_range(level), size=style.SMALL - 3, colour=style.MUTED, width=room, whole=True)
    if compared is None:
        return
    if compared.difference is None:
        card.write(CHANGES, base, compared.refused or "no number", size=style.SMALL, colour=style.MUTED,
                   width=frame.RIGHT - CHANGES)  # fmt: skip
        return
    read = f"{change(compared.difference, compared.kind)}  {MARKS[compared.standing]} {compared.standing.words}"
    card.write(CHANGE, base - 9, read, size=style.SMALL, bold=True, colour=style.STANDING[compared.standing],
               width=frame.RIGHT - CHANGE, whole=True)  # fmt: skip
    if compared.interval:
        proof = f", {evidence(compared)}" if evidence(compared) else ""
        card.write(CHANGE, base + 13, f"{change_range(compared.interval, compared.kind)}{proof}", size=style.SMALL - 3,
                   colour=style.MUTED, width=frame.RIGHT - CHANGE, whole=True)  # fmt: skip


def _connect(axes: Axes, data: Latency, levels: Sequence[Range]) -> None:
    """Each variant's quantiles joined by a thin line: its distribution, as far as it is measured."""
    from matplotlib.collections import LineCollection

    lines: dict[str, list[tuple[float, float]]] = {}
    for each in levels:
        lines.setdefault(each.look.colour, []).append((each.value or 0.0, each.y))
    axes.add_collection(
        LineCollection([*lines.values()], colors=[*lines], linewidths=CONNECTED, linestyles="solid", alpha=0.45,
                       zorder=2, label="distribution"), autolim=False,
    )  # fmt: skip


def _arrivals(card: Card, data: Latency, lane: Lane) -> Axes:
    room = lane._replace(top=lane.top - (24 if data.phases else 0))
    courses.heading(card, room, f"Throughput: units {_per(data)} in each variant", " (band: 95 % interval of the rate)")
    days = (0.0, max(each.last.day for each in data.arrivals) * 1.01)
    most = max(point.upper for each in data.arrivals for point in each.points)
    axes = courses.panel(card, lane, data.arrivals, days, span=(0.0, most * 1.05 or 1.0))
    for place, each in enumerate(data.arrivals):
        courses.draw(axes, each, look_of(each.variant, data.places), place, len(data.arrivals))
    courses.upright(axes, data.phases, None)
    courses.phase_words(card, data.phases, days, lane.top - 10)
    courses.day_axis(card, axes, lane)
    ends = [(each, look_of(each.variant, data.places), number(each.last.value)) for each in data.arrivals]
    courses.name_ends(card, axes, lane, ends)
    return axes


def _remarks(data: Latency) -> list[str]:
    cut = [
        *([f"{data.not_drawn:,} more quantiles"] if data.not_drawn else []),
        *([f"{data.left_out:,} more treatments"] if data.left_out else []),
    ]
    joined = "; thin lines join the quantiles of a variant" if len(data.quantiles) > 1 else ""
    highest = data.quantiles[-1].quantile
    return [
        f"{words_of(highest)}: {highest * 100:.6g} % of the units are at or below it{joined}.",
        *([f"{' and '.join(cut)} are not drawn."] if cut else []),
        *(f"⚠ {each}" for each in data.warnings[:1]),
    ]
