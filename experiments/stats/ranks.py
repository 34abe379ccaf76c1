"""Ranks: the Mann–Whitney test of two samples and the Hodges–Lehmann shift with its interval, as R's wilcox.test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import InsufficientData
from experiments.stats.moments import Floats
from experiments.stats.refusal import LARGEST
from experiments.stats.tails import Alternative, normal_critical, normal_p, tail

RankMethod = Literal["auto", "exact", "asymptotic"]

EXACT_BELOW = 50
EXACT_PAIRS = 40_000
FEW_PAIRS = 40_000
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class MannWhitney:
    """`u` counts pairs in which treatment is larger (ties half); `shift` is treatment − control, in the metric's unit.

    A bound is infinite where the alternative leaves it open and where so few values reach no interval of that level.

    >>> mann_whitney([1, 2, 3, 4], [10, 20, 30, 40]).shift
    22.5
    """

    u: float
    p: float
    shift: float
    lower: float
    upper: float
    exact: bool


def mann_whitney(
    control: ArrayLike,
    treatment: ArrayLike,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    method: RankMethod = "auto",
    *,
    corrected: bool = True,
) -> MannWhitney:
    """Are treatment's values shifted against control's (Mann & Whitney 1947)? Shift after Hodges & Lehmann (1963).

    `exact` counts all orders and needs values without ties; `asymptotic` is normal with the variance reduced for ties
    and, where `corrected`, a continuity correction; `auto` is exact below 50 values per arm without ties. The bounds
    are order statistics of all pairwise differences, found by counting, so that any size will do. Kayenta's judge
    uses the asymptotic form. Refuses an arm without values, values that are not numbers, only ties, and `exact` for
    more than 40 000 pairs.

    >>> term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    >>> found = mann_whitney([1.15, 0.88, 0.9, 0.74, 1.21], term)
    >>> found.u, round(found.p, 6), round(found.shift, 6), round(found.lower, 6), round(found.upper, 6)
    (35.0, 0.254412, 0.305, -0.15, 0.76)
    """
    error = tail(alpha, alternative)
    ours, theirs = _sample(control), _sample(treatment)
    m, n = ours.size, theirs.size
    both = np.concatenate([ours, theirs])
    ties = _ties(both)
    if ours[0] == ours[-1] == theirs[0] == theirs[-1]:
        raise InsufficientData("All values are the same, so there is nothing to rank.")
    exact = method == "exact" or (method == "auto" and max(m, n) < EXACT_BELOW and not ties)
    if exact and ties:
        raise InsufficientData("The exact rank test needs values without ties; use the asymptotic one.")
    if exact and m * n > EXACT_PAIRS:
        raise InsufficientData("There are too many values for the exact rank test; use the asymptotic one.")
    below = np.searchsorted(ours, theirs, "left").sum()
    u = float(below + np.searchsorted(ours, theirs, "right").sum()) / 2
    if exact:
        p = _exact_p(u, m, n, alternative)
        reach = _exact_quantile(error, m, n)
    else:
        z = _distance(u - m * n / 2, alternative if corrected else None) / _deviation(m, n, ties)
        p = float(normal_p(z, alternative))
        inner = _deviation(m, n, _ties(ours) + _ties(theirs))
        half = normal_critical(alpha, alternative) * inner + (0.5 if corrected else 0.0)
        reach = math.ceil(m * n / 2 + 1 - half) - 1
    pairs = m * n
    shift = (_difference(ours, theirs, (pairs + 1) // 2) + _difference(ours, theirs, pairs // 2 + 1)) / 2
    lower, upper = -math.inf, math.inf
    if reach >= 1 and alternative != "less":
        lower = _difference(ours, theirs, min(reach, pairs))
    if reach >= 1 and alternative != "greater":
        upper = _difference(ours, theirs, max(pairs + 1 - reach, 1))
    return MannWhitney(u, p, shift, lower, upper, exact)


def _sample(values: ArrayLike) -> Floats:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not sample.size:
        raise InsufficientData("There are no values in an arm.")
    if not (np.abs(sample) <= LARGEST).all():
        raise InsufficientData("A value is missing or too large to calculate with.")
    return np.sort(sample)


def _ties(values: Floats) -> float:
    """Sum of t³ − t over groups of t equal values."""
    sizes = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((sizes * (sizes - 1) * (sizes + 1)).sum())


def _deviation(m: int, n: int, ties: float) -> float:
    units = m + n
    return math.sqrt(m * n / 12 * (units + 1 - ties / (units * (units - 1))))


def _distance(excess: float, alternative: Alternative | None) -> float:
    """U less its expectation, moved half a step towards the null; left alone without an alternative."""
    if alternative is None or (excess == 0 and alternative == "two-sided"):
        return excess
    return excess - {"two-sided": math.copysign(0.5, excess), "greater": 0.5, "less": -0.5}[alternative]


@lru_cache(maxsize=64)
def _orders(m: int, n: int) -> tuple[int, ...]:
    """Number of orders of m + n values with U at most 0, 1, … m·n / 2: the Gaussian binomial coefficient, summed."""
    top = m * n // 2
    ways = [1] + [0] * top
    for i in range(1, m + 1):
        for k in range(top, n + i - 1, -1):
            ways[k] -= ways[k - n - i]
        for k in range(i, top + 1):
            ways[k] += ways[k - i]
    for k in range(1, top + 1):
        ways[k] += ways[k - 1]
    return tuple(ways)


def _at_most(u: int, m: int, n: int) -> float:
    """P(U ≤ u) without a difference."""
    m, n = min(m, n), max(m, n)
    total, orders = math.comb(m + n, m), _orders(m, n)
    return (orders[u] if u < len(orders) else total - (orders[m * n - u - 1] if u < m * n else 0)) / total


def _exact_p(u: float, m: int, n: int, alternative: Alternative) -> float:
    smaller, larger = _at_most(int(u), m, n), _at_most(m * n - int(u), m, n)
    if alternative == "two-sided":
        return min(1.0, 2 * min(smaller, larger))
    return larger if alternative == "greater" else smaller


def _exact_quantile(error: float, m: int, n: int) -> int:
    """The smallest u with P(U ≤ u) ≥ `error`."""
    u = 0
    while _at_most(u, m, n) < error:
        u += 1
    return u


def _difference(ours: Floats, theirs: Floats, k: int) -> float:
    """The k-th smallest of all differences theirs − ours: of few by sorting them in part, of many by bisection on how
    many there are up to a limit."""
    if ours.size * theirs.size <= FEW_PAIRS:
        return float(np.partition(np.subtract.outer(theirs, ours).ravel(), k - 1)[k - 1])
    low, high = float(theirs[0] - ours[-1]), float(theirs[-1] - ours[0])
    precision = EPSILON * max(abs(float(each)) for each in (ours[0], ours[-1], theirs[0], theirs[-1]))
    while high - low > precision and low < (middle := low + (high - low) / 2) < high:
        if (ours.size - np.searchsorted(ours, theirs - middle, "left")).sum() < k:
            low = middle
        else:
            high = middle
    nearest = np.searchsorted(ours, theirs - high, "left")
    partners = nearest < ours.size
    return float((theirs[partners] - ours[nearest[partners]]).max())
