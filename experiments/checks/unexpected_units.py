"""Unexpected units: somebody was counted in a variant that gets no traffic."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import listed, units
from experiments.readout import Finding, Severity


def unexpected_units(context: HealthContext) -> Finding | None:
    """Which variants of weight 0 have units all the same, phase by phase; they take no part in the sample ratio.

    >>> unexpected_units(HealthContext({"a": 10_000, "b": 0}, {"a": 500, "b": 12}, 5.0, True)).words.partition(". ")[0]
    'b has 12 units although its weight is 0'
    """
    phases = [(phase.weights, phase.units) for phase in context.ratios] or [(context.weights, context.units)]
    strays: dict[str, int] = {}
    for weights, found in phases:
        for variant, weight in weights.items():
            if weight == 0 and found[variant] > 0:
                strays[variant] = strays.get(variant, 0) + found[variant]
    if not strays:
        return None
    if len(strays) == 1:
        ((variant, count),) = strays.items()
        said = f"{variant} has {units(count)} although its weight is 0"
    else:
        said = f"{listed([f'{name} ({units(count)})' for name, count in strays.items()])} have units at a weight of 0"
    return Finding(
        code="unexpected_units",
        severity=Severity.WARNING,
        words=f"{said}. Look for an override, a test account or an old configuration that still sends units there.",
        evidence={"units": strays},
    )
