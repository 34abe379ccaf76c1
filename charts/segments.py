"""9.7 segments: a heat map of the effect in every level of every dimension, each with its units and its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.canvas import Card, render
from charts.parts import heat
from charts.parts.forest import forest
from charts.parts.heat import Cell
from charts.wording import (
    MARKS,
    alt,
    change,
    change_range,
    count,
    joined,
    level,
    lowered,
    p_value,
    percent,
    percent_range,
    raised,
    sample_ratio,
    short,
    short_percent_range,
)
from experiments.design import Direction
from experiments.numerals import counted, listed
from experiments.pictures.read import day_of, warnings_of
from experiments.pictures.segments import Dimension, Interaction, SegmentMap, is_too_few, more_words
from experiments.readout import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, UNITS, CELLS, RIGHT = style.MARGIN, 470, 500, frame.RIGHT
ONE_CELL, FOREST, READING = 300, 836, 1216
FOREST_WIDTH = READING - FOREST - 30
TOP = frame.TOP + 46
GROUP, MORE, AXIS, FOOT = 50, 34, 84, 150
KEY = 27  # the width of one step of the key
MOST_CLEAR, MOST_TOLD = 3, 3


class _Row(NamedTuple):
    """A row of cells with its middle, or a line of words (without cells) with its baseline."""

    y: float
    name: str
    n: int
    cells: tuple[Comparison | None, ...]
    dimension: Dimension | None = None


def segments(data: SegmentMap) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its rows need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: SegmentMap) -> str:
    """What the picture shows in words: where effects differ, then what is clear in which segment, then the policy."""
    readout = data.readout
    head = f"Effects on {short(data.metric) or 'the primary metric'} by segment for “{short(readout.title, 120)}”"
    head = f"{head}, {day_of(readout)}; {lowered(sample_ratio(readout))}"
    if data.refused:
        return alt((head, f"{data.headline}: {lowered(data.refused)}"))
    single = _is_single(data)
    told = enumerate(data.treatments[:MOST_TOLD])
    tested = [f"{'' if single else f'for {short(each)} '}{_between(place, data)}" for place, each in told]
    more = f"; {len(data.treatments) - MOST_TOLD:,} more treatments" if len(data.treatments) > MOST_TOLD else ""
    clear = [
        f"{short(each.name)}{'' if single else f' of {short(treatment)}'} {percent(cell.relative, signed=True)}"
        f"{f' ({percent_range(cell.relative_interval)})' if cell.relative_interval else ''}, n = {count(each.n)}"
        for dimension in data.dimensions
        for each in dimension.levels
        for treatment, cell in zip(data.treatments, each.cells, strict=True)
        if cell is not None and heat.is_clear(cell) and cell.relative is not None and not is_too_few(cell)
    ]
    others = f"; {len(clear) - MOST_CLEAR:,} more" if len(clear) > MOST_CLEAR else ""
    found = f"Clear in {'; '.join(clear[:MOST_CLEAR])}{others}." if clear else "Clear in none of the segments."
    return alt((head, f"Between levels, {'; '.join(tested)}{more}.", found, joined(data.policy)))


def _between(place: int, data: SegmentMap) -> str:
    """“the effect differs by device (p < 0.001, 3 levels, I² 96.3 %), not clearly by country (p = 0.741, …)”."""
    differing, unclear, unread = list[str](), list[str](), list[str]()
    for dimension in data.dimensions:
        test = dimension.interactions[place]
        if test.adjusted is None or test.i2 is None:
            unread.append(short(dimension.name))
            continue
        levels = counted(len(dimension.levels) + dimension.more, "level")
        spread = f", {levels}, I² {percent(test.i2)}" if _is_single(data) else ""
        words = f"{short(dimension.name)} ({p_value(test.adjusted)}{spread})"
        (differing if test.adjusted <= data.readout.alpha else unclear).append(words)
    parts = (
        f"the effect differs by {listed(differing)}" if differing else "",
        f"{'not clearly' if differing else 'no clear difference'} by {listed(unclear)}" if unclear else "",
        f"fewer than two levels can be read of {listed(unread)}" if unread else "",
    )
    return ", ".join(filter(None, parts))


def _tested(test: Interaction, data: SegmentMap) -> str:
    if test.adjusted is None or test.i2 is None:
        return "fewer than two levels can be read"
    differs = "the effect differs" if test.adjusted <= data.readout.alpha else "no clear difference"
    return f"{differs} between levels, {p_value(test.adjusted)}, I² {percent(test.i2)}"


def _is_single(data: SegmentMap) -> bool:
    return len(data.treatments) == 1


def _pitch(data: SegmentMap) -> int:
    return 48 if _is_single(data) else 62


def _rows(data: SegmentMap) -> Iterator[_Row]:
    """Everybody first, then dimension by dimension its head, its levels, and what is left out."""
    pitch = _pitch(data)
    y = TOP + 6.0
    units = sum(data.readout.units.values())
    yield _Row(y + pitch / 2, "Everybody", units, data.overall)
    y += pitch
    for dimension in data.dimensions:
        yield _Row(y + GROUP - 14, dimension.name, 0, (), dimension)
        y += GROUP
        for each in dimension.levels:
            yield _Row(y + pitch / 2, each.name, each.n, each.cells)
            y += pitch
        if words := more_words(dimension):
            yield _Row(y + 22, words, 0, ())
            y += MORE


def _bottom(data: SegmentMap) -> float:
    """Where the last row ends."""
    *_, last = _rows(data)
    return last.y + (_pitch(data) / 2 if last.cells else 12)


def _height(data: SegmentMap) -> int:
    if data.refused:
        return frame.NOTICE_HEIGHT
    axis = AXIS if _is_single(data) else 24
    return round(_bottom(data) + axis + FOOT + 30 * len(_notes(data)) + frame.BOTTOM)


def _draw(card: Card, data: SegmentMap) -> tuple[Axes, Axes | None] | None:
    """Everything on the card; returns the axes of the cells, in pixels below and right of their corner, and those of
    the intervals, which only a single treatment has."""
    against = data.treatments[0] if _is_single(data) else "each treatment"
    frame.heading(card, data.readout, f"{data.metric} by segment, {against} against control" if data.metric
                  else "Effects by segment")  # fmt: skip
    if data.refused:
        frame.notice(card, data.readout, data.headline, data.refused)
        return None
    rows, bottom = list(_rows(data)), _bottom(data)
    _head(card, data)
    axes = card.axes(CELLS, TOP, RIGHT - CELLS, card.height - TOP)
    axes.set_xlim(0, RIGHT - CELLS)
    axes.set_ylim(card.height - TOP, 0)
    scale = heat.scale_of(cell for row in rows for cell in row.cells if cell is not None and not is_too_few(cell))
    filled = [cell for row in rows for cell in _cells(card, row, data, scale)]
    y = bottom + (AXIS if _is_single(data) else 24) + 24
    heat.cells(axes, [*filled, *_key(card, y, data, scale)])
    intervals = _intervals(card, rows, bottom, data) if _is_single(data) else None
    y += 66
    frame.remarks(card, y, _notes(data), 30)
    y += 30 * len(_notes(data))
    card.paragraph(LEFT, y, data.policy, width=frame.INNER, size=style.SMALL, colour=style.MUTED, most=2)
    frame.foot(card, data.basis.footer)
    return axes, intervals


def _head(card: Card, data: SegmentMap) -> None:
    y = frame.TOP + 28
    card.write(LEFT, y, "Segment", size=style.SMALL, bold=True, colour=style.MUTED)
    card.write(UNITS, y, "Units", size=style.SMALL, bold=True, colour=style.MUTED, align="right")
    if _is_single(data):
        for x, words in ((CELLS, "Relative change"), (FOREST, f"Bars: {level(data.readout)} interval"),
                         (READING, "Reading")):  # fmt: skip
            card.write(x, y, words, size=style.SMALL, bold=True, colour=style.MUTED)
    else:
        width = (RIGHT - CELLS) / len(data.treatments)
        for place, name in enumerate(data.treatments):
            card.write(CELLS + place * width + width / 2, y, name, size=style.SMALL, bold=True, align="center",
                       width=width - 14)  # fmt: skip
    card.rule(y + 14, left=LEFT, right=RIGHT)


def _cells(card: Card, row: _Row, data: SegmentMap, scale: float) -> Iterator[Cell]:
    """Writes the words of one row, and tells its cells."""
    if not row.cells:
        _line(card, row, data)
        return
    overall = row.name == "Everybody" and row.cells is data.overall
    card.write(LEFT, row.y + 8, row.name, bold=overall, width=UNITS - LEFT - 110)
    card.write(UNITS, row.y + 8, count(row.n), align="right", width=104, whole=True)
    pitch = _pitch(data)
    width = ONE_CELL if _is_single(data) else (RIGHT - CELLS) / len(data.treatments)
    for place, each in enumerate(row.cells):
        left = CELLS + place * width
        silent = each is None or is_too_few(each) or bool(each.refused) or each.difference is None
        _words(card, each, left, row.y, width, data)
        colour = style.GRID if each is None or silent else heat.fill(each, scale)
        yield Cell(place * width, row.y - pitch / 2 - TOP, width, pitch, colour)


def _words(card: Card, each: Comparison | None, left: float, y: float, width: float, data: SegmentMap) -> None:
    """The number of a cell and its interval, side by side or one below the other; or why there is none."""
    if each is None or is_too_few(each) or each.refused or each.difference is None:
        why = "no units" if each is None else "too few" if is_too_few(each) else "no number"
        card.write(left + width / 2, y + 7, why, size=style.SMALL, colour=style.MUTED, align="center")
        return
    if each.relative is not None:
        size = percent(each.relative, signed=True)
        interval = short_percent_range(each.relative_interval) if each.relative_interval else ""
    else:
        size = change(each.difference, each.kind)
        interval = change_range(each.interval, each.kind) if each.interval else ""
    clear = heat.is_clear(each)
    if _is_single(data):
        card.write(left + 14, y + 8, size, bold=clear, width=104, whole=True)
        card.write(left + width - 16, y + 7, interval, size=style.SMALL, align="right", width=width - 144, whole=True)
        reading = f"{MARKS[each.standing]} {each.standing.words}"
        card.write(READING, y + 8, reading, bold=clear, colour=style.STANDING[each.standing], width=RIGHT - READING)
        return
    mark = f"{MARKS[each.standing]} " if clear else ""
    card.write(left + width / 2, y - 3, mark + size, bold=clear, align="center", width=width - 14, whole=True)
    card.write(left + width / 2, y + 20, interval, size=style.SMALL, align="center", width=width - 14, whole=True)


def _line(card: Card, row: _Row, data: SegmentMap) -> None:
    """The head of a dimension with its test, or how many levels are left out."""
    if row.dimension is None:
        card.write(LEFT, row.y, row.name, size=style.SMALL, colour=style.MUTED, width=frame.INNER)
        return
    tests = row.dimension.interactions
    card.write(LEFT, row.y, row.name, bold=True, colour=style.MUTED, width=UNITS - LEFT - 140)
    if _is_single(data):
        words = _tested(tests[0], data)
        card.write(CELLS, row.y, raised(words), size=style.SMALL, width=RIGHT - CELLS,
                   bold=_differs(tests[0], data))  # fmt: skip
        return
    card.write(UNITS, row.y, "same in all?", size=style.SMALL, colour=style.MUTED, align="right")
    width = (RIGHT - CELLS) / len(data.treatments)
    for place, test in enumerate(tests):
        words = "–" if test.adjusted is None else p_value(test.adjusted)
        words = f"≠ {words}" if _differs(test, data) else words
        card.write(CELLS + (place + 0.5) * width, row.y, words, size=style.SMALL, align="center", width=width - 10,
                   bold=_differs(test, data), whole=True)  # fmt: skip


def _differs(test: Interaction, data: SegmentMap) -> bool:
    return test.adjusted is not None and test.adjusted <= data.readout.alpha


def _key(card: Card, y: float, data: SegmentMap, scale: float) -> list[Cell]:
    """What the colours mean, in words and in numbers."""
    words = "Strong: clear; pale: not clear; grey: too few units, or no number."
    if not _is_single(data):
        words = "Strong: clear; pale: not clear; grey: too few. ≠ differs between levels."
    card.write(LEFT, y + 19, words, size=style.SMALL, colour=style.MUTED)
    right = RIGHT - 170
    left = right - len(heat.STEPS) * KEY
    best = scale if data.direction is Direction.UP else -scale
    card.write(left - 12, y + 19, f"worse {percent(-best, signed=True)}", size=style.SMALL, align="right",
               colour=style.ORANGE, bold=True)  # fmt: skip
    card.write(right + 12, y + 19, f"{percent(best, signed=True)} better", size=style.SMALL, colour=style.BLUE,
               bold=True, width=156, whole=True)  # fmt: skip
    return heat.key(left - CELLS, y - TOP, KEY, 26 + heat.GAP)


def _intervals(card: Card, rows: Sequence[_Row], bottom: float, data: SegmentMap) -> Axes:
    """The intervals beside the cells; of cells that cannot be read there is none."""
    axes = card.axes(FOREST, TOP, FOREST_WIDTH, bottom - TOP)
    axes.set_ylim(bottom - TOP, 0)
    drawn = [(row.cells[0], row.y - TOP) for row in rows if row.cells and row.cells[0] is not None]
    read = [(each, y) for each, y in drawn if each is not None and not is_too_few(each)]
    clear = [each for each, _ in read if heat.is_clear(each)]
    forest(
        axes, [each for each, _ in read], [y for _, y in read], _pitch(data), clear or [each for each, _ in read[:1]]
    )
    card.write(FOREST + FOREST_WIDTH / 2, bottom + 62, "Relative change, %", size=style.SMALL, align="center")
    return axes


def _notes(data: SegmentMap) -> list[str]:
    """What is left out, and what must be known beside the numbers."""
    more = []
    if data.more_treatments:
        more.append(f"{data.more_treatments:,} more treatments are not drawn; choose one below the picture.")
    if data.more_dimensions:
        more.append(f"{data.more_dimensions:,} more dimensions are not drawn; choose one below the picture.")
    return [*(f"⚠ {words}" for words in warnings_of(data.readout)[:1]), *more]
