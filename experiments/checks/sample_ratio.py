"""Sample ratio: do the units fall on the variants as the weights say?"""

from __future__ import annotations

from experiments.checks.context import HealthContext
from experiments.errors import InsufficientData
from experiments.readout import Finding, Severity

MOST_DECIMALS = 6
NO_LIFT = "No lift is shown: the units do not fall on the variants as planned."


def sample_ratio(context: HealthContext) -> Finding | None:
    """Units per variant against the weights over all looks (sequential multinomial test, α = 0.001)."""
    from experiments.stats import sample_ratio as ratio

    try:
        test = ratio.sample_ratio(context.history, tuple(context.weights.values()), context.planned_units)
    except InsufficientData:
        return None
    if not test.rejects:
        return None
    counts = dict(zip(context.weights, context.history[-1], strict=True))
    weighted = {variant: weight for variant, weight in context.weights.items() if weight > 0}
    units, total = sum(counts[variant] for variant in weighted), sum(weighted.values())
    shares = {variant: counts[variant] / units for variant in weighted}
    planned = {variant: weight / total for variant, weight in weighted.items()}
    worst = max(weighted, key=lambda variant: abs(shares[variant] - planned[variant]))
    share, plan = _apart(shares[worst], planned[worst])
    return Finding(
        code="sample_ratio",
        severity=Severity.BLOCKS_LIFT,
        words=(
            f"The split is broken: {worst} got {share} of the units instead of {plan}. "
            "Units went missing or were counted twice, so the groups can no longer be compared and no lift is shown. "
            "Look for a redirect, a filter or a logging gap that hits one variant, then run it anew."
        ),
        evidence={
            "p": test.p,
            "chi_square": test.chi_square,
            "df": test.df,
            "chi_square_p": test.chi_square_p,
            "largest_gap": test.largest_gap,
            "units": counts,
            "expected": {variant: round(units * plan, 1) for variant, plan in planned.items()},
        },
    )


def _apart(share: float, plan: float) -> tuple[str, str]:
    """Both shares with as many decimals as tell them apart."""
    decimals = 1
    while decimals < MOST_DECIMALS and round(share * 100, decimals) == round(plan * 100, decimals):
        decimals += 1
    return f"{share * 100:.{decimals}f} %", f"{plan * 100:.{decimals}f} %"
