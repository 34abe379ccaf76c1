"""Random effects over few experiments: coverage of the average effect, whatever their variances and heterogeneity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from experiments.stats.meta import Test, pooled
from simulations.promise import Obtained, Promise, share

PROMISED = 0.94
MEAN = 0.3
HETEROGENEITY = (0.0, 0.5, 20.0)
VARIANCES: dict[str, Callable[[int], np.ndarray[tuple[int], np.dtype[np.float64]]]] = {
    "equal": np.ones,
    "1 : 100": lambda k: np.geomspace(0.05, 5, k),
}


def covered(
    dice: np.random.Generator, runs: int, k: int, tau2: float, variances: str, test: Test = "guarded"
) -> Obtained:
    """How often the 95 % interval of `k` experiments holds the mean of the true effects, which vary by `tau2`."""
    variance = VARIANCES[variances](k)
    effects = MEAN + np.sqrt(variance + tau2) * dice.standard_normal((runs, k))
    found = [pooled(each, variance, test=test) for each in effects]
    return share(np.array([each.lower <= MEAN <= each.upper for each in found]))


def worst(dice: np.random.Generator, runs: int, k: int) -> Obtained:
    """The lowest coverage over all variances and heterogeneities, each with this many runs."""
    return min(covered(dice, runs, k, tau2, each) for each in VARIANCES for tau2 in HETEROGENEITY)


PROMISES = tuple(
    Promise(
        "coverage of 95 %: random effects",
        f"{k} experiments; worst of τ² 0, 0.5, 20 × variances equal, 1 : 100",
        "at least",
        PROMISED,
        partial(worst, k=k),
    )
    for k in range(3, 11)
)
