"""Changed effect: the newest value contradicts what earlier looks allowed."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import listed
from experiments.readout import Finding, Severity


def changed_effect(context: HealthContext) -> Finding | None:
    """Which effects did not stay the same while the experiment ran.

    >>> finding = changed_effect(HealthContext({}, {}, 5.0, True, changed=(("clicks", "b"),)))
    >>> finding.words.partition(":")[0]
    'The effect of b on clicks changed while the experiment ran'
    """
    if not context.changed:
        return None
    several = len(context.changed) > 1
    names = listed([f"{treatment} on {metric}" for metric, treatment in context.changed])
    return Finding(
        code="changed_effect",
        severity=Severity.WARNING,
        words=(
            f"The effect{'s' if several else ''} of {names} changed while the experiment ran: the newest values lie "
            "outside what earlier looks allowed. Read them as the average so far, and look at the picture over time."
        ),
        evidence={"changed": [list(each) for each in context.changed]},
    )
