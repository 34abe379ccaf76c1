"""9.8 timeline: a Gantt of the way of an experiment, who saw a treatment when, and numbered marks of what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from charts import frame, style
from charts.canvas import Card, render
from charts.letters import text_width
from charts.parts.exposure import HEIGHT, exposure
from charts.parts.moments import Span
from charts.wording import alt, raised, short
from experiments.numerals import counted, lasting, share
from experiments.pictures.timeline import LANES, Kind, LaneName, Mark, Stretch, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT = 356, 1340
STRIP = 64
LANE, BAR = 44, 24
NOTED = 58
SHARES_TOP = 40
AXIS = 66
ROW = 31
BADGE = 27
APART = 34
MOST_TOLD, MOST_LEVELS = 3, 4
BIG = timedelta(days=200)
LOOKS: dict[Kind, tuple[str, str]] = {
    "approval": ("o", style.BLUE),
    "change": ("s", style.MUTED),
    "alarm": ("h", style.ORANGE),
    "note": ("D", style.SERIES[2]),
    "decision": ("p", style.INK),
}
"""The shape and the colour of each kind of mark."""
SAID: dict[tuple[str, str], str] = {
    ("review", "waiting"): "approved",
    ("decision", "waiting"): "decided",
    ("rollout", "waiting"): "rolled out",
}


class _Note(NamedTuple):
    """Words below the lanes, at a moment."""

    at: datetime
    words: str
    colour: str


def timeline(data: Timeline) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its marks need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Timeline) -> str:
    """What the picture shows in words: where it stands, how long it was where, who saw it, and what happened."""
    head = f"Timeline of “{short(data.basis.title, 120)}”. {data.standing}"
    if data.refused:
        return alt((head.strip(), data.refused))
    times = ", ".join(f"{lane} {_lasted(data, lane)}" for lane in LANES if data.lasted(lane))
    seen = ", ".join(f"{share(each.share)} from {_moment(each.at, data)}" for each in data.levels[-MOST_LEVELS:])
    shown = f"treatments reached {seen}" if seen else ""
    plans = [f"{each.words} {_moment(each.at, data)}" for each in data.plans]
    facts = "; ".join(filter(None, (times, shown, *plans, data.beyond)))
    told = _weightiest(data.marks)
    marks = "; ".join(_told(each, data) for each in told)
    left = len(data.marks) + data.left_out - len(told)
    others = f" ({counted(left, 'other')})" if left else ""
    return alt((head, f"{raised(facts)}." if facts else "", f"Marks{others}: {marks}." if marks else ""))


def _weightiest(marks: Sequence[Mark]) -> list[Mark]:
    """Some to be told, in their order: a decision before all others, then the newest."""
    order = sorted(range(len(marks)), key=lambda place: (marks[place].kind == "decision", place))
    return [marks[place] for place in sorted(order[-MOST_TOLD:])]


def _told(each: Mark, data: Timeline) -> str:
    return f"{_moment(each.at, data)} {each.kind}, {short(each.words, 120).rstrip('.')}"


def _lasted(data: Timeline, lane: LaneName) -> str:
    return lasting(data.lasted(lane))


def _moment(at: datetime, data: Timeline) -> str:
    return f"{at:%-d %b %Y}" if data.end - data.start > BIG else f"{at:%-d %b %H:%M}"


def _height(data: Timeline) -> int:
    if data.refused:
        return frame.NOTICE_HEIGHT - 180
    listed = 54 + ROW * len(data.marks) + (ROW if data.left_out else 0) if data.marks else 0
    return frame.TOP + STRIP + LANE * len(LANES) + NOTED + SHARES_TOP + HEIGHT + AXIS + listed + 8 + frame.BOTTOM


def _draw(card: Card, data: Timeline) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of the lanes and of the shares, x hours since the first entry."""
    first, last = (f"{at:%-d %b %Y}" for at in (data.start, data.basis.as_of))
    words = f"{first if first == last else f'{first} to {last}'}, times in UTC"
    frame.head(card, data.basis.title, f"Timeline, {words}", data.standing, alarming=data.alarming)
    if data.refused:
        frame.nothing(card, "Nothing happened yet", data.refused)
        frame.foot(card, data.basis.footer)
        return None
    top = frame.TOP - 26
    total = STRIP + LANE * len(LANES)
    shares_top = top + total + NOTED + SHARES_TOP
    lanes = card.axes(LEFT, top, RIGHT - LEFT, total)
    shares = card.axes(LEFT, shares_top, RIGHT - LEFT, HEIGHT)
    for axes in (lanes, shares):
        axes.set_xlim(0, _span(data).hours(data.end))
    lanes.set_ylim(total, 0)
    _names(card, data, top)
    _bars(card, lanes, data, top)
    _badges(card, lanes, data, top)
    exposure(card, shares, data, _span(data), shares_top)
    _uprights(card, (lanes, shares), data, top + total)
    _list(card, data, shares_top + HEIGHT + AXIS)
    frame.foot(card, data.basis.footer)
    return lanes, shares


def _span(data: Timeline) -> Span:
    return Span(data.start, data.end, LEFT, RIGHT)


def _names(card: Card, data: Timeline, top: float) -> None:
    """The lanes at the left, each with how long it took."""
    for place, lane in enumerate(LANES):
        y = top + STRIP + LANE * place + 30
        card.write(style.MARGIN, y, raised(lane), bold=True)
        words = _lasted(data, lane) if data.lasted(lane) else _stands(data, lane)
        card.write(LEFT - 18, y, words, size=style.SMALL, colour=style.MUTED, align="right", width=184, whole=True)
        card.rule(top + STRIP + LANE * (place + 1) - 1, left=style.MARGIN, right=frame.RIGHT, thickness=1)


def _stands(data: Timeline, lane: LaneName) -> str:
    """What is to be said of a lane in which no time was spent."""
    if lane == "decision" and data.outcome:
        return data.outcome.words
    return next((SAID.get((lane, each.manner), "") for each in data.stretches if each.lane == lane), "")


def _bars(card: Card, axes: Axes, data: Timeline, top: float) -> None:
    """One bar for each stretch: filled while it was at work, pale while it waited, hollow if paused, dashed ahead."""
    from matplotlib.collections import PolyCollection

    least = 3 * _span(data).hours(data.end) / (RIGHT - LEFT)
    for manner, face, edge, dashes in (
        ("active", style.BLUE, style.BLUE, "solid"),
        ("waiting", style.GRID, style.MUTED, "solid"),
        ("paused", style.CARD, style.ORANGE, "solid"),
        ("planned", "none", style.BLUE, (0, (4, 2.5))),
    ):
        some = [each for each in data.stretches if each.manner == manner]
        boxes = []
        for each in some:
            y = STRIP + LANE * LANES.index(each.lane) + (LANE - BAR) / 2
            start, end = _span(data).hours(each.start), _span(data).hours(each.end)
            end = max(end, start + least)
            boxes.append([(start, y), (end, y), (end, y + BAR), (start, y + BAR)])
            _inside(card, each, data, top + y)
        if boxes:
            axes.add_collection(
                PolyCollection(boxes, facecolors=face, edgecolors=edge, linewidths=1.6, linestyles=[dashes], zorder=3,
                               label=manner)
            )  # fmt: skip
    if data.decided_at:
        y = STRIP + LANE * LANES.index("decision") + LANE / 2
        x = _span(data).hours(data.decided_at)
        axes.scatter([x], [y], s=150, marker="p", facecolor=style.INK, edgecolor=style.CARD, linewidth=1.5, zorder=5,
                     label="decided", clip_on=False)  # fmt: skip


def _inside(card: Card, each: Stretch, data: Timeline, y: float) -> None:
    """What a bar that is not filled stands for, where it is wide enough to say so."""
    words = SAID.get((each.lane, each.manner), each.manner)
    room = _span(data).x(each.end) - _span(data).x(each.start) - 14
    if each.manner != "active" and text_width(words, style.SMALL - 2) <= room:
        x = _span(data).x(each.start) + 7 + (14 if each.lane == "decision" else 0)
        card.write(x, y + 18, words, size=style.SMALL - 2, colour=style.INK, width=room + 7)


def _badges(card: Card, axes: Axes, data: Timeline, top: float) -> None:
    """The numbered marks above the lanes, moved apart, each with a thread to its moment."""
    from matplotlib.collections import LineCollection

    if not data.marks:
        return
    middle, foot = 18.0, STRIP - 10.0
    scale = _span(data).hours(data.end) / (RIGHT - LEFT)
    places = _spread([_span(data).x(each.at) for each in data.marks])
    threads = []
    for place, each in zip(places, data.marks, strict=True):
        at, true = (place - LEFT) * scale, _span(data).hours(each.at)
        threads.append([(at, middle), (true, foot), (true, STRIP + LANE * len(LANES))])
    axes.add_collection(
        LineCollection(threads, colors=style.GRID, linewidths=1.4, linestyles="solid", zorder=1, label="threads",
                       clip_on=False)
    )  # fmt: skip
    for kind, (marker, colour) in LOOKS.items():
        some = [(place - LEFT) * scale for place, each in zip(places, data.marks, strict=True) if each.kind == kind]
        if some:
            size = BADGE * 0.72 * (0.82 if marker == "D" else 1.12 if marker in "hp" else 1.0)
            axes.scatter(some, [middle] * len(some), s=size**2, marker=marker, facecolor=colour, edgecolor=style.CARD,
                         linewidth=1, zorder=6, label=kind, clip_on=False)  # fmt: skip
    for number, place in enumerate(places, 1):
        card.write(place, top + middle + 6, f"{number}", size=style.SMALL - 3, bold=True, colour=style.CARD,
                   align="center")  # fmt: skip


def _spread(wanted: Sequence[float]) -> list[float]:
    """Places in their order, moved apart where they would cover each other, and kept on the card."""
    placed: list[float] = []
    for x in wanted:
        placed.append(max(x, placed[-1] + APART) if placed else x)
    edge = float(frame.RIGHT - BADGE / 2)
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], edge)
        edge = placed[place] - APART
    return placed


def _uprights(card: Card, both: Sequence[Axes], data: Timeline, below: float) -> None:
    """Now, what was planned, and where phases begin: lines through both panels, their words between them."""
    plans = [_Note(each.at, f"{each.words} {_moment(each.at, data)}", style.INK) for each in data.plans]
    now = [_Note(data.now, "now", style.BLUE)] if data.now else []
    phases = [_Note(at, f"phase {number}", style.MUTED) for number, at in enumerate(data.phases, 2)]
    lanes, shares = both
    _lines(shares, phases, data, (0, ()), 0.9, "phases")
    run = STRIP + LANE * LANES.index("run") + (LANE - BAR) / 2
    cuts = [_span(data).hours(each.at) for each in phases]
    lanes.vlines(cuts, run, run + BAR, colors=style.CARD, linewidths=3, linestyles="solid", zorder=4, label="phases")
    for axes in both:
        _lines(axes, plans, data, (0, (2, 3)), 1.6, "plans")
        _lines(axes, now, data, (0, ()), 2.2, "now")
    if data.beyond:
        words = f"{data.beyond} →"
        plans.append(_Note(data.end, words, style.INK))
    rows: list[list[tuple[float, float]]] = [[], []]
    for note in (*now, *plans, *phases):
        _note(card, note, data, below, rows)


def _lines(
    axes: Axes, notes: Sequence[_Note], data: Timeline, dashes: tuple[float, Sequence[float]], width: float, name: str
) -> None:
    if notes:
        axes.vlines([_span(data).hours(each.at) for each in notes], *axes.get_ylim(), colors=notes[0].colour,
                    linewidths=width, linestyles=dashes, zorder=2, label=name)  # fmt: skip


def _note(card: Card, note: _Note, data: Timeline, below: float, rows: list[list[tuple[float, float]]]) -> None:
    """Words below a line, in the first row that has room for them; left out where none has."""
    width = text_width(note.words, style.SMALL - 2)
    left = min(max(_span(data).x(note.at) - width / 2, style.MARGIN), frame.RIGHT - width)
    for row, taken in enumerate(rows):
        if all(left + width + 12 <= start or end + 12 <= left for start, end in taken):
            taken.append((left, left + width))
            card.write(left, below + 22 + 24 * row, note.words, size=style.SMALL - 2, colour=note.colour)
            return


def _list(card: Card, data: Timeline, top: float) -> None:
    """What the numbers stand for, in the words of the log."""
    if not data.marks:
        return
    card.write(style.MARGIN, top + 22, "What happened", bold=True)
    card.rule(top + 36, left=style.MARGIN, right=frame.RIGHT)
    for place, each in enumerate(data.marks):
        _entry(card, place + 1, each, data, top + 64 + ROW * place)
    if data.left_out:
        words = f"{counted(data.left_out, 'more mark')} {'is' if data.left_out == 1 else 'are'} not drawn."
        card.write(style.MARGIN, top + 64 + ROW * len(data.marks), words, size=style.SMALL, colour=style.MUTED)


def _entry(card: Card, number: int, each: Mark, data: Timeline, y: float) -> None:
    colour = LOOKS[each.kind][1]
    card.write(style.MARGIN + 26, y, f"{number}", size=style.SMALL, bold=True, colour=colour, align="right")
    card.write(style.MARGIN + 44, y, _moment(each.at, data), size=style.SMALL, colour=style.MUTED, width=132)
    card.write(style.MARGIN + 182, y, each.kind, size=style.SMALL, bold=True, colour=colour)
    card.write(LEFT - 10, y, each.words, size=style.SMALL, width=frame.RIGHT - LEFT + 10)
