"""9.3 latency: every quantile in every variant with its difference to control, how units are spread, how many came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.parts import courses, histogram
from charts.parts.courses import Lane, look_of
from charts.parts.histogram import Mark, half_of
from charts.parts.quantile_rows import HEAD, height_of, quantile_rows, words_of
from charts.parts.verdicts import refusal, write_verdicts
from charts.wording import MARKS, alt, change, change_range, evidence, level_range, number, percent, short
from experiments.numerals import listed
from experiments.pictures.latency import Latency
from experiments.pictures.levels import Level
from experiments.readout import Comparison, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTICE_HEIGHT = 580
TOP = frame.TOP - 2
AXIS, WORDS = 56, 34  # below a panel: its numbers, then what they are
ARRIVALS = 150
BETWEEN = 46
PHASES = 24
REMARK = 30
FEW = 2  # treatments that are told each for itself
MANY = 9
"""From so many values on their intervals are left to the picture."""


def latency(data: Latency) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its quantiles need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Latency) -> str:
    """What the picture shows in words: how each variant reads, its differences with their intervals, every quantile,
    where half of the units lie and how many come."""
    head = f"Latency for “{short(data.basis.title, 120)}”, {data.basis.facts[1]}"
    if data.refused:
        return alt((f"{head}.", data.refused))
    brief = sum(len(each.levels) for each in data.quantiles) > MANY
    levels = "; ".join(
        f"{words_of(each.quantile)} "
        + ", ".join(f"{short(level.variant, 40)} {_value(level, brief=brief)}" for level in each.levels)
        for each in data.quantiles
    )
    said = (f"{head}.", data.withheld) if data.withheld else (f"{head}: {_verdict(data)}.", _against(data, brief=brief))
    beside = " " if data.unit.startswith("per ") else " in "
    named = f"{short(data.family)}{beside}{short(data.unit)}" if data.unit else short(data.family)
    return alt((*said, f"{named[:1].upper()}{named[1:]}: {levels}.", _came(data)))


def _verdict(data: Latency) -> str:
    """Each treatment by how its quantiles read; of many those alone that are not unclear."""
    found = _readings(data)
    clear = {variant: read for variant, read in found.items() if set(read) != {Standing.UNCLEAR}}
    told, said = found if len(found) <= FEW else clear, []
    for variant, read in told.items():
        words = ", ".join(f"{each.words} in {listed(read[each])}" for each in Standing if each in read)
        said.append(f"{short(variant, 40)} {words}")
    rest = [f"{len(found) - len(told)} others unclear" if told else "all unclear"] if len(told) < len(found) else []
    return "; ".join([*said, *rest])


def _against(data: Latency, *, brief: bool) -> str:
    """The differences; with `brief` those alone that are not unclear."""
    rows = []
    for each in data.quantiles:
        told = [one for one in each.comparisons if not brief or one.standing is not Standing.UNCLEAR]
        if told:
            rows.append(f"{words_of(each.quantile)} {', '.join(map(_reading, told))}")
    return f"Against control: {'; '.join(rows)}." if rows else ""


def _reading(each: Comparison) -> str:
    name = short(each.treatment.variant, 40)
    if each.difference is None:
        return f"{name}: {(each.refused or 'no number').removesuffix('.')}"
    proof = [change_range(each.interval, each.kind)] if each.interval else []
    proof += [evidence(each)] if evidence(each) else []
    return f"{name} {change(each.difference, each.kind)}" + (f" ({', '.join(proof)})" if proof else "")


def _value(level: Level, *, brief: bool) -> str:
    if level.value is None:
        return "none"
    return number(level.value) if brief else f"{number(level.value)} ({level_range(level)})"


def _came(data: Latency) -> str:
    """Where half of the units lie, and how many come."""
    shapes = data.distribution.shapes if data.distribution else ()
    halves = ", ".join(f"{short(each.variant, 40)} {half_of(each)}" for each in shapes)
    came = ", ".join(f"{short(each.variant, 40)} {number(each.last.value)}" for each in data.arrivals)
    mass = [f"the middle half of the units: {halves}"] if halves else []
    told = "; ".join([*mass, *([f"units {_per(data)} now: {came}"] if came else [])])
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _per(data: Latency) -> str:
    return "per hour" if data.hourly else "per day"


def _lanes(data: Latency) -> tuple[Lane, Lane]:
    """Where the distribution stands below the table, and below it the throughput; what there is not takes no room."""
    top = TOP + HEAD + height_of(data) + AXIS
    spread = Lane(top + BETWEEN, histogram.height_of(data.distribution)) if data.distribution else Lane(top, 0)
    top = spread.top + spread.height + (AXIS + WORDS if spread.height else 0) + (PHASES if data.phases else 0)
    return spread, Lane(top + BETWEEN, ARRIVALS) if data.arrivals else Lane(top, 0)


def _end(data: Latency) -> float:
    """Where the remarks begin."""
    _, arrivals = _lanes(data)
    return arrivals.top + arrivals.height + (AXIS + WORDS if arrivals.height else 0) + 4


def _height(data: Latency) -> int:
    if data.refused:
        return NOTICE_HEIGHT
    return int(_end(data) + REMARK * len(_remarks(data)) + 14 + frame.BOTTOM)


def _draw(card: Card, data: Latency) -> tuple[Axes, ...]:
    """Everything on the card; returns the axes: values, differences, distribution and arrivals, as far as there are
    any."""
    frame.head(card, data.basis.title, _subject(data))
    frame.foot(card, data.basis.footer)
    if data.refused:
        refusal(card, data.refused)
        return ()
    write_verdicts(card, _head(data))
    spread, arrivals = _lanes(data)
    panels = quantile_rows(card, data, TOP)
    if data.distribution:
        named = data.family, data.unit
        panels.append(histogram.histogram(card, spread, data.distribution, _marks(data), data.places, named))
    if data.arrivals:
        panels.append(_arrivals(card, data, arrivals))
    for place, remark in enumerate(_remarks(data), 1):
        card.write(style.MARGIN, _end(data) + REMARK * place - 8, remark, size=style.SMALL, colour=style.MUTED,
                   width=frame.INNER)  # fmt: skip
    return tuple(panels)


def _subject(data: Latency) -> str:
    shown = "quantiles and distribution" if data.distribution else "quantiles"
    return f"{data.family}: {shown}, {data.unit}" if data.unit else "Latency"


def _marks(data: Latency) -> list[Mark]:
    return [
        Mark(words_of(each.quantile), {level.variant: level.value for level in each.levels if level.value is not None})
        for each in data.quantiles
    ]


def _readings(data: Latency) -> dict[str, dict[Standing, list[str]]]:
    """Which quantiles of each treatment read how."""
    found: dict[str, dict[Standing, list[str]]] = {}
    for each in data.quantiles:
        for one in each.comparisons:
            found.setdefault(one.treatment.variant, {}).setdefault(one.standing, []).append(words_of(each.quantile))
    return found


def _head(data: Latency) -> list[str]:
    """Each treatment's quantiles by how they read."""
    if data.withheld:
        return [data.withheld]
    lines, unclear = [], False
    for variant, read in _readings(data).items():
        said = ", ".join(f"{MARKS[each]} {listed(read[each])} {each.words}" for each in Standing if each in read)
        if set(read) == {Standing.UNCLEAR} and len(data.places) > FEW:
            unclear = True
        else:
            lines.append(f"{short(variant, 20 if len(data.places) > FEW else 40)}: {said}")
    if unclear:
        lines.append(f"{MARKS[Standing.UNCLEAR]} all else is unclear")
    half = (len(lines) + 1) // 2
    return lines if len(lines) <= 2 else [" · ".join(lines[:half]), " · ".join(lines[half:])]


def _arrivals(card: Card, data: Latency, lane: Lane) -> Axes:
    room = lane._replace(top=lane.top - (PHASES if data.phases else 0))
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
    highest = data.quantiles[-1].quantile
    return [
        f"{words_of(highest)}: {highest * 100:.6g} % of the units are at or below it.",
        _of_distribution(data),
        *([f"{' and '.join(cut)} are not drawn."] if cut else []),
        *(f"⚠ {each}" for each in data.warnings[:1]),
    ]


def _of_distribution(data: Latency) -> str:
    """What the outlines leave out, or why there are none."""
    if data.distribution is None:
        return "How the units are spread is not drawn: the data tell their quantiles alone."
    shapes = data.distribution.shapes
    beyond = max(each.below + each.above for each in shapes)
    marks = "Marks on the outlines are the quantiles; uprights are those of "
    left = f" Up to {percent(beyond)} of a variant's units lie off the scale." if beyond >= 0.0005 else ""
    return f"{marks}{short(shapes[0].variant, 40)}.{left}"
