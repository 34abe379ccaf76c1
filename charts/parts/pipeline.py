"""The way from stage to stage as bars: how many came, of those who went on, who wait there, and who ended there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import style
from charts.canvas import Card
from charts.wording import whole, whole_range
from experiments.pictures.funnel import Stage, Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 54
NAME, BARS, WIDTH, WORDS = style.MARGIN, 226, 300, 544
WORDS_WIDTH = 280
TALL = 13.0


def pipeline(card: Card, board: Axes, steps: Sequence[Step], top: float) -> None:
    """One bar for each stage on one scale, on axes in the card's pixels: filled for those who went on, hatched for
    those who wait, hollow for those who ended there."""
    from matplotlib.collections import PolyCollection

    most = max((each.reached for each in steps), default=0) or 1
    kinds = (("went on", style.BLUE, None), ("wait", style.CARD, "////"), ("ended", style.CARD, None))
    bars: dict[str, list[list[tuple[float, float]]]] = {name: [] for name, *_ in kinds}
    for place, each in enumerate(steps):
        middle = top + LINE * (place + 0.5)
        last = each.stage is Stage.SHIPPED
        parts = (each.reached if last else each.went_on, each.wait, each.ended)
        left = float(BARS)
        for (name, *_), part in zip(kinds, parts, strict=True):
            right = left + WIDTH * part / most
            if part:
                bars[name].append([(left, middle - TALL), (left, middle + TALL), (right, middle + TALL),
                                   (right, middle - TALL)])  # fmt: skip
            left = right
        _words(card, each, middle + 7)
    for name, face, hatch in kinds:
        edge = style.MUTED if name == "ended" else style.BLUE
        board.add_collection(PolyCollection(bars[name], facecolors=face, edgecolors=edge, linewidths=1.4, hatch=hatch,
                                            zorder=2, label=name), autolim=False)  # fmt: skip
    board.vlines([float(BARS)], top, top + LINE * len(steps), colors=style.INK, linewidths=2, linestyles="solid",
                 zorder=3, label="zero")  # fmt: skip


def _words(card: Card, step: Step, base: float) -> None:
    card.write(NAME, base, step.stage.words.capitalize(), size=style.SMALL, bold=True, width=110)
    card.write(BARS - 12, base, f"{step.reached:,}", size=style.SMALL, align="right", width=60, whole=True)
    if step.stage is not Stage.SHIPPED and step.reached:
        card.write(WORDS, base - 11, _share(step), size=style.SMALL, bold=step.share is not None, width=WORDS_WIDTH,
                   whole=True)  # fmt: skip
        card.write(WORDS, base + 12, _left(step), size=style.SMALL, colour=style.MUTED, width=WORDS_WIDTH, whole=True)


def way_on(step: Step) -> str:
    """“, 82 % (65 to 92 %), 3 wait”: what follows how many came; nothing where nothing is known yet."""
    share = f", {whole(step.share)} ({whole_range(step.interval)})" if step.share is not None and step.interval else ""
    return f"{share}, {step.wait:,} {'waits' if step.wait == 1 else 'wait'}" if step.wait else share


def _share(step: Step) -> str:
    if step.share is None or step.interval is None:
        return "nothing to tell yet"
    return f"{whole(step.share)} go on ({whole_range(step.interval)})"


def _left(step: Step) -> str:
    return f"{step.wait:,} wait, {step.ended:,} ended here"
