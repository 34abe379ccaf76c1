"""Minimum run time: three days before any verdict."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import days
from experiments.readout import Finding, Severity

MINIMUM_DAYS = 3


def minimum_run_time(context: HealthContext) -> Finding | None:
    """Whether the data reach far enough for weekdays and newcomers to even out a little.

    >>> minimum_run_time(HealthContext({}, {}, 1.5, has_data=True)).words
    'Too early for a verdict: the data cover 1.5 days and a verdict needs 3.'
    """
    if not context.has_data or context.day >= MINIMUM_DAYS:
        return None
    return Finding(
        code="minimum_run_time",
        severity=Severity.INFORMATION,
        words=f"Too early for a verdict: the data cover {days(context.day)} and a verdict needs {MINIMUM_DAYS}.",
        evidence={"day": context.day, "minimum": MINIMUM_DAYS},
    )
