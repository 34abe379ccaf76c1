"""The table of quantiles: a group for each, a row per variant with its value and its difference to control."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card
from charts.parts.courses import Look, look_of, tick_labels
from charts.parts.ranges import Place, Range, is_wide, ranges_on
from charts.wording import MARKS, change, change_range, count, evidence, level_range, number
from experiments.design import Direction
from experiments.pictures.latency import Latency
from experiments.pictures.levels import Level
from experiments.readout import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEAD, GROUP, ROW = 74, 40, 47
LEVELS, VALUE, CHANGES, CHANGE = 340, 624, 800, 1094


def words_of(quantile: float) -> str:
    """p95, p99.9, median.

    >>> words_of(0.95), words_of(0.999), words_of(0.5)
    ('p95', 'p99.9', 'median')
    """
    return "median" if quantile == 0.5 else f"p{round(quantile * 100, 6):g}"


def height_of(data: Latency) -> float:
    """How high the table is, without its head and the numbers below it."""
    return sum(GROUP + ROW * len(each.levels) for each in data.quantiles) + 8


def quantile_rows(card: Card, data: Latency, top: float) -> list[Axes]:
    """The table from `top` on; returns the axes of the values and of the differences, as far as there are any."""
    _titles(card, data, top)
    start = y = top + HEAD
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
    tall = height_of(data)
    if not levels:
        return []
    log = is_wide(levels)
    first = ranges_on(card, Place(LEVELS, start, _values(data) - LEVELS - 20, tall), levels, tick_labels, log=log)
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


def _titles(card: Card, data: Latency, top: float) -> None:
    good = "↑ good" if data.direction is Direction.UP else "↓ good"
    level = f"{round((1 - data.alpha) * 100, 2):g} %"
    unit = data.unit or "own unit"
    columns = [(style.MARGIN, LEVELS, "Quantile, variant", "n at the newest look"),
               (LEVELS, CHANGES, "Value", f"{unit}, {level} always-valid interval")]  # fmt: skip
    if not data.withheld:
        drawn = f"bars in %, numbers in {unit}" if _is_relative(data) else unit
        below = f"{level} interval, {good}; {drawn}"
        columns.append((CHANGES, frame.RIGHT + 16, "Difference to control", below))
    for x, end, name, below in columns:
        card.write(x, top + 26, name, size=style.SMALL, bold=True, width=end - x - 16)
        card.write(x, top + 50, below, size=style.SMALL, colour=style.MUTED, width=end - x - 16)
    card.rule(top + HEAD - 10, left=style.MARGIN, right=frame.RIGHT)


def _row(card: Card, data: Latency, level: Level, compared: Comparison | None, y: float) -> None:
    look, base = look_of(level.variant, data.places), y + ROW / 2 + 7
    card.write(style.MARGIN + 14, base, f"{look.glyph} {level.variant}", size=style.SMALL, bold=True,
               colour=look.colour, width=LEVELS - style.MARGIN - 130)  # fmt: skip
    if level.value is None:
        width = (frame.RIGHT if _values(data) == CHANGE else CHANGES - 40) - LEVELS
        card.paragraph(LEVELS, base - 9, level.refused, width=width, size=style.SMALL - 3, colour=style.MUTED, most=2)
        return
    card.write(LEVELS - 22, base, count(level.n), size=style.SMALL, colour=style.MUTED, align="right", width=90,
               whole=True)  # fmt: skip
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
