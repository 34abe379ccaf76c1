"""9.11 roi: what every ended experiment cost and brought, and what the winners bring together without their luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.canvas import Card, render
from charts.parts.amounts import money, money_range, plain
from charts.parts.stakes import HEIGHT, NAMES, TOP, amount, legend, stakes
from charts.wording import alt, joined, left_out, lowered, short
from experiments.knowledge.gains import Estimate
from experiments.numerals import counted, listed, percent_range, plural
from experiments.pictures.roi import Quadrant, Roi

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS, BARS_WIDTH = 390, 530
ROW = 46
LINE = 30


class _Bar(NamedTuple):
    """A total: its words, what it is drawn as, and what is written beside it."""

    words: str
    total: Estimate | None
    value: str
    colour: str


def roi(data: Roi) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Roi) -> str:
    """What the picture shows in words: the totals first, then the quadrants and the largest experiments."""
    head = f"{data.basis.title}: {counted(data.experiments, 'ended experiment')} by {_measure(data)}"
    if not data.stakes:
        missing = " ".join(f"{each}." for each in data.missing)
        return alt((f"{head}.", f"{_empty(data)}.", joined(missing), _what_to_do(data)))
    largest = "; ".join(
        f"{short(each.title)} {amount(each.benefit, data, signed=True)}{_interval(each.lower, each.upper, data)} "
        f"for {_cost(each.cost, data)}"
        for each in data.stakes[:3]
    )
    parts = listed([f"{NAMES[each].lower()} {data.quadrants.get(each, 0):,}" for each in Quadrant])
    rest = joined(" ".join(_sentences(data)))
    return alt((f"{head}; {parts}.", joined(_together(data)), f"The largest: {largest}.", rest))


def _measure(data: Roi) -> str:
    where = f" in {data.currency}" if data.currency else ""
    return f"cost and a year's benefit{where}" if data.in_money else "days to the decision and lift"


def _together(data: Roi) -> str:
    """The totals in a sentence."""
    if not data.winners or data.measured is None:
        return "None of them is clearly better, so there is nothing to add up."
    year = " a year" if data.in_money else ""
    total = f"{counted(data.winners, 'winner')}: {amount(data.measured.value, data, signed=True)}{year} as measured"
    spent = f"; all of them cost {_cost(data.spent, data)}" if data.in_money else ""
    if data.corrected is None:
        return f"{total}{spent}. Its luck cannot be taken out: {lowered(data.refused)}"
    value = amount(data.corrected.value, data, signed=True)
    return f"{total}, {value}{_interval(data.corrected.lower, data.corrected.upper, data)} without the luck{spent}."


def _empty(data: Roi) -> str:
    return "None of them can be placed" if data.missing else "No experiment here has ended yet"


def _sentences(data: Roi) -> list[str]:
    more = [f"{data.not_drawn:,} smaller ones are counted and not drawn."] if data.not_drawn else []
    return [*more, *left_out(data.missing)]


def _remarks(data: Roi) -> list[str]:
    if data.in_money:
        how = (
            "Benefit: lift × control's mean × units of a year at the traffic it had × what one more is worth. "
            "Cost: days × the cost of a day."
        )
    else:
        how = "Benefit: the lift of the primary metric, turned so that up is good. Cost: days from start to decision."
    luck = "Without the luck: each lift is drawn towards those of all the others, so that a lucky winner counts less."
    return [
        "● better · ■ worse, or a guardrail was breached · ○ unclear: the data do not tell yet",
        how,
        luck,
        *_sentences(data),
    ]


def _height(data: Roi) -> int:
    if not data.stakes:
        return frame.NOTICE_HEIGHT
    return _below(data) + 16 + LINE * len(_remarks(data)) + frame.BOTTOM


def _below(data: Roi) -> int:
    """Where the totals end."""
    return TOP + HEIGHT + 150 + ROW * len(_bars(data))


def _cost(value: float, data: Roi) -> str:
    return money(value, data.currency) if data.in_money else f"{plain(value)} {plural(value, 'day')}"


def _interval(lower: float | None, upper: float | None, data: Roi) -> str:
    return f" ({money_range(lower, upper) if data.in_money else percent_range(lower, upper)})"


def _draw(card: Card, data: Roi) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of the experiments and those of the totals."""
    subject = f"{counted(data.experiments, 'ended experiment')} by {_measure(data)}"
    if not data.stakes:
        frame.head(card, data.basis.title, "Cost and benefit of experiments that have ended")
        frame.nothing(card, _empty(data), " ".join((*(f"{each}." for each in data.missing), _what_to_do(data))))
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, subject, _together(data))
    axes = stakes(card, data)
    legend(card)
    totals = _totals(card, data)
    frame.remarks(card, _below(data) + 16, _remarks(data), LINE)
    frame.foot(card, data.basis.footer)
    return axes, totals


def _what_to_do(data: Roi) -> str:
    if data.missing and data.in_money:
        return "Say in /experiment settings what a day costs and metrics are worth, or choose percent and days."
    return "Stop an experiment or decide on one, or choose a longer time, and it is here at the next look."


def _bars(data: Roi) -> list[_Bar]:
    bars = []
    if data.in_money:
        spent = Estimate.of(data.spent, 0.0)
        bars.append(_Bar(f"Cost of all {data.experiments:,}", spent, _cost(data.spent, data), style.MUTED))
    if data.measured is None:
        return [*bars, _Bar("Winners", None, "none is clearly better yet", style.MUTED)]
    won = counted(data.winners, "winner")
    bars.append(_Bar(f"{won}, as measured", data.measured, _total(data.measured, data), style.MUTED))
    without = data.refused if data.corrected is None else _total(data.corrected, data)
    return [*bars, _Bar(f"{won}, without the luck", data.corrected, without, style.BLUE)]


def _total(total: Estimate, data: Roi) -> str:
    return amount(total.value, data, signed=True) + _interval(total.lower, total.upper, data)


def _totals(card: Card, data: Roi) -> Axes:
    """The totals as bars on one scale, from zero, with their intervals."""
    bars, top = _bars(data), TOP + HEIGHT + 128
    title = "All together, in a year" if data.in_money else "All winners together, lifts added up"
    card.write(style.MARGIN, top - 16, title, size=style.SMALL, bold=True)
    axes = card.axes(BARS, top, BARS_WIDTH, ROW * len(bars))
    drawn = [(place, each.total, each.colour) for place, each in enumerate(bars) if each.total]
    ends = [0.0, *(end for _, total, _ in drawn for end in (total.value, total.lower, total.upper))]
    axes.set_xlim(min(ends), max(ends) if max(ends) > min(ends) else min(ends) + 1)
    axes.set_ylim(len(bars), 0)
    middles = [place + 0.5 for place, _, _ in drawn]
    axes.hlines(middles, 0, [total.value for _, total, _ in drawn], colors=[colour for *_, colour in drawn],
                linewidths=17, linestyles="solid", alpha=0.45, zorder=1, label="totals")  # fmt: skip
    axes.hlines(middles, [total.lower for _, total, _ in drawn], [total.upper for _, total, _ in drawn],
                colors=style.INK, linewidths=2.4, linestyles="solid", zorder=3, label="intervals")  # fmt: skip
    axes.vlines([0.0], 0, len(bars), colors=style.INK, linewidths=2, linestyles="solid", zorder=2, label="zero")
    for place, each in enumerate(bars):
        base = top + ROW * (place + 0.5) + 7
        best = each.colour == style.BLUE and each.total is not None
        card.write(style.MARGIN, base, each.words, bold=best, size=style.SMALL, width=BARS - style.MARGIN - 14)
        x = BARS + BARS_WIDTH + 24 if each.total else BARS + 16
        card.write(x, base, each.value, size=style.SMALL, bold=best, width=frame.RIGHT - x,
                   whole=each.total is not None)  # fmt: skip
    return axes
