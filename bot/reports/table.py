"""Readouts as text: a table for each of a few experiments, a line for each of many, and what they say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.reports.grid import aligned, wrapped
from charts.wording import (
    MARKS,
    change,
    change_range,
    count,
    families,
    level,
    limit,
    mean,
    percent,
    percent_range,
    shares,
    standing,
    tone,
)
from experiments.design import Direction
from experiments.numerals import units as units_of
from experiments.pictures.read import day_of
from experiments.readout import Comparison, Readout, Segments, Severity, VerdictStatus

MOST_TABLES = 5
HEAD = ("METRIC", "VARIANT", "UNITS", "MEAN", "DIFFERENCE", "LIFT", "P", "READING")
RIGHT, FLEXIBLE = (2, 3, 6), (0, 1)
SEVERITIES = {Severity.BLOCKS_LIFT: "✕ ", Severity.WARNING: "⚠ ", Severity.INFORMATION: "· "}
ORDER = (
    VerdictStatus.SHIP,
    VerdictStatus.ROLL_BACK,
    VerdictStatus.REVIEW,
    VerdictStatus.UNHEALTHY,
    VerdictStatus.DAYS_LEFT,
    VerdictStatus.NO_DATA,
)


def report(readouts: Sequence[Readout]) -> str:
    """Everything there is to say of a few experiments (at least one); of more than `MOST_TABLES` a line each.

    >>> from datetime import datetime
    >>> from experiments.readout import Verdict
    >>> verdict = Verdict(status=VerdictStatus.NO_DATA, sentence="There are no data to compare yet.")
    >>> print(report([Readout(
    ...     workspace="", key="shop", title="Shop", number=1, as_of=datetime(2026, 1, 1), day=0, planned_days=14,
    ...     design_hash="", method="fixed", alpha=0.05, units={}, weights={}, comparisons=(), trails=(), findings=(),
    ...     verdict=verdict,
    ... )]))
    Shop: day 0 of 14, fixed, 95 % intervals
    <BLANKLINE>
    NO DATA: There are no data to compare yet.
    """
    lines: list[str] = []
    if len(readouts) > MOST_TABLES:
        lines += [*_overview(readouts), ""]
    else:
        for readout in readouts:
            lines += [*_whole(readout), ""]
    if len(readouts) > 1:
        lines += wrapped(_together(readouts))
    return "\n".join(lines).rstrip()


def _whole(readout: Readout) -> list[str]:
    lines = [f"{readout.title}: {day_of(readout)}, {readout.method}, {level(readout)} intervals"]
    split = [
        f"{name} {count(n)} ({percent(share)} of {percent(plan)} planned)" for name, n, share, plan in shares(readout)
    ]
    lines += [*(wrapped(f"Units: {', '.join(split)}") if split else ()), ""]
    if readout.comparisons and not readout.blocked:
        rows: list[tuple[str, ...]] = [HEAD]
        for each in readout.comparisons:
            rows += _rows(each, each.metric, _about(each))
        lines += [*aligned(rows, right=RIGHT, flexible=FLEXIBLE), *_remarks(readout), ""]
    for segments in readout.segments:
        lines += [*_segments(segments), ""]
    for finding in readout.findings:
        lines += wrapped(finding.words, SEVERITIES[finding.severity])
    if readout.findings:
        lines.append("")
    lines += wrapped(f"{readout.verdict.status.words.upper()}: {readout.verdict.sentence}")
    return lines


def _remarks(readout: Readout) -> list[str]:
    """How the numbers were adjusted."""
    family = families(readout)
    lines = wrapped(f"{family}.") if family else []
    left = {each.metric: each.variance_left for each in readout.comparisons if each.variance_left is not None}
    if left:
        parts = [f"{metric} ({percent(share)} of the variance left)" for metric, share in left.items()]
        lines += wrapped(f"Adjusted for values from before: {', '.join(parts)}.")
    return lines


def _about(each: Comparison) -> str:
    return f"{each.role.words} {'↑' if each.direction is Direction.UP else '↓'}"


def _rows(each: Comparison, name: str, about: str) -> list[tuple[str, ...]]:
    """Two lines: the estimates beside treatment, the intervals beside control."""
    treated, base = ("" if arm.mean is None else mean(arm.mean, each.kind) for arm in (each.treatment, each.control))
    first = (name, each.treatment.variant, count(each.treatment.n), treated)
    second = (about, f"vs {each.control.variant}", count(each.control.n), base)
    if each.refused or each.difference is None:
        return [(*first, "no number"), (*second, each.refused or "too little data")]
    lift = "none" if each.relative is None else percent(each.relative, signed=True)
    near_zero = "control near zero" if each.relative is None else ""
    return [
        (
            *first,
            change(each.difference, each.kind),
            lift,
            _p(each.p if each.harm_p is None else each.harm_p),
            _reading(each),
        ),
        (
            *second,
            change_range(each.interval, each.kind) if each.interval else "",
            percent_range(each.relative_interval) if each.relative_interval else near_zero,
            "",
            "" if each.harm_p is None else f"harm > {limit(each)}" if each.limit else "any harm",
        ),
    ]


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _reading(each: Comparison) -> str:
    return f"{MARKS[tone(each)]} {standing(each)}"


def _segments(segments: Segments) -> list[str]:
    """The levels of a dimension, which nobody planned to compare."""
    same = "" if segments.p is None else f"; the effect is the same in all: p {_p(segments.p)}"
    title = f"{segments.metric} of {segments.treatment} by {segments.dimension} (exploratory{same})"
    rows: list[tuple[str, ...]] = [("LEVEL", *HEAD[1:])]
    for name, each in segments.levels.items():
        rows += _rows(each, name, "")
    return [*wrapped(title), *aligned(rows, right=RIGHT, flexible=FLEXIBLE)]


def _overview(readouts: Sequence[Readout]) -> list[str]:
    rows: list[tuple[str, ...]] = [("EXPERIMENT", "DAY", "UNITS", "VERDICT", "METRIC", "VARIANT", "LIFT", "INTERVAL")]
    for readout in readouts:
        start = (readout.key, f"{readout.day:.3g}", count(sum(readout.units.values())), readout.verdict.status.words)
        rows.append((*start, *_headline(readout)))
    return aligned(rows, right=(1, 2), flexible=(0, 4, 5))


def _headline(readout: Readout) -> tuple[str, ...]:
    """The first primary comparison, or why there is none."""
    if readout.blocked or not readout.primary:
        return ("",)
    each = readout.primary[0]
    metric, variant = each.metric, each.treatment.variant
    if each.refused or each.difference is None:
        return (each.refused or "",)
    if each.relative is None or each.relative_interval is None:
        return (
            metric,
            variant,
            change(each.difference, each.kind),
            change_range(each.interval, each.kind) if each.interval else "",
        )
    return metric, variant, percent(each.relative, signed=True), percent_range(each.relative_interval)


def _together(readouts: Sequence[Readout]) -> str:
    found = Counter(readout.verdict.status for readout in readouts)
    parts = [f"{found[status]:,} {status.words}" for status in ORDER if found[status]]
    blocked = sum(readout.blocked is not None for readout in readouts)
    total = sum(sum(readout.units.values()) for readout in readouts)
    health = f"; {blocked:,} with a lift that may not be shown" if blocked else ""
    return f"{len(readouts):,} experiments, {units_of(total)}: {', '.join(parts)}{health}."
