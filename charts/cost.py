"""9.2 cost: what a unit and a success cost in each variant; below it what full traffic would bring in 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.amounts import money, plain, tick_words
from charts.canvas import Card, render, text_width, wrap
from charts.courses import look_of, tick_labels
from charts.ranges import Place, Range, ranges_on
from charts.verdicts import verdict_lines, write_verdicts
from charts.wording import alt, change_range, count, evidence, number, percent, percent_range, short
from experiments.design import Direction, MetricKind
from experiments.pictures.cost import Cost
from experiments.pictures.levels import Level
from experiments.pictures.returns import Return
from experiments.readout import Comparison, Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTICE_HEIGHT = 500
ROW = 62
HEAD = 74
AXIS = 56
BETWEEN = 26
REMARK = 30
NAMES = 300
MOST_RETURNS = 3
GROUP, RANGE = 44, 46
RANGES_WIDTH = 640
TOP = frame.TOP - 2


class Row(NamedTuple):
    """One range of the returns: of which treatment, what it is, and whether it is the sum of those above."""

    variant: str
    words: str
    interval: Interval
    total: bool = False


def cost(data: Cost) -> bytes:
    """The picture as PNG, 1400 pixels wide; control and at most five treatments, the returns of at most three."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Cost) -> str:
    """What the picture shows in words: what a unit and a success cost, then what full traffic would bring."""
    head = (
        f"Cost for “{short(data.basis.title, 120)}”, {data.basis.facts[1]}: {short(data.metric)}, {short(data.unit)}."
    )
    if data.refused:
        return alt((head, data.refused))
    spent = f"Per unit: {_listed(data.per_unit)}."
    success = f"Per {short(data.success)}: {_listed(data.per_success)}." if data.per_success else data.no_success
    compared = "; ".join(map(_reading, data.comparisons))
    returns = [f"{short(row.variant, 40)}, {row.words} {_range(row.interval)}" for row in _rows(data)]
    counted = f", in {short(data.saved_in, 40)}" if data.saved_in else ""
    brought = (
        f"In 30 days at full traffic, {_units(data)}{counted}: {'; '.join(returns)}." if returns else data.withheld
    )
    ratios = "; ".join(f"{short(e.variant, 40)} {_percent(e.ratio)}" for e in data.returns if e.ratio)
    returned = f"Return on the experiment: {ratios}." if ratios else ""
    return alt((head, spent, success, f"Against control: {compared}." if compared else "", brought, returned,
                *data.missing))  # fmt: skip


def _listed(spent: Sequence[Level]) -> str:
    return "; ".join(
        f"{short(each.variant, 40)} {number(each.value)} ({_ends(each)}, n = {count(each.n)})"
        if each.value is not None
        else f"{short(each.variant, 40)}: {each.refused.removesuffix('.')}"
        for each in spent
    )


def _ends(each: Level) -> str:
    return change_range(Interval(lower=each.lower, upper=each.upper), MetricKind.MEAN)


def _reading(each: Comparison) -> str:
    name = short(each.treatment.variant, 40)
    if each.relative is None:
        return f"{name} {each.refused or 'control is too close to zero for a relative change'}"
    interval = f" ({percent_range(each.relative_interval)})" if each.relative_interval else ""
    proof = f", {evidence(each)}" if evidence(each) else ""
    return f"{name} {percent(each.relative, signed=True)}{interval}, {each.standing.words}{proof}"


def _rows(data: Cost) -> list[Row]:
    """The ranges that are known, treatment by treatment; only the money in one currency can be added up."""
    rows: list[Row] = []
    for each in data.returns[:MOST_RETURNS]:
        if each.savings:
            rows.append(Row(each.variant, "saved" if data.direction is Direction.DOWN else "gained", each.savings))
        if each.worth:
            rows.append(Row(each.variant, "worth of the lift", each.worth))
        if each.savings and each.worth and each.together:
            rows.append(Row(each.variant, "together", each.together, total=True))
    return rows


def _table(data: Cost) -> float:
    """How high the table of the variants is, axis included."""
    return HEAD + ROW * len(data.per_unit) + AXIS


def _tall(rows: Sequence[Row]) -> float:
    """How high the ranges are: a heading for each treatment, then its rows."""
    return GROUP * len({row.variant for row in rows}) + RANGE * len(rows) + 8


def _height(data: Cost) -> int:
    if data.refused:
        return NOTICE_HEIGHT
    rows = _rows(data)
    below = HEAD + _tall(rows) + AXIS + 34 if rows else 84
    return int(TOP + _table(data) + BETWEEN + below + REMARK * len(_remarks(data)) + frame.BOTTOM)


def _draw(card: Card, data: Cost) -> tuple[Axes, ...]:
    """Everything on the card; returns the axes: per unit, per success and the returns, as far as there are any."""
    frame.head(card, data.basis.title, f"Cost: {data.metric}, {data.unit}")
    frame.foot(card, data.basis.footer)
    if data.refused:
        frame.nothing(card, "⚠ Nothing to show", data.refused)
        return ()
    write_verdicts(card, [data.withheld] if data.withheld else verdict_lines(data.comparisons, _reading))
    panels = _variants(card, data)
    y = TOP + _table(data) + BETWEEN
    rows = _rows(data)
    if rows:
        panels.append(_returns(card, data, rows, y))
        y += HEAD + _tall(rows) + AXIS + 52
    else:
        y = card.paragraph(style.MARGIN, y + 16, _no_returns(data), width=frame.INNER, most=3) + 20
    for remark in _remarks(data):
        card.write(style.MARGIN, y, remark, size=style.SMALL, colour=style.MUTED, width=frame.INNER)
        y += REMARK
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
    titles = [(data.metric, f"{unit}, {_level(data)} interval", data.per_unit)]
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
        card.write(x, middle + 20, _ends(each), size=style.SMALL, colour=style.MUTED, width=left, whole=True)
    return ranges_on(card, place, rows, tick_labels)


def _returns(card: Card, data: Cost, rows: Sequence[Row], top: float) -> Axes:
    """A row per range; the cost of the experiment is an upright that what it brought can be held against."""
    counted = f", {data.saved_in}" if data.saved_in else ""
    card.write(style.MARGIN, top + 26, f"In 30 days at full traffic{counted}", size=style.SMALL, bold=True,
               width=frame.INNER)  # fmt: skip
    card.write(style.MARGIN, top + 50, f"{_units(data)}; a range, as wide as the intervals it is made of",
               size=style.SMALL, colour=style.MUTED, width=frame.INNER)  # fmt: skip
    card.rule(top + HEAD - 10, left=style.MARGIN, right=frame.RIGHT)
    start, y, group = top + HEAD, top + HEAD, ""
    marks, x = [], NAMES + RANGES_WIDTH + 26
    for row in rows:
        look = look_of(row.variant, data.places)
        if row.variant != group:
            group = row.variant
            card.write(style.MARGIN, y + 32, f"{look.glyph} {group}", bold=True, colour=look.colour,
                       width=NAMES - style.MARGIN - 16)  # fmt: skip
            y += GROUP
        base = y + RANGE / 2 + 7
        card.write(
            style.MARGIN + 26, base, row.words, size=style.SMALL, bold=row.total, width=NAMES - style.MARGIN - 42
        )
        ratio = _ratio(data, row)
        card.write(x, base - (12 if ratio else 0), _range(row.interval), bold=row.total, width=frame.RIGHT - x,
                   whole=True)  # fmt: skip
        if ratio:
            card.write(x, base + 13, ratio, size=style.SMALL, colour=style.MUTED, width=frame.RIGHT - x, whole=True)
        marks.append(Range(y + RANGE / 2 - start, None, row.interval.lower, row.interval.upper, look))
        y += RANGE
    place = Place(NAMES, start, RANGES_WIDTH, _tall(rows))
    spent = data.spent if data.in_money and data.spent else None
    axes = ranges_on(card, place, marks, lambda places: tick_words(places, signed=True), zero=True, at=spent)
    if spent is not None:
        _spent(card, data, axes, place)
    return axes


def _spent(card: Card, data: Cost, axes: Axes, place: Place) -> None:
    """What the upright is."""
    low, high = axes.get_xlim()
    x = place.left + place.width * ((data.spent or 0.0) - low) / (high - low)
    words = f"the experiment so far: {money(data.spent or 0.0, data.saved_in)}"
    wide = text_width(words, style.SMALL)
    left = min(max(x - wide / 2, place.left), frame.RIGHT - wide)
    card.write(left, place.top + place.height + AXIS + 6, words, size=style.SMALL)


def _ratio(data: Cost, row: Row) -> str:
    """The return, beside what stands for all that a treatment brings."""
    found: Return = next(each for each in data.returns if each.variant == row.variant)
    sums_up = row.total or (found.worth is None and row.words != "worth of the lift")
    return f"return {_percent(found.ratio)}" if found.ratio and sums_up else ""


def _percent(interval: Interval | None) -> str:
    if interval is None:
        return ""
    ends = [None if end is None else f"{percent(end, signed=True)}" for end in (interval.lower, interval.upper)]
    return _between(ends[0], ends[1])


def _range(interval: Interval) -> str:
    ends = [None if end is None else money(end, signed=True) for end in (interval.lower, interval.upper)]
    return _between(ends[0], ends[1])


def _between(low: str | None, high: str | None) -> str:
    if low is None or high is None:
        return "unbounded" if low is high else f"at most {high}" if low is None else f"at least {low}"
    return f"{low} to {high}"


def _units(data: Cost) -> str:
    return "units unknown" if data.units is None else f"{plain(round(data.units))} eligible units, as they come now"


def _no_returns(data: Cost) -> str:
    if data.withheld:
        return "What full traffic would bring is said once a difference may be."
    return " ".join(data.missing) or "There is no interval yet from which to say what full traffic would bring."


def _level(data: Cost) -> str:
    return f"{round((1 - data.alpha) * 100, 2):g} %"


def _remarks(data: Cost) -> list[str]:
    rows = _rows(data)
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
            _ratio(data, row) for row in rows) else []),
        *([f"{more:,} more treatments are not drawn; choose one below."] if more else []),
        *(f"⚠ {each}" for each in data.warnings[:1]),
    ]  # fmt: skip
