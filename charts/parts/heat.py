"""A heat map's cells: how an effect becomes a colour that is read with its number, and a key to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import style
from experiments.design import Direction
from experiments.readout import Comparison, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARES = (0.0, 0.10, 0.22, 0.33, 0.44, 0.55)
"""How much of its colour an effect takes on, step by step: few enough to be told apart, also once the picture has a
palette, and light enough for dark words."""
PALEST = 2  # the most steps an unclear effect takes
GAP = 5.0
STEPS = tuple(range(-len(SHARES) + 1, len(SHARES)))


class Cell(NamedTuple):
    """A filled rectangle in pixels, y running down."""

    left: float
    top: float
    width: float
    height: float
    colour: str


def scale_of(effects: Iterable[Comparison]) -> float:
    """The lift that takes on the full colour: the largest that is clear, or, where none is, the largest."""
    sound = [each for each in effects if each.relative is not None and not each.refused]
    clear = [abs(each.relative or 0.0) for each in sound if is_clear(each)]
    return max(clear or [abs(each.relative or 0.0) for each in sound], default=0.0) or 1.0


def is_clear(each: Comparison) -> bool:
    return each.standing in (Standing.BETTER, Standing.WORSE)


def fill(each: Comparison, scale: float) -> str:
    """Blue where it is good and orange where it is not, the stronger the larger; pale where it is not clear."""
    change = each.difference or 0.0 if each.relative is None else each.relative
    good = change if each.direction is Direction.UP else -change
    size = 1.0 if each.relative is None else min(abs(change) / scale, 1.0)
    most = len(SHARES) - 1 if is_clear(each) else PALEST
    step = max(1, round(size * most)) if is_clear(each) else round(size * most)
    return shade(step if good >= 0 else -step)


def shade(step: int) -> str:
    """The card's own colour with so many steps of the colour for good, or, below zero, for bad."""
    colour, share = style.BLUE if step >= 0 else style.ORANGE, SHARES[abs(step)]
    parts = (
        round(int(card, 16) + (int(full, 16) - int(card, 16)) * share)
        for card, full in ((style.CARD[at : at + 2], colour[at : at + 2]) for at in (1, 3, 5))
    )
    return "#" + "".join(f"{part:02X}" for part in parts)


def key(left: float, top: float, width: float, height: float) -> list[Cell]:
    """From harm to good, in steps."""
    return [Cell(left + place * width, top, width + GAP, height, shade(step)) for place, step in enumerate(STEPS)]


def cells(axes: Axes, drawn: Sequence[Cell]) -> None:
    """All of them as one artist."""
    from matplotlib.collections import PolyCollection

    corners = [
        [(each.left, each.top), (each.left + each.width - GAP, each.top),
         (each.left + each.width - GAP, each.top + each.height - GAP), (each.left, each.top + each.height - GAP)]
        for each in drawn
    ]  # fmt: skip
    axes.add_collection(
        PolyCollection(
            corners, facecolors=[each.colour for each in drawn], edgecolors=style.GRID, linewidths=1, label="cells",
            antialiased=False,
        ),
        autolim=False,
    )  # fmt: skip
