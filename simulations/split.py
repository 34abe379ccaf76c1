"""The sample-ratio test: how often 28 daily looks ever call a sound split broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from experiments.stats.moments import Floats
from experiments.stats.sample_ratio import ALPHA, sample_ratios
from simulations.draws import blocks
from simulations.promise import Obtained, Promise, share

DAYS = 28
PER_DAY = 400


def over_all_looks(counts: Floats, weights: Sequence[float]) -> Floats:
    """Runs by days by arms of units so far → the p of every run after its last day."""
    runs, days, arms = counts.shape
    found = sample_ratios(
        counts.reshape(-1, arms), np.arange(runs) * days, np.tile(weights, (runs, 1)), DAYS * PER_DAY / 2
    )
    return found.p


def called_broken(
    dice: np.random.Generator,
    runs: int,
    weights: Sequence[float],
    read: Callable[[Floats, Sequence[float]], Floats] = over_all_looks,
) -> Obtained:
    """How many runs with 400 units a day are called broken on any day."""
    hits = []
    for size in blocks(runs, 2_000):
        counts = dice.multinomial(PER_DAY, weights, (size, DAYS)).cumsum(axis=1).astype(np.float64)
        hits.append(read(counts, weights) < ALPHA)
    return share(np.concatenate(hits))


PROMISES = tuple(
    Promise(
        "sample ratio: ever a false alarm in 28 daily looks",
        f"weights {' : '.join(f'{weight:g}' for weight in weights)}",
        "at most",
        ALPHA,
        partial(called_broken, weights=weights),
    )
    for weights in ((0.5, 0.5), (0.9, 0.1), (0.4, 0.3, 0.3), (0.98, 0.01, 0.01))
)
