"""9.14 factors: main effects with their intervals, below them the means of two factors together, and all tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render, round_ticks, ticks
from charts.comparison import AXIS, FOREST, FOREST_WIDTH, ROW, heads, row
from charts.letters import fit, wrap
from charts.parts.ends import label_ends
from charts.parts.forest import forest
from charts.wording import (
    SENTENCE,
    alt,
    change,
    change_range,
    count,
    good_direction,
    joined,
    level,
    lowered,
    number,
    p_value,
    percent,
    percent_range,
    sample_ratio,
    short,
)
from experiments.design import MetricKind
from experiments.pictures.factors import BETWEEN, FactorLine, FactorMap, FactorTerm
from experiments.pictures.read import day_of, warnings_of
from experiments.readout import Comparison, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_EFFECTS, MOST_TERMS, MOST_TOLD = 12, 7, 6
TOLD_FIRST = (Standing.BETTER, Standing.WORSE)
TOP = frame.TOP + 50
PANEL = 340
LEFT, WIDTH = 152, 396
TABLE, F, ONCE, RIGHT = 770, 1104, 1228, frame.RIGHT
TERM = 58
LINE = style.SMALL * 1.4
DODGE = 0.07
NAME = 20
WHOLE = 36  # letters up to which the name of a term is set smaller rather than cut
CLEAR, UNCLEAR = "● clear", "○ not clear"
CROWDED = 90  # pixels between two levels below which their names stand in two rows


def factors(data: FactorMap) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its effects need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: FactorMap) -> str:
    """What the picture shows in words: each main effect, which terms matter, and by which policy."""
    readout = data.readout
    head = f"Factors of “{short(readout.title, 120)}” on {short(data.metric) or 'its metric'}, {day_of(readout)}"
    head = f"{head}; {lowered(sample_ratio(readout))}"
    if data.refused:
        return alt((head, f"{data.headline}: {lowered(data.refused)}"))
    told = sorted(data.effects, key=lambda each: each.standing not in TOLD_FIRST)[:MOST_TOLD]
    more = f"; {len(data.effects) - len(told):,} more" if len(data.effects) > len(told) else ""
    terms = ", ".join(
        f"{short(each.name)} {p_value(each.p)}{' (clear)' if each.clear else ''}" for each in data.terms[:MOST_TERMS]
    )
    effects = "; ".join(_effect_words(each) for each in told)
    policy, *_ = SENTENCE.split(data.policy)
    return alt((head, f"Main effects: {effects}{more}.", joined(f"Tests: {terms}. {policy}")))


def _effect_words(each: Comparison) -> str:
    size = change(each.difference or 0.0, each.kind)
    if each.relative is not None and each.relative_interval is not None:
        size = f"{percent(each.relative, signed=True)} ({percent_range(each.relative_interval)})"
    elif each.interval is not None:
        size = f"{size} ({change_range(each.interval, each.kind)})"
    return f"{short(each.metric)} {short(each.treatment.variant)} {size}, {each.standing.words}"


def _bottom(data: FactorMap) -> float:
    """Where the main effects end."""
    return TOP + ROW * min(len(data.effects), MOST_EFFECTS)


def _panel(data: FactorMap) -> float:
    """Where the panel below begins, and the table beside it."""
    return _bottom(data) + AXIS + 96


def _height(data: FactorMap) -> int:
    if data.refused:
        return frame.NOTICE_HEIGHT
    words = sum(len(wrap(each, RIGHT - TABLE, style.SMALL)) * LINE + 10 for each in _words(data))
    table = TERM * min(len(data.terms), MOST_TERMS) + 46 + words
    return round(_panel(data) + max(PANEL + 122, table + 20) + frame.BOTTOM)


def _draw(card: Card, data: FactorMap) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of the effects and those of the means."""
    subject = f"{data.metric}: what each factor changes, alone and together" if data.metric else "Factors"
    frame.heading(card, data.readout, subject)
    if data.refused:
        frame.notice(card, data.readout, data.headline, data.refused)
        return None
    effects = _effects(card, data)
    top = _panel(data)
    means = _means(card, data, top)
    y = _table(card, data, top)
    for words in _words(data):
        y = card.paragraph(TABLE, y, words, width=RIGHT - TABLE, size=style.SMALL, colour=style.MUTED) + 10
    frame.foot(card, data.basis.footer)
    return effects, means


def _effects(card: Card, data: FactorMap) -> Axes:
    """Every level against the base level of its factor, averaged over the other factors."""
    shown = data.effects[:MOST_EFFECTS]
    heads(card, frame.TOP + 28, "Factor · level", f"Bars: {level(data.readout)} interval")
    middles = [TOP + ROW * (place + 0.5) for place in range(len(shown))]
    for each, middle in zip(shown, middles, strict=True):
        row(card, each, middle)
    bottom = _bottom(data)
    axes = card.axes(FOREST, TOP, FOREST_WIDTH, bottom - TOP)
    axes.set_ylim(bottom - TOP, 0)
    forest(axes, shown, [middle - TOP for middle in middles], ROW)
    card.write(FOREST + FOREST_WIDTH / 2, bottom + 62, "Relative change, %", size=style.SMALL, align="center")
    return axes


def _means(card: Card, data: FactorMap, top: float) -> Axes:
    """The means of two factors together: lines that are not parallel are an interaction."""
    from matplotlib.collections import LineCollection

    lines = data.lines[: style.MOST_SERIES]
    scale = 100 if data.kind is MetricKind.PROPORTION else 1
    good = good_direction(data.direction)
    measured = "%" if scale == 100 else data.unit
    card.write(style.MARGIN, top - 48, f"Mean of {data.metric}, {measured} · {good}", size=style.SMALL, bold=True,
               width=TABLE - style.MARGIN - 40)  # fmt: skip
    each_of = f"a line for each {data.other}; " if data.other else ""
    card.write(style.MARGIN, top - 22, f"{each_of}bars: {level(data.readout)} interval of each mean",
               size=style.SMALL, colour=style.MUTED, width=TABLE - style.MARGIN - 40)  # fmt: skip
    axes = card.axes(LEFT, top, WIDTH, PANEL)
    levels = [point.level for point in lines[0].points]
    axes.set_xlim(-0.5, len(levels) - 0.5)
    _scale(axes, lines, scale)
    bars, colours, names = [], [], []
    for place, line in enumerate(lines):
        xs = [at + DODGE * (place - (len(lines) - 1) / 2) for at in range(len(levels))]
        colour = style.SERIES[place]
        bars += [((x, point.lower), (x, point.upper)) for x, point in zip(xs, line.points, strict=True)]
        colours += [colour] * len(xs)
        (drawn,) = axes.plot(
            xs, [point.mean for point in line.points], color=colour, linewidth=2.5, linestyle="solid",
            marker=style.SERIES_MARKERS[place], markersize=10, markerfacecolor=colour, markeredgecolor=colour,
            markeredgewidth=0, zorder=4, label=line.level,
        )  # fmt: skip
        if style.DASHES[place]:
            drawn.set_dashes(style.DASHES[place])
        names.append((line.points[-1].mean, colour, f"{style.SERIES_GLYPHS[place]} {line.level}"))
    axes.add_collection(
        LineCollection(bars, colors=colours, linewidths=2.5, linestyles="solid", zorder=3, label="intervals"),
        autolim=False,
    )
    _levels(card, data, levels, top)
    if data.other:
        _names(card, axes, names, top)
    return axes


def _scale(axes: Axes, lines: Sequence[FactorLine], scale: int) -> None:
    ends = [end for line in lines for point in line.points for end in (point.lower, point.upper)]
    room = (max(ends) - min(ends)) * 0.06 or abs(max(ends)) * 0.06 or 1.0
    low, high = min(ends) - room, max(ends) + room
    axes.set_ylim(low, high)
    places = round_ticks(low, high, 6)
    ticks(axes.yaxis, places, [number(place * scale) for place in places])
    axes.hlines(places, *axes.get_xlim(), colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)


def _levels(card: Card, data: FactorMap, levels: Sequence[str], top: float) -> None:
    """The levels below the axis, in two rows where they would touch, and how many units stand behind a mean."""
    pitch = WIDTH / len(levels)
    rows = 2 if pitch < CROWDED else 1
    for place, name in enumerate(levels):
        x, y = LEFT + pitch * (place + 0.5), top + PANEL + 28 + 24 * (place % rows)
        card.write(x, y, fit(name, pitch * rows - 10, style.SMALL), size=style.SMALL, colour=style.MUTED,
                   align="center")  # fmt: skip
    units = [point.n for line in data.lines for point in line.points]
    few, many = count(min(units)), count(max(units))
    n = f"n = {few}" if few == many else f"n = {few} to {many}"
    card.write(LEFT + WIDTH / 2, top + PANEL + 66 + 20 * (rows - 1), f"{data.axis} ({n} a mean)", size=style.SMALL,
               align="center", width=TABLE - style.MARGIN - 40)  # fmt: skip


def _names(card: Card, axes: Axes, names: Sequence[tuple[float, str, str]], top: float) -> None:
    x = LEFT + WIDTH + 14
    fitted = [(end, colour, fit(words, TABLE - x - 30, style.SMALL, bold=True)) for end, colour, words in names]
    label_ends(card, axes, (top, PANEL), fitted, x)


def _table(card: Card, data: FactorMap, top: float) -> float:
    """Every factor and interaction with its tests; p of one look beside the one to read, where these are two. Returns
    the baseline that would come next."""
    shown = data.terms[:MOST_TERMS]
    y = top - 22
    card.write(TABLE, y, "Term", size=style.SMALL, bold=True, colour=style.MUTED)
    for x, words in ((F, "F"), (ONCE, "one-look p"), (RIGHT, "adjusted p")):
        card.write(x, y, words, size=style.SMALL, bold=True, colour=style.MUTED, align="right")
    card.rule(y + 14, left=TABLE, right=RIGHT)
    for place, each in enumerate(shown):
        _term(card, each, y + 46 + place * TERM)
    return y + 66 + len(shown) * TERM


def _term(card: Card, each: FactorTerm, y: float) -> None:
    card.write(TABLE, y, each.name, size=NAME, bold=each.clear, width=F - TABLE - 70, whole=len(each.name) < WHOLE)
    squares = "" if each.ss is None else f" · sum of squares {number(each.ss)}"
    card.write(
        TABLE, y + 22, f"df {each.df}{squares}", size=style.SMALL, colour=style.MUTED, width=F - TABLE, whole=True
    )
    card.write(F, y, number(each.f), align="right", width=66, whole=True)
    card.write(ONCE, y, _bare(each.once), align="right", colour=style.MUTED, width=110, whole=True)
    card.write(RIGHT, y, _bare(each.p), align="right", bold=each.clear, width=116, whole=True)
    colour = style.INK if each.clear else style.MUTED
    reading = CLEAR if each.clear else UNCLEAR
    card.write(RIGHT, y + 22, reading, size=style.SMALL, align="right", colour=colour, bold=each.clear)


def _bare(p: float) -> str:
    return p_value(p).removeprefix("p ").removeprefix("= ")


def _words(data: FactorMap) -> list[str]:
    """What must be known before the effects are read, how they were made, and what is left out."""
    notes = [f"⚠ {words}" for words in warnings_of(data.readout)[:1]]
    clear = [each.name for each in data.terms if each.clear and BETWEEN in each.name]
    if clear:
        where = "Read the lines first." if clear[0] == data.pair else "Choose it below and read its lines first."
        notes.append(f"{clear[0]} belong together: what one changes depends on the other. {where}")
    notes.append(data.policy)
    more = []
    if (effects := len(data.effects) - MOST_EFFECTS) > 0:
        more.append(f"{effects} more effects")
    if (lines := len(data.lines) - style.MOST_SERIES) > 0:
        more.append(f"{lines} more lines")
    if (terms := len(data.terms) - MOST_TERMS) > 0:
        more.append(f"{terms} more terms")
    return [*notes, f"{', '.join(more)} are not drawn."] if more else notes
