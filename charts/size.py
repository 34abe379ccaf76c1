"""9.12 size: the smallest effect that a design finds against the days it runs, and where its plan stands."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render, round_ticks, ticks
from charts.letters import text_width
from charts.parts import glance
from charts.parts.amounts import tick_words
from charts.parts.callouts import Box, Spot, call_out
from charts.parts.ends import label_ends
from charts.parts.figures import Figure, strip
from charts.parts.reaches import draw_reach, highest
from charts.wording import alt, count, headed, joined, mean, number, percent, raised
from experiments.numerals import counted, stated
from experiments.pictures.size import Size
from experiments.sizing import DEFAULT_POWER, Sizing, chance_words, run_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTHING = 540
FIGURES = frame.TOP
LEFT, TOP, WIDTH, HEIGHT = 150, 424, 1000, 440
BELOW = TOP + HEIGHT + 108
LINE = 30
HIGHEST = 2.6  # times the plan's effect or what its days find, whichever is larger
SPOT = 9.0
COLOURS = (style.BLUE, style.SERIES[2])
TICK_GAP = 30


def size(data: Size) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Size) -> str:
    """What the picture shows in words: what it takes, what the planned days find, and some of the curve."""
    if not data.reaches:
        told = joined(f"{_measured(data)} {data.told}".strip())
        return alt((headed(data.basis.title, data.refused), told, _what_to_do(data)))
    words = joined(data.sizing.words) if data.sizing else ""
    first = data.reaches[0]
    some = [
        first.points[at]
        for at in sorted({0, len(first.points) // 3, 2 * len(first.points) // 3, len(first.points) - 1})
    ]
    found = ", ".join(f"{percent(effect)} in {run_words(day)}" for day, effect in some)
    return alt(
        (
            headed(data.basis.title, _plan_words(data)),
            words,
            f"With {stated(first.power)} power it finds {found}.",
            joined(f"{_measured(data)} {data.told}".strip()),
        )
    )


def _measured(data: Size) -> str:
    """From where it starts; empty where nobody has said."""
    return "" if data.baseline is None else f"Measured: {_subject(data)}."


def _subject(data: Size) -> str:
    if data.baseline is None:
        return f"what {data.metric} can show in how many days"
    spread = f", spread {number(data.sd)} per {data.unit}" if data.sd is not None else ""
    arms = f"control and {counted(data.treatments, 'treatment')}"
    return f"{data.metric}, {mean(data.baseline, data.kind)} in control{spread}; {arms}"


def _remark(data: Size) -> str:
    """Whether the plan is enough, in one sentence."""
    words = _plan_words(data)
    return f"{'✓' if _is_enough(data) else '✕'} {raised(words)}"


def _is_enough(data: Size) -> bool:
    return data.sizing is None or data.sizing.is_powered is not False


def _plan_words(data: Size) -> str:
    """“a change of 5 % in 14 days has a power of only 25.4 %; 42 days have 80 %.”"""
    found, plan = data.sizing, f"a change of {stated(data.effect)} in {run_words(data.planned_days)}"
    if found is None or found.power is None:
        return f"{plan} is the plan; {found.unknown if found else data.refused}"
    power = chance_words(found.power)
    if found.is_powered:
        return f"{plan} has a power of {power}, which is enough."
    return f"{plan} has a power of only {power}{_better(found)}."


def _better(found: Sizing) -> str:
    """What would have the usual power."""
    if found.days and found.days > found.planned_days:
        return f"; {run_words(found.days)} have {stated(DEFAULT_POWER)}"
    return f"; planned for {count(found.planned_units)} {found.unit}s it would have {stated(DEFAULT_POWER)}"


def _height(data: Size) -> int:
    if data.at_a_glance and data.reaches:
        return glance.HEIGHT
    return BELOW + LINE * len(_remarks(data)) + frame.BOTTOM if data.reaches else NOTHING


def _remarks(data: Size) -> list[str]:
    how = "Shaded: found with 80 % power or more by a plan of that length. Dashed: beyond the present plan, projected."
    return [how, *([data.told] if data.told else [])]


def _draw(card: Card, data: Size) -> Axes | None:
    """Everything on the card; returns the axes of the curve."""
    if data.at_a_glance and data.reaches:
        return glance.glance(card, data)
    if not data.reaches:
        frame.head(card, data.basis.title, _subject(data), data.told)
        frame.nothing(card, "No curve yet", f"{data.refused} {_what_to_do(data)}")
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, _subject(data), _remark(data), alarming=not _is_enough(data))
    _figures(card, data)
    axes = _curve(card, data)
    frame.remarks(card, BELOW, _remarks(data), LINE)
    frame.foot(card, data.basis.footer)
    return axes


def _what_to_do(data: Size) -> str:
    if data.baseline is None:
        return "Say it in the design, or choose a project that has measured it."
    return "Change the effect, the traffic or the way of reading, and the curve appears here."


def _figures(card: Card, data: Size) -> None:
    """Four figures side by side; the power has a meter with a mark at what is usual."""
    found = data.sizing
    if found is None:
        return
    power = "not known" if found.power is None else chance_words(found.power)
    smallest = "none" if found.minimum_effect is None else percent(found.minimum_effect)
    takes = "" if found.days is None else f"{run_words(found.days)}, in whole weeks"
    usual, colour = stated(DEFAULT_POWER), style.BLUE if found.is_powered else style.ORANGE
    mark = None if found.power is None else DEFAULT_POWER
    days = run_words(data.planned_days)
    figures = (
        Figure("To be found", stated(data.effect), "smallest effect, of control"),
        Figure("It takes", f"{count(found.units)} {data.unit}s", takes),
        Figure(f"Power in {days}", power, f"mark: {usual}, as is usual", found.power, mark, colour),
        Figure(f"{days} find", smallest, f"with {usual} power"),
    )
    strip(card, figures, FIGURES)


def _curve(card: Card, data: Size) -> Axes:
    """A line a power, dashed beyond the plan, the plan itself, and the units above the days."""
    axes = card.axes(LEFT, TOP, WIDTH, HEIGHT)
    end = max(point[0] for each in data.reaches for point in each.points)
    high = highest(data, data.reaches, HIGHEST)
    axes.set_xlim(0, end)
    axes.set_ylim(0, high)
    up = round_ticks(0, high, 7)
    ticks(axes.yaxis, up, tick_words(up))
    axes.hlines(up, 0, end, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.hlines([0.0], 0, end, colors=style.INK, linewidths=2, linestyles="solid", zorder=1, label="zero")
    _scales(card, axes, data, end)
    first = data.reaches[0]
    days, effects = [day for day, _ in first.points], [effect * 100 for _, effect in first.points]
    axes.fill_between(days, effects, max(*effects, high), facecolor=style.BLUE, alpha=0.10,
                      linewidth=0, edgecolor="none", zorder=0, label="found")  # fmt: skip
    for each, colour, width in zip(data.reaches, COLOURS, (3.4, 2.2), strict=False):
        draw_reach(axes, data, each, colour, width)
    card.write(style.MARGIN, TOP - 84, "Smallest effect found, % of control", size=style.SMALL, bold=True)
    card.write(LEFT + WIDTH / 2, TOP + HEIGHT + 66, "Days since start", size=style.SMALL, align="center")
    _plan(card, axes, data, end)
    ends = [(min(each.points[-1][1] * 100, high), colour, f"{glyph} {stated(each.power)} power")
            for each, colour, glyph in zip(data.reaches, COLOURS, "━─", strict=False)]  # fmt: skip
    label_ends(card, axes, (TOP, HEIGHT), ends, LEFT + WIDTH + 16)
    return axes


def _scales(card: Card, axes: Axes, data: Size, end: int) -> None:
    """Days below, the units of all variants above them."""
    for about in (9, 7, 5, 4, 3):
        places = round_ticks(0, end, about, whole=True)
        words = [count(round(place * (data.daily or 0.0))) for place in places]
        if sum(text_width(each, style.SMALL) + TICK_GAP for each in words) <= WIDTH:
            break
    ticks(axes.xaxis, places, [f"{place:g}" for place in places])
    axes.vlines(places, 0, axes.get_ylim()[1], colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    for place, said in zip(places, words, strict=True):
        x = LEFT + WIDTH * place / end
        card.write(x, TOP - 14, said, size=style.SMALL, colour=style.MUTED, align="center")
    card.write(
        LEFT + WIDTH / 2, TOP - 48, f"{data.unit.capitalize()}s in all variants", size=style.SMALL, align="center"
    )


def _plan(card: Card, axes: Axes, data: Size, end: int) -> None:
    """Where the plan stands, and from when on its effect is found."""
    high = axes.get_ylim()[1]
    day, effect = min(data.planned_days, end), data.effect * 100
    axes.hlines([effect], 0, end, colors=style.INK, linewidths=1.6, linestyles=(0, (2, 3)), zorder=2, label="effect")
    axes.vlines([day], 0, high, colors=style.INK, linewidths=1.6, linestyles=(0, (2, 3)), zorder=2, label="planned end")
    axes.scatter([day], [effect], s=150, marker="D", facecolors=style.INK, edgecolors=style.INK, linewidths=0.8,
                 clip_on=False, zorder=5, label="plan", plotnonfinite=False)  # fmt: skip
    places = [(float(day), effect, f"the plan: {stated(data.effect)}, {run_words(data.planned_days)}", style.INK)]
    if needed := data.needed_within(end):
        axes.scatter([needed], [effect], s=110, marker="o", facecolors=style.CARD, edgecolors=style.BLUE,
                     linewidths=3, clip_on=False, zorder=5, label="needed", plotnonfinite=False)  # fmt: skip
        places.append((float(needed), effect, f"{run_words(needed)} are enough", style.BLUE))
    spots = []
    for at, found, words, colour in places:
        x, y = axes.transData.transform((at, found))
        spots.append(Spot(float(x), card.height - float(y), SPOT, words, colour))
    level = card.height - float(axes.transData.transform((0.0, effect))[1])
    upright = float(axes.transData.transform((float(day), 0.0))[0])
    hard = [Box(LEFT, level - 3, LEFT + WIDTH, level + 3), Box(upright - 3, TOP, upright + 3, TOP + HEIGHT)]
    call_out(card, spots, Box(LEFT, TOP, LEFT + WIDTH, TOP + HEIGHT), hard, _along(card, axes, data), insist=2)


def _along(card: Card, axes: Axes, data: Size) -> list[Box]:
    """Where the curves run, in steps."""
    boxes = []
    for each in data.reaches:
        path = [axes.transData.transform((day, effect * 100)) for day, effect in each.points]
        for (left, upper), (right, lower) in pairwise(path):
            top, bottom = sorted((card.height - float(upper), card.height - float(lower)))
            boxes.append(Box(float(left), top - 3, float(right), bottom + 3))
    return boxes
