"""CUPED: a covariate that correlates by ρ leaves 1 − ρ² of the variance of the difference."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from experiments.stats.estimates import adjust
from experiments.stats.moments import Joint
from simulations.draws import joint_normal
from simulations.promise import Obtained, Promise, average

UNITS = 500


def said(dice: np.random.Generator, runs: int, correlation: float) -> Obtained:
    """The average share of the variance that the adjustment says is left."""
    return average(adjust(*_arms(dice, runs, correlation)).variance_left)


def really(dice: np.random.Generator, runs: int, correlation: float) -> Obtained:
    """The variance over all runs of the adjusted difference ÷ that of the plain one."""
    control, treatment = _arms(dice, runs, correlation)
    done = adjust(control, treatment)
    plain = treatment.mean[:, 0] - control.mean[:, 0]
    ratio = float((done.treatment.value - done.control.value).var() / plain.var())
    return Obtained(ratio, 2 * ratio * math.sqrt((1 - ratio) / runs))


def _arms(dice: np.random.Generator, runs: int, correlation: float) -> tuple[Joint, Joint]:
    cov = [[1.0, 2 * correlation], [2 * correlation, 4.0]]
    control, treatment = (joint_normal(dice, runs, UNITS, [5.0, 3.0], cov) for _ in range(2))
    return control, treatment


PROMISES = tuple(
    Promise(
        f"CUPED: variance left, {words}",
        f"normal, ρ {correlation}; 500 units per arm",
        "within",
        1 - correlation**2,
        partial(simulate, correlation=correlation),
        0.01,
        runs=200_000,
    )
    for correlation in (0.3, 0.7, 0.9)
    for words, simulate in (("as said", said), ("in fact", really))
)
