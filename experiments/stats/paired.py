"""Paired comparisons, for evaluation runs on the same examples: differences of scores, and right against wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from experiments.errors import InsufficientData
from experiments.stats.exact import LARGEST_COUNT, binomial_test, counted, whole
from experiments.stats.moments import Floats, Moments
from experiments.stats.refusal import LARGEST, ROUNDING
from experiments.stats.tails import Alternative, Bounds, boundary, normal_critical, one_sided, tail

McNemarMethod = Literal["exact", "mid-p", "chi-square", "corrected"]


@dataclass(frozen=True, slots=True)
class PairedT:
    """Arrays of one shape: mean difference (treatment − control) per example, standard error, t, df, p, interval.

    >>> round(float(paired_t(10, 1.58, 1.5128889).df), 6)
    9.0
    """

    difference: Floats
    se: Floats
    t: Floats
    df: Floats
    p: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class McNemar:
    """p of each row and, except for `exact` and `mid-p`, the χ² with one degree of freedom (there 0).

    >>> round(float(mcnemar(150, 86, "chi-square").chi_square), 4)
    17.3559
    """

    chi_square: Floats
    p: Floats


def differences(control: ArrayLike, treatment: ArrayLike) -> Moments:
    """Count, mean and M2 of treatment − control over the same examples in the same order.

    Refuses lists of different lengths and scores that are not numbers.

    >>> float(differences([1.0, 2.0], [2.0, 5.0]).mean)
    2.0
    """
    ours, theirs = np.asarray(control, dtype=np.float64), np.asarray(treatment, dtype=np.float64)
    if ours.ndim != 1 or ours.shape != theirs.shape:
        raise InsufficientData("A paired comparison needs the same examples in both runs.")
    if not ((np.abs(ours) <= LARGEST).all() and (np.abs(theirs) <= LARGEST).all()):
        raise InsufficientData("A score is missing or too large to calculate with.")
    return Moments.of(theirs - ours)


def paired_t(
    n: ArrayLike,
    mean: ArrayLike,
    variance: ArrayLike,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> PairedT:
    """Student's (1908) t test of the mean difference of `n` pairs, and its interval; one-sided bounds are infinite.

    `mean` and sample `variance` are those of the differences (see `differences`). Refuses fewer than two pairs and
    differences that are all the same.

    >>> one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    >>> extra = differences(one, [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    >>> found = paired_t(extra.n, extra.mean, extra.variance)
    >>> round(float(found.t), 4), round(float(found.p), 6), round(float(found.lower), 4), round(float(found.upper), 4)
    (4.0621, 0.002833, 0.7001, 2.4599)
    """
    error = tail(alpha, alternative)
    units, centre, spread = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (n, mean, variance)))
    if not all((np.abs(each) <= LARGEST).all() for each in (units, centre, spread)):
        raise InsufficientData("A count, mean or variance is missing or too large to calculate with.")
    if (units < 2).any():
        raise InsufficientData("There are fewer than two pairs.")
    if not (spread > 0).all() or (np.sqrt(spread / units) <= ROUNDING * np.abs(centre)).any():
        raise InsufficientData("All differences are the same so far, so nothing is known about their spread.")
    se, df = np.sqrt(spread / units), units - 1
    t = centre / se
    reach = -special.stdtrit(df, error) * se
    bounds = one_sided(centre, centre - reach, centre + reach, alternative)
    p = (
        2 * special.stdtr(df, -np.abs(t))
        if alternative == "two-sided"
        else special.stdtr(df, -t if alternative == "greater" else t)
    )
    return PairedT(centre, se, t, df, p, bounds.lower, bounds.upper)


def mcnemar(only_control: ArrayLike, only_treatment: ArrayLike, method: McNemarMethod = "exact") -> McNemar:
    """Does one run get more examples right? From the examples that only one of the two got right (McNemar 1947).

    `exact` is the two-sided binomial test, `mid-p` takes half of the likelihood of the split seen (Fagerland et al.
    2013), `chi-square` is the score test that `paired_interval` inverts, `corrected` with Edwards' (1948) continuity
    correction as R's mcnemar.test. Refuses rows in which no example tells the runs apart.

    >>> round(float(mcnemar(2, 10).p), 6), round(float(mcnemar(2, 10, "mid-p").p), 6)
    (0.038574, 0.022461)
    """
    ours, theirs, split = _discordant(only_control, only_treatment)
    distance = np.abs(ours - theirs)
    if method in ("chi-square", "corrected"):
        slack = np.minimum(distance, 1.0) if method == "corrected" else 0.0
        statistic = np.square(distance - slack) / split
        return McNemar(statistic, np.asarray(special.chdtrc(1, statistic)))
    fewer, more = whole(np.minimum(ours, theirs), np.maximum(ours, theirs))
    p = binomial_test(fewer, fewer + more)
    if method == "mid-p":
        beyond = binomial_test(np.maximum(fewer - 1, 0), fewer + more, 0.5, "less")
        p = binomial_test(fewer, fewer + more, 0.5, "less") + np.where(fewer > 0, beyond, 0.0)
    return McNemar(np.zeros_like(p), p)


def paired_interval(
    only_control: ArrayLike,
    only_treatment: ArrayLike,
    n: ArrayLike,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> Bounds:
    """Interval of the difference of two shares on the same `n` examples (Tango 1998), one-sided bounds infinite.

    Tango's rather than Newcombe's because it inverts a score test: it excludes 0 exactly when McNemar's χ² rejects.
    Any counts will do, also when no example tells the runs apart.

    >>> found = paired_interval(9, 21, 75)
    >>> round(float(found.estimate), 4), round(float(found.lower), 4), round(float(found.upper), 4)
    (0.16, 0.0176, 0.2979)
    """
    ours, units = counted(only_control, n)
    theirs, units = np.broadcast_arrays(*counted(only_treatment, units))
    counted(ours + theirs, units)
    ours, theirs = ours / units, theirs / units
    difference, z = theirs - ours, normal_critical(alpha, alternative)

    def outside(gap: Floats) -> NDArray[np.bool_]:
        return np.square(difference - gap) * units > z * z * _variance_under(ours, theirs, gap)

    lower = boundary(outside, np.full_like(difference, -1.0), difference)
    upper = boundary(outside, np.full_like(difference, 1.0), difference)
    return one_sided(difference, lower, upper, alternative)


def _discordant(only_control: ArrayLike, only_treatment: ArrayLike) -> tuple[Floats, Floats, Floats]:
    ours, theirs = np.broadcast_arrays(
        counted(only_control, LARGEST_COUNT)[0], counted(only_treatment, LARGEST_COUNT)[0]
    )
    split = ours + theirs
    if (split == 0).any():
        raise InsufficientData("Both runs are right on the same examples, so they cannot be told apart.")
    return ours, theirs, split


def _variance_under(ours: Floats, theirs: Floats, gap: Floats) -> Floats:
    """n times the variance of the difference where it is `gap`, at the likeliest shares of discordant examples."""
    swapped = gap < 0
    fewer, more, g = np.where(swapped, theirs, ours), np.where(swapped, ours, theirs), np.abs(gap)
    b, c = fewer * (1 - g) + more * (1 + g) - 2 * g, fewer * g * (1 - g)
    root = np.sqrt(np.square(b) + 8 * c)
    away = np.where(b < 0, root - b, 1.0)
    smaller = np.where(b < 0, 2 * c / away, (b + root) / 4)
    return np.asarray(2 * smaller + g * (1 - g))
