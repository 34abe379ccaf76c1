"""9.2 cost: what a unit and a success cost in each variant; below it what full traffic would bring in 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.letters import wrap
from charts.parts.courses import look_of, tick_labels
from charts.parts.ranges import Place, Range, ranges_on
from charts.parts.returns import MOST_RETURNS, ratio_of, return_words, returns, rows_of, tall, units_words
from charts.parts.verdicts import refusal, refusal_words, verdict_lines, write_verdicts
from charts.wording import (
    alt,
    count,
    evidence,
    headed,
    joined,
    level_range,
    lowered,
    number,
    percent,
    percent_range,
    short,
)
from experiments.numerals import stated
from experiments.pictures.cost import Cost
from experiments.pictures.levels import Level
from experiments.readout import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTICE_HEIGHT = 580
ROW = 62
HEAD = 74
AXIS = 56
BETWEEN = 26
REMARK = 30
NAMES = 300
TOP = frame.TOP - 2


def cost(data: Cost) -> bytes:
    """The picture as PNG, 1400 pixels wide; control and at most five treatments, the returns of at most three."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Cost) -> str:
    """What the picture shows in words: who is cheaper, what a unit and a success cost, what that would bring."""
    head = f"Cost for “{short(data.basis.title, 120)}”, {data.basis.facts[1]}"
    if data.refused:
        return refusal_words(head, data.refused)
    measured = f"{head}, {short(data.metric)}{f' in {short(data.unit)}' if data.unit else ''}"
    read = "; ".join(map(_reading, data.comparisons))
    said = data.withheld or (f"Against control {read}." if read else "There is no difference to show yet.")
    spent = f"Per unit: {_listed(data.per_unit, with_n=True)}"
    success = f"per {short(data.success)}: {_listed(data.per_success)}." if data.per_success else data.no_success
    ranges: dict[str, list[str]] = {}
    for row in rows_of(data):
        ranges.setdefault(row.variant, []).append(f"{row.words} {row.amounts}")
    brought = "; ".join(f"{short(variant, 40)} {', '.join(some)}" for variant, some in ranges.items())
    money = f", in {short(data.saved_in, 40)}" if data.saved_in else ""
    ratios = "; ".join(f"{short(each.variant, 40)} {return_words(each.ratio)}" for each in data.returns if each.ratio)
    return alt(
        (
            headed(measured, said),
            f"{spent}; {lowered(success)}" if success else f"{spent}.",
            f"In 30 days at full traffic, {units_words(data)}{money}: {brought}." if brought else "",
            joined(" ".join((*([f"Return on the experiment: {ratios}."] if ratios else []), *data.missing))),
        )
    )


def _listed(spent: Sequence[Level], *, with_n: bool = False) -> str:
    return "; ".join(_spent(each, with_n=with_n) for each in spent)


def _spent(each: Level, *, with_n: bool) -> str:
    name = short(each.variant, 40)
    if each.value is None:
        return f"{name}: {lowered(each.refused.removesuffix('.'))}"
    units = f", n = {count(each.n)}" if with_n else ""
    return f"{name} {number(each.value)} ({level_range(each)}{units})"


def _reading(each: Comparison) -> str:
    name = short(each.treatment.variant, 40)
    if each.relative is None:
        return f"{name} {each.refused or 'control is too close to zero for a relative change'}"
    interval = f" ({percent_range(each.relative_interval)})" if each.relative_interval else ""
    proof = f", {evidence(each)}" if evidence(each) else ""
    return f"{name} {percent(each.relative, signed=True)}{interval}, {each.standing.words}{proof}"


def _table(data: Cost) -> float:
    """How high the table of the variants is, axis included."""
    return HEAD + ROW * len(data.per_unit) + AXIS


def _height(data: Cost) -> int:
    if data.refused:
        return NOTICE_HEIGHT
    rows = rows_of(data)
    below = HEAD + tall(rows) + AXIS + 34 if rows else 84
    return int(TOP + _table(data) + BETWEEN + below + REMARK * len(_remarks(data)) + frame.BOTTOM)


def _draw(card: Card, data: Cost) -> tuple[Axes, ...]:
    """Everything on the card; returns the axes: per unit, per success and the returns, as far as there are any."""
    frame.head(card, data.basis.title, f"Cost: {data.metric}, {data.unit}" if data.metric else "Cost")
    frame.foot(card, data.basis.footer)
    if data.refused:
        refusal(card, data.refused)
        return ()
    write_verdicts(card, [data.withheld] if data.withheld else verdict_lines(data.comparisons, _reading))
    panels = _variants(card, data)
    y = TOP + _table(data) + BETWEEN
    rows = rows_of(data)
    if rows:
        panels.append(returns(card, data, rows, y))
        y += HEAD + tall(rows) + AXIS + 52
    else:
        y = card.paragraph(style.MARGIN, y + 16, _noreturns(data), width=frame.INNER, most=3) + 20
    frame.remarks(card, y, _remarks(data), REMARK)
    return tuple(panels)


def _variants(card: Card, data: Cost) -> list[Axes]:
    """A row per variant: its name and n, then the bars and numbers of one or two costs."""
    top = TOP + HEAD
    middles = [top + ROW * (place + 0.5) for place in range(len(data.per_unit))]
    card.write(style.MARGIN, TOP + 26, "Variant", size=style.SMALL, bold=True, colour=style.MUTED)
    card.write(style.MARGIN, TOP + 50, "n at the newest look", size=style.SMALL, colour=style.MUTED)
    card.rule(TOP + HEAD - 10, left=style.MARGIN, right=frame.RIGHT)
    for each, middle in zip(data.per_unit, middles, strict=True):
        look = look_of(each.variant, data.places)
        card.write(style.MARGIN, middle - 4, f"{look.glyph} {each.variant}", bold=True, colour=look.colour,
                   width=NAMES - style.MARGIN - 16)  # fmt: skip
        card.write(style.MARGIN, middle + 20, count(each.n), size=style.SMALL, colour=style.MUTED,
                   width=NAMES - style.MARGIN - 16)  # fmt: skip
    unit = data.unit or "own unit"
    titles = [(data.metric, f"{unit}, {stated(1 - data.alpha)} interval", data.per_unit)]
    if any(each.value is not None for each in data.per_success):
        widest = "measured as one" if data.exact else "widest possible interval"
        titles.append((f"Per {data.success}", f"{_per_success(data)}, {widest}", data.per_success))
    width = (frame.RIGHT - NAMES + 30) / len(titles)
    return [
        _column(card, data, Place(NAMES + place * width, top, width * 0.58 if len(titles) > 1 else width * 0.74, 0),
                width - 30, each, middles)
        for place, each in enumerate(titles)
    ]  # fmt: skip


def _per_success(data: Cost) -> str:
    return f"{data.unit.partition(' per ')[0]} per {data.success}"


def _column(
    card: Card, data: Cost, place: Place, room: float, title: tuple[str, str, Sequence[Level]],
    middles: Sequence[float],
) -> Axes:  # fmt: skip
    name, below, spent = title
    card.write(place.left, TOP + 26, name, size=style.SMALL, bold=True, width=room)
    card.write(place.left, TOP + 50, below, size=style.SMALL, colour=style.MUTED, width=room)
    place = place._replace(height=ROW * len(middles))
    rows = [
        Range(middle - place.top, each.value, each.lower, each.upper, look_of(each.variant, data.places))
        for each, middle in zip(spent, middles, strict=True)
        if each.value is not None
    ]
    x, left = place.left + place.width + 22, room - place.width - 22
    for each, middle in zip(spent, middles, strict=True):
        if each.value is None:
            card.write(place.left, middle + 6, each.refused, size=style.SMALL, colour=style.MUTED, width=room)
            continue
        card.write(x, middle - 4, number(each.value), bold=True, width=left, whole=True)
        card.write(x, middle + 20, level_range(each), size=style.SMALL, colour=style.MUTED, width=left, whole=True)
    return ranges_on(card, place, rows, tick_labels)


def _noreturns(data: Cost) -> str:
    if data.withheld:
        return "What full traffic would bring is said once a difference may be."
    return " ".join(data.missing) or "There is no interval yet from which to say what full traffic would bring."


def _remarks(data: Cost) -> list[str]:
    rows = rows_of(data)
    apart = (
        f"Per {short(data.success, 40)}: the two were aggregated apart, so the interval allows for any correlation; "
        "a ratio metric narrows it."
    )
    left = len(data.returns) - MOST_RETURNS
    more = data.left_out + max(left, 0) if rows else data.left_out
    return [
        *([apart] if data.per_success and not data.exact else [data.no_success] if data.no_success else []),
        *(line for words in data.missing if rows for line in wrap(words, frame.INNER, style.SMALL, most=3)),
        *(["Return = (all of it in 30 days − the experiment so far) ÷ the experiment so far."] if any(
            ratio_of(data, row) for row in rows) else []),
        *([f"{more:,} more treatments are not drawn; choose one below."] if more else []),
        *(f"⚠ {each}" for each in data.warnings[:1]),
    ]  # fmt: skip
