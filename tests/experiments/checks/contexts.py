"""A sound context to start from, and phases with their test."""

from __future__ import annotations

from experiments.checks.context import HealthContext, PhaseRatio
from experiments.stats.sample_ratio import sample_ratio as ratio_test

EVEN = {"control": 5000, "treatment": 5000}


def phase(
    units: dict[str, int], weights: dict[str, int] = EVEN, from_day: float = 0.0, planned_units: int = 10_000
) -> PhaseRatio:
    test = ratio_test(tuple(units.values()), tuple(weights.values()), planned_units)
    return PhaseRatio(from_day, weights, units, test)


SOUND = HealthContext(
    weights=EVEN,
    units={"control": 5000, "treatment": 5030},
    day=7.0,
    has_data=True,
    ratios=(phase({"control": 5000, "treatment": 5030}),),
    age=0.4,
    seen=10_030,
)
