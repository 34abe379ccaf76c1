"""Stale data: the newest values are older than they should be."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import days
from experiments.readout import Finding, Severity

MISSED = 3
SHORTEST = 1.0


def stale_data(context: HealthContext) -> Finding | None:
    """Whether data are overdue: none for more than a day and for three times as long as usual.

    Three missed moments in a row are no accident, and less than a day is no reason to worry anybody.

    >>> stale_data(HealthContext({}, {}, 5.0, True, age=2.5, rhythm=0.25)).words.partition(": ")[0]
    'The newest data are from 2.5 days ago, although they usually come every 6 hours'
    """
    limit = max(SHORTEST, MISSED * context.rhythm)
    if not context.has_data or context.age is None or not context.age > limit:
        return None
    return Finding(
        code="stale_data",
        severity=Severity.WARNING,
        words=(
            f"The newest data are from {days(context.age)} ago, although they usually come {_every(context.rhythm)}: "
            "a readout may miss what happened since. Check the source."
        ),
        evidence={"age": context.age, "rhythm": context.rhythm, "limit": limit},
    )


def _every(rhythm: float) -> str:
    if rhythm >= 1:
        return "every day" if rhythm == 1 else f"every {days(rhythm)}"
    hours = round(24 * rhythm)
    return f"every {hours} hours" if hours > 1 else "every hour"
