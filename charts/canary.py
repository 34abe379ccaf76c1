"""9.15 canary: its steps and score, and below them stable against canary for every metric, window by window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render, round_ticks, ticks
from charts.parts import lanes
from charts.parts.ends import label_ends
from charts.parts.lanes import Lane
from charts.wording import MARKS, alt, change, change_range, good_direction, joined, mean, short
from experiments.numerals import plural, share
from experiments.pictures.canary import Canary, CanaryMetric, CanaryStep
from experiments.readout import GuardrailState, Interval, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS_TOP, STEPS_HEIGHT, STEPS_WIDTH = frame.TOP, 72, 800
GAUGE, GAUGE_WIDTH = style.MARGIN + STEPS_WIDTH + 56, frame.INNER - STEPS_WIDTH - 56
LANES_TOP = STEPS_TOP + STEPS_HEIGHT + 96
AXIS = 78
VALUES, VALUES_WIDTH = 372, 404
BARS, BARS_WIDTH = VALUES + VALUES_WIDTH + 12, 64
ENDS = BARS + BARS_WIDTH + 8
NUMBERS, READING = 944, 1142
NARROW = 160
TONE = {
    None: Standing.MONITORING,
    GuardrailState.HEALTHY: Standing.BETTER,
    GuardrailState.BREACHED: Standing.WORSE,
    GuardrailState.INCONCLUSIVE: Standing.UNCLEAR,
}


def canary(data: Canary) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its metrics need."""
    return render(_draw, data, size=(style.WIDTH, _height(data)))


def describe(data: Canary) -> str:
    """What the picture shows in words: the step, how it stands, the score, and each metric."""
    head = f"Canary of “{short(data.basis.title, 120)}”"
    if data.refused:
        return alt((f"{head}.", data.refused))
    lines = "; ".join(_line(each) for each in data.metrics)
    more = f"; {data.left_out:,} more metrics are left out" if data.left_out else ""
    return alt(
        (
            f"{head}: {_subject(data)}.",
            f"{short(data.standing, 600).rstrip('.')}.",
            joined(f"{_score(data)}. {lines}{more}."),
        )
    )


def _line(each: CanaryMetric) -> str:
    critical = " (critical)" if each.critical else ""
    if each.stable_mean is None or each.canary_mean is None:
        return f"{short(each.key)}{critical}: no values yet"
    values = f"{mean(each.canary_mean, each.kind)} beside {mean(each.stable_mean, each.kind)}"
    shift = f", shift {_shift(each)}" if each.shift is not None else ""
    return f"{short(each.key)}{critical}: {values}{shift}, {each.words or 'not judged yet'}"


def _shift(each: CanaryMetric) -> str:
    interval = Interval(lower=each.lower, upper=each.upper)
    return f"{change(each.shift or 0.0, each.kind)} ({change_range(interval, each.kind)})"


def _subject(data: Canary, between: str = ", ") -> str:
    place = f"step {data.place + 1} of {len(data.steps)}" if data.place is not None else "none of its steps"
    more = f", the worst of {data.others + 1} canaries" if data.others else ""
    beside = f"{data.variant} beside {data.control}{more}"
    return between.join((beside, place, f"{share(data.share)} of the traffic"))


def _score(data: Canary) -> str:
    if data.score is not None:
        return f"Score {_cut(data.score)} of 100, it passes from {data.pass_score:g}"
    if data.is_over:
        return "There is no score: it ended before its step was judged"
    return f"The score comes when its step is judged, at {data.gate:%H:%M} UTC" if data.gate else "No score"


def _cut(score: float) -> str:
    """Cut rather than rounded, so that no score is shown that has not been reached."""
    return f"{math.floor(score * 10 + 1e-6) / 10:g}"


def _height(data: Canary) -> int:
    if data.refused or not data.metrics:
        return frame.NOTICE_HEIGHT - 180
    total = len(data.metrics) * _lane_height(data)
    return int(LANES_TOP + total + AXIS + 30 * len(_remarks(data)) + 20 + frame.BOTTOM)


def _lane_height(data: Canary) -> float:
    return 156 if len(data.metrics) <= 3 else 124


def _draw(card: Card, data: Canary) -> tuple[Axes, Axes] | None:
    """Everything on the card; returns the axes of the windows (x minutes) and of the intervals, y pixels from top."""
    if data.refused or not data.metrics:
        frame.head(card, data.basis.title, "Canary beside stable")
        frame.nothing(card, "No canary to show", data.refused or "None of its metrics is judged.")
        frame.foot(card, data.basis.footer)
        return None
    frame.head(card, data.basis.title, _subject(data, " · "), data.standing, alarming=data.alarming)
    _steps(card, data)
    _gauge(card, data)
    _head(card, data)
    height = _lane_height(data)
    shown = [lanes.lane(each, place * height, height) for place, each in enumerate(data.metrics)]
    total = len(shown) * height
    end = _minutes(data)
    values = card.axes(VALUES, LANES_TOP, VALUES_WIDTH, total)
    intervals = card.axes(BARS, LANES_TOP, BARS_WIDTH, total)
    for axes, right in ((values, end), (intervals, 1.0)):
        axes.set_xlim(0, right)
        axes.set_ylim(total, 0)
    lanes.scales(values, intervals, shown)
    lanes.windows(values, shown, data.window_seconds / 60, _planned(data))
    lanes.intervals(intervals, shown)
    label_ends(card, intervals, (LANES_TOP, total), list(lanes.names(shown)), ENDS)
    for each in shown:
        _row(card, each, data)
    _time(card, values, data, end, LANES_TOP + total)
    frame.remarks(card, LANES_TOP + total + AXIS + 20, _remarks(data), 30)
    frame.foot(card, data.basis.footer)
    return values, intervals


def _steps(card: Card, data: Canary) -> None:
    """The plan from left to right: what is behind it, where it is, what is ahead."""
    gap = 10
    width = (STEPS_WIDTH - gap * (len(data.steps) - 1)) / len(data.steps)
    for place, step in enumerate(data.steps):
        left = style.MARGIN + place * (width + gap)
        is_now = place == data.place
        mark, colour = _now(data) if is_now else ("✓", style.GRID) if step.since else ("○", style.GRID)
        card.box(left, STEPS_TOP, width, STEPS_HEIGHT, colour)
        if not is_now and not step.since:
            card.box(left + 2, STEPS_TOP + 2, width - 4, STEPS_HEIGHT - 4, style.CARD)
        ink, fainter = (style.CARD, style.CARD) if is_now else (style.INK if step.since else style.MUTED, style.MUTED)
        room = width - 16
        if width < NARROW:
            card.write(left + 8, STEPS_TOP + 31, share(step.share), bold=is_now, colour=ink, width=room, whole=True)
            card.write(left + 8, STEPS_TOP + 59, mark, size=style.SMALL, colour=ink)
            continue
        card.write(left + 14, STEPS_TOP + 32, f"{mark} {share(step.share)}", bold=is_now, colour=ink, width=room)
        card.write(left + 14, STEPS_TOP + 58, _when(step, data, is_now=is_now), size=style.SMALL - 2, colour=fainter,
                   width=room)  # fmt: skip


def _now(data: Canary) -> tuple[str, str]:
    """The mark and the colour of the step it is in, or ended in."""
    if data.is_over or data.is_paused:
        return ("✕", style.ORANGE) if data.alarming else ("■", style.MUTED)
    return "▶", style.ORANGE if data.alarming else style.BLUE


def _when(step: CanaryStep, data: Canary, *, is_now: bool) -> str:
    if step.since is None:
        return "not reached" if data.is_over else "ahead"
    if is_now and not data.is_over:
        return f"{'paused' if data.is_paused else 'now'}, since {step.since:%-d %b %H:%M}"
    if step.until is None:
        return f"{step.since:%-d %b %H:%M}"
    day = "" if step.until.date() == step.since.date() else f"{step.until:%-d %b} "
    return f"{step.since:%-d %b %H:%M} to {day}{step.until:%H:%M}"


def _gauge(card: Card, data: Canary) -> None:
    """The score between 0 and 100, with what it takes to pass."""
    y = STEPS_TOP + 20
    if data.score is None:
        card.paragraph(GAUGE, y + 6, f"{_score(data)}.", size=style.SMALL, colour=style.MUTED, width=GAUGE_WIDTH)
        return
    passes = data.score >= data.pass_score
    colour = style.BLUE if passes else style.ORANGE if data.score < data.marginal_score else style.MUTED
    card.write(GAUGE, y, f"Score {_cut(data.score)} of 100", bold=True, width=GAUGE_WIDTH)
    card.box(GAUGE, y + 14, GAUGE_WIDTH, 14, style.GRID)
    card.box(GAUGE, y + 14, max(3, GAUGE_WIDTH * data.score / 100), 14, colour)
    for mark in (data.marginal_score, data.pass_score):
        card.box(GAUGE + GAUGE_WIDTH * mark / 100 - 1.5, y + 9, 3, 24, style.INK)
    words = f"marginal from {data.marginal_score:g}, passes from {data.pass_score:g}"
    card.write(GAUGE + GAUGE_WIDTH, y + 53, words, size=style.SMALL - 2, colour=style.MUTED, align="right")


def _head(card: Card, data: Canary) -> None:
    y = LANES_TOP - 30
    titles = (
        (style.MARGIN, "Metric"),
        (VALUES, "Value in each window"),
        (BARS, "Interval"),
        (NUMBERS, "Means and shift"),
        (READING, "Reading"),
    )
    for x, words in titles:
        card.write(x, y, words, size=style.SMALL, bold=True, colour=style.MUTED)
    for place in range(len(data.metrics)):
        card.rule(y + 14 + 16 * bool(place) + place * _lane_height(data), left=style.MARGIN, right=frame.RIGHT)


def _minutes(data: Canary) -> float:
    """How many minutes the picture reaches: the step, or farther where windows that were missing are made up for."""
    newest = max((values[-1][0] + 1 for each in data.metrics for values in (each.stable, each.canary) if values),
                 default=0)  # fmt: skip
    return max(_planned(data), newest * data.window_seconds / 60)


def _planned(data: Canary) -> float:
    """How many minutes the step lasts until it is judged."""
    return (data.gate - data.since).total_seconds() / 60 if data.gate and data.since else 1.0


def _row(card: Card, lane: Lane, data: Canary) -> None:
    """What is said beside a lane: what is measured, the means and their shift, and how that reads."""
    each, middle = lane.metric, LANES_TOP + lane.top + lane.height / 2
    good = good_direction(each.direction)
    lines = [each.unit, f"critical · {good}" if each.critical else good]
    lines += [f"limit {each.limit_words}"] if each.limit_words else []
    width, first = VALUES - style.MARGIN - 96, middle - 8 - 12 * (len(lines) - 1)
    card.write(style.MARGIN, first, each.key, bold=True, width=width)
    for place, words in enumerate(lines, 1):
        card.write(style.MARGIN, first + 26 * place, words, size=style.SMALL, colour=style.MUTED, width=width)
    if each.stable_mean is None and each.canary_mean is None:
        card.write(VALUES + 16, middle + 8, "No values yet", size=style.SMALL, colour=style.MUTED)
    else:
        _numbers(card, lane, middle)
    tone, width = TONE[each.state], frame.RIGHT - READING
    card.write(READING, middle - 14, f"{MARKS[tone]} {each.words or 'not judged'}", bold=True,
               colour=style.STANDING[tone], width=width)  # fmt: skip
    gate = f"judged from {data.gate:%H:%M} on" if data.gate and not data.is_over else "it ended before its gate"
    for place, words in enumerate(
        (f"n = {len(each.canary)} and {len(each.stable)}", each.reason if each.state else gate)
    ):
        card.write(READING, middle + 14 + 24 * place, words, size=style.SMALL - 2, colour=style.MUTED, width=width)


def _numbers(card: Card, lane: Lane, middle: float) -> None:
    each, width = lane.metric, READING - NUMBERS - 14
    rows = (("canary", each.canary_mean, lane.colour, True), ("stable", each.stable_mean, style.MUTED, False))
    for place, (arm, value, ink, bold) in enumerate(rows):
        words = mean(value, each.kind) if value is not None else "none"
        y = middle - (24 if each.shift is not None else 6) + 26 * place
        card.write(NUMBERS, y, arm, size=style.SMALL, colour=ink, bold=bold)
        card.write(NUMBERS + width, y, words, bold=bold, colour=ink, align="right", width=width - 80, whole=True)
    if each.shift is not None:
        interval = Interval(lower=each.lower, upper=each.upper)
        card.write(NUMBERS, middle + 26, change(each.shift, each.kind), size=style.SMALL, width=width, whole=True)
        card.write(NUMBERS, middle + 47, change_range(interval, each.kind), size=style.SMALL - 2, colour=style.MUTED,
                   width=width, whole=True)  # fmt: skip


def _time(card: Card, axes: Axes, data: Canary, end: float, bottom: float) -> None:
    """The axis below: minutes, hours or days since the step began, and the gate."""
    unit, size = next((each for each in (("days", 1_440.0), ("hours", 60.0)) if end >= 3 * each[1]), ("minutes", 1.0))
    places = round_ticks(0, end / size, 5, whole=True)
    ticks(axes.xaxis, [place * size for place in places], [f"{place:g}" for place in places])
    said = f"{unit.capitalize()} since the step began"
    card.write(VALUES + VALUES_WIDTH / 2, bottom + 58, said, size=style.SMALL, align="center")
    if data.gate:
        x = VALUES + VALUES_WIDTH * _planned(data) / end
        card.write(x, LANES_TOP + 2, f"judged {data.gate:%H:%M} ", size=style.SMALL - 2, align="right",
                   colour=style.MUTED)  # fmt: skip


def _remarks(data: Canary) -> list[str]:
    more = [f"{data.left_out:,} more {plural(data.left_out, 'metric')} are not drawn."] if data.left_out else []
    waiting = any(each.state is None for each in data.metrics)
    waits = "◇ judged at the end of its step; until then critical metrics alone are, at a stricter level."
    method = f"its shift with a {data.level * 100:g} % interval (Mann–Whitney, Hodges–Lehmann)"
    bars = f"Bars: where the canary lies beside stable's mean, by {method}; n are windows."
    return [bars, *([waits] if waiting else []), *more]
