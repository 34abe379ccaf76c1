"""Minimum units: a hundred per arm before any number or verdict."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import units
from experiments.readout import Finding, Severity

MINIMUM_UNITS = 100


def minimum_units(context: HealthContext) -> Finding | None:
    """Whether every variant with traffic has enough units for the statistics to hold.

    >>> minimum_units(HealthContext({"a": 5000, "b": 5000}, {"a": 120, "b": 99}, 5.0, has_data=True)).words
    'Too few units for a verdict: b has 99 units and every arm needs 100.'
    """
    counts = {variant: context.units[variant] for variant, weight in context.weights.items() if weight > 0}
    if not context.has_data or not counts or min(counts.values()) >= MINIMUM_UNITS:
        return None
    fewest = min(counts, key=lambda variant: counts[variant])
    return Finding(
        code="minimum_units",
        severity=Severity.INFORMATION,
        words=f"Too few units for a verdict: {fewest} has {units(counts[fewest])} and every arm needs {MINIMUM_UNITS}.",
        evidence={"units": counts, "minimum": MINIMUM_UNITS},
    )
