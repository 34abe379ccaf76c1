"""Tests and intervals tell one story: a bounded lift interval excludes zero if and only if p is below α."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.kernels import kernel_of
from experiments.analysis.panel import Panel, Settings
from experiments.design import Method
from experiments.stats.always_valid import compare_always_valid, mixing
from experiments.stats.comparison import Comparisons, Test, compare
from experiments.stats.estimates import Estimates, of_proportions
from experiments.stats.fieller import Lift
from experiments.stats.moments import Floats
from experiments.stats.tails import Alternative
from simulations.promise import Obtained, Promise

ROUNDING = 1e-12
LEVELS = (0.001, 0.01, 0.05, 0.1, 0.2)


def arms(dice: np.random.Generator, runs: int) -> tuple[Estimates, Estimates]:
    """Any units, spreads and means, negative ones too; control from 0.3 to 1 000 standard errors off zero, treatment
    a few from control."""
    n, m = np.rint(10 ** dice.uniform(0.5, 6, (2, runs)))
    error, other = 10 ** dice.uniform(-3, 3, (2, runs))
    mean = dice.choice([-1.0, 1.0], runs) * error * 10 ** dice.uniform(-0.5, 3, runs)
    effect = 2.5 * dice.standard_normal(runs) * np.hypot(error, other)
    return Estimates.given(n, mean, error**2), Estimates.given(m, mean + effect, other**2)


def planned(dice: np.random.Generator, runs: int, test: Test, alternative: Alternative = "two-sided") -> Obtained:
    """How many of these a planned look contradicts itself on, over several levels."""
    return _over_levels(lambda alpha: compare(*arms(dice, runs), alpha=alpha, test=test, alternative=alternative))


def always_valid(dice: np.random.Generator, runs: int, alternative: Alternative = "two-sided") -> Obtained:
    """The same of one look of an always-valid design."""
    return _over_levels(
        lambda alpha: compare_always_valid(
            *arms(dice, runs), mixing(alpha, 5_000), alpha=alpha, alternative=alternative
        )
    )


def single_proportion(dice: np.random.Generator, runs: int, fewest: int, most: int) -> Obtained:
    """The same of the product's reading of two shares, Fisher's test below 100 units, else the pooled one."""
    contradictions = 0
    for alpha in LEVELS:
        units = np.rint(np.exp(dice.uniform(np.log(fewest), np.log(most), (2, runs))))
        rate = dice.uniform(0.02, 0.98, runs)
        others = np.clip(rate + 2.5 * dice.standard_normal(runs) * np.sqrt(rate * (1 - rate) / units.min(axis=0)), 0, 1)
        hits = dice.binomial(units.astype(np.int64), np.stack((rate, others)))
        spread = ((hits > 0) & (hits < units)).all(axis=0)
        control, treatment = (of_proportions(n[spread], x[spread]) for n, x in zip(units, hits, strict=True))
        kernel = kernel_of(Panel.of(control, treatment, proportion=True), Settings(method=Method.FIXED, alpha=alpha))
        contradictions += _contradictions(kernel.own, alpha, kernel.bands(alpha)[0])
    return Obtained(float(contradictions))


def _over_levels(read: Callable[[float], Comparisons]) -> Obtained:
    contradictions = 0
    for alpha in LEVELS:
        found = read(alpha)
        contradictions += _contradictions(found.p, alpha, found.lift)
    return Obtained(float(contradictions))


def _contradictions(p: Floats, alpha: float, lift: Lift) -> int:
    excludes: NDArray[np.bool_] = (lift.lower > 0) | (lift.upper < 0)
    decided = np.abs(p - alpha) > ROUNDING
    return int((lift.bounded & decided & (excludes != (p < alpha))).sum())


NAME = "lift interval against p: contradictions"
PROMISES = (
    Promise(NAME, "random inputs; Welch", "within", 0, partial(planned, test="welch")),
    Promise(
        NAME, "random inputs; Welch, one-sided", "within", 0, partial(planned, test="welch", alternative="greater")
    ),
    Promise(NAME, "random inputs; z", "within", 0, partial(planned, test="z")),
    Promise(NAME, "random inputs; pooled t", "within", 0, partial(planned, test="pooled")),
    Promise(NAME, "random inputs; always-valid", "within", 0, always_valid),
    Promise(NAME, "random inputs; always-valid, one-sided", "within", 0, partial(always_valid, alternative="less")),
    Promise(NAME, "shares; below 100 units (Fisher)", "within", 0, partial(single_proportion, fewest=5, most=99)),
    Promise(NAME, "shares; 100 units and more", "within", 0, partial(single_proportion, fewest=100, most=50_000)),
)
