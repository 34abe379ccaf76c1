"""9.4 active: every running experiment as a row, the troubled first: its day, sample, power, health and date."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.letters import drawable, text_width
from charts.parts.ahead import ahead
from charts.wording import about, alt, chance, count, floored, lowered, short
from experiments.model import Status
from experiments.numerals import counted
from experiments.pictures.active import Active, Row, Sample
from experiments.pictures.condition import LEVELS, Level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, TOP = 82, frame.TOP + 18
AXIS, REMARK = 54, 28
STATE, SAMPLE, POWER, DATES = 470, 740, 950, 1090
NAME_WIDTH, STATE_WIDTH, REASON_WIDTH = STATE - style.MARGIN - 36, 240, SAMPLE - style.MARGIN - 64
SAMPLE_WIDTH, POWER_WIDTH, DATES_WIDTH = 172, 104, frame.RIGHT - DATES
FIRST, METER, LAST = 30, 43, 68  # pixels below the top of a row: its upper words, its meters, its lower words
MOST_TOLD = 4
TOLD = {Level.TROUBLE: "in trouble", Level.NEEDS_A_LOOK: "to be looked at", Level.HEALTHY: "healthy"}


def active(data: Active) -> bytes:
    """The picture as PNG, 1400 pixels wide."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Active) -> str:
    """What the picture shows in words: how many are in trouble, and the first rows with day, health and date."""
    if not data.rows:
        return f"{data.basis.title}: none. {_what_to_do()}"
    told = [_told(each) for each in data.rows[:MOST_TOLD]]
    half = (len(told) + 1) // 2
    more = data.total - len(told)
    return alt(
        (
            f"{data.basis.title}, {data.total:,}: {_summary(data)}.",
            f"The first: {'; '.join(told[:half])}.",
            f"Then {'; '.join(told[half:])}." if told[half:] else "",
            f"{counted(more, 'more experiment')} not told here." if more else "",
        )
    )


def _told(row: Row) -> str:
    """“Reviews above the fold (paused, day 6 of 21, needs a look: it is paused, no units come; …)”."""
    day = _state(row).removeprefix(f"{Status.RUNNING.words} · ").replace(" · ", ", ")
    reason = short(lowered(row.condition.reason.rstrip(".")), 70)
    return (
        f"{short(row.title)} ({day}, {row.condition.level.words}: {reason}; {_share(row.sample)} of its sample, "
        f"{row.projected.words})"
    )


def _summary(data: Active) -> str:
    return ", ".join(f"{data.levels.get(level, 0):,} {TOLD[level]}" for level in LEVELS)


def _height(data: Active) -> int:
    if not data.rows:
        return frame.NOTICE_HEIGHT
    return TOP + ROW * len(data.rows) + AXIS + REMARK * len(_remarks(data)) + frame.BOTTOM


def _remarks(data: Active) -> list[str]:
    key = (
        "Dates: solid, up to today; dashed, ahead; thick, where it is as precise as planned at the rates seen; "
        "◇ planned end."
    )
    meters = (
        "Sample: units of all variants, of about those that are needed. Power: for the smallest effect worth having, "
        "now and (mark) at the end."
    )
    more = data.total - len(data.rows)
    cut = [f"{counted(more, 'more running experiment')} not drawn, none of them pressing more."] if more else []
    return [key, meters, *cut]


def _draw(card: Card, data: Active) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of the meters, in pixels, and those of the dates, in days from now."""
    subject = "Trouble first, then what ends soonest"
    if not data.rows:
        frame.head(card, data.basis.title, subject)
        frame.nothing(card, "Nothing is running", _what_to_do())
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, subject)
    _counts(card, data)
    _columns(card)
    for place, row in enumerate(data.rows):
        _words(card, row, TOP + ROW * place)
    meters = _meters(card, data.rows)
    dates = ahead(card, (DATES, TOP, DATES_WIDTH, float(ROW)), data)
    frame.remarks(card, TOP + ROW * len(data.rows) + AXIS + 18, _remarks(data), REMARK)
    frame.foot(card, data.basis.footer)
    return meters, dates


def _what_to_do() -> str:
    return "Nothing that passes the filters runs or is paused. /experiment create writes an idea down in two minutes."


def _counts(card: Card, data: Active) -> None:
    """How many of all that run are in which condition."""
    x = float(style.MARGIN)
    for level in LEVELS:
        words = f"{style.HEALTH[level]} {data.levels.get(level, 0):,} {TOLD[level]}"
        colour = style.CONDITION[level] if data.levels.get(level) else style.MUTED
        card.write(x, 138, words, size=style.TEXT, bold=True, colour=colour)
        x += text_width(words, style.TEXT, bold=True) + 40


def _columns(card: Card) -> None:
    heads = (
        (style.MARGIN, "Experiment and its health"),
        (STATE, "State and day"),
        (SAMPLE, "Sample, units"),
        (POWER, "Power"),
        (DATES, "As precise as planned"),
    )
    for x, words in heads:
        card.write(x, TOP - 14, words, size=style.SMALL, bold=True)


def _words(card: Card, row: Row, top: float) -> None:
    level = row.condition.level
    card.write(style.MARGIN + 16, top + FIRST, row.title, bold=True, width=NAME_WIDTH)
    card.write(STATE, top + FIRST, _state(row), size=style.SMALL, colour=style.MUTED, width=STATE_WIDTH, whole=True)
    left, bold = style.MARGIN + 16, level is Level.TROUBLE
    card.write(left, top + LAST, style.HEALTH[level], size=style.SMALL, colour=style.CONDITION[level])
    card.write(left + 24, top + LAST, _brief(row.condition.reason, bold=bold), size=style.SMALL, bold=bold,
               width=REASON_WIDTH,
               colour=style.MUTED if level is Level.HEALTHY else style.CONDITION[level])  # fmt: skip
    card.write(SAMPLE, top + FIRST, _share(row.sample), size=style.SMALL, bold=row.sample.share is not None,
               width=SAMPLE_WIDTH)  # fmt: skip
    card.write(SAMPLE, top + LAST, _units(row.sample), size=style.SMALL, colour=style.MUTED, width=SAMPLE_WIDTH,
               whole=True)  # fmt: skip
    card.write(POWER, top + FIRST, _power(row.power.now), size=style.SMALL, bold=row.power.now is not None,
               width=POWER_WIDTH, whole=True)  # fmt: skip
    if row.power.planned is not None:
        card.write(POWER, top + LAST, f"→ {_power(row.power.planned)}", size=style.SMALL, colour=style.MUTED,
                   width=POWER_WIDTH, whole=True)  # fmt: skip
    dated = row.projected.first is not None
    card.write(DATES, top + FIRST, row.projected.words, size=style.SMALL, bold=dated, width=DATES_WIDTH, whole=dated)


def _state(row: Row) -> str:
    """“running · day 6 of 14”."""
    if row.day is None:
        return f"{row.status.words} · {row.planned_days:,} days planned"
    day = f"{math.floor(row.day):,}"
    return f"{row.status.words} · day {day} of {row.planned_days:,}"


def _brief(words: str, *, bold: bool) -> str:
    """A reason that is too long, up to the last comma, colon or bracket that leaves it whole."""
    while text_width(drawable(words, bold), style.SMALL, bold) > REASON_WIDTH:
        at = max(words.rfind(mark) for mark in (": ", ", ", "; ", " ("))
        if at < 0:
            return words
        words = f"{words[:at]}."
    return words


def _share(sample: Sample) -> str:
    return "share not known" if sample.share is None else floored(sample.share)


def _units(sample: Sample) -> str:
    if sample.needed is None:
        enough = sample.share is not None and sample.share >= 1
        return f"{count(sample.units)}, enough" if enough else f"{count(sample.units)} units"
    return f"{count(sample.units)} of {about(sample.needed)}"


def _power(power: float | None) -> str:
    return "not known" if power is None else chance(power)


def _meters(card: Card, rows: Sequence[Row]) -> Axes:
    """Lines between the rows, and of each row how much of its sample and of its power there is."""
    height = ROW * len(rows)
    axes = card.axes(style.MARGIN, TOP, frame.INNER, height)
    axes.set_xlim(0, frame.INNER)
    axes.set_ylim(height, 0)
    axes.hlines([ROW * place for place in range(len(rows) + 1)], 0, frame.INNER, colors=style.GRID, linewidths=1.2,
                linestyles="solid", zorder=0, label="rows")  # fmt: skip
    _meter(axes, "sample", SAMPLE - style.MARGIN, SAMPLE_WIDTH, [each.sample.share for each in rows])
    _meter(axes, "power", POWER - style.MARGIN, POWER_WIDTH, [each.power.now for each in rows])
    marked = [(place, each.power.planned) for place, each in enumerate(rows) if each.power.planned is not None]
    left = POWER - style.MARGIN
    axes.vlines([left + POWER_WIDTH * power for _, power in marked],
                [ROW * place + METER - 6 for place, _ in marked], [ROW * place + METER + 6 for place, _ in marked],
                colors=style.INK, linewidths=2, linestyles="solid", zorder=3, label="planned power")  # fmt: skip
    for level in (Level.TROUBLE, Level.NEEDS_A_LOOK):
        places = [place for place, each in enumerate(rows) if each.condition.level is level]
        axes.vlines([2] * len(places), [ROW * each + 10 for each in places], [ROW * (each + 1) - 10 for each in places],
                    colors=style.CONDITION[level], linewidths=4.5 if level is Level.TROUBLE else 2, linestyles="solid",
                    zorder=2, label=level.words)  # fmt: skip
    return axes


def _meter(axes: Axes, name: str, left: float, width: float, shares: Sequence[float | None]) -> None:
    """A track per known share, filled as far as it goes."""
    known = [(ROW * place + METER, share) for place, share in enumerate(shares) if share is not None]
    heights = [y for y, _ in known]
    axes.hlines(heights, left, left + width, colors=style.GRID, linewidths=5.6, linestyles="solid", zorder=1)
    axes.hlines(heights, left, [left + max(2.0, width * min(share, 1.0)) for _, share in known], colors=style.BLUE,
                linewidths=5.6, linestyles="solid", zorder=2, label=name)  # fmt: skip
