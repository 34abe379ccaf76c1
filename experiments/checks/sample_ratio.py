"""Sample ratio: do the units fall on the variants as the weights say?"""

from __future__ import annotations

from typing import Any

from experiments.checks.context import HealthContext, PhaseRatio
from experiments.numerals import units
from experiments.readout import Finding, Severity

MOST_DECIMALS = 6
NO_LIFT = "No lift is shown: the units do not fall on the variants as planned."


def sample_ratio(context: HealthContext) -> Finding | None:
    """Units against the weights of each phase (sequential multinomial test, α = 0.001 per phase); the worst is named.

    Every phase is a split of its own, so each has its own α; within one the p is safe however often it is read.

    >>> from experiments.stats.sample_ratio import sample_ratio as test
    >>> phase = PhaseRatio(0.0, {"a": 5000, "b": 5000}, {"a": 600, "b": 400}, test([600, 400], [1, 1], 5000))
    >>> finding = sample_ratio(HealthContext(phase.weights, phase.units, 5.0, True, ratios=(phase,)))
    >>> finding.words.partition(". ")[0]
    'The split is broken: a got 60.0 % of the units instead of 50.0 %, 100 units too many'
    """
    broken = [phase for phase in context.ratios if phase.test.rejects]
    if not broken:
        return None
    worst = min(broken, key=lambda phase: (phase.test.p, -phase.test.largest_gap))
    expected = _expected(worst)
    variant = max(expected, key=lambda each: abs(worst.units[each] - expected[each]))
    got, plan, total = worst.units[variant], expected[variant], sum(expected.values())
    share, planned = _apart(got / total, plan / total)
    off = f"{units(max(1, round(abs(got - plan))))} too {'many' if got > plan else 'few'}"
    evidence = _evidence(worst, expected)
    if len(broken) > 1:
        evidence["others"] = [_evidence(phase, _expected(phase)) for phase in broken if phase is not worst]
    return Finding(
        code="sample_ratio",
        severity=Severity.BLOCKS_LIFT,
        words=(
            f"The split is broken{_when(worst, context.ratios)}: "
            f"{variant} got {share} of the units instead of {planned}, {off}. "
            "Units went missing or were counted twice, so the groups can no longer be compared and no lift is shown. "
            "Look for a redirect, a filter or a logging gap that hits one variant, then run it anew."
        ),
        evidence=evidence,
    )


def _expected(phase: PhaseRatio) -> dict[str, float]:
    """Units that the weights promise each variant with traffic."""
    weighted = {variant: weight for variant, weight in phase.weights.items() if weight > 0}
    found, total = sum(phase.units[variant] for variant in weighted), sum(weighted.values())
    return {variant: found * weight / total for variant, weight in weighted.items()}


def _when(phase: PhaseRatio, phases: tuple[PhaseRatio, ...]) -> str:
    if len(phases) == 1:
        return ""
    later = [each.from_day for each in phases if each.from_day > phase.from_day]
    return f" from day {phase.from_day:.4g} to day {min(later):.4g}" if later else f" since day {phase.from_day:.4g}"


def _evidence(phase: PhaseRatio, expected: dict[str, float]) -> dict[str, Any]:
    return {
        "from_day": phase.from_day,
        "p": phase.test.p,
        "chi_square": phase.test.chi_square,
        "df": phase.test.df,
        "chi_square_p": phase.test.chi_square_p,
        "largest_gap": phase.test.largest_gap,
        "units": dict(phase.units),
        "expected": {variant: round(plan, 1) for variant, plan in expected.items()},
    }


def _apart(share: float, plan: float) -> tuple[str, str]:
    """Both shares with as many decimals as tell them apart."""
    decimals = 1
    while decimals < MOST_DECIMALS and round(share * 100, decimals) == round(plan * 100, decimals):
        decimals += 1
    return f"{share * 100:.{decimals}f} %", f"{plan * 100:.{decimals}f} %"
