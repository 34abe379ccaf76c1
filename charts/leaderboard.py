"""9.9 leaderboard: models and prompts by quality, cost and latency, with intervals, courses and the front."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.canvas import Card, render, round_ticks
from charts.letters import text_width
from charts.parts.amounts import tick_words
from charts.wording import alt, count, good_direction, joined, mean, mean_range, raised, short, whole
from experiments.design import MetricKind
from experiments.numerals import counted, listed
from experiments.pictures.leaderboard import Entry, Leaderboard, Score
from experiments.pictures.measures import Column, Measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME, FIRST, WIDTH = style.MARGIN, 420, 752
STRIP, SPARK, SPARK_WIDTH = 0.575, 0.65, 0.25  # shares of a column
FRONT = FIRST + WIDTH + 4
HEAD, ROW, SCALE, LINE = 84, 78, 44, 30
TOP = frame.TOP + HEAD
MOST_NAMED, MOST_TOLD = 4, 3
INDENT = 52
NEVER = 1e-6  # of a chance: less cannot be told by drawing


class Place(NamedTuple):
    """A column: where it begins and how wide it is, in pixels, and the values at the ends of its scale."""

    left: float
    pitch: float
    low: float
    high: float

    def x(self, value: float) -> float:
        """Where a value stands; what lies beyond the ends stands on them."""
        share = (value - self.low) / (self.high - self.low)
        return self.left + self.pitch * STRIP * min(1.0, max(0.0, share))


def leaderboard(data: Leaderboard) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its entries need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Leaderboard) -> str:
    """What the picture shows in words: who leads, who is on the front, and what is not compared."""
    head = f"{data.basis.title}: {short(data.board, 150)}." if data.board else f"{data.basis.title}."
    notes = joined(" ".join(_notes(data)))
    if not data.entries:
        return alt((head, data.refused, notes))
    columns = [each.column.words for each in data.measures]
    chances = ["chance to be on the front"] if data.entries[0].chance is not None else []
    lines = "; ".join(_line(each, data) for each in data.entries[:MOST_TOLD])
    more = f"; {data.ranked - MOST_TOLD:,} more" if data.ranked > MOST_TOLD else ""
    return alt((head, joined(_verdict(data)), f"By {listed([*columns, *chances])}: {lines}{more}.", notes))


def _line(entry: Entry, data: Leaderboard) -> str:
    parts = []
    for each in data.measures:
        score = entry.scores.get(each.column)
        known = score and f"{_value(score.value, each)} ({mean_range(score.lower, score.upper, each.kind)})"
        parts.append(known or f"no {each.column.words}")
    chance = [_percent(entry.chance)] if entry.chance is not None else []
    return f"{short(entry.name)}: {', '.join((*parts, *chance))}"


def _value(value: float, measure: Measure) -> str:
    return mean(value, measure.kind)


def _percent(chance: float) -> str:
    """A chance that was drawn: never quite nothing and never quite sure."""
    return whole(min(max(chance, NEVER), 1 - NEVER))


def _short_percent(chance: float) -> str:
    return _percent(chance).replace("over ", "> ").replace("below ", "< ")


def _verdict(data: Leaderboard) -> str:
    """Who leads and who is on the front, in words."""
    first = data.entries[0]
    quality = next(each for each in data.measures if each.column is Column.QUALITY)
    score = first.scores[Column.QUALITY]
    if score.best is None:
        return f"{short(first.name)} is alone here: {quality.metric} {_value(score.value, quality)}."
    lead = f"{short(first.name)} has the best {quality.metric}, {_value(score.value, quality)}"
    surely = f"the best with a probability of {_percent(score.best)}"
    counting = [each.column.words for each in data.measures if each.counts]
    columns = f"{listed(counting)} together" if len(counting) > 1 else listed(counting)
    front = [short(each.name, 40) for each in data.entries if each.on_front]
    return f"{lead} ({surely}). Nothing beats {listed(front, MOST_NAMED)} in {columns}."


def _notes(data: Leaderboard) -> list[str]:
    uncounted = [each.column.words for each in data.measures if not each.counts] if data.entries else []
    lost = [f"Not ranked: {'; '.join(data.unranked[:2])}"] if data.unranked else []
    left = data.ranked - len(data.entries)
    more = [f"{left:,} more {'is' if left == 1 else 'are'} ranked and not drawn"] if left else []
    does = "does" if len(uncounted) == 1 else "do"
    missing = [f"{listed(uncounted)} {does} not count for the front: not every entry has it"] if uncounted else []
    return [f"{raised(each)}." for each in (*data.apart, *more, *missing, *lost)]


def _remarks(data: Leaderboard) -> list[str]:
    course = "over successive runs, or over the days of one" if data.is_run else "over the days of the experiment"
    alone = "" if data.is_run else " Compared within one experiment: its variants share their traffic."
    return [
        f"◆ on the front: no other is at least as good in every column and better in one. Small lines: {course}.",
        f"Percent: how likely, given the errors, taken as independent.{alone}",
        *(f"⚠ {each}" if each.startswith("Not compared") else each for each in _notes(data)),
    ]


def _height(data: Leaderboard) -> int:
    if not data.entries:
        return frame.NOTICE_HEIGHT
    return TOP + ROW * len(data.entries) + SCALE + 44 + LINE * len(_remarks(data)) + frame.BOTTOM


def _draw(card: Card, data: Leaderboard) -> Axes | None:
    """Everything on the card; returns the axes, which are the card itself in pixels, y running down."""
    if not data.entries:
        frame.head(card, data.basis.title, data.board or "Which is better, cheaper, quicker?")
        frame.nothing(card, "Nothing to rank yet", " ".join((data.refused, *_notes(data))))
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, f"{data.board} · {counted(data.ranked, 'entry')}", _verdict(data))
    axes = card.axes(0, 0, card.width, card.height)
    axes.set_xlim(0, card.width)
    axes.set_ylim(card.height, 0)
    bottom = TOP + ROW * len(data.entries)
    _heads(card, data)
    for measure in data.measures:
        place = place_of(measure, data)
        _head(card, place, measure)
        _scale(card, axes, place, measure, bottom)
        _scores(card, axes, place, measure, data.entries)
    for rank, entry in enumerate(data.entries):
        _entry(card, rank, entry)
    _chances(axes, data.entries)
    rules = [TOP + ROW * rank for rank in range(len(data.entries) + 1)]
    axes.hlines(rules, style.MARGIN, frame.RIGHT, colors=style.GRID, linewidths=1.4, linestyles="solid", zorder=0)
    for line, words in enumerate(_remarks(data)):
        card.write(style.MARGIN, bottom + SCALE + 44 + line * LINE, words, size=style.SMALL, width=frame.INNER,
                   colour=style.ORANGE if words.startswith("⚠") else style.MUTED)  # fmt: skip
    frame.foot(card, data.basis.footer)
    return axes


def place_of(measure: Measure, data: Leaderboard) -> Place:
    """The column of a measure: every value fits, and every interval that is not far wider than the others."""
    scores = [score for each in data.entries if (score := each.scores.get(measure.column))]
    values = [score.value for score in scores]
    reach = sorted(score.upper - score.lower for score in scores)[len(scores) // 2] if scores else 1.0
    low = min((max(score.lower, min(values) - reach) for score in scores), default=0.0)
    high = max((min(score.upper, max(values) + reach) for score in scores), default=1.0)
    if not low < high:
        low, high = low - (abs(low) or 1.0) * 0.1, high + (abs(high) or 1.0) * 0.1
    pitch = WIDTH / len(data.measures)
    return Place(FIRST + pitch * data.measures.index(measure), pitch, low, high)


def _heads(card: Card, data: Leaderboard) -> None:
    y = TOP - 46
    card.write(NAME, y, "Model and prompt", size=style.SMALL, bold=True)
    card.write(NAME, y + 26, "best quality first", size=style.SMALL, colour=style.MUTED)
    if data.ranked < 2:
        return
    card.write(FRONT, y, "On the front", size=style.SMALL, bold=True)
    card.write(FRONT, y + 26, "how likely", size=style.SMALL, colour=style.MUTED)


def _head(card: Card, place: Place, measure: Measure) -> None:
    title = f"{measure.column.words.capitalize()} {good_direction(measure.direction)}"
    named = "" if measure.metric == measure.column else f"{measure.metric}, "
    named += "% " if measure.kind is MetricKind.PROPORTION else ""
    named += measure.unit
    card.write(place.left, TOP - 46, title, size=style.SMALL, bold=True, width=place.pitch - 20)
    card.write(place.left, TOP - 20, named, size=style.SMALL, colour=style.MUTED, width=place.pitch - 20)


def _scale(card: Card, axes: Axes, place: Place, measure: Measure, bottom: float) -> None:
    """Two or three round values below a column, with their lines through it."""
    scale = 100 if measure.kind is MetricKind.PROPORTION else 1
    for about in (4, 3, 2, 1):
        places = round_ticks(place.low * scale, place.high * scale, about)
        words = tick_words(places)
        wide = max((text_width(each, style.SMALL) for each in words), default=0.0)
        gaps = [place.x(then / scale) - place.x(first / scale) for first, then in pairwise(places)]
        if min(gaps, default=wide * 2) > wide + 8:
            break
    else:
        places, words = places[:1], words[:1]
    at = [place.x(each / scale) for each in places]
    tops = [TOP + ROW * row for row in range(round((bottom - TOP) / ROW))]
    axes.vlines(at * len(tops), [top + 8 for top in tops for _ in at], [top + 44 for top in tops for _ in at],
                colors=style.EDGE, linewidths=1.4, linestyles="solid", zorder=0)  # fmt: skip
    for x, each in zip(at, words, strict=True):
        card.write(x, bottom + 26, each, size=style.SMALL, colour=style.MUTED, align="center")


def _scores(card: Card, axes: Axes, place: Place, measure: Measure, entries: Sequence[Entry]) -> None:
    """The intervals, values and courses of one column."""
    found = [(rank, each, each.scores[measure.column]) for rank, each in enumerate(entries)
             if measure.column in each.scores]  # fmt: skip
    middles = [TOP + ROW * rank + 26 for rank, _, _ in found]
    colours = [style.BLUE if each.on_front else style.MUTED for _, each, _ in found]
    ends = [(place.x(score.lower), place.x(score.upper)) for *_, score in found]
    axes.hlines(middles, [low for low, _ in ends], [high for _, high in ends], colors=colours, linewidths=4,
                linestyles="solid", zorder=3, label=f"intervals {measure.column}")  # fmt: skip
    for shape, on_front in (("D", True), ("o", False)):
        some = [(place.x(score.value), y) for (_, each, score), y in zip(found, middles, strict=True)
                if each.on_front is on_front]  # fmt: skip
        axes.scatter([x for x, _ in some], [y for _, y in some], s=74, marker=shape, linewidths=2.2, zorder=4,
                     facecolors=style.BLUE if on_front else style.CARD,
                     edgecolors=style.BLUE if on_front else style.MUTED,
                     label=f"{measure.column} {'on' if on_front else 'off'} the front")  # fmt: skip
    _courses(axes, place, measure, found)
    for rank, each, score in found:
        best = f" · best {_short_percent(score.best)}" if score.best is not None and score.best >= 0.01 else ""
        card.write(place.left, TOP + ROW * rank + 62, f"{_value(score.value, measure)}{best}", size=style.SMALL,
                   bold=each.on_front, width=place.pitch - 24)  # fmt: skip
    for rank, entry in enumerate(entries):
        if measure.column not in entry.scores:
            card.write(place.left, TOP + ROW * rank + 46, "not measured", size=style.SMALL, colour=style.MUTED)


def _courses(axes: Axes, place: Place, measure: Measure, found: Sequence[tuple[int, Entry, Score]]) -> None:
    """The small lines, each around its own middle, all of a column on one scale: what is flat there hardly changed."""
    from matplotlib.collections import LineCollection

    drawn = [(rank, each, score.trend) for rank, each, score in found if len(score.trend) > 1]
    spans = [max(trend) - min(trend) for *_, trend in drawn]
    span = max([*spans, *(score.upper - score.lower for *_, score in found)], default=0.0) or 1.0
    lines, colours = [], [style.BLUE if each.on_front else style.MUTED for _, each, _ in drawn]
    for rank, _, trend in drawn:
        left, step = place.left + place.pitch * SPARK, place.pitch * SPARK_WIDTH / (len(trend) - 1)
        middle = TOP + ROW * rank + 26
        centre = (max(trend) + min(trend)) / 2
        lines.append([(left + at * step, middle - 30 * (value - centre) / span) for at, value in enumerate(trend)])
    label = f"courses {measure.column}"
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=2, zorder=3, label=label))
    ends = [line[-1] for line in lines]
    axes.scatter([x for x, _ in ends], [y for _, y in ends], s=22, c=colours, marker="o", linewidths=0, zorder=4)


def _entry(card: Card, rank: int, entry: Entry) -> None:
    y, width = TOP + ROW * rank, FIRST - NAME - INDENT - 24
    card.write(NAME, y + 33, str(rank + 1), colour=style.MUTED)
    if entry.on_front:
        card.write(NAME + 29, y + 33, "◆", colour=style.BLUE)
    n = entry.scores[Column.QUALITY].n
    size = f"n = {count(n)}"
    card.write(NAME + INDENT, y + 33, entry.model or entry.prompt, bold=entry.on_front, width=width)
    card.write(NAME + INDENT + width, y + 62, size, size=style.SMALL, colour=style.MUTED, align="right")
    runs = counted(entry.runs, "run") if entry.runs > 1 else ""
    under = " · ".join(filter(None, (entry.prompt.removeprefix("prompt ") if entry.model else "", runs)))
    room = width - text_width(size, style.SMALL) - 12
    card.write(NAME + INDENT, y + 62, under, size=style.SMALL, colour=style.MUTED, width=room)
    if entry.chance is not None:
        card.write(FRONT, y + 62, _percent(entry.chance), size=style.SMALL, bold=entry.on_front,
                   width=frame.RIGHT - FRONT)  # fmt: skip


def _chances(axes: Axes, entries: Sequence[Entry]) -> None:
    """How likely each is on the front, as a bar from nothing to certain."""
    width = frame.RIGHT - FRONT - 30
    known = [(TOP + ROW * rank + 26, each) for rank, each in enumerate(entries) if each.chance is not None]
    middles = [y for y, _ in known]
    axes.hlines(middles, FRONT, FRONT + width, colors=style.GRID, linewidths=9, linestyles="solid", zorder=1)
    axes.hlines(middles, FRONT, [FRONT + width * (each.chance or 0.0) for _, each in known], linewidths=9, zorder=2,
                colors=[style.BLUE if each.on_front else style.MUTED for _, each in known], linestyles="solid",
                label="chances")  # fmt: skip
