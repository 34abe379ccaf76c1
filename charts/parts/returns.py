"""What full traffic would bring in 30 days, as ranges around nothing: what is saved, the worth of the lift, both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.canvas import Card
from charts.letters import text_width
from charts.parts.amounts import money, money_range, plain, tick_words
from charts.parts.courses import look_of
from charts.parts.ranges import Place, Range, ranges_on
from experiments.design import Direction
from experiments.numerals import percent_range
from experiments.pictures.cost import Cost
from experiments.pictures.returns import Return
from experiments.readout import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, WIDTH = 300, 640
HEAD, GROUP, RANGE, AXIS = 74, 44, 46, 56
MOST_RETURNS = 3


class Row(NamedTuple):
    """One range of the returns: of which treatment, what it is, and whether it is the sum of those above."""

    variant: str
    words: str
    interval: Interval
    total: bool = False

    @property
    def amounts(self) -> str:
        """From one end to the other, in words."""
        return money_range(self.interval.lower, self.interval.upper, signed=True)


def rows_of(data: Cost) -> list[Row]:
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


def tall(rows: Sequence[Row]) -> float:
    """How high the ranges are: a heading for each treatment, then its rows."""
    return GROUP * len({row.variant for row in rows}) + RANGE * len(rows) + 8


def returns(card: Card, data: Cost, rows: Sequence[Row], top: float) -> Axes:
    """A row per range; the cost of the experiment is an upright that what it brought can be held against."""
    counted = f", {data.saved_in}" if data.saved_in else ""
    card.write(style.MARGIN, top + 26, f"In 30 days at full traffic{counted}", size=style.SMALL, bold=True,
               width=frame.INNER)  # fmt: skip
    card.write(style.MARGIN, top + 50, f"{units_words(data)}; a range, as wide as the intervals it is made of",
               size=style.SMALL, colour=style.MUTED, width=frame.INNER)  # fmt: skip
    card.rule(top + HEAD - 10, left=style.MARGIN, right=frame.RIGHT)
    start, y, group = top + HEAD, top + HEAD, ""
    marks, x = [], LEFT + WIDTH + 26
    for row in rows:
        look = look_of(row.variant, data.places)
        if row.variant != group:
            group = row.variant
            card.write(style.MARGIN, y + 32, f"{look.glyph} {group}", bold=True, colour=look.colour,
                       width=LEFT - style.MARGIN - 16)  # fmt: skip
            y += GROUP
        base = y + RANGE / 2 + 7
        card.write(style.MARGIN + 26, base, row.words, size=style.SMALL, bold=row.total, width=LEFT - style.MARGIN - 42)
        ratio = ratio_of(data, row)
        card.write(x, base - (12 if ratio else 0), row.amounts, bold=row.total, width=frame.RIGHT - x,
                   whole=True)  # fmt: skip
        if ratio:
            card.write(x, base + 13, ratio, size=style.SMALL, colour=style.MUTED, width=frame.RIGHT - x, whole=True)
        marks.append(Range(y + RANGE / 2 - start, None, row.interval.lower, row.interval.upper, look))
        y += RANGE
    place = Place(LEFT, start, WIDTH, tall(rows))
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


def ratio_of(data: Cost, row: Row) -> str:
    """The return, beside what stands for all that a treatment brings."""
    found: Return = next(each for each in data.returns if each.variant == row.variant)
    sums_up = row.total or (found.worth is None and row.words != "worth of the lift")
    return f"return {return_words(found.ratio)}" if found.ratio and sums_up else ""


def return_words(ratio: Interval) -> str:
    """What came back of what was spent, beyond it: “−40 % to +230 %”."""
    return percent_range(ratio.lower, ratio.upper, signed=True)


def units_words(data: Cost) -> str:
    return "units unknown" if data.units is None else f"{plain(round(data.units))} eligible units, as they come now"
