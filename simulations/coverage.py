"""Coverage of 95 % intervals at a single look: means, proportions, lifts, ratios, quantiles, CUPED."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from experiments.stats import proportions
from experiments.stats.comparison import Comparisons, compare
from simulations.arms import (
    Pair,
    Units,
    adjusted,
    adjusted_lognormals,
    clicks_per_session,
    lognormals,
    normals,
    quantiles,
    shares,
)
from simulations.draws import blocks
from simulations.promise import Obtained, Promise, share

LEVEL, POINT = 0.95, 0.01


Arms: TypeAlias = Callable[[np.random.Generator, int], Pair]


def of_difference(dice: np.random.Generator, runs: int, arms: Arms, truth: float) -> Obtained:
    """How often Welch's interval holds the true difference; a refused row does not."""
    return _covered(dice, runs, arms, lambda found: (found.lower <= truth) & (truth <= found.upper))


def of_lift(dice: np.random.Generator, runs: int, arms: Arms, truth: float) -> Obtained:
    """How often Fieller's interval holds the true lift; an unbounded or refused one does not."""
    return _covered(
        dice,
        runs,
        arms,
        lambda found: found.lift.bounded & (found.lift.lower <= truth) & (truth <= found.lift.upper),
    )


def _covered(
    dice: np.random.Generator, runs: int, arms: Arms, holds: Callable[[Comparisons], NDArray[np.bool_]]
) -> Obtained:
    hits = []
    for size in blocks(runs):
        found = compare(*arms(dice, size))
        hits.append(np.zeros(size, dtype=np.bool_))
        hits[-1][found.rows] = holds(found)
    return share(np.concatenate(hits))


def newcombe(dice: np.random.Generator, runs: int, units: tuple[int, int], rates: tuple[float, float]) -> Obtained:
    """How often the default interval of two shares holds their true difference."""
    ours, theirs = (dice.binomial(n, rate, runs) for n, rate in zip(units, rates, strict=True))
    found = proportions.interval(ours, units[0], theirs, units[1])
    truth = rates[1] - rates[0]
    return share((found.lower <= truth) & (truth <= found.upper))


FEW, MANY = 10_000, 50_000
EQUAL: Units = (1_000, 1_000)
CASES = (
    ("Welch", "normal; 10 and 25 units, spreads 1 : 3", of_difference,
     partial(normals, units=(10, 25), means=(5, 6), sds=(1, 3)), 1.0, MANY),
    ("Welch", "normal; 25 and 10 units, spreads 1 : 3", of_difference,
     partial(normals, units=(25, 10), means=(5, 6), sds=(1, 3)), 1.0, MANY),
    ("Welch", "lognormal; 1 000 units per arm", of_difference, partial(lognormals, units=EQUAL), 0.0, FEW),
    ("Welch", "lognormal; 1 000 and 3 000 units", of_difference, partial(lognormals, units=(1_000, 3_000)), 0.0, FEW),
    ("Fieller's lift", "normal; control 5 standard errors from 0", of_lift,
     partial(normals, units=(100, 100), means=(0.5, 0.55), sds=(1, 1)), 0.1, MANY),
    ("Fieller's lift", "lognormal; 1 000 units per arm", of_lift, partial(lognormals, units=EQUAL, lift=0.1), 0.1, FEW),
    ("Fieller's lift", "Bernoulli 5 %; 2 000 units per arm", of_lift,
     partial(shares, units=(2_000, 2_000), rates=(0.05, 0.055)), 0.1, MANY),
    ("CUPED", "normal, ρ 0.7; 50 and 100 units", of_difference,
     partial(adjusted, units=(50, 100), correlation=0.7, means=(5, 5.5)), 0.5, MANY),
    ("CUPED", "lognormal; 1 000 units per arm", of_difference, partial(adjusted_lognormals, units=EQUAL), 0.0, FEW),
    ("CUPED, lift", "normal, ρ 0.7; 200 units per arm", of_lift,
     partial(adjusted, units=(200, 200), correlation=0.7, means=(1, 1.1)), 0.1, MANY),
    ("ratio", "clicks per session; 500 units per arm", of_difference,
     partial(clicks_per_session, units=(500, 500)), 0.0, FEW),
    ("ratio, lift", "clicks per session; 500 and 1 000 units", of_lift,
     partial(clicks_per_session, units=(500, 1_000), lift=0.1), 0.1, FEW),
    ("quantile", "lognormal, median; 1 000 units per arm", of_difference,
     partial(quantiles, units=EQUAL, quantile=0.5), 0.0, FEW),
)  # fmt: skip
PROPORTIONS = (
    ("Bernoulli 1 %; 1 000 units per arm", (1_000, 1_000), (0.01, 0.01)),
    ("Bernoulli 1 % and 1.2 %; 2 000 units per arm", (2_000, 2_000), (0.01, 0.012)),
    ("Bernoulli 5 %; 200 units per arm", (200, 200), (0.05, 0.05)),
    ("Bernoulli 5 % and 6 %; 200 and 800 units", (200, 800), (0.05, 0.06)),
    ("Bernoulli 30 %; 200 units per arm", (200, 200), (0.3, 0.3)),
)
PROMISES = (
    *(
        Promise(
            f"coverage of 95 %: {name}", data, "within", LEVEL, partial(simulate, arms=arms, truth=truth), POINT, runs
        )
        for name, data, simulate, arms, truth, runs in CASES
    ),
    *(
        Promise(
            "coverage of 95 %: Newcombe",
            data,
            "within",
            LEVEL,
            partial(newcombe, units=units, rates=rates),
            POINT,
            runs=MANY,
        )
        for data, units, rates in PROPORTIONS
    ),
    Promise(
        "coverage of 95 %: Newcombe, wider with few successes",
        "Bernoulli 1 %; 200 units per arm",
        "at least",
        LEVEL,
        partial(newcombe, units=(200, 200), rates=(0.01, 0.01)),
        POINT,
        runs=MANY,
    ),
    Promise(
        "coverage of 95 %: quantile, wider far out",
        "lognormal, 95th percentile; 1 000 units per arm",
        "at least",
        LEVEL,
        partial(of_difference, arms=partial(quantiles, units=EQUAL, quantile=0.95), truth=0.0),
        POINT,
    ),
)
