"""Predicted effects across, measured ones up with their intervals, and the line on which both agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import style
from charts.canvas import Card, area, round_ticks, ticks
from charts.parts.amounts import tick_words
from charts.parts.callouts import Box, Spot, call_out
from charts.wording import percent
from experiments.pictures.hypotheses import Guess, Hypotheses
from experiments.readout import Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = tuple[float, float, float, float]
RADIUS = 7.0
MOST_NAMED = 3
OUTLIER, USUAL, FEW = 4.0, 0.85, 5
FAR = 1.6  # times the farthest value: where intervals run out of the picture
LARGEST = 1e300
SMALLEST = 1e-7  # a scale in percent below which nobody reads numbers


def effects(card: Card, data: Hypotheses, place: Place) -> Axes:
    """A point for every predicted effect; those farthest from their prediction with their names."""
    left, top, width, height = place
    axes = card.axes(*place)
    card.write(style.MARGIN, top - 54, "Effect measured, % (up is good)", size=style.SMALL, bold=True)
    card.write(style.MARGIN, top - 24, "● better   ■ worse   ○ unclear · dashed: just as predicted",
               size=style.SMALL, colour=style.MUTED, width=width + left - style.MARGIN)  # fmt: skip
    card.write(left + width / 2, top + height + 66, "Effect predicted, %", size=style.SMALL, align="center")
    across = _span([each.predicted for each in data.guesses], ())
    ends = [end for each in data.guesses for end in (each.lower, each.upper) if end is not None]
    up = _span([each.measured for each in data.guesses], ends)
    axes.set_xlim(*across)
    axes.set_ylim(*up)
    flat, tall = round_ticks(*across, 6), round_ticks(*up, 8)
    ticks(axes.xaxis, flat, tick_words(flat, signed=True))
    ticks(axes.yaxis, tall, tick_words(tall, signed=True))
    axes.hlines(tall, *across, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.hlines([0.0], *across, colors=style.INK, linewidths=2, linestyles="solid", zorder=1, label="zero")
    axes.vlines([0.0], *up, colors=style.INK, linewidths=1, linestyles="solid", zorder=1, label="none predicted")
    if not data.guesses:
        card.paragraph(left + 30, top + height / 2 - 40, "Nobody predicted an effect.", width=width - 60)
        return axes
    low, high = max(across[0], up[0]), min(across[1], up[1])
    axes.plot([low, high], [low, high], color=style.MUTED, linewidth=2, linestyle=(0, (5, 3)), marker="none",
              zorder=1, label="just as predicted")  # fmt: skip
    points = [(_held(each.predicted, across), _held(each.measured, up)) for each in data.guesses]
    for standing in style.ENDED:
        some = [
            (at, each) for at, each in zip(points, data.guesses, strict=True) if style.ended(each.standing) is standing
        ]
        _points(axes, some, standing, up)
    _name(card, axes, data.guesses, points, Box(left, top, left + width, top + height))
    return axes


def _span(values: Sequence[float], ends: Sequence[float]) -> tuple[float, float]:
    """The scale in percent: all values but those far beyond the others, zero, and the intervals as far as they go."""
    scaled = [min(max(each * 100, -LARGEST), LARGEST) for each in values]
    ranked = sorted(abs(each) for each in scaled)
    usual = ranked[int(USUAL * (len(ranked) - 1))] if len(ranked) >= FEW else 0.0
    most = ranked[-1] if ranked else 0.0
    reach = most if most <= OUTLIER * usual or not usual else OUTLIER / 2 * usual
    inside = [min(max(each, -reach), reach) for each in scaled]
    bound = FAR * reach
    inside += [min(max(each * 100, -bound), bound) for each in ends]
    low, high = min([0.0, *inside]), max([0.0, *inside])
    if high - low < SMALLEST:
        return -1.0, 1.0
    spare = (high - low) * 0.08
    return low - spare, high + spare


def _held(share: float, span: tuple[float, float]) -> float:
    return min(max(share * 100, span[0]), span[1])


def _points(
    axes: Axes, some: Sequence[tuple[tuple[float, float], Guess]], standing: Standing, up: tuple[float, float]
) -> None:
    """Those of one verdict with their intervals."""
    if not some:
        return
    colour, hollow = style.STANDING[standing], standing is Standing.UNCLEAR
    across = [x for (x, _), _ in some]
    lower = [up[0] if each.lower is None else _held(each.lower, up) for _, each in some]
    upper = [up[1] if each.upper is None else _held(each.upper, up) for _, each in some]
    axes.vlines(across, lower, upper, colors=colour, linewidths=2.2, linestyles="solid", alpha=0.5, zorder=3,
                label=f"intervals {standing}")  # fmt: skip
    axes.scatter(
        across, [y for (_, y), _ in some], s=area(RADIUS), marker=style.MARKERS[standing],
        facecolors=style.CARD if hollow else colour, edgecolors=colour, linewidths=2.2 if hollow else 0.8, zorder=4,
        clip_on=False, label=str(standing), plotnonfinite=False,
    )  # fmt: skip


def _name(card: Card, axes: Axes, guesses: Sequence[Guess], points: Sequence[tuple[float, float]], within: Box) -> None:
    """The farthest from their prediction by name; with the numbers where one does not fit the scale."""
    order = sorted(range(len(guesses)), key=lambda at: -abs(guesses[at].measured - guesses[at].predicted))
    places = axes.transData.transform([points[at] for at in order])
    spots = []
    for rank, (at, (x, y)) in enumerate(zip(order, places, strict=True)):
        each = guesses[at]
        fits = abs(points[at][1] - each.measured * 100) <= 1e-6 and abs(points[at][0] - each.predicted * 100) <= 1e-6
        said = f"{percent(each.predicted, signed=True)} → {percent(each.measured, signed=True)}"
        words = each.title if fits else f"{said} {each.title}"
        colour = style.STANDING[each.standing]
        spots.append(Spot(float(x), card.height - float(y), RADIUS, words if rank < MOST_NAMED else "", colour))
    zero = card.height - float(axes.transData.transform((0.0, 0.0))[1])
    call_out(card, spots, within, hard=[Box(within.left, zero - 3, within.right, zero + 3)])
