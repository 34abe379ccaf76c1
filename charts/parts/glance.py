"""The curve of size at a glance: for a form, where a picture is a third as wide and the numbers stand above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, round_ticks
from charts.parts.amounts import tick_words
from charts.parts.reaches import draw_reach, highest
from charts.wording import count
from experiments.numerals import stated
from experiments.pictures.size import Size
from experiments.sizing import run_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 880
LEFT, TOP, WIDTH, TALL = 170, 158, frame.RIGHT - 190, 560
BIG = 36
HIGHEST = 2.2


def glance(card: Card, data: Size) -> Axes:
    """One line, the plan and what is enough, in letters that can be read in a form."""
    first = data.reaches[0]
    end, high = first.points[-1][0], highest(data, data.reaches[:1], HIGHEST)
    card.write(style.MARGIN, 62, f"Smallest effect found with {stated(first.power)} power, %", size=BIG, bold=True,
               width=frame.INNER)  # fmt: skip
    card.write(style.MARGIN, 116, _legend(data, end), size=BIG - 4, colour=style.MUTED, width=frame.INNER)
    axes = card.axes(LEFT, TOP, WIDTH, TALL)
    axes.set_xlim(0, end)
    axes.set_ylim(0, high)
    _grid(card, axes, end, high)
    day, effect = data.planned_days, data.effect * 100
    axes.fill_between(
        [each for each, _ in first.points], [found * 100 for _, found in first.points],
        max(high, *(found * 100 for _, found in first.points)), facecolor=style.BLUE, alpha=0.10, linewidth=0,
        edgecolor="none", zorder=0, label="found",
    )  # fmt: skip
    draw_reach(axes, data, first, style.BLUE, 6)
    axes.hlines([effect], 0, end, colors=style.INK, linewidths=2.4, linestyles=(0, (2, 3)), zorder=2, label="effect")
    axes.vlines([min(day, end)], 0, high, colors=style.INK, linewidths=2.4, linestyles=(0, (2, 3)), zorder=2,
                label="planned end")  # fmt: skip
    axes.scatter([min(day, end)], [effect], s=420, marker="D", facecolors=style.INK, edgecolors=style.INK,
                 linewidths=0.8, clip_on=False, zorder=5, label="plan", plotnonfinite=False)  # fmt: skip
    if needed := data.needed_within(end):
        axes.scatter([needed], [effect], s=320, marker="o", facecolors=style.CARD, edgecolors=style.BLUE,
                     linewidths=6, clip_on=False, zorder=5, label="needed", plotnonfinite=False)  # fmt: skip
    words = f"Days, with {count(round(data.daily or 0.0))} {data.unit}s taking part each day"
    card.write(LEFT + WIDTH / 2, TOP + TALL + 108, words, size=BIG - 4, align="center", width=WIDTH)
    return axes


def _legend(data: Size, end: int) -> str:
    plan = f"◆ the plan: {stated(data.effect)} in {run_words(data.planned_days)}"
    needed = data.needed_within(end)
    return f"{plan} · ○ {run_words(needed)} are enough" if needed else plan


def _grid(card: Card, axes: Axes, end: int, high: float) -> None:
    """Both scales with their numbers, written as large as all else."""
    up, across = round_ticks(0, high, 5), round_ticks(0, end, 6, whole=True)
    axes.hlines(up, 0, end, colors=style.GRID, linewidths=2, linestyles="solid", zorder=0)
    axes.vlines(across, 0, high, colors=style.GRID, linewidths=2, linestyles="solid", zorder=0)
    axes.hlines([0.0], 0, end, colors=style.INK, linewidths=3, linestyles="solid", zorder=1, label="zero")
    for place, words in zip(up, tick_words(up), strict=True):
        card.write(LEFT - 18, TOP + TALL * (1 - place / high) + 12, words, size=BIG - 4, colour=style.MUTED,
                   align="right", width=LEFT - 24, whole=True)  # fmt: skip
    for place in across:
        card.write(LEFT + WIDTH * place / end, TOP + TALL + 48, f"{place:g}", size=BIG - 4, colour=style.MUTED,
                   align="center")  # fmt: skip
