"""9.16 history: every attempt on a time axis by direction, and below it what the winners add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.canvas import Card, render, round_ticks, ticks
from charts.parts.amounts import tick_words
from charts.parts.callouts import Box, Spot, call_out
from charts.parts.ends import label_ends
from charts.parts.moments import moments
from charts.wording import alt, joined, lowered, short
from experiments.knowledge.gains import Estimate
from experiments.knowledge.learning import Lesson
from experiments.numerals import counted, listed, percent, percent_range
from experiments.pictures.history import Attempt, History, Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT = 270, 1045
TOP = frame.TOP + 36
LANE = 76
ROWS, ROW = 3, 22
APART = 24
BETWEEN, SUM = 74, 300
LINE = 30
DAY = 86_400
NOTHING = "Nothing has ended here yet"
NOTHING_TO_DO = "Stop an experiment or decide on one, or choose a longer time or another direction."
MOST_NAMED, MOST_INSISTED = 12, 6


class _Look(NamedTuple):
    """How a lesson is marked: shape and colour, filled or hollow, and its words behind its sign."""

    marker: str
    colour: str
    filled: bool
    words: str


LOOKS = {
    Lesson.WIN: _Look("o", style.BLUE, True, "● win"),
    Lesson.HARM_AVOIDED: _Look("s", style.ORANGE, True, "■ harm avoided"),
    Lesson.POWERED_NEUTRAL: _Look("o", style.MUTED, False, "○ no effect worth having"),
    Lesson.UNDERPOWERED: _Look("v", style.MUTED, False, "▽ too little data to tell"),
    Lesson.INVALID: _Look("x", style.MUTED, True, "✕ invalid data"),
}


def history(data: History) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its directions need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: History) -> str:
    """What the picture shows in words: how many attempts taught what, and what the winners add up to."""
    head = f"{data.basis.title}: {counted(data.experiments, 'ended experiment')}{_about(data)}."
    if not data.attempts:
        return alt((head, f"{NOTHING}.", NOTHING_TO_DO))
    lanes = listed([f"{short(each.direction)} ({_score(each.attempts, each.wins)})" for each in data.lanes], 6)
    ended = (
        f"the first drawn ended on {data.attempts[0].ended:%-d %b %Y}, the last on {data.attempts[-1].ended:%-d %b %Y}."
    )
    notes = joined(" ".join(_notes(data)))
    return alt((head, joined(_together(data)), f"By direction: {lanes}; {ended}", notes))


def days_of(moment: datetime) -> float:
    """The moment as a number for an axis: days since 1970."""
    return moment.timestamp() / DAY


def _score(attempts: int, wins: int) -> str:
    return f"{counted(attempts, 'attempt')}, {counted(wins, 'win')}"


def _about(data: History) -> str:
    direction = f" in {short(data.direction)}" if data.direction else ""
    return direction + (f" on {short(data.metric)}" if data.metric else "")


def _together(data: History) -> str:
    """The sum in a sentence."""
    if not data.steps:
        return "No winners yet, so there is nothing to add up."
    last = data.steps[-1]
    measured = f"{counted(data.winners, 'winner')}, added up: {percent(last.measured.value, signed=True)} as measured"
    if last.corrected is None:
        return f"{measured}. Its luck cannot be taken out: {lowered(data.refused)}"
    ends = percent_range(last.corrected.lower, last.corrected.upper)
    return f"{measured}, {percent(last.corrected.value, signed=True)} ({ends}) without the luck."


def _notes(data: History) -> list[str]:
    notes = []
    if data.metrics > 1:
        notes.append(
            f"Lifts of {data.metrics:,} metrics are added as they are; choose one metric for a sum of one kind."
        )
    if data.left_out:
        notes.append(f"{data.left_out}.")
    if data.not_drawn:
        notes.append(f"{counted(data.not_drawn, 'older attempt')} {'is' if data.not_drawn == 1 else 'are'} counted and "
                     "not drawn.")  # fmt: skip
    return notes


def _remarks(data: History) -> list[str]:
    legend = " · ".join(look.words for look in LOOKS.values())
    luck = "Without the luck: every winner as all experiments of today correct it, not as it looked when it ended."
    return [
        f"{legend}; the line before it: how long it ran",
        *([luck] if data.steps and not data.refused else []),
        *_notes(data),
    ]


def _height(data: History) -> int:
    if not data.attempts:
        return frame.NOTICE_HEIGHT
    return _below(data) + 104 + LINE * len(_remarks(data)) + frame.BOTTOM - 16


def _sum_top(data: History) -> int:
    return TOP + LANE * len(data.lanes) + BETWEEN


def _below(data: History) -> int:
    return _sum_top(data) + SUM


def _draw(card: Card, data: History) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of the attempts and those of the sum."""
    subject = f"{counted(data.experiments, 'ended experiment')}{_about(data)}, by direction"
    if not data.attempts:
        frame.head(card, data.basis.title, "Ended experiments by direction")
        frame.nothing(card, NOTHING, NOTHING_TO_DO)
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, subject, _together(data))
    low, high = _span(data)
    lanes = card.axes(LEFT, TOP, RIGHT - LEFT, LANE * len(data.lanes))
    total = card.axes(LEFT, _sum_top(data), RIGHT - LEFT, SUM)
    round_ones = moments(low, high)
    places, labels = [days_of(at) for at, _ in round_ones], [words for _, words in round_ones]
    lanes.set_ylim(LANE * len(data.lanes), 0)
    for axes in (lanes, total):
        axes.set_xlim(days_of(low), days_of(high))
    _lanes(card, lanes, data, places)
    _sum(card, total, data, places, high)
    ticks(total.xaxis, places, labels)
    frame.remarks(card, _below(data) + 84, _remarks(data), LINE)
    frame.foot(card, data.basis.footer)
    return lanes, total


def _span(data: History) -> tuple[datetime, datetime]:
    """From the first beginning to the end of the data, with a little room."""
    first = min([each.began or each.ended for each in data.attempts] + [each.at for each in data.steps[:1]])
    last = max(data.basis.as_of, data.attempts[-1].ended)
    room = max((last - first) * 0.02, timedelta(hours=1))
    return first - room, last + room


def _lanes(card: Card, axes: Axes, data: History, places: Sequence[float]) -> None:
    """One lane per direction; attempts that end together stand in rows below each other."""
    bottom = LANE * len(data.lanes)
    axes.vlines(places, 0, bottom, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    left, right = axes.get_xlim()
    axes.hlines([LANE * place for place in range(len(data.lanes) + 1)], left, right, colors=style.EDGE, linewidths=1.6,
                linestyles="solid", zorder=1)  # fmt: skip
    for place, lane in enumerate(data.lanes):
        middle = TOP + LANE * (place + 0.5)
        card.write(style.MARGIN, middle + 7, lane.direction, bold=True, width=LEFT - style.MARGIN - 20)
        card.write(RIGHT + 20, middle + 7, _score(lane.attempts, lane.wins), size=style.SMALL, colour=style.MUTED,
                   width=frame.RIGHT - RIGHT - 20, whole=True)  # fmt: skip
    card.write(style.MARGIN, TOP - 18, "Directions and attempts, at their end", size=style.SMALL, bold=True)
    heights = _rows(data.attempts, (RIGHT - LEFT) / (right - left))
    ran = [(days_of(each.began or each.ended), days_of(each.ended)) for each in data.attempts]
    axes.hlines(heights, [max(began, left) for began, _ in ran], [ended for _, ended in ran], colors=style.MUTED,
                linewidths=2, linestyles="solid", alpha=0.35, zorder=2, label="ran")  # fmt: skip
    for lesson, look in LOOKS.items():
        chosen = [(end, y) for (_, end), y, each in zip(ran, heights, data.attempts, strict=True)
                  if each.lesson is lesson]  # fmt: skip
        axes.scatter(
            [x for x, _ in chosen], [y for _, y in chosen], s=110, marker=look.marker, linewidths=2.2, clip_on=False,
            color=look.colour, zorder=4, label=str(lesson),
        ).set_facecolor(look.colour if look.filled else style.CARD)  # fmt: skip
    _names(card, axes, data, [(end, y) for (_, end), y in zip(ran, heights, strict=True)])


def _rows(attempts: Sequence[Attempt], scale: float) -> list[float]:
    """How far down each stands: the first row of its lane in which it does not cover the one before."""
    free: dict[tuple[int, int], float] = {}
    heights = []
    for each in attempts:
        x = days_of(each.ended) * scale
        rows = sorted(range(ROWS), key=lambda row: (max(0.0, free.get((each.lane, row), 0.0) - x), abs(row - 1)))
        free[each.lane, rows[0]] = x + APART
        heights.append(LANE * (each.lane + 0.5) + (rows[0] - 1) * ROW)
    return heights


def _names(card: Card, axes: Axes, data: History, points: Sequence[tuple[float, float]]) -> None:
    """The largest wins by name, where there is room."""
    at = axes.transData.transform(points)
    order = sorted(range(len(points)), key=lambda place: -(data.attempts[place].lift or 0.0))
    spots = []
    for rank, place in enumerate(order):
        each = data.attempts[place]
        named = rank < MOST_NAMED and each.lesson is Lesson.WIN
        x, y = at[place]
        spots.append(Spot(float(x), card.height - float(y), 9, each.title if named else "", LOOKS[each.lesson].colour))
    within = Box(LEFT, TOP, RIGHT, TOP + LANE * len(data.lanes))
    rules = [Box(LEFT, TOP + LANE * place - 1, RIGHT, TOP + LANE * place + 1) for place in range(1, len(data.lanes))]
    began = [(days_of(data.attempts[place].began or data.attempts[place].ended), 0.0) for place in order]
    lines = [
        Box(float(x), spot.y - 2, spot.x, spot.y + 2)
        for spot, (x, _) in zip(spots, axes.transData.transform(began), strict=True)
    ]
    call_out(card, spots, within, rules, lines, MOST_INSISTED)


def _sum(card: Card, axes: Axes, data: History, places: Sequence[float], end: datetime) -> None:
    """What the winners add up to, step by step, with bands."""
    top = _sum_top(data)
    card.write(style.MARGIN, top - 20, "Lifts of the winners, added up, % (up is good; bands: 95 % interval)",
               size=style.SMALL, bold=True)  # fmt: skip
    left, right = axes.get_xlim()
    values = [0.0]
    for each in data.steps:
        values += [bound for total in (each.measured, each.corrected) if total for bound in (total.lower, total.upper)]
    low, high = min(values) * 100, max(values) * 100
    room = (high - low) * 0.08 or 1.0
    axes.set_ylim(low - room, high + room)
    up = round_ticks(low - room, high + room, 6)
    ticks(axes.yaxis, up, tick_words(up, signed=True))
    axes.vlines(places, low - room, high + room, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    axes.hlines([0.0], left, right, colors=style.INK, linewidths=2, linestyles="solid", zorder=2, label="zero")
    if not data.steps:
        card.write((LEFT + RIGHT) / 2, top + SUM / 2 - 30, "No winners yet, so there is nothing to add up.",
                   colour=style.MUTED, align="center")  # fmt: skip
        return
    measured = [each.measured for each in data.steps]
    _line(axes, data.steps, measured, (style.MUTED, 2.4, "as measured"), end)
    labels = [(measured[-1].value * 100, style.MUTED, f"{percent(measured[-1].value, signed=True)} as measured")]
    if corrected := [each.corrected for each in data.steps if each.corrected]:
        _line(axes, data.steps, corrected, (style.BLUE, 3.4, "without the luck"), end)
        value = corrected[-1].value
        labels.append((value * 100, style.BLUE, f"{percent(value, signed=True)} without the luck"))
    label_ends(card, axes, (top, SUM), labels, RIGHT + 20)


def _line(
    axes: Axes, steps: Sequence[Step], totals: Sequence[Estimate], look: tuple[str, float, str], end: datetime
) -> None:
    colour, width, label = look
    days = [days_of(steps[0].at), *(days_of(each.at) for each in steps), days_of(end)]
    values, lower, upper = (
        [0.0, *(100 * bound for bound in bounds), 100 * bounds[-1]]
        for bounds in (
            [each.value for each in totals],
            [each.lower for each in totals],
            [each.upper for each in totals],
        )
    )
    axes.fill_between(days, lower, upper, step="post", facecolor=colour, alpha=0.16, linewidth=0, edgecolor="none",
                      zorder=1, label=f"band {label}")  # fmt: skip
    axes.plot(days, values, color=colour, linewidth=width, drawstyle="steps-post", zorder=3, label=label, **style.PLAIN)
