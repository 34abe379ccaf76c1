"""Portfolio: projects as rows: what they finish, how often they win, what their main metric gained, how they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.letters import fit, text_width
from charts.parts.lifts import lifts_on, scale_of
from charts.parts.pipeline import whole, whole_range
from charts.wording import alt, percent, short, short_percent_range
from experiments.numerals import counted
from experiments.pictures.condition import Level
from experiments.pictures.portfolio import Holding, Lift, Portfolio

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, TOP, AXIS, REMARK = 90, frame.TOP + 30, 52, 28
NAME, PACE, HITS, LIFTS, HEALTH = style.MARGIN, 284, 502, 746, 1040
NAME_WIDTH, PACE_WIDTH, HITS_WIDTH, LIFTS_WIDTH, HEALTH_WIDTH = 222, 168, 176, 262, frame.RIGHT - 1040
FIRST, SECOND, STRIP = 28, 53, 72  # pixels below the top of a row: its two lines of words, and its bars
SPARK, SPARK_TALL = 80, 38
LONG_OWED = 7.0
MOST_TOLD = 4


def portfolio(data: Portfolio) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Portfolio) -> str:
    """What the picture shows in words: all projects together, then the busiest with pace, hits, lift and health."""
    if not data.holdings:
        return f"{data.basis.title}, {_time(data)}: nothing. {_what_to_do()}"
    told = "; ".join(
        f"{short(each.project)} {each.finished:,} finished, hit rate {_hit_words(each)}, {_lift_words(each.lift)}, "
        f"{_running(each)}, {_owed(each)}"
        for each in data.holdings[:MOST_TOLD]
    )
    more = data.projects - min(len(data.holdings), MOST_TOLD)
    rest = f"{counted(more, 'more project')} not told here." if more else ""
    head = f"{data.basis.title}, {_time(data)}: {counted(data.projects, 'project')}."
    return alt((head, f"{_together(data)}.", f"The busiest: {told}.", rest))


def _time(data: Portfolio) -> str:
    return f"{data.since:%-d %b %Y} to {data.until:%-d %b %Y}"


def _together(data: Portfolio) -> str:
    total = data.total
    hits = f"hit rate {_hit_words(total)}, {total.hits:,} of {total.trials:,}"
    return (
        f"{total.finished:,} finished, {hits if total.trials else 'no hit rate yet'}; {_running(total)}; {_owed(total)}"
    )


def _hit_words(each: Holding) -> str:
    if each.hit_interval is None:
        return "not known"
    return f"{whole(each.hits / each.trials)} ({whole_range(each.hit_interval)})"


def _lift_words(lift: Lift | None) -> str:
    if lift is None or lift.value is None:
        return "no lift" if lift is None else f"no lift of {short(lift.metric)}"
    return f"{short(lift.metric)} {_lift_value(lift)}"


def _lift_value(lift: Lift) -> str:
    if lift.value is None or lift.interval is None:
        return "no interval yet"
    return f"{percent(lift.value, signed=True)} ({short_percent_range(lift.interval)})"


def _running(each: Holding) -> str:
    if not each.live:
        return "none running"
    running = f"{each.live:,} running"
    if trouble := each.running.get(Level.TROUBLE, 0):
        return f"{running}, {trouble:,} in trouble"
    look = each.running.get(Level.NEEDS_A_LOOK, 0)
    return f"{running}, {look:,} to be looked at" if look else f"{running}, healthy"


def _owed(each: Holding) -> str:
    if each.oldest is None:
        return "nothing undecided"
    waited = f"{each.oldest:,.0f} {'day' if round(each.oldest) == 1 else 'days'}"
    return f"{each.owed:,} undecided {'for' if each.owed == 1 else 'for up to'} {waited}"


def _worst(each: Holding) -> Level | None:
    return next((level for level in Level if each.running.get(level, 0)), None)


def _what_to_do() -> str:
    return "No project finished, runs or owes anything. Choose a longer time or another department."


def _remarks(data: Portfolio) -> list[str]:
    more = data.projects - len(data.holdings)
    tallest = max((count for each in data.holdings for count in each.months), default=0)
    return [
        f"Finished a month: mean of the last full months, at most three. Bars: by month, the tallest {tallest:,};",
        "pale where it is not over or only partly in this time. Hit: clearly better on its primary metric.",
        "Lift: of the metric of most experiments, pooled (random effects), more is better; of a single one its own.",
        "All intervals have 95 %; an arrow: it goes on beyond the picture.",
        *([f"{counted(more, 'more project')} with less to tell are not drawn."] if more else []),
    ]


def _height(data: Portfolio) -> int:
    if not data.holdings:
        return frame.NOTICE_HEIGHT
    return TOP + ROW * len(data.holdings) + AXIS + REMARK * len(_remarks(data)) + 14 + frame.BOTTOM


def _draw(card: Card, data: Portfolio) -> Axes | None:
    """Everything on the card; returns the axes of all that is drawn, in pixels."""
    if not data.holdings:
        frame.head(card, data.basis.title, _time(data))
        frame.nothing(card, "Nothing to show", _what_to_do())
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, f"{_time(data)}: projects, the busiest first", f"Together: {_together(data)}.")
    bottom = TOP + ROW * len(data.holdings)
    board = card.axes(0, 0, card.width, card.height)
    board.set_xlim(0, card.width)
    board.set_ylim(card.height, 0)
    lines = [TOP + ROW * place for place in range(len(data.holdings) + 1)]
    board.hlines(lines, style.MARGIN, frame.RIGHT, colors=style.GRID, linewidths=1.2, linestyles="solid", zorder=0)
    for x, words in ((NAME, "Project"), (PACE, "Finished a month"), (HITS, "Hit rate"), (LIFTS, "Lift of main metric"),
                     (HEALTH, "Now")):  # fmt: skip
        card.write(x, TOP - 14, words, size=style.SMALL, bold=True)
    for place, each in enumerate(data.holdings):
        _words(card, each, TOP + ROW * place)
    _sparks(board, data)
    _hits(card, board, data.holdings, bottom)
    _lifts(card, board, data.holdings, bottom)
    first, last = data.since, data.until
    card.write(PACE, bottom + 26, f"{first:%b %y}", size=style.SMALL, colour=style.MUTED)
    card.write(PACE + PACE_WIDTH, bottom + 26, f"{last:%b %y}", size=style.SMALL, colour=style.MUTED, align="right")
    y = bottom + AXIS + 18
    for remark in _remarks(data):
        card.write(style.MARGIN, y, remark, size=style.SMALL, colour=style.MUTED, width=frame.INNER)
        y += REMARK
    frame.foot(card, data.basis.footer)
    return board


def _words(card: Card, each: Holding, top: float) -> None:
    card.write(NAME, top + FIRST, each.project, bold=True, width=NAME_WIDTH)
    card.write(NAME, top + SECOND, each.department, size=style.SMALL, colour=style.MUTED, width=NAME_WIDTH)
    pace = f"{each.pace:,.1f} ({each.finished:,} in all)" if each.pace is not None else f"{each.finished:,} in all"
    card.write(PACE, top + FIRST, pace, size=style.SMALL, width=PACE_WIDTH, whole=True)
    card.write(
        HITS, top + FIRST, _hit_words(each), size=style.SMALL, bold=each.trials > 0, width=HITS_WIDTH, whole=True
    )
    of = f"{each.hits:,} of {each.trials:,}" if each.trials else "none ended with a number"
    card.write(HITS, top + SECOND, of, size=style.SMALL, colour=style.MUTED, width=HITS_WIDTH, whole=True)
    if each.lift is None:
        card.write(LIFTS, top + FIRST, "not known", size=style.SMALL, colour=style.MUTED)
    else:
        known = each.lift.value is not None
        card.write(
            LIFTS, top + FIRST, _lift_value(each.lift), size=style.SMALL, bold=known, width=LIFTS_WIDTH, whole=True
        )
        n = f", n = {each.lift.experiments:,}"
        name = fit(each.lift.metric, LIFTS_WIDTH - text_width(n, style.SMALL), style.SMALL)
        card.write(LIFTS, top + SECOND, name + n, size=style.SMALL, colour=style.MUTED)
    worst = _worst(each)
    colour = {Level.TROUBLE: style.ORANGE, Level.NEEDS_A_LOOK: style.INK}.get(worst or Level.HEALTHY, style.MUTED)
    now = f"{style.HEALTH[worst] if worst else '–'} {_running(each)}"
    card.write(HEALTH, top + FIRST, now, size=style.SMALL, colour=colour, bold=worst is Level.TROUBLE,
               width=HEALTH_WIDTH, whole=True)  # fmt: skip
    long = each.oldest is not None and each.oldest > LONG_OWED
    card.write(HEALTH, top + SECOND, _owed(each), size=style.SMALL, colour=style.INK if long else style.MUTED,
               bold=long, width=HEALTH_WIDTH, whole=True)  # fmt: skip


def _sparks(board: Axes, data: Portfolio) -> None:
    """A small bar for each month, on the same scale in every row, above the line of none."""
    most = max((count for each in data.holdings for count in each.months), default=0) or 1
    step = PACE_WIDTH / max(1, len(data.partial))
    wide = min(11.0, step * 0.7)
    for name, wanted, colour in (("finished", False, style.BLUE), ("so far", True, style.MUTED)):
        bars = [
            (PACE + step * (at + 0.5), TOP + ROW * place + SPARK, count)
            for place, each in enumerate(data.holdings)
            for at, count in enumerate(each.months)
            if count and data.partial[at] is wanted
        ]
        tops = [y - SPARK_TALL * count / most for _, y, count in bars]
        board.vlines([x for x, *_ in bars], [y for _, y, _ in bars], tops, colors=colour, linewidths=wide * 0.72,
                     linestyles="solid", alpha=0.55 if wanted else 1.0, zorder=2, label=name)  # fmt: skip
    bases = [TOP + ROW * place + SPARK for place in range(len(data.holdings))]
    board.hlines(bases, PACE, PACE + PACE_WIDTH, colors=style.MUTED, linewidths=1.2, linestyles="solid", zorder=1,
                 label="none")  # fmt: skip


def _hits(card: Card, board: Axes, holdings: Sequence[Holding], bottom: float) -> None:
    """Shares on a scale from 0 to 100 %, each with its interval."""
    known = [(TOP + ROW * place + STRIP, each, each.hit_interval) for place, each in enumerate(holdings)
             if each.hit_interval]  # fmt: skip
    _grid(card, board, len(holdings), [(HITS + HITS_WIDTH * share, words) for share, words in
                                       ((0.0, "0"), (0.5, "50 %"), (1.0, "100 %"))], HITS, bottom)  # fmt: skip
    lower = [HITS + HITS_WIDTH * (interval.lower or 0.0) for *_, interval in known]
    upper = [HITS + HITS_WIDTH * (interval.upper or 0.0) for *_, interval in known]
    board.hlines([y for y, *_ in known], lower, upper, colors=style.BLUE, linewidths=5, linestyles="solid", alpha=0.5,
                 zorder=2, label="hit intervals")  # fmt: skip
    board.scatter([HITS + HITS_WIDTH * each.hits / each.trials for _, each, _ in known], [y for y, *_ in known], s=58,
                  marker="o", facecolors=style.BLUE, edgecolors="none", zorder=3, label="hit rates")  # fmt: skip


def _lifts(card: Card, board: Axes, holdings: Sequence[Holding], bottom: float) -> None:
    """Lifts in the good direction around zero."""
    scale = scale_of([each.lift for each in holdings], LIFTS, LIFTS_WIDTH)
    _grid(card, board, len(holdings), scale.ticks, scale.across(0.0), bottom)
    lifts_on(board, [(TOP + ROW * place + STRIP, each.lift) for place, each in enumerate(holdings)], scale)


def _grid(card: Card, board: Axes, rows: int, places: Sequence[tuple[float, str]], zero: float, bottom: float) -> None:
    """Upright lines behind each row's bar, and none behind its words; what they stand for below the last row."""
    at = [(x, TOP + ROW * row + STRIP) for row in range(rows) for x, _ in places]
    board.vlines([x for x, _ in at], [y - 10 for _, y in at], [y + 10 for _, y in at],
                 colors=[style.INK if abs(x - zero) < 0.5 else style.GRID for x, _ in at], linewidths=1.8,
                 linestyles="solid", zorder=0, label="grid")  # fmt: skip
    for x, words in places:
        card.write(x, bottom + 26, words, size=style.SMALL, colour=style.MUTED, align="center")
