"""How moments, people, shares and plans are written in the document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from experiments.design import Correction, Design, Direction, Metric, MetricRole
from experiments.numerals import days, percent
from experiments.report import Report

CORRECTIONS = {
    Correction.HOLM: "Holm",
    Correction.BONFERRONI: "Bonferroni",
    Correction.BENJAMINI_HOCHBERG: "Benjamini–Hochberg",
    Correction.NONE: "not adjusted",
}


def moment(at: datetime) -> str:
    """Date and time with the zone named.

    >>> moment(datetime(2026, 3, 9, 9, 5, tzinfo=UTC))
    '9 March 2026, 09:05 UTC'
    """
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def stamp(at: datetime) -> str:
    """The same where many stand below each other.

    >>> stamp(datetime(2026, 3, 9, 9, 5, 7, tzinfo=UTC))
    '2026-03-09 09:05:07'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def people(report: Report, users: Iterable[str]) -> str:
    """Display names with commas between."""
    return ", ".join(report.name(user) for user in users)


def plan(design: Design) -> str:
    """“14 days, 20,000 users”."""
    return f"{days(design.planned_days)}, {design.planned_units:,} {design.unit.words}s"


def reading(design: Design) -> str:
    """How it is read: “always-valid, α = 0.05, Holm over 2 treatments”."""
    parts = [design.method.words, f"α = {design.alpha:g}"]
    if len(design.treatments) > 1:
        count = f"{len(design.treatments)} treatments"
        kind = CORRECTIONS[design.correction]
        parts.append(f"{count} {kind}" if design.correction is Correction.NONE else f"adjusted by {kind} over {count}")
    return ", ".join(parts)


def limit(metric: Metric) -> str:
    """What a guardrail tolerates and what its breach leads to; empty for other metrics."""
    if metric.role is not MetricRole.GUARDRAIL:
        return ""
    harm = f"{metric.limit.of(metric.kind, metric.unit)} worse" if metric.limit else "any clear harm"
    after = f", from {metric.minimum_units:,} units in every variant" if metric.minimum_units else ""
    return f"{harm}; breach: {metric.action.words}; data missing: {metric.missing.words}{after}"


def good(direction: Direction) -> str:
    return f"{'↑' if direction is Direction.UP else '↓'}\u00a0good"


def effect(size: float) -> str:
    """A predicted or wanted lift."""
    return percent(size, signed=True)
