"""9.10 velocity: started and finished by month, how long it takes, the way from draft to ship, and what was learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render, round_ticks, ticks
from charts.letters import text_width
from charts.parts.amounts import tick_words
from charts.parts.pipeline import LINE, pipeline, way_on
from charts.wording import alt, joined, lowered, raised, whole, whole_range
from experiments.knowledge.learning import NAMES
from experiments.numerals import counted, listed
from experiments.pictures.durations import Spread
from experiments.pictures.funnel import Stage
from experiments.pictures.velocity import Month, Rate, Velocity
from experiments.readout import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, LEFT_WIDTH = 96, 700
RIGHT, RIGHT_WIDTH = 868, frame.RIGHT - 868 - 20
TOP, MONTHS_HEIGHT = frame.TOP + 22, 250
ROWS, ROW, BAR_AT = 3, 84, 62
BELOW = TOP + MONTHS_HEIGHT + 118
BAR, GAP = 26.0, 3.0  # pixels: the widest bar, and what parts a month's two
NUMBER = 17
SHORTEST = 0.05
REMARK = 28
BOX = 6.5
MOST_LESSONS = 5


def velocity(data: Velocity) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Velocity) -> str:
    """What the picture shows in words: pace, lengths, the way from stage to stage, and what was learnt."""
    if data.is_empty:
        return f"{data.basis.title}, {_time(data)}: nothing. {_what_to_do()}"
    began, ended = (sum(getattr(each, name) for each in data.months) for name in ("started", "finished"))
    head = f"{data.basis.title}, {_time(data)}: {began:,} started, {ended:,} finished; {lowered(_pace(data))}"
    lengths = "; ".join(f"{each.name.lower()} {_length(each)}, {each.waiting:,} still on it" for each in data.spreads)
    stages = [f"{each.stage.words} {each.reached:,}{way_on(each)}" for each in data.steps[:-1] if each.reached]
    way = "; ".join([*stages, *(f"{each.reached:,} shipped" for each in data.steps[-1:])])
    rates = "; ".join(f"{each.name.lower()} {_rate(each)}" for each in data.rates)
    return alt(
        (
            head,
            f"Days (median, middle half): {lengths}.",
            f"The way of what was drafted then, and how many went on: {way}.",
            joined(f"{raised(rates)}. {_taught(data)}".strip()),
        )
    )


def _time(data: Velocity) -> str:
    return f"{data.since:%-d %b %Y} to {data.until:%-d %b %Y}"


def _pace(data: Velocity) -> str:
    if data.pace is None:
        return "No full month with experiments yet."
    before = f" ({data.before:.1f} in the three before)" if data.before is not None else ""
    return f"{data.pace:.1f} finished a month in the last full months{before}."


def _length(each: Spread) -> str:
    if each.median is None or each.lower is None or each.upper is None:
        return "none yet"
    middle = f" ({_days(each.lower)} to {_days(each.upper)})" if each.count > 1 else ""
    return f"{_days(each.median)}{middle}, n = {each.count:,}"


def _days(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value < SHORTEST else f"{value:.1f}"


def _rate(each: Rate) -> str:
    if each.share is None or each.interval is None:
        return f"not known: {each.refused}"
    return f"{whole(each.share)} ({whole_range(each.interval)}), {each.count:,} of {each.of:,}"


def _taught(data: Velocity) -> str:
    some = [f"{count:,} {NAMES[lesson][count != 1]}" for lesson, count in data.lessons.items() if count]
    return f"They taught: {listed(some, MOST_LESSONS)}." if some else ""


def _what_to_do() -> str:
    return "Nothing was drafted, started or finished in this time. Choose a longer time, or other filters."


def _remarks(data: Velocity) -> list[str]:
    first = data.months[0] if data.months else None
    from_then = f" ({first.words} from day {data.since.day} on)" if first and first.first < data.since else ""
    waiting = [f"{each.waiting:,}" for each in data.spreads]
    lines = [
        f"Hatched months are not over, or only partly in this time{from_then}.",
        f"Days: of what came to the end of that part; {listed(waiting)} are still on it. "
        "Upright: the median; line: its 95 % interval.",
        "The way is that of experiments drafted in this time: filled, gone on; hatched, waiting; hollow, ended here.",
        "Go on: of those that do not wait. Learning: wins, harms seen, and no effect where one would have been seen.",
    ]
    if data.brought_in:
        brought = counted(data.brought_in, "experiment")
        lines.append(f"{brought} with data from elsewhere never ran here: only lessons count of them.")
    return lines


def _height(data: Velocity) -> int:
    if data.is_empty:
        return frame.NOTICE_HEIGHT
    return BELOW + LINE * len(Stage) + 44 + REMARK * len(_remarks(data)) + frame.BOTTOM


def _draw(card: Card, data: Velocity) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of months, and those of all else, in pixels."""
    if data.is_empty:
        frame.head(card, data.basis.title, _time(data))
        frame.nothing(card, "Nothing happened in this time", _what_to_do())
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, f"{_time(data)}: what starts, what ends, how long it takes, what it teaches",
               _pace(data))  # fmt: skip
    months = _months(card, data.months)
    board = card.axes(0, 0, card.width, card.height)
    board.set_xlim(0, card.width)
    board.set_ylim(card.height, 0)
    _spreads(card, board, data.spreads)
    card.write(style.MARGIN, BELOW - 22, "From draft to ship: how many came so far, and went on", size=style.SMALL,
               bold=True)  # fmt: skip
    pipeline(card, board, data.steps, BELOW)
    _rates(card, board, data.rates)
    card.paragraph(RIGHT, BELOW + ROW * ROWS + 84, _taught(data), width=RIGHT_WIDTH, size=style.SMALL, most=2)
    frame.remarks(card, BELOW + LINE * len(Stage) + 44, _remarks(data), REMARK)
    frame.foot(card, data.basis.footer)
    return months, board


def _months(card: Card, months: Sequence[Month]) -> Axes:
    """Two bars a month, side by side from zero: what started, hollow, and what finished, filled."""
    from matplotlib.collections import PolyCollection

    card.write(style.MARGIN, TOP - 22, "Experiments a month:  □ started  ■ finished", size=style.SMALL, bold=True)
    axes = card.axes(LEFT, TOP, LEFT_WIDTH, MONTHS_HEIGHT)
    most = max((each for month in months for each in (month.started, month.finished)), default=0) or 1
    axes.set_xlim(0, LEFT_WIDTH)
    axes.set_ylim(0, most * 1.14)
    places = round_ticks(0, most * 1.14, 5, whole=True)
    ticks(axes.yaxis, places, tick_words(places))
    axes.hlines(places, 0, LEFT_WIDTH, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.hlines([0.0], 0, LEFT_WIDTH, colors=style.INK, linewidths=2, linestyles="solid", zorder=3, label="zero")
    slot = LEFT_WIDTH / max(1, len(months))
    wide = min(BAR, slot / 2 - GAP * 2)
    middles = [slot * (place + 0.5) for place in range(len(months))]
    for name, side, face, edge in (("started", -1, style.CARD, style.MUTED), ("finished", 1, style.BLUE, style.BLUE)):
        for partial in (False, True):
            bars = [(middle, getattr(month, name)) for middle, month in zip(middles, months, strict=True)
                    if month.partial is partial and getattr(month, name)]  # fmt: skip
            corners = [_bar(middle + side * (wide + GAP) / 2, wide, height) for middle, height in bars]
            axes.add_collection(PolyCollection(
                corners, facecolors=style.CARD if partial else face, edgecolors=edge, linewidths=1.6,
                hatch="////" if partial else None, zorder=2, label=f"{name} so far" if partial else name,
            ), autolim=False)  # fmt: skip
            for middle, height in bars:
                _number(card, middle + side * (wide + GAP) / 2, height, most * 1.14, edge, slot / 2)
    ticks(axes.xaxis, middles, _month_words(months, slot))
    return axes


def _bar(middle: float, wide: float, height: float) -> list[tuple[float, float]]:
    left, right = middle - wide / 2, middle + wide / 2
    return [(left, 0.0), (left, height), (right, height), (right, 0.0)]


def _number(card: Card, middle: float, height: int, most: float, colour: str, room: float) -> None:
    """How many, above the bar, where there is room."""
    words = f"{height:,}"
    if text_width(words, NUMBER, bold=True) <= room:
        y = TOP + MONTHS_HEIGHT * (1 - height / most) - 7
        card.write(LEFT + middle, y, words, size=NUMBER, bold=True, colour=colour, align="center")


def _month_words(months: Sequence[Month], slot: float) -> list[str]:
    """“Nov”, with the year where one begins and at the first, as far as there is room."""
    words = [f"{each.first:%b %y}" if not place or each.first.month == 1 else f"{each.first:%b}"
             for place, each in enumerate(months)]  # fmt: skip
    if words and max(text_width(each, style.SMALL) for each in words) + 8 > slot:
        words = [f"{each.first:%b}" for each in months]
    return words


def _spreads(card: Card, board: Axes, spreads: Sequence[Spread]) -> None:
    """How many days each part took: the middle half as a box, the median upright with its interval as a line."""
    from matplotlib.collections import PolyCollection

    card.write(RIGHT, TOP - 22, "Days it takes, median and middle half", size=style.SMALL, bold=True)
    most = longest(spreads)
    places = round_ticks(0, most, 5)
    _grid(card, board, [(place / most, words) for place, words in zip(places, tick_words(places), strict=True)], TOP)
    boxes, lines = [], []
    for place, each in enumerate(spreads):
        y = TOP + ROW * place + BAR_AT
        _row(card, TOP + ROW * place, each.name, _length(each))
        if each.median is None or each.lower is None or each.upper is None:
            continue
        left, right = _across(each.lower / most), _across(each.upper / most)
        boxes.append([(left, y - BOX), (left, y + BOX), (right, y + BOX), (right, y - BOX)])
        ends = each.interval or Interval(lower=each.median, upper=each.median)
        lines.append((y, *(_across((end or 0.0) / most) for end in (each.median, ends.lower, ends.upper))))
    board.add_collection(PolyCollection(boxes, facecolors=style.BLUE, edgecolors=style.BLUE, linewidths=1, alpha=0.4,
                                        zorder=2, label="middle half"), autolim=False)  # fmt: skip
    board.hlines([y for y, *_ in lines], [low for *_, low, _ in lines], [high for *_, high in lines], colors=style.INK,
                 linewidths=2.4, linestyles="solid", zorder=3, label="median intervals")  # fmt: skip
    board.vlines([middle for _, middle, *_ in lines], [y - 11 for y, *_ in lines], [y + 11 for y, *_ in lines],
                 colors=style.INK, linewidths=3.2, linestyles="solid", zorder=4, label="medians")  # fmt: skip


def longest(spreads: Sequence[Spread]) -> float:
    """How many days the scale has."""
    ends = [end for each in spreads for end in (each.upper, each.interval.upper if each.interval else None) if end]
    return max(ends, default=1.0) * 1.06


def _rates(card: Card, board: Axes, rates: Sequence[Rate]) -> None:
    """Shares on a scale from 0 to 100 %, each with its interval."""
    card.write(RIGHT, BELOW - 22, "Of those that ended in this time", size=style.SMALL, bold=True)
    _grid(card, board, [(share / 4, f"{share * 25} %" if share else "0") for share in range(5)], BELOW)
    lines = []
    for place, each in enumerate(rates):
        _row(card, BELOW + ROW * place, each.name, _rate(each))
        if each.share is not None and each.interval is not None:
            ends = (each.share, each.interval.lower, each.interval.upper)
            lines.append((BELOW + ROW * place + BAR_AT, *(_across(end or 0.0) for end in ends)))
    board.hlines([y for y, *_ in lines], [low for *_, low, _ in lines], [high for *_, high in lines],
                 colors=style.BLUE, linewidths=5, linestyles="solid", alpha=0.5, zorder=2,
                 label="rate intervals")  # fmt: skip
    board.scatter([share for _, share, *_ in lines], [y for y, *_ in lines], s=80, marker="o", facecolors=style.BLUE,
                  edgecolors="none", zorder=3, label="rates")  # fmt: skip


def _across(share: float) -> float:
    """Where on the card a share of the right column's width lies."""
    return RIGHT + RIGHT_WIDTH * share


def _row(card: Card, top: float, name: str, value: str) -> None:
    """The name of a row, and what it is, at its right end."""
    card.write(RIGHT, top + 34, name, size=style.SMALL, bold=True)
    room = RIGHT_WIDTH - text_width(name, style.SMALL, bold=True) - 14
    card.write(RIGHT + RIGHT_WIDTH, top + 34, value, size=style.SMALL, colour=style.MUTED, align="right", width=room,
               whole=True)  # fmt: skip


def _grid(card: Card, board: Axes, places: Sequence[tuple[float, str]], top: float) -> None:
    """Upright lines behind each row's bar, and none behind its words; what they stand for below the last."""
    at = [(_across(share), top + ROW * row + BAR_AT) for row in range(ROWS) for share, _ in places]
    colours = [style.GRID if x > RIGHT else style.INK for x, _ in at]
    board.vlines([x for x, _ in at], [y - 15 for _, y in at], [y + 15 for _, y in at], colors=colours,
                 linewidths=1.8, linestyles="solid", zorder=0, label="grid")  # fmt: skip
    for share, words in places:
        card.write(_across(share), top + ROW * ROWS + 24, words, size=style.SMALL, colour=style.MUTED, align="center")
