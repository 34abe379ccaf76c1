"""The curve of what a design finds in how many days: a line a power, and the scale on which it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from experiments.pictures.size import Reach, Size

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def highest(data: Size, reaches: Sequence[Reach], times: float) -> float:
    """The upper end of the scale in percent, so many times what the plan wants or its days find: the first days find
    far too little to be shown."""
    most = max(effect for each in reaches for _, effect in each.points)
    planned = [effect for day, effect in reaches[0].points if day == data.planned_days]
    usual = times * max(data.effect, reaches[0].points[-1][1], *planned)
    return 100 * max(data.effect * 1.2, min(most * 1.05, usual))


def draw_reach(axes: Axes, data: Size, reach: Reach, colour: str, width: float) -> None:
    """Solid up to the planned days, dashed from there on."""
    parts = (
        ("solid", [each for each in reach.points if each[0] <= data.planned_days], f"power {reach.power:g}"),
        ((0, (4, 2.5)), [each for each in reach.points if each[0] >= data.planned_days], f"beyond {reach.power:g}"),
    )
    for line, points, label in parts:
        axes.plot([day for day, _ in points], [effect * 100 for _, effect in points], color=colour, linewidth=width,
                  linestyle=line, marker="none", zorder=3, label=label)  # fmt: skip
