"""Two arms of many runs as the estimates that the product compares, for every kind of metric."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from experiments.stats.estimates import (
    Estimates,
    adjust,
    of_means,
    of_proportions,
    of_ratios,
    quantile_of,
)
from experiments.stats.moments import Joint
from simulations.draws import first_column, joint_normal, lognormal, normal, of_units

Pair: TypeAlias = tuple[Estimates, Estimates]
Units: TypeAlias = tuple[int, int]
Clicks: TypeAlias = tuple[float, float, float, float, float]


def normals(
    dice: np.random.Generator, runs: int, units: Units, means: tuple[float, float], sds: tuple[float, float]
) -> Pair:
    """Means of normal values with these means and standard deviations, control first."""
    control, treatment = (
        of_means(normal(dice, runs, n, mean, sd)) for n, mean, sd in zip(units, means, sds, strict=True)
    )
    return control, treatment


def lognormals(dice: np.random.Generator, runs: int, units: Units, lift: float = 0.0) -> Pair:
    """Treatment's values are `lift` larger."""
    control, treatment = (
        of_means(first_column(of_units(lognormal(dice, (n, runs)) * factor)))
        for n, factor in zip(units, (1.0, 1 + lift), strict=True)
    )
    return control, treatment


def shares(dice: np.random.Generator, runs: int, units: Units, rates: tuple[float, float]) -> Pair:
    """Conversions at these rates, control first."""
    control, treatment = (
        of_proportions(np.full(runs, n), dice.binomial(n, rate, runs)) for n, rate in zip(units, rates, strict=True)
    )
    return control, treatment


def clicks_per_session(
    dice: np.random.Generator, runs: int, units: Units, rate: float = 0.1, lift: float = 0.0
) -> Pair:
    """One session and a Poisson number more per unit, each with a click by a chance that differs between units."""
    control, treatment = (
        _clicks(dice, runs, n, rate * factor) for n, factor in zip(units, (1.0, 1 + lift), strict=True)
    )
    return of_ratios(control), of_ratios(treatment)


def ratios(dice: np.random.Generator, runs: int, units: Units, moments: Clicks, effect: float) -> Pair:
    """Of a normal numerator and denominator; `moments` are their means, variances and covariance."""
    top, bottom, of_top, of_bottom, shared = moments
    control, treatment = (
        of_ratios(joint_normal(dice, runs, n, [top + shift * bottom, bottom], [[of_top, shared], [shared, of_bottom]]))
        for n, shift in zip(units, (0.0, effect), strict=True)
    )
    return control, treatment


def quantiles(dice: np.random.Generator, runs: int, units: Units, quantile: float) -> Pair:
    """Of lognormal values."""
    control, treatment = (_quantiles(lognormal(dice, (runs, n)), quantile) for n in units)
    return control, treatment


def adjusted(
    dice: np.random.Generator, runs: int, units: Units, correlation: float, means: tuple[float, float] = (5.0, 5.0)
) -> Pair:
    """After CUPED: a normal metric with variance 1 and a covariate with mean 3 and variance 4."""
    cov = [[1.0, 2 * correlation], [2 * correlation, 4.0]]
    ours, theirs = (joint_normal(dice, runs, n, [mean, 3.0], cov) for n, mean in zip(units, means, strict=True))
    done = adjust(ours, theirs)
    return done.control, done.treatment


def adjusted_lognormals(dice: np.random.Generator, runs: int, units: Units) -> Pair:
    """After CUPED: a lognormal metric of which about half is known from before."""
    arms = []
    for n in units:
        before = dice.standard_normal((n, runs), dtype=np.float32)
        now = np.sqrt(np.float32(0.6)) * before + np.sqrt(np.float32(0.4)) * dice.standard_normal(
            (n, runs), dtype=np.float32
        )
        arms.append(of_units(np.exp(now), np.exp(before)))
    done = adjust(*arms)
    return done.control, done.treatment


def _clicks(dice: np.random.Generator, runs: int, n: int, rate: float) -> Joint:
    sessions = 1 + dice.poisson(3.0, (n, runs))
    chance = np.minimum(rate * dice.standard_exponential((n, runs), dtype=np.float32), 1.0)
    return of_units(dice.binomial(sessions, chance), sessions)


def _quantiles(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], quantile: float) -> Estimates:
    found = [quantile_of(sample, quantile) for sample in values]
    return Estimates.given(
        *(np.concatenate([getattr(each, name) for each in found]) for name in ("n", "value", "variance"))
    )
