"""9.5 comparison: a forest plot and a table of every metric × treatment, guardrails below a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from charts import frame, style
from charts.canvas import Card, render
from charts.letters import fit, text_width
from charts.parts.forest import forest
from charts.wording import (
    MARKS,
    alt,
    change,
    change_range,
    count,
    evidence,
    families,
    good_direction,
    is_monitored,
    level,
    lowered,
    percent,
    percent_range,
    refusal,
    sample_ratio,
    short,
    short_percent_range,
    standing,
    tone,
    variance_left,
)
from experiments.design import MetricRole
from experiments.pictures.read import day_of, warnings_of, why_early
from experiments.readout import Comparison, Readout, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS, MOST_TOLD = 20, 10
ROW = 74
GROUP = 44
HEAD = 46
AXIS = 84
LEFT, UNITS, FOREST, LIFT, CHANGE, VERDICT = style.MARGIN, 366, 504, 834, 1012, 1170
FOREST_WIDTH = LIFT - FOREST - 26
ORDER = (MetricRole.PRIMARY, MetricRole.SECONDARY, MetricRole.COST, MetricRole.GUARDRAIL)
SUBJECTS = {
    MetricRole.PRIMARY: "Primary metrics",
    MetricRole.SECONDARY: "Secondary metrics",
    MetricRole.COST: "Cost",
    MetricRole.GUARDRAIL: "Guardrails",
}
EARLY = "Too early to compare"
KEPT_FIRST = (MetricRole.PRIMARY, MetricRole.GUARDRAIL, MetricRole.SECONDARY, MetricRole.COST)


def comparison(readout: Readout) -> bytes:
    """The picture as PNG, 1400 pixels wide, as high as its rows need."""
    return render(_draw, readout, size=(style.WIDTH, _height(readout)))


def describe(readout: Readout) -> str:
    """What the picture shows in words: health first, then the primary metrics, then the others it has room for."""
    head = f"Forest plot for “{short(readout.title, 120)}”, readout {readout.number:,}, {day_of(readout)}"
    head = f"{head}; {lowered(sample_ratio(readout))}"
    if readout.blocked:
        return alt((head, f"No lift is shown: {lowered(readout.blocked.words)}"))
    if early := why_early(readout):
        return alt((head, f"{EARLY}: {lowered(early)}"))
    told = _first(readout, MOST_TOLD)
    if not told:
        return alt((head, f"Nothing to compare yet: {lowered(readout.verdict.sentence)}"))
    treatments = {each.treatment.variant for each in readout.comparisons}
    only = f" of {short(next(iter(treatments)))}" if len(treatments) == 1 else ""
    primary = [_line(each, named=not only) for each in told if each.role is MetricRole.PRIMARY]
    others = [_line(each, named=not only) for each in told if each.role is not MetricRole.PRIMARY]
    intervals = (
        "without intervals before the planned end" if is_monitored(readout) else f"with {level(readout)} intervals"
    )
    change_of = f"Relative change{only} against control {intervals}: {'; '.join(primary or others)}."
    beside = f"Other metrics: {'; '.join(others)}." if primary and others else ""
    left_out = len(readout.comparisons) - len(told)
    more = [f"{left_out:,} more are not told here"] if left_out else []
    notes = "; ".join((*more, *_notes(readout)))
    return alt((head, change_of, beside, f"{notes}." if notes else ""))


def _line(each: Comparison, *, named: bool) -> str:
    treatment = f" of {short(each.treatment.variant)}" if named else ""
    role = f"{short(each.metric)}{treatment} ({each.role.words})"
    if each.refused or each.difference is None:
        return f"{role}: no number, {short(refusal(each), 120)}"
    if each.relative is None:
        size = f"{change(each.difference, each.kind)} {each.unit}, control too close to zero for a relative change"
    else:
        interval = f" ({percent_range(each.relative_interval)})" if each.relative_interval else ""
        size = f"{percent(each.relative, signed=True)}{interval}"
    return ", ".join(filter(None, (f"{role}: {size}", evidence(each), standing(each))))


def _first(readout: Readout, most: int) -> list[Comparison]:
    """The comparisons in the order of the picture, the design's order within a role. Where not all have room,
    guardrails go before secondary metrics and cost: an alarm is never what is left out first."""
    kept = sorted(readout.comparisons, key=lambda each: KEPT_FIRST.index(each.role))[:most]
    return sorted(kept, key=lambda each: ORDER.index(each.role))


def _subject(readout: Readout) -> str:
    """Which metrics, and of which treatment where there are others that are not shown."""
    roles = {each.role for each in readout.comparisons}
    metrics = SUBJECTS[next(iter(roles))] if len(roles) == 1 else "Every metric"
    treatments = {each.treatment.variant for each in readout.comparisons}
    several = len(readout.weights) > len(treatments) + 1
    treatment = next(iter(treatments)) if len(treatments) == 1 and several else "treatment"
    return f"{metrics}, {treatment} against control"


def _height(readout: Readout) -> int:
    shown = _first(readout, MOST_ROWS)
    if readout.blocked or readout.is_early or not shown:
        return frame.NOTICE_HEIGHT
    groups = len({each.role for each in shown})
    extra = 32 * (len(_remarks(readout)) + 1)
    return frame.TOP + HEAD + groups * GROUP + len(shown) * ROW + AXIS + extra + frame.BOTTOM


def _remarks(readout: Readout) -> list[str]:
    left_out = len(readout.comparisons) - MOST_ROWS
    more = [f"{left_out:,} more comparisons are not drawn."] if left_out > 0 else []
    return [f"⚠ {words}" for words in warnings_of(readout)[:2]] + more + _notes(readout)


def _notes(readout: Readout) -> list[str]:
    """How the numbers were made: which were read together, and from which a covariate took variance."""
    return [words for words in (families(readout), variance_left(readout)) if words]


def _draw(card: Card, readout: Readout) -> Axes | None:
    """Everything on the card; returns the forest's axes, whose y are pixels below its top."""
    frame.heading(card, readout, _subject(readout))
    shown = _first(readout, MOST_ROWS)
    if readout.blocked:
        frame.notice(card, readout, "⚠ No lift is shown", readout.blocked.words)
        return None
    if early := why_early(readout):
        frame.notice(card, readout, EARLY, early)
        return None
    if not shown:
        frame.notice(card, readout, "Nothing to compare yet", readout.verdict.sentence)
        return None
    top = frame.TOP + HEAD
    centres, bottom = _table(card, shown, top)
    bars = "No intervals yet" if is_monitored(readout) else f"Bars: {level(readout)} interval"
    heads(card, frame.TOP + 28, "Metric · treatment", bars)
    axes = card.axes(FOREST, top, FOREST_WIDTH, bottom - top)
    axes.set_ylim(bottom - top, 0)
    forest(axes, shown, [centre - top for centre in centres], ROW)
    card.write(FOREST + FOREST_WIDTH / 2, bottom + 62, "Relative change, %", size=style.SMALL, align="center")
    frame.remarks(card, bottom + AXIS + 20, (*_remarks(readout), _legend(shown)), 32)
    frame.signature(card, readout)
    return axes


def _legend(shown: Sequence[Comparison]) -> str:
    if any(each.standing is Standing.MONITORING for each in shown):
        guarded = "; guardrails are judged at every look" if any(each.guardrail for each in shown) else ""
        return f"◇ monitoring only: no interval and no p before the planned end{guarded}"
    if all(each.guardrail is None for each in shown):
        return "✓ better · ✕ worse · ○ unclear: the data do not tell yet"
    states = "✓ better, or a guardrail healthy · ✕ worse, or breached · ○ the data do not tell yet"
    return f"{states} · harm p: for harm past its limit, always-valid"


def heads(card: Card, y: float, first: str, bars: str) -> None:
    """The titles of the columns that `row` fills."""
    titles = ((LEFT, first), (UNITS, "Units"), (FOREST, bars), (LIFT, "Relative"), (CHANGE, "Change"),
              (VERDICT, "Reading"))  # fmt: skip
    for x, words in titles:
        card.write(x, y, words, size=style.SMALL, bold=True, colour=style.MUTED)
    card.rule(y + 14, left=LEFT, right=frame.RIGHT)


def _table(card: Card, shown: Sequence[Comparison], top: float) -> tuple[list[float], float]:
    """Writes the columns; returns the middle of each row and the end of the last one."""
    y, role = top, None
    centres: list[float] = []
    for each in shown:
        if each.role is not role:
            role = each.role
            if role is MetricRole.GUARDRAIL and centres:
                card.rule(y + 8, left=LEFT, right=frame.RIGHT, colour=style.INK, thickness=3)
            name = "guardrails: must not get worse" if role is MetricRole.GUARDRAIL else role.words
            card.write(LEFT, y + 36, name.upper()[0] + name[1:], size=style.SMALL, bold=True, colour=style.MUTED)
            y += GROUP
        row(card, each, y + ROW / 2)
        centres.append(y + ROW / 2)
        y += ROW
    return centres, y


def row(card: Card, each: Comparison, middle: float) -> None:
    """Everything about one comparison but its interval, around a middle."""
    first, second = middle - 5, middle + 22
    card.write(LEFT, first, each.metric, bold=True, width=UNITS - LEFT - 20)
    direction = f" · {good_direction(each.direction)}"
    room = UNITS - LEFT - 20 - text_width(direction, style.SMALL)
    under = fit(each.treatment.variant, room, style.SMALL) + direction
    card.write(LEFT, second, under, size=style.SMALL, colour=style.MUTED)
    card.write(UNITS, first, count(each.treatment.n), width=FOREST - UNITS - 14, whole=True)
    card.write(UNITS, second, f"vs {count(each.control.n)}", size=style.SMALL, colour=style.MUTED,
               width=FOREST - UNITS - 14, whole=True)  # fmt: skip
    colour = style.STANDING[tone(each)]
    card.write(VERDICT, first, f"{MARKS[tone(each)]} {standing(each)}", bold=True, colour=colour,
               width=frame.RIGHT - VERDICT)  # fmt: skip
    if each.refused or each.difference is None:
        words = f"No number: {refusal(each)}"
        card.write(FOREST, middle + 8, words, size=style.SMALL, colour=style.MUTED, width=VERDICT - FOREST - 20)
        return
    if each.relative is None:
        card.write(FOREST, middle + 8, "control too close to zero", size=style.SMALL, colour=style.MUTED,
                   width=FOREST_WIDTH)  # fmt: skip
        card.write(LIFT, first, "none", colour=style.MUTED, width=CHANGE - LIFT - 14)
        if each.interval is not None:
            card.write(LIFT, second, change_range(each.interval, each.kind), size=style.SMALL, colour=style.MUTED,
                       width=CHANGE - LIFT - 14, whole=True)  # fmt: skip
    else:
        card.write(LIFT, first, percent(each.relative, signed=True), bold=each.relative_interval is not None,
                   width=CHANGE - LIFT - 14, whole=True)  # fmt: skip
        if each.relative_interval is not None:
            card.write(LIFT, second, short_percent_range(each.relative_interval), size=style.SMALL,
                       colour=style.MUTED, width=CHANGE - LIFT - 14, whole=True)  # fmt: skip
    card.write(CHANGE, first, change(each.difference, each.kind), width=VERDICT - CHANGE - 14, whole=True)
    card.write(CHANGE, second, each.unit, size=style.SMALL, colour=style.MUTED, width=VERDICT - CHANGE - 14)
    card.write(VERDICT, second, evidence(each), size=style.SMALL, colour=style.MUTED, width=frame.RIGHT - VERDICT)
