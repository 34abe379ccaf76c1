"""Exact tests and intervals of counts: binomial, Poisson, and Fisher's for two small proportions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST
from experiments.stats.stirling import remainder
from experiments.stats.tails import Alternative, Bounds, one_sided, tail

Arms: TypeAlias = tuple[Floats, Floats, Floats, Floats]

LARGEST_COUNT = 2.0**50
LARGEST_TABLE = 10_000_000
AS_LIKELY = 1e-7
ROUNDED_AWAY = 1e-9
SMALLEST = 1 / LARGEST


def counted(x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """`x` of `n` as float arrays of one shape; refuses an empty arm and anything that is not a count out of `n`.

    >>> counted([1, 2], 4)
    (array([1., 2.]), array([4., 4.]))
    """
    hits, units = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64))
    if not (np.isfinite(hits).all() and np.isfinite(units).all() and (hits >= 0).all() and (hits <= units).all()):
        raise InsufficientData("A count is missing, negative or larger than the number of units.")
    if (units < 1).any():
        raise InsufficientData("There are no units in an arm.")
    if (units > LARGEST_COUNT).any():
        raise InsufficientData("The counts are too large to calculate with.")
    return np.where(hits < ROUNDED_AWAY, 0.0, hits), units


def two_arms(x_c: ArrayLike, n_c: ArrayLike, x_t: ArrayLike, n_t: ArrayLike) -> Arms:
    """Control's and treatment's counts as arrays of one shape; refuses what `counted` refuses.

    >>> two_arms(1, 2, [2, 3], 4)[0]
    array([1., 1.])
    """
    control, of_control, treatment, of_treatment = np.broadcast_arrays(*counted(x_c, n_c), *counted(x_t, n_t))
    return control, of_control, treatment, of_treatment


def whole(*counts: Floats) -> tuple[Floats, ...]:
    """The counts without the rounding errors of a product of share and units; refuses true fractions.

    >>> whole(np.asarray(2.9999999999))
    (array(3.),)
    """
    rounded = tuple(np.asarray(np.rint(each)) for each in counts)
    if any(
        (np.abs(each - near) > 1e-6 * np.maximum(near, 1)).any() for each, near in zip(counts, rounded, strict=True)
    ):
        raise InsufficientData("An exact test needs whole counts.")
    return rounded


def binomial_test(x: ArrayLike, n: ArrayLike, null: ArrayLike = 0.5, alternative: Alternative = "two-sided") -> Floats:
    """Exact p of `x` of `n` against the share `null` (Clopper & Pearson 1934), one per row.

    Two-sided it sums all outcomes at most as likely as the one seen, as R's binom.test does. Refuses a share outside
    (0, 1) and counts that are not whole.

    >>> round(float(binomial_test(682, 925, 0.75)), 6)
    0.382492
    """
    hits, units = whole(*counted(x, n))
    hits, units, share = np.broadcast_arrays(hits, units, np.asarray(null, dtype=np.float64))
    if not ((share > SMALLEST) & (share < 1)).all():
        raise InsufficientData("The share to test against must lie between 0 and 1.")
    if alternative == "two-sided":
        return _two_sided_binomial(hits, units, share)
    if alternative == "greater":
        return np.where(hits > 0, special.betainc(np.maximum(hits, 1), units - hits + 1, share), 1.0)
    return np.where(hits < units, special.betaincc(hits + 1, np.maximum(units - hits, 1), share), 1.0)


def poisson_test(x: ArrayLike, expected: ArrayLike, alternative: Alternative = "two-sided") -> Floats:
    """Exact p of `x` events against the number `expected`, one per row, as R's poisson.test of one sample.

    Refuses counts that are not whole and an expected number that is not positive.

    >>> round(float(poisson_test(10, 4.0)), 6)
    0.008132
    """
    events, mean = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(expected, dtype=np.float64))
    if not ((mean > SMALLEST) & (mean <= LARGEST_COUNT)).all():
        raise InsufficientData("The expected number of events must be positive.")
    (events,) = whole(counted(events, LARGEST_COUNT)[0])
    at_most, at_least = special.gammaincc(events + 1, mean), _poisson_at_least(events, mean)
    if alternative != "two-sided":
        return np.asarray(at_least if alternative == "greater" else at_most)
    bound = _log_poisson(events, mean) + AS_LIKELY
    start, below = np.ceil(mean), np.floor(mean)
    above = _first(lambda i: _log_poisson(i, mean) <= bound, start, np.ceil(3 * mean) + 2)
    under = below - _first(lambda j: _log_poisson(np.maximum(below - j, 0), mean) <= bound, 0 * below, below + 1)
    upper = at_most + _poisson_at_least(above, mean)
    lower = at_least + np.where(under >= 0, special.gammaincc(np.maximum(under, 0) + 1, mean), 0.0)
    return np.asarray(np.minimum(np.select([events < mean, events > mean], [upper, lower], 1.0), 1.0))


def clopper_pearson(x: ArrayLike, n: ArrayLike, alpha: float = 0.05, alternative: Alternative = "two-sided") -> Bounds:
    """Exact interval of one share (Clopper & Pearson 1934); a one-sided interval ends at 0 or 1.

    >>> found = clopper_pearson(682, 925)
    >>> round(float(found.lower), 6), round(float(found.upper), 6)
    (0.707668, 0.765407)
    """
    hits, units = counted(x, n)
    error = tail(alpha, alternative)
    lower = np.where(hits > 0, special.betaincinv(np.maximum(hits, 1), units - hits + 1, error), 0.0)
    upper = np.where(hits < units, special.betainccinv(hits + 1, np.maximum(units - hits, 1), error), 1.0)
    return one_sided(hits / units, lower, upper, alternative, 0.0, 1.0)


def fisher(
    x_c: ArrayLike, n_c: ArrayLike, x_t: ArrayLike, n_t: ArrayLike, alternative: Alternative = "two-sided"
) -> Floats:
    """Fisher's (1935) exact p that treatment's share differs from, is greater or less than control's, one per row.

    Two-sided it sums all tables with these margins that are at most as likely as the one seen, as R's fisher.test.
    Refuses rows in which nobody or everybody converted, and tables too large to enumerate (use the score test there).

    >>> round(float(fisher(48, 80, 56, 70)), 6)
    0.012521
    """
    rows = _tables(x_c, n_c, x_t, n_t)
    p = np.empty(rows[0].shape)
    for row in np.ndindex(p.shape):
        lowest, weights = _table_weights(*(float(each[row]) for each in rows))
        at = int(rows[2][row] - lowest)
        chances = np.exp(weights - special.logsumexp(weights))
        if alternative == "two-sided":
            counts = chances[weights <= weights[at] + AS_LIKELY]
        else:
            counts = chances[at:] if alternative == "greater" else chances[: at + 1]
        p[row] = min(float(counts.sum()), 1.0)
    return p


def odds_ratio(
    x_c: float, n_c: float, x_t: float, n_t: float, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> Bounds:
    """Conditional maximum-likelihood odds ratio, treatment to control, with its exact interval, of one table.

    As R's fisher.test: 0 or infinite where a margin of the table is used up, as is the bound on that side. Refuses
    what `fisher` refuses.

    >>> found = odds_ratio(48, 80, 56, 70)
    >>> [round(float(each), 4) for each in (found.estimate, found.lower, found.upper)]
    [2.6492, 1.2091, 6.0399]
    """
    control, of_control, treatment, of_treatment = (float(each) for each in _tables(x_c, n_c, x_t, n_t))
    error = tail(alpha, alternative)
    lowest, weights = _table_weights(control, of_control, treatment, of_treatment)
    at, outcomes = int(treatment - lowest), np.arange(weights.size)

    def chances(log_odds: float) -> Floats:
        tilted = weights + outcomes * log_odds
        return np.asarray(np.exp(tilted - special.logsumexp(tilted)))

    def solve(rising: Callable[[float], float], target: float) -> float:
        low, high = -800.0, 800.0
        for _ in range(70):
            middle = (low + high) / 2
            low, high = (middle, high) if rising(middle) < target else (low, middle)
        return float(np.exp(low))

    first, last = at == 0, at == weights.size - 1
    estimate = 0.0 if first else np.inf if last else solve(lambda b: float(chances(b) @ outcomes), at)
    lower = 0.0 if first else solve(lambda b: float(chances(b)[at:].sum()), error)
    upper = np.inf if last else solve(lambda b: -float(chances(b)[: at + 1].sum()), -error)
    return one_sided(estimate, lower, upper, alternative, 0.0)


def _tables(x_c: ArrayLike, n_c: ArrayLike, x_t: ArrayLike, n_t: ArrayLike) -> Arms:
    control, of_control, treatment, of_treatment = whole(*two_arms(x_c, n_c, x_t, n_t))
    hits, units = control + treatment, of_control + of_treatment
    if ((hits == 0) | (hits == units)).any():
        raise InsufficientData("Nobody or everybody converted in both arms, so they cannot be told apart.")
    if (np.minimum(np.minimum(hits, units - hits), np.minimum(of_control, of_treatment)) > LARGEST_TABLE).any():
        raise InsufficientData("There are too many units for Fisher's exact test; use the score test.")
    return control, of_control, treatment, of_treatment


def _table_weights(x_c: float, n_c: float, x_t: float, n_t: float) -> tuple[float, Floats]:
    """The smallest number of treatment's hits that the margins allow, and the log weights from there upwards."""
    hits = x_c + x_t
    lowest, highest = max(0.0, hits - n_c), min(hits, n_t)
    k = np.arange(lowest, highest)
    steps = np.log((n_t - k) / (k + 1)) + np.log((hits - k) / (n_c - hits + k + 1))
    return lowest, np.concatenate([[0.0], np.cumsum(steps)])


def _two_sided_binomial(hits: Floats, units: Floats, share: Floats) -> Floats:
    flipped = hits > units * share
    x = np.where(flipped, units - hits, hits)
    p, q = np.where(flipped, 1 - share, share), np.where(flipped, share, 1 - share)
    mean = units * p
    below = x < mean
    bound = _log_binomial(x, units, p, q) + AS_LIKELY
    found = _first(lambda i: _log_binomial(np.minimum(i, units), units, p, q) <= bound, np.ceil(mean), units + 1)
    tail = special.betainc(np.maximum(units - x, 1), x + 1, q)
    other = np.where(found <= units, special.betainc(np.maximum(found, 1), np.maximum(units - found, 0) + 1, p), 0.0)
    return np.where(below, np.minimum(tail + other, 1.0), 1.0)


def _first(holds: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Per row the first whole number from `low` that holds, or `high` if none does; once it holds it goes on to."""
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        enough = holds(middle) | (low >= high)
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
    return high


def _poisson_at_least(k: Floats, mean: Floats) -> Floats:
    return np.where(k > 0, special.gammainc(np.maximum(k, 1), mean), 1.0)


def _log_poisson(x: Floats, mean: Floats) -> Floats:
    inner = np.maximum(x, 1)
    return np.where(x > 0, -_deviance(inner, mean) - remainder(inner) - np.log(2 * np.pi * inner) / 2, -mean)


def _log_binomial(x: Floats, n: Floats, p: Floats, q: Floats) -> Floats:
    """Log of the binomial probability by the saddle-point form of Loader (2000), which keeps its digits at 10¹⁵."""
    a, b = np.clip(x, 1, np.maximum(n - 1, 1)), np.clip(n - x, 1, np.maximum(n - 1, 1))
    inner = remainder(n) - remainder(a) - remainder(b) - _deviance(a, n * p) - _deviance(b, n * q)
    inner -= np.log(2 * np.pi * a * (b / n)) / 2
    return np.select([x == 0, x == n], [n * np.log(q), n * np.log(p)], inner)


def _deviance(x: Floats, mean: Floats) -> Floats:
    """x·log(x / mean) + mean − x, without cancellation where they are close."""
    s = (x - mean) / (x + mean)
    near = np.abs(s) < 0.05
    square = np.where(near, np.square(s), 0.0)
    series = square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9 + square * (1 / 11 + square / 13)))))
    return np.where(near, (x - mean) * s + 2 * x * s * series, x * np.log(x / mean) + mean - x)
