"""Many comparisons: the family-wise error of Holm and the false discovery rate of Benjamini–Hochberg."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from experiments.stats.comparison import compare
from experiments.stats.estimates import of_means
from experiments.stats.moments import Floats, Moments
from experiments.stats.multiplicity import adjust, holm
from simulations.draws import flat, normal
from simulations.promise import Obtained, Promise, average, share

ALPHA = 0.05
UNITS = 500
CLEAR, FAINT = 0.3, 0.12


def family_error(dice: np.random.Generator, runs: int, effects: Sequence[float]) -> Obtained:
    """How many runs call any treatment without an effect clear, where all treatments share one control."""
    control = normal(dice, (runs, 1), UNITS)
    shape = (runs, len(effects))
    p = _p(_everywhere(control, shape), normal(dice, shape, UNITS, mean=np.asarray(effects)))
    return share(((holm(p) <= ALPHA) & (np.asarray(effects) == 0)).any(axis=1))


def false_discoveries(dice: np.random.Generator, runs: int, effects: Sequence[float], correlation: float) -> Obtained:
    """The average share of metrics without an effect among those called clear; any two correlate by `correlation`."""
    shape = (runs, len(effects))
    arms = []
    for shift in (0.0, np.asarray(effects)):
        own = normal(dice, shape, UNITS)
        shared = normal(dice, (runs, 1), UNITS).mean
        means = np.sqrt(1 - correlation) * own.mean + np.sqrt(correlation) * shared + shift
        arms.append(Moments(own.n, means, own.m2))
    clear = adjust(_p(*arms), "bh") <= ALPHA
    wrong = (clear & (np.asarray(effects) == 0)).sum(axis=1)
    return average(wrong / np.maximum(clear.sum(axis=1), 1))


def _p(control: Moments, treatment: Moments) -> Floats:
    return compare(of_means(flat(control)), of_means(flat(treatment))).p.reshape(control.n.shape)


def _everywhere(moments: Moments, shape: tuple[int, int]) -> Moments:
    return Moments(*(np.broadcast_to(each, shape) for each in (moments.n, moments.mean, moments.m2)))


PROMISES = (
    *(
        Promise(
            "family-wise error: Holm",
            f"4 treatments share a control, {words}",
            "at most",
            0.052,
            partial(family_error, effects=effects),
            runs=50_000,
        )
        for words, effects in (
            ("none with an effect", (0, 0, 0, 0)),
            ("one with an effect", (CLEAR, 0, 0, 0)),
            ("three with an effect", (CLEAR, CLEAR, CLEAR, 0)),
        )
    ),
    *(
        Promise(
            "false discovery rate: Benjamini–Hochberg",
            f"20 metrics, {words}",
            "at most",
            ALPHA,
            partial(false_discoveries, effects=effects, correlation=correlation),
            runs=20_000,
        )
        for words, effects, correlation in (
            ("none with an effect", (0.0,) * 20, 0.0),
            ("none with an effect, correlated by 0.5", (0.0,) * 20, 0.5),
            ("5 with an effect", (FAINT,) * 2 + (CLEAR,) * 3 + (0.0,) * 15, 0.0),
            ("5 with an effect, correlated by 0.5", (FAINT,) * 2 + (CLEAR,) * 3 + (0.0,) * 15, 0.5),
        )
    ),
)
