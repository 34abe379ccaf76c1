"""Novelty: an effect that fades, grows or turns with the time since units first met the change."""

from __future__ import annotations

from experiments.checks.context import HealthContext, SinceExposure
from experiments.errors import InsufficientData
from experiments.numerals import amount, listed
from experiments.readout import Finding, Severity
from experiments.stats.novelty import EARLY_DAYS, Course, Trend, trend

ALPHA = 0.01
COURSES = {
    Course.FADES: (
        "fades with time since exposure",
        "That looks like novelty, so the average overstates what will last. Count on the later value and wait until it "
        "holds steady.",
    ),
    Course.GROWS: (
        "grows with time since exposure",
        "That looks like learning, so the average understates what will last. Wait until the later value holds steady.",
    ),
    Course.TURNS: (
        "turns into its opposite with time since exposure",
        "The average hides both. Decide by the later value, and wait until it holds steady.",
    ),
}


def novelty(context: HealthContext) -> Finding | None:
    """Whether effects depend on the days since exposure (weighted trend, p ≤ 0.01 shared among all that are tested).

    α is 0.01 because this is read every day and is not itself safe under repeated looks: a steady effect read on each
    of 28 days is called changing in about one of twenty experiments. It only warns.

    >>> since = SinceExposure("clicks", "b", tuple(range(8)), (8, 6, 5, 4, 3.5, 3, 2.8, 2.6), (0.5,) * 8, "per visit")
    >>> novelty(HealthContext({}, {}, 9.0, True, since_exposure=(since,))).words.partition(". ")[0]
    'The effect of b on clicks fades with time since exposure: +6.33 per visit in the first 3 days, +2.98 from day 4 on'
    """
    tested = [(each, found) for each in context.since_exposure if (found := _tested(each)) is not None]
    clear = sorted(
        ((each, found) for each, found in tested if found.p * len(tested) <= ALPHA), key=lambda pair: pair[1].p
    )
    if not clear:
        return None
    worst, found = clear[0]
    happens, advice = COURSES[found.course]
    also = [f"{each.treatment} on {each.metric}" for each, _ in clear[1:]]
    return Finding(
        code="novelty",
        severity=Severity.WARNING,
        words=(
            f"The effect of {worst.treatment} on {worst.metric} {happens}: "
            f"{_signed(found.early)}{worst.unit and f' {worst.unit}'} in the first {EARLY_DAYS} days, "
            f"{_signed(found.late)} from day {found.late_from} on. {advice}"
            + (f" Time matters as well for {listed(also)}." if also else "")
        ),
        evidence={"tested": len(tested), "changing": [_evidence(each, found) for each, found in clear]},
    )


def _tested(since: SinceExposure) -> Trend | None:
    try:
        return trend(since.days, since.effects, since.errors)
    except InsufficientData:
        return None


def _signed(effect: float) -> str:
    return f"{'+' if effect > 0 else ''}{amount(effect)}"


def _evidence(since: SinceExposure, found: Trend) -> dict[str, object]:
    return {
        "metric": since.metric,
        "treatment": since.treatment,
        "course": found.course.value,
        "p": found.p,
        "early": found.early,
        "late": found.late,
        "late_error": found.late_error,
        "late_from": found.late_from,
    }
