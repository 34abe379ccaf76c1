"""Skew: a metric so lopsided that its mean is not close enough to normal yet."""

from __future__ import annotations

from math import ceil, isfinite

from experiments.checks.context import HealthContext
from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.numerals import amount, listed, units
from experiments.readout import Finding, Severity
from experiments.stats.skew import units_needed


def skew(context: HealthContext) -> Finding | None:
    """Which metrics have fewer than 355·skewness² units in a variant (Kohavi et al. 2014).

    Variants below the minimum of units are passed over: there is no number to doubt yet.

    >>> from experiments.checks.context import Shaped
    >>> shapes = (Shaped("revenue", "b", 5_000, 12.0, None),)
    >>> skew(HealthContext({}, {}, 5.0, True, shapes=shapes)).words.partition(", so")[0]
    'revenue in b is too lopsided (skewness 12) for its 5,000 units'
    """
    short = [
        (shape, needed)
        for shape in context.shapes
        if MINIMUM_UNITS <= shape.n < (needed := units_needed(shape.skewness)) and isfinite(needed)
    ]
    if not short:
        return None
    short.sort(key=lambda pair: pair[0].n / pair[1])
    (worst, needed), *others = short
    cap = "" if worst.largest_share is None else ", or cap its largest values"
    also = (
        f" The same holds for {listed([f'{each.metric} in {each.variant}' for each, _ in others])}." if others else ""
    )
    return Finding(
        code="skew",
        severity=Severity.WARNING,
        words=(
            f"{worst.metric} in {worst.variant} is too lopsided (skewness {amount(worst.skewness)}) for its "
            f"{units(worst.n)}, so its intervals and p-values are only roughly right. "
            f"Wait for about {units(ceil(needed))} in every variant{cap}.{also}"
        ),
        evidence={
            "skewed": [
                {
                    "metric": each.metric,
                    "variant": each.variant,
                    "units": each.n,
                    "skewness": each.skewness,
                    "needed": ceil(enough),
                }
                for each, enough in short
            ]
        },
    )
