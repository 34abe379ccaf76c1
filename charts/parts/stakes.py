"""The experiments of the roi picture: cost across, benefit up, a bubble each, in four named quadrants."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, area, round_ticks, ticks
from charts.letters import text_width
from charts.parts.amounts import money, tick_words
from charts.parts.callouts import Box, Spot, call_out
from experiments.numerals import percent
from experiments.pictures.roi import Quadrant, Roi, Stake
from experiments.readout import Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, TOP, HEIGHT = 190, frame.TOP + 36, 500
WIDTH = frame.RIGHT - LEFT
MOST_NAMED, MOST_INSISTED = 14, 6
STEPS = 24
SMALLEST, LARGEST = 4.0, 16.0
ROOM = 0.12  # above and below the intervals, for the names of the quadrants
OUTLIER, USUAL = 4.0, 0.85
WIDEST = 2.0  # times the farthest point: where intervals run out of the picture
SAME, ASIDE, MOST_ASIDE = 4, 22, 90  # pixels: what coincides, how far apart it is moved, and how wide that gets
NAMES = {
    Quadrant.QUICK_WIN: "Quick wins",
    Quadrant.WORTH_IT: "Worth it",
    Quadrant.CHEAP_LESSON: "Cheap lessons",
    Quadrant.COSTLY_LESSON: "Costly lessons",
}


def stakes(card: Card, data: Roi) -> Axes:
    """All of them with their intervals; the largest with their names."""
    axes = card.axes(LEFT, TOP, WIDTH, HEIGHT)
    scale = 1.0 if data.in_money else 100.0
    costs, benefits = [each.cost for each in data.stakes], [each.benefit * scale for each in data.stakes]
    most = _reach(costs)
    low, high = _span(data.stakes, _reach([abs(each) for each in benefits]), scale)
    room = (high - low) * ROOM
    axes.set_xlim(0, most * 1.08)
    axes.set_ylim(low - room, high + room)
    across, up = round_ticks(0, most * 1.08, 7), round_ticks(low, high, 9)
    ticks(axes.xaxis, across, tick_words(across))
    ticks(axes.yaxis, up, tick_words(up, signed=True))
    axes.hlines(up, 0, most * 1.08, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.hlines([0.0], 0, most * 1.08, colors=style.INK, linewidths=2, linestyles="solid", zorder=2, label="zero")
    parted = [data.split] if data.experiments > 1 else []
    axes.vlines(parted, low - room, high + room, colors=style.MUTED, linewidths=1.6, linestyles=(0, (2, 3)), zorder=1,
                label="median cost")  # fmt: skip
    aside = _aside([min(cost, most * 1.04) for cost in costs], most * 1.08 / WIDTH)
    points = [(x, min(max(benefit, low), high)) for x, benefit in zip(aside, benefits, strict=True)]
    for standing in reversed(style.ENDED):
        _bubbles(axes, [(at, each) for at, each in zip(points, data.stakes, strict=True)
                        if style.ended(each.standing) is standing], standing, scale, (low, high))  # fmt: skip
    named = [_spot(card, axes, at, each, beyond=each.cost > most * 1.08 or not low <= each.benefit * scale <= high,
                   data=data) for at, each in zip(points, data.stakes, strict=True)]  # fmt: skip
    zero, median = _crosshair(card, axes, data.split)
    hard = [*_quadrants(card, data), zero]
    if data.in_money:
        hard += _break_even(card, axes, most * 1.08, named)
    soft = [median, *_intervals(card, axes, points, data.stakes, scale)]
    call_out(card, _named(named), Box(LEFT, TOP, frame.RIGHT, TOP + HEIGHT), hard, soft, MOST_INSISTED)
    title = f"Benefit in a year{_in(data)}" if data.in_money else "Lift, %"
    card.write(style.MARGIN, TOP - 22, f"{title} (up is good; bars: its interval)", size=style.SMALL, bold=True)
    bottom = f"Cost{_in(data)}" if data.in_money else "Days from start to decision"
    bottom = f"{bottom} (dotted: the median)"
    card.write(LEFT + WIDTH / 2, TOP + HEIGHT + 66, bottom, size=style.SMALL, align="center")
    return axes


def _aside(places: Sequence[float], pixel: float) -> list[float]:
    """The places, those that coincide moved beside each other by a few pixels, so that none hides another."""
    moved: dict[int, float] = {}
    order = sorted(range(len(places)), key=places.__getitem__)
    while order:
        group = [at for at in order if places[at] - places[order[0]] < SAME * pixel]
        order = order[len(group) :]
        step = min(ASIDE, MOST_ASIDE / len(group)) * pixel
        for place, at in enumerate(sorted(group)):
            moved[at] = places[at] + (place - (len(group) - 1) / 2) * step
    return [max(0.0, moved[at]) for at in range(len(places))]


def _reach(values: Sequence[float]) -> float:
    """The largest value; where it is far beyond the others, what those need."""
    ranked = sorted(values)
    usual = ranked[min(len(ranked) - 1, int(USUAL * len(ranked)))]
    return (ranked[-1] if ranked[-1] <= OUTLIER * usual or not usual else OUTLIER / 2 * usual) or 1.0


def _span(some: Sequence[Stake], reach: float, scale: float) -> tuple[float, float]:
    """Low and high end of the benefit: points fit unless far beyond the others, intervals may run out of it."""
    values = [0.0]
    for each in some:
        ends = [end * scale for end in (each.benefit, each.lower, each.upper) if end is not None]
        values += [min(max(end, -WIDEST * reach), WIDEST * reach) for end in ends]
    low, high = min(values), max(values)
    return (low, high) if low < high else (-1.0, 1.0)


def radius(sureness: float | None) -> float:
    """In pixels: the surer the sign of the benefit, the larger."""
    return SMALLEST + (LARGEST - SMALLEST) * (2 * (sureness or 0.5) - 1)


def _bubbles(
    axes: Axes, some: Sequence[tuple[tuple[float, float], Stake]], standing: Standing, scale: float,
    within: tuple[float, float],
) -> None:  # fmt: skip
    """The experiments of one verdict with their intervals; an arrow where one goes on beyond the picture."""
    if not some:
        return
    low, high = within
    colour = style.STANDING[standing]
    ends = [[min(max(bound if end is None else end * scale, low), high) for bound, end in
             ((low, each.lower), (high, each.upper))] for _, each in some]  # fmt: skip
    across = [x for (x, _), _ in some]
    axes.vlines(across, [lower for lower, _ in ends], [upper for _, upper in ends], colors=colour, linewidths=2.2,
                linestyles="solid", alpha=0.55, zorder=3, label=f"intervals {standing}")  # fmt: skip
    lowest = [x for x, (_, each) in zip(across, some, strict=True) if each.lower is None or each.lower * scale < low]
    highest = [x for x, (_, each) in zip(across, some, strict=True) if each.upper is None or each.upper * scale > high]
    for marker, bound, beyond in (("v", low, lowest), ("^", high, highest)):
        axes.scatter(beyond, [bound] * len(beyond), s=40, marker=marker, facecolors=colour, edgecolors="none",
                     zorder=3, label=f"goes on {marker} {standing}")  # fmt: skip
    hollow = standing is Standing.UNCLEAR
    axes.scatter(
        across, [y for (_, y), _ in some], s=[area(radius(each.sureness)) for _, each in some],
        marker=style.MARKERS[standing], facecolors=style.CARD if hollow else colour, edgecolors=colour,
        linewidths=2.2 if hollow else 0.8, alpha=0.9, zorder=4, clip_on=False, label=str(standing), plotnonfinite=False,
    )  # fmt: skip


def _spot(card: Card, axes: Axes, at: tuple[float, float], stake: Stake, *, beyond: bool, data: Roi) -> Spot:
    x, y = axes.transData.transform(at)
    words = f"{stake.title} ({amount(stake.benefit, data, signed=True)})" if beyond else stake.title
    return Spot(float(x), card.height - float(y), radius(stake.sureness), words, style.STANDING[stake.standing])


def _named(spots: Sequence[Spot]) -> list[Spot]:
    """The first, largest ones with their names, the others only in the way."""
    return [each if place < MOST_NAMED else each._replace(words="") for place, each in enumerate(spots)]


def _quadrants(card: Card, data: Roi) -> list[Box]:
    """The names of the quadrants in their corners, with how many are there."""
    boxes = []
    for quadrant, x, align, y in (
        (Quadrant.QUICK_WIN, LEFT + 10, "left", TOP + 24),
        (Quadrant.WORTH_IT, frame.RIGHT - 6, "right", TOP + 24),
        (Quadrant.CHEAP_LESSON, LEFT + 10, "left", TOP + HEIGHT - 12),
        (Quadrant.COSTLY_LESSON, frame.RIGHT - 6, "right", TOP + HEIGHT - 12),
    ):
        words = f"{NAMES[quadrant]} · {data.quadrants.get(quadrant, 0):,}"
        wide = text_width(words, style.SMALL, bold=True)
        left = x - wide if align == "right" else x
        card.write(x, y, words, size=style.SMALL, bold=True, colour=style.MUTED, align=align)
        boxes.append(Box(left - 6, y - 22, left + wide + 6, y + 8))
    return boxes


def _crosshair(card: Card, axes: Axes, split: float) -> tuple[Box, Box]:
    """Where the lines of no benefit and of the median cost run."""
    x, y = (float(each) for each in axes.transData.transform((split, 0.0)))
    zero = card.height - y
    return Box(LEFT, zero - 2, frame.RIGHT, zero + 2), Box(x - 2, TOP, x + 2, TOP + HEIGHT)


def _intervals(
    card: Card, axes: Axes, points: Sequence[tuple[float, float]], some: Sequence[Stake], scale: float
) -> list[Box]:
    """Where the intervals run."""
    low, high = axes.get_ylim()
    ends = [(low if each.lower is None else each.lower * scale, high if each.upper is None else each.upper * scale)
            for each in some]  # fmt: skip
    lower = axes.transData.transform([(x, max(end, low)) for (x, _), (end, _) in zip(points, ends, strict=True)])
    upper = axes.transData.transform([(x, min(end, high)) for (x, _), (_, end) in zip(points, ends, strict=True)])
    return [Box(float(x) - 2, card.height - float(over), float(x) + 2, card.height - float(under))
            for (x, under), (_, over) in zip(lower, upper, strict=True)]  # fmt: skip


def _break_even(card: Card, axes: Axes, most: float, spots: Sequence[Spot]) -> list[Box]:
    """The line on which a year brings what the experiment cost, named where there is room."""
    end = min(most, axes.get_ylim()[1])
    axes.plot([0, end], [0, end], color=style.MUTED, linewidth=1.6, linestyle=(0, (6, 3)), marker="none", zorder=1,
              label="breaks even")  # fmt: skip
    steps = axes.transData.transform([(end * step / STEPS, end * step / STEPS) for step in range(STEPS + 1)])
    path = [(float(x), card.height - float(y)) for x, y in steps]
    boxes = [Box(left, over - 2, right, under + 2) for (left, under), (right, over) in pairwise(path)]
    words = "pays for itself in a year"
    wide = text_width(words, style.SMALL)
    for x, y in path[:-10:-1]:
        name = Box(x - wide, y - 28, x, y)
        clear = not any(name.meets(Box(at - r, up - r, at + r, up + r)) for at, up, r, *_ in spots)
        if clear and name.left > LEFT and name.top > TOP + 30:
            card.write(x, y - 8, words, size=style.SMALL, colour=style.MUTED, align="right")
            return [*boxes, name]
    return boxes


def legend(card: Card) -> None:
    """What the size of a bubble says."""
    left, width = frame.RIGHT - 520, 520
    strip = card.axes(left, TOP - 44, width, 32)
    strip.set_xlim(0, width)
    strip.set_ylim(0, 32)
    places = ((234, "60 %"), (334, "80 %"), (440, "99 %"))
    radii = [radius(each) for each in (0.6, 0.8, 0.99)]
    strip.scatter([x for x, _ in places], [16] * 3, s=[area(each) for each in radii], marker="o",
                  facecolors=style.MUTED, edgecolors="none", clip_on=False)  # fmt: skip
    card.write(left + 208, TOP - 22, "How sure its sign is", size=style.SMALL, colour=style.MUTED, align="right")
    for x, words in places:
        card.write(left + x + 24, TOP - 22, words, size=style.SMALL, colour=style.MUTED)


def amount(value: float, data: Roi, *, signed: bool = False) -> str:
    """A benefit: money, or a lift in percent."""
    return money(value, data.currency, signed=signed) if data.in_money else percent(value, signed=signed)


def _in(data: Roi) -> str:
    return f", {data.currency}" if data.currency else " in money"
