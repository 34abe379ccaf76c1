"""Pre-exposure bias: the groups differed before the experiment could have done anything."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import amount, listed
from experiments.readout import Finding, Severity

MUCH = 0.1


def pre_exposure_bias(context: HealthContext) -> Finding | None:
    """Which covariates from before exposure differ between treatment and control (always-valid p ≤ 0.001).

    A fair assignment does that once in a thousand times. 0.1 standard deviations and more is a lot (Austin 2009); much
    less can be certain where there are many units, and still matter little.

    >>> from experiments.checks.context import Balance
    >>> found = (Balance("revenue", "b", 0.25, 1e-6),)
    >>> pre_exposure_bias(HealthContext({}, {}, 5.0, True, balance=found)).words.partition(". ")[0]
    'Before the experiment b was already 0.25 standard deviations above control in revenue'
    """
    if not context.balance:
        return None
    from experiments.stats.balance import ALPHA

    biased = sorted((each for each in context.balance if each.p <= ALPHA), key=lambda each: -abs(each.difference))
    if not biased:
        return None
    worst, *others = biased
    also = f"; {listed([f'{each.metric} in {each.treatment}' for each in others])} differed too" if others else ""
    size = "" if abs(worst.difference) >= MUCH else " That is little, but no accident."
    return Finding(
        code="pre_exposure_bias",
        severity=Severity.WARNING,
        words=(
            f"Before the experiment {worst.treatment} was already {amount(abs(worst.difference))} standard deviations "
            f"{'above' if worst.difference > 0 else 'below'} control in {worst.metric}{also}.{size} "
            "Part of a difference seen now may be that old one. Read it adjusted for the values from before, and check "
            "how units are assigned."
        ),
        evidence={"biased": [each._asdict() for each in biased]},
    )
