"""Words beside the ends of lines, which take the place of a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from charts import frame, style
from charts.canvas import Card

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Label: TypeAlias = tuple[float, str, str]  # where the line ends, its colour, the words


def label_ends(
    card: Card,
    axes: Axes,
    place: tuple[float, float],
    labels: Sequence[Label],
    x: float,
    clear_of: float | None = None,
) -> None:
    """Words beside the ends of lines, at x, moved apart where they would cover each other or the line at `clear_of`."""
    top, height = place
    step = style.SMALL * 1.35
    to_share = axes.transData + axes.transAxes.inverted()

    def down(end: float) -> float:
        return top + height * (1 - float(to_share.transform((0.0, end))[1]))

    def beside(end: float) -> float:
        y = down(end)
        if clear_of is None or abs(y - down(clear_of)) >= step * 0.8:
            return y
        return down(clear_of) + step * (-0.8 if end >= clear_of else 0.8)

    wanted = sorted((beside(end), colour, words) for end, colour, words in labels)
    placed: list[float] = []
    for y, _, _ in wanted:
        placed.append(max(y, placed[-1] + step) if placed else max(y, top))
    for below in range(len(placed) - 1, -1, -1):
        lowest = top + height if below == len(placed) - 1 else placed[below + 1] - step
        placed[below] = min(placed[below], lowest)
    for y, (_, colour, words) in zip(placed, wanted, strict=True):
        card.write(x, y + 7, words, size=style.SMALL, bold=True, colour=colour, width=frame.RIGHT - x)
