"""The reliability curve: what came true of what was called so likely, the base rate, and how often it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import style
from charts.canvas import Card, ticks
from charts.wording import percent
from experiments.pictures.hypotheses import Hypotheses, Tenth

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = tuple[float, float, float, float]
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
BAR = 0.042  # half the width of a bar
FEW = 3  # forecasts below which a point is hollow


def curve(card: Card, data: Hypotheses, place: Place) -> Axes:
    """A point a tenth with its interval; without a curve, why there is none."""
    left, top, width, height = place
    axes = card.axes(*place)
    _scale(axes)
    axes.set_ylim(0, 1)
    ticks(axes.yaxis, SHARES, [f"{share * 100:g}" for share in SHARES])
    axes.hlines(SHARES, 0, 1, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    rate = data.came_true / data.forecasts
    card.write(left - 76, top - 54, "Came true, % (bars: 95 % interval)", size=style.SMALL, bold=True)
    dashed = "" if data.refused else "dashed: just as said · "
    words = f"{dashed}dotted, grey: base rate {percent(rate)}, its interval"
    card.write(left - 76, top - 24, words, size=style.SMALL, colour=style.MUTED, width=width + 76)
    if data.base_rate and data.base_rate.lower is not None and data.base_rate.upper is not None:
        axes.fill_between([0, 1], data.base_rate.lower, data.base_rate.upper, facecolor=style.MUTED, alpha=0.14,
                          linewidth=0, edgecolor="none", zorder=0, label="base rate interval")  # fmt: skip
    axes.hlines([rate], 0, 1, colors=style.MUTED, linewidths=2, linestyles=(0, (1, 2)), zorder=1, label="base rate")
    if data.refused:
        card.paragraph(left + 24, top + height * (0.22 if rate < 0.5 else 0.72), data.refused, width=width - 48, most=3)
        return axes
    axes.plot([0, 1], [0, 1], color=style.MUTED, linewidth=2, linestyle=(0, (5, 3)), marker="none", zorder=1,
              label="just as said")  # fmt: skip
    known = [
        (each, each.forecast, each.interval) for each in data.tenths if each.forecast is not None and each.interval
    ]
    across, observed = [forecast for _, forecast, _ in known], [each.observed for each, _, _ in known]
    lower = [interval.lower or 0.0 for _, _, interval in known]
    upper = [1.0 if interval.upper is None else interval.upper for _, _, interval in known]
    axes.vlines(across, lower, upper, colors=style.BLUE, linewidths=3, linestyles="solid", alpha=0.6, zorder=3,
                label="intervals")  # fmt: skip
    axes.plot(across, observed, color=style.BLUE, linewidth=1.8, linestyle="solid", marker="none", clip_on=False,
              zorder=3, label="curve")  # fmt: skip
    for label, few in (("tenths", False), ("tenths of few", True)):
        some = [(forecast, each.observed) for each, forecast, _ in known if (each.count < FEW) is few]
        axes.scatter([x for x, _ in some], [y for _, y in some], s=56, marker="o",
                     facecolors=style.CARD if few else style.BLUE, edgecolors=style.BLUE, linewidths=2.2,
                     clip_on=False, zorder=4, label=label, plotnonfinite=False)  # fmt: skip
    return axes


def forecasts(card: Card, data: Hypotheses, place: Place) -> Axes:
    """How many forecasts lie in each tenth, and how many of them came true."""
    from matplotlib.collections import PolyCollection

    left, top, width, height = place
    axes = card.axes(*place)
    _scale(axes)
    most = max(each.count for each in data.tenths)
    axes.set_ylim(0, most * 1.3)
    ticks(axes.xaxis, SHARES, [f"{share * 100:g}" for share in SHARES])
    axes.hlines([0.0], 0, 1, colors=style.INK, linewidths=2, linestyles="solid", zorder=2, label="zero")
    whole = [_bar(each, each.count) for each in data.tenths]
    true = [_bar(each, each.came_true) for each in data.tenths if each.came_true]
    axes.add_collection(PolyCollection(whole, facecolors=style.CARD, edgecolors=style.MUTED, linewidths=1.6,
                                       zorder=1, label="forecasts"))  # fmt: skip
    axes.add_collection(PolyCollection(true, facecolors=style.BLUE, edgecolors=style.BLUE, linewidths=1.6,
                                       zorder=1, label="came true"))  # fmt: skip
    for each in data.tenths:
        x, y = axes.transData.transform(((each.lower + each.upper) / 2, each.count))
        card.write(float(x), card.height - float(y) - 7, f"{each.count:,}", size=style.SMALL, align="center",
                   width=width / 10, whole=True)  # fmt: skip
    card.write(left - 76, top - 14, "Forecasts", size=style.SMALL, bold=True)
    card.write(left + 46, top - 14, "■ came true   □ did not", size=style.SMALL, colour=style.MUTED)
    card.write(left + width / 2, top + height + 66, "Probability said before the start, %", size=style.SMALL,
               align="center")  # fmt: skip
    return axes


def _bar(tenth: Tenth, count: int) -> list[tuple[float, float]]:
    middle = (tenth.lower + tenth.upper) / 2
    return [(middle - BAR, 0), (middle - BAR, count), (middle + BAR, count), (middle + BAR, 0)]


def _scale(axes: Axes) -> None:
    axes.set_xlim(0, 1)
