"""Partial period: moments that not every variant has reported yet."""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.numerals import listed
from experiments.readout import Finding, Severity


def partial_period(context: HealthContext) -> Finding | None:
    """Which moments are left out so that all variants are compared over the same time.

    >>> from experiments.checks.context import LeftOut
    >>> partial_period(HealthContext({}, {}, 5.0, True, left_out=(LeftOut("clicks", 5.0, ("b",)),))).words
    'clicks on day 5 is left out until b has reported it. If it does not arrive, check the source.'
    """
    if not context.left_out:
        return None
    if len(context.left_out) == 1:
        (only,) = context.left_out
        names = listed(only.missing)
        have = "has" if len(only.missing) == 1 else "have"
        words = (
            f"{only.metric} on day {only.day:.4g} is left out until {names} {have} reported it. If it does not arrive"
        )
    else:
        moments = [f"{each.metric} on day {each.day:.4g} (no {listed(each.missing)})" for each in context.left_out]
        words = f"Left out until every variant has reported: {listed(moments)}. If they do not arrive"
    return Finding(
        code="partial_period",
        severity=Severity.INFORMATION,
        words=f"{words}, check the source.",
        evidence={"left_out": [{**each._asdict(), "missing": list(each.missing)} for each in context.left_out]},
    )
