"""Multiple exposure: units that were in more than one variant and are therefore left out."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import percent, units
from experiments.readout import Finding, Severity

NOTABLE = 0.001
TOO_MANY = 0.01
ENOUGH = 10


def multiple_exposure(context: HealthContext) -> Finding | None:
    """Which part of the units crossed over, and whether what is left can still be compared.

    Whoever crosses is rarely average (more devices, more visits), and leaving them out tilts a metric by about their
    share. From 1 % that is as large as many effects, and it is where GrowthBook calls an experiment unhealthy and
    Statsig asks to be called: no lift is shown. As in GrowthBook it takes ten such units, so that two colleagues
    trying things out do not block anything. Below 0.1 %, a twentieth of the usual smallest effect of 2 %, it is only
    said.

    >>> finding = multiple_exposure(HealthContext({}, {}, 5.0, True, crossed=30, seen=10_000))
    >>> finding.severity.value, finding.words.partition(". ")[0]
    ('warning', '30 units (0.30 %) were in more than one variant and are left out')
    """
    if context.crossed <= 0 or context.seen <= 0:
        return None
    share = context.crossed / context.seen
    keep = "Check that a unit keeps its variant across devices, logins and changes of the weights"
    if share >= TOO_MANY and context.crossed >= ENOUGH:
        severity = Severity.BLOCKS_LIFT
        advice = f"With so many the rest can no longer be compared, and no lift is shown. {keep}, then run it anew."
    elif share >= NOTABLE:
        severity, advice = Severity.WARNING, f"Those who cross are rarely average, so the rest may be tilted. {keep}."
    else:
        severity, advice = Severity.INFORMATION, "So few do not change the result."
    were = "was in more than one variant and is" if context.crossed == 1 else "were in more than one variant and are"
    return Finding(
        code="multiple_exposure",
        severity=severity,
        words=f"{units(context.crossed)} ({percent(share)}) {were} left out. {advice}",
        evidence={"crossed": context.crossed, "seen": context.seen, "share": share},
    )
