"""Portfolio: projects as rows: what they finish, how often they win, how their main metric goes, how they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.letters import text_width
from charts.parts.lifts import lifts_on, scale_of
from charts.parts.trends import WIDTH, Corner, trend_words, trends_on
from charts.wording import alt, percent, short, short_percent_range, whole, whole_range
from experiments.numerals import counted, plural
from experiments.pictures.condition import Level
from experiments.pictures.portfolio import Holding, Lift, Portfolio

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, TOP, AXIS, REMARK = 124, frame.TOP + 30, 52, 28
NAME, PACE, HITS, LIFTS, TRENDS, HEALTH = style.MARGIN, 262, 444, 672, 910, 1150
NAME_WIDTH, PACE_WIDTH, HITS_WIDTH, LIFTS_WIDTH, TRENDS_WIDTH, HEALTH_WIDTH = 200, 156, 200, 216, 216, 206
FIRST, SECOND, THIRD, STRIP = 28, 53, 78, 92  # pixels below the top of a row: its lines of words, and its bars
BASE, TALL = 112, 44  # where what goes by months stands, and how tall it gets
SHARES, SCALE = 152, 190  # how wide the scales of hit rates and lifts are
LONG_OWED = 7.0
MOST_TOLD = 3


def portfolio(data: Portfolio) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Portfolio) -> str:
    """What the picture shows in words: all projects together, then the busiest with hits, lift, trouble and trend."""
    if not data.holdings:
        return f"{data.basis.title}, {_time(data)}: nothing. {_what_to_do()}"
    told = data.holdings[:MOST_TOLD]
    busiest = "; ".join(map(_told, told))
    more = data.projects - len(told)
    rest = f"; {counted(more, 'more project')} not told here" if more else ""
    head = f"{data.basis.title}, {_time(data)}: {counted(data.projects, 'project')}."
    return alt((head, f"{_together(data)}.", f"The busiest: {busiest}{rest}.", _trend_said(told)))


def _told(each: Holding) -> str:
    name = f"{short(each.project)} with {each.finished:,} finished"
    return ", ".join(filter(None, (name, f"hit rate {_hit_words(each)}", _lift_words(each), _trouble(each))))


def _time(data: Portfolio) -> str:
    return f"{data.since:%-d %b %Y} to {data.until:%-d %b %Y}"


def _together(data: Portfolio) -> str:
    total = data.total
    hits = f"hit rate {_hit_words(total)}, {total.hits:,} of {total.trials:,}"
    known = hits if total.trials else "no hit rate yet"
    return f"{total.finished:,} finished, {known}; running: {_running(total)}; {_owed(total)}"


def _hit_words(each: Holding) -> str:
    if each.hit_interval is None:
        return "not known"
    return f"{whole(each.hits / each.trials)} ({whole_range(each.hit_interval)})"


def _lift_words(each: Holding) -> str:
    if each.lift is None:
        return "no lift"
    if each.lift.value is None or each.lift.interval is None:
        return f"no lift of {short(each.lift.metric)}"
    value, interval = percent(each.lift.value, signed=True), short_percent_range(each.lift.interval)
    return f"{short(each.lift.metric)} {value} ({interval})"


def _trouble(each: Holding) -> str:
    return _running(each) if each.running.get(Level.TROUBLE, 0) else ""


def _trend_words(each: Holding) -> str:
    value, instead, rest = trend_words(each.trend)
    if value:
        return f"{short(each.project)} {value} ({rest})"
    return f"{short(each.project)} {', '.join(filter(None, (instead, rest)))}"


def _trend_said(told: Sequence[Holding]) -> str:
    """How the metrics go, and what that is a sum of where there is one."""
    known = [each for each in told if each.trend]
    if not known:
        return ""
    sums = any(each.trend.course for each in known if each.trend)
    what = ", the lifts of what was shipped added up (without luck where six or more measured the metric)"
    return f"Metric trend{what if sums else ''}: {'; '.join(map(_trend_words, known))}."


def _running(each: Holding) -> str:
    if not each.live:
        return "none"
    for level, words in ((Level.TROUBLE, "in trouble"), (Level.NEEDS_A_LOOK, "to look at")):
        if count := each.running.get(level, 0):
            return f"{count:,} of {each.live:,} {words}"
    return f"{each.live:,} healthy"


def _owed(each: Holding) -> str:
    return " ".join(filter(None, _owed_lines(each)))


def _owed_lines(each: Holding) -> tuple[str, str]:
    if each.oldest is None:
        return "nothing undecided", ""
    waited = f"{each.oldest:,.0f} {plural(round(each.oldest), 'day')}"
    return f"{each.owed:,} undecided", f"{'for' if each.owed == 1 else 'for up to'} {waited}"


def _worst(each: Holding) -> Level | None:
    return next((level for level in Level if each.running.get(level, 0)), None)


def _what_to_do() -> str:
    return "No project finished, runs or owes anything. Choose a longer time or another department."


def _remarks(data: Portfolio) -> list[str]:
    more = data.projects - len(data.holdings)
    tallest = max((count for each in data.holdings for count in each.months), default=0)
    bars = f"Bars: by month, the tallest {tallest:,}; pale where only a part counts."
    return [
        f"Finished: mean of the last full months, at most three. {bars}",
        "Hit: clearly better on its primary metric. All intervals have 95 %; an arrow: it goes on beyond the picture.",
        "Lift: of the metric of most experiments, pooled (random effects), more is better; of a single one its own.",
        "Metric trend: lifts of the n that were shipped and not taken back, added up by month; each on its own scale.",
        "Without the luck of winners where six or more measured the metric (thin and grey: as measured); up is good.",
        *_left_out(data),
        *([f"{counted(more, 'more project')} with less to tell are not drawn."] if more else []),
    ]


def _left_out(data: Portfolio) -> list[str]:
    """What was shipped and is in no trend, counted."""
    trends = [each.trend for each in data.holdings if each.trend]
    elsewhere, unknown = sum(each.elsewhere for each in trends), sum(each.unknown for each in trends)
    left = [*([f"{elsewhere:,} without a lift of the main metric"] if elsewhere else []),
            *([f"{unknown:,} without a standard error"] if unknown else [])]  # fmt: skip
    return [f"Shipped, but in no trend: {' and '.join(left)}."] if left else []


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
    for x, words in ((NAME, "Project and metric"), (PACE, "Finished"), (HITS, "Hit rate"), (LIFTS, "Lift"),
                     (TRENDS, "Metric trend"), (HEALTH, "Running now")):  # fmt: skip
        card.write(x, TOP - 14, words, size=style.SMALL, bold=True)
    for place, each in enumerate(data.holdings):
        _words(card, each, TOP + ROW * place)
    _sparks(board, data)
    _hits(card, board, data.holdings, bottom)
    _lifts(card, board, data.holdings, bottom)
    corners = [Corner(TRENDS, TOP + ROW * place + BASE) for place in range(len(data.holdings))]
    trends = [(at, each.trend) for at, each in zip(corners, data.holdings, strict=True) if each.trend]
    trends_on(card, board, trends, TALL, TRENDS_WIDTH)
    for left in (PACE, TRENDS):
        for x, at, align in ((left, data.since, "left"), (left + WIDTH, data.until, "center")):
            card.write(x, bottom + 26, f"{at:%b %y}", size=style.SMALL, colour=style.MUTED, align=align)
    frame.remarks(card, bottom + AXIS + 18, _remarks(data), REMARK)
    frame.foot(card, data.basis.footer)
    return board


def _words(card: Card, each: Holding, top: float) -> None:
    """The lines of a row: what counts is bold, what it rests on is muted below it."""
    card.write(NAME, top + FIRST, each.project, bold=True, width=NAME_WIDTH)
    below = [words for words in (each.department, each.lift.metric if each.lift else "") if words]
    for y, words in zip((SECOND, THIRD), below, strict=False):
        card.write(NAME, top + y, words, size=style.SMALL, colour=style.MUTED, width=NAME_WIDTH)
    pace = "" if each.pace is None else f"{each.pace:,.1f} a month"
    whole_time = f"{each.finished:,} in all"
    hits = (whole(each.hits / each.trials), whole_range(each.hit_interval)) if each.hit_interval else ("", "")
    of = f"{hits[1]}, {each.hits:,} of {each.trials:,}" if each.trials else "none ended with a number"
    _cell(card, (PACE, top, PACE_WIDTH), (pace or whole_time, "", whole_time if pace else ""))
    _cell(card, (HITS, top, HITS_WIDTH), (hits[0], "" if each.trials else "not known", of))
    _cell(card, (LIFTS, top, LIFTS_WIDTH), _lift_cell(each.lift))
    _cell(card, (TRENDS, top, TRENDS_WIDTH), trend_words(each.trend))
    _now(card, each, top)


def _cell(card: Card, place: tuple[float, float, float], words: tuple[str, str, str]) -> None:
    """A value with what it is, and below it what it rests on; without a value, what is there instead."""
    (left, top, width), (value, how, rest) = place, words
    if value:
        card.write(left, top + FIRST, value, size=style.SMALL, bold=True, width=width, whole=True)
    indent = text_width(value, style.SMALL, bold=True) + 9 if value else 0.0
    card.write(left + indent, top + FIRST, how, size=style.SMALL, colour=style.MUTED, width=width - indent, whole=True)
    card.write(left, top + SECOND, rest, size=style.SMALL, colour=style.MUTED, width=width, whole=True)


def _lift_cell(lift: Lift | None) -> tuple[str, str, str]:
    if lift is None:
        return "", "not known", ""
    n = f"n = {lift.experiments:,}"
    if lift.value is None or lift.interval is None:
        return "", "no interval yet", n
    return percent(lift.value, signed=True), "", f"{short_percent_range(lift.interval)}, {n}"


def _now(card: Card, each: Holding, top: float) -> None:
    worst = _worst(each)
    colour = style.MUTED if worst in (None, Level.HEALTHY) else style.CONDITION[worst]
    now = f"{style.HEALTH[worst] if worst else '–'} {_running(each)}"
    card.write(HEALTH, top + FIRST, now, size=style.SMALL, colour=colour, bold=worst is Level.TROUBLE,
               width=HEALTH_WIDTH, whole=True)  # fmt: skip
    long = each.oldest is not None and each.oldest > LONG_OWED
    for y, words in zip((SECOND, THIRD), _owed_lines(each), strict=True):
        card.write(HEALTH, top + y, words, size=style.SMALL, colour=style.INK if long else style.MUTED, bold=long,
                   width=HEALTH_WIDTH, whole=True)  # fmt: skip


def _sparks(board: Axes, data: Portfolio) -> None:
    """A small bar for each month, on the same scale in every row, above the line of none."""
    most = max((count for each in data.holdings for count in each.months), default=0) or 1
    step = WIDTH / max(1, len(data.partial))
    wide = min(11.0, step * 0.7)
    for name, wanted, colour in (("finished", False, style.BLUE), ("so far", True, style.MUTED)):
        bars = [
            (PACE + step * (at + 0.5), TOP + ROW * place + BASE, count)
            for place, each in enumerate(data.holdings)
            for at, count in enumerate(each.months)
            if count and data.partial[at] is wanted
        ]
        tops = [y - TALL * count / most for _, y, count in bars]
        board.vlines([x for x, *_ in bars], [y for _, y, _ in bars], tops, colors=colour, linewidths=wide * 0.72,
                     linestyles="solid", alpha=0.55 if wanted else 1.0, zorder=2, label=name)  # fmt: skip
    bases = [TOP + ROW * place + BASE for place in range(len(data.holdings))]
    board.hlines(bases, PACE, PACE + WIDTH, colors=style.MUTED, linewidths=1.2, linestyles="solid", zorder=1,
                 label="none")  # fmt: skip


def _hits(card: Card, board: Axes, holdings: Sequence[Holding], bottom: float) -> None:
    """Shares on a scale from 0 to 100 %, each with its interval."""
    known = [(TOP + ROW * place + STRIP, each, each.hit_interval) for place, each in enumerate(holdings)
             if each.hit_interval]  # fmt: skip
    _grid(card, board, len(holdings), [(HITS + SHARES * share, words) for share, words in
                                       ((0.0, "0"), (0.5, "50 %"), (1.0, "100 %"))], HITS, bottom)  # fmt: skip
    lower = [HITS + SHARES * (interval.lower or 0.0) for *_, interval in known]
    upper = [HITS + SHARES * (1.0 if interval.upper is None else interval.upper) for *_, interval in known]
    board.hlines([y for y, *_ in known], lower, upper, colors=style.BLUE, linewidths=5, linestyles="solid", alpha=0.5,
                 zorder=2, label="hit intervals")  # fmt: skip
    board.scatter([HITS + SHARES * each.hits / each.trials for _, each, _ in known], [y for y, *_ in known], s=58,
                  marker="o", facecolors=style.BLUE, edgecolors="none", zorder=3, label="hit rates")  # fmt: skip


def _lifts(card: Card, board: Axes, holdings: Sequence[Holding], bottom: float) -> None:
    """Lifts in the good direction around zero."""
    scale = scale_of([each.lift for each in holdings], LIFTS, SCALE)
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
