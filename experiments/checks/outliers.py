"""Outliers: one unit that weighs on a whole variant."""

from __future__ import annotations

from experiments.checks.context import HealthContext, Shaped
from experiments.numerals import amount, listed, percent
from experiments.readout import Finding, Severity

LARGE = 0.01
TIMES_AVERAGE = 20


def outliers(context: HealthContext) -> Finding | None:
    """Where the largest unit makes at least 1 % of a variant's total and is at least 20 times the average unit.

    Without that unit the mean would be lower by that share, half of the usual smallest effect of 2 %: the result
    would hang on one unit, which the central limit theorem forbids (Lindeberg 1922). Among few units an ordinary one
    makes 1 % too, hence the second condition; an exponential or Poisson metric does not meet it. Capping at a value
    fixed beforehand is the usual remedy (winsorising; Kohavi, Tang & Xu 2020, ch. 22).

    >>> shapes = (Shaped("revenue", "b", 5_000, 30.0, 0.034),)
    >>> outliers(HealthContext({}, {}, 5.0, True, shapes=shapes)).words.partition(". ")[0]
    'One unit makes 3.4 % of all revenue in b, 170 times the average'
    """
    heavy = [(shape, share) for shape in context.shapes if (share := _heavy(shape)) is not None]
    if not heavy:
        return None
    heavy.sort(key=lambda pair: -pair[1])
    (worst, share), *others = heavy
    also = (
        f" The same holds for {listed([f'{each.metric} in {each.variant}' for each, _ in others])}." if others else ""
    )
    return Finding(
        code="outliers",
        severity=Severity.WARNING,
        words=(
            f"One unit makes {percent(share)} of all {worst.metric} in {worst.variant}, "
            f"{amount(round(share * worst.n))} times the average. Check whether it is real (a robot, a test account, a "
            f"wrong unit of measure); if so, cap the metric at a value fixed beforehand (winsorising).{also}"
        ),
        evidence={
            "outliers": [
                {"metric": each.metric, "variant": each.variant, "units": each.n, "largest_share": part}
                for each, part in heavy
            ]
        },
    )


def _heavy(shape: Shaped) -> float | None:
    """The share of the largest unit where it is too large."""
    share = shape.largest_share
    return share if share is not None and LARGE <= share <= 1 and share * shape.n >= TIMES_AVERAGE else None
