"""Two proportions: z tests, intervals of their difference and non-inferiority, one comparison a row.

Everywhere `x_c` of `n_c` units converted in control, `x_t` of `n_t` in treatment, and difference = treatment − control.
All rest on the normal approximation; below about a hundred units `exact.fisher` gives the p.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.errors import InsufficientData
from experiments.stats.exact import Arms, counted, two_arms
from experiments.stats.moments import Floats
from experiments.stats.score import score_interval, score_test
from experiments.stats.tails import Alternative, Bounds, normal_critical, normal_p, one_sided

Method = Literal["newcombe", "wald", "agresti-caffo", "score", "miettinen-nurminen"]
Direction = Literal["increase", "decrease"]


@dataclass(frozen=True, slots=True)
class ZTest:
    """Arrays of one shape: the difference, its standard error under the null, z and p.

    >>> round(float(pooled_z(48, 80, 56, 70).chi_square), 6)
    7.023411
    """

    difference: Floats
    se: Floats
    z: Floats
    p: Floats

    @property
    def chi_square(self) -> Floats:
        return np.square(self.z)


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """`null` is the worst difference still accepted; `passes` where the bounded side lies on its good side.

    >>> bool(non_inferiority(500, 1000, 510, 1000, 0.05).passes)
    True
    """

    difference: Floats
    null: Floats
    z: Floats
    p: Floats
    lower: Floats
    upper: Floats
    passes: NDArray[np.bool_]


def pooled_z(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    alternative: Alternative = "two-sided",
    *,
    corrected: bool = False,
) -> ZTest:
    """The z test with the pooled share, that is Pearson's (1900) χ²; `corrected` for continuity as Yates (1934).

    Refuses rows in which nobody or everybody converted.

    >>> found = pooled_z(48, 80, 56, 70)
    >>> round(float(found.z), 6), round(float(found.p), 6)
    (2.650172, 0.008045)
    >>> round(float(pooled_z(48, 80, 56, 70, corrected=True).p), 6)
    0.013409
    """
    control, of_control, treatment, of_treatment = two_arms(x_c, n_c, x_t, n_t)
    units, per_unit = of_control + of_treatment, 1 / of_control + 1 / of_treatment
    share, rest = (control + treatment) / units, (of_control - control + of_treatment - treatment) / units
    difference = treatment / of_treatment - control / of_control
    distance = np.abs(difference) - (per_unit / 2 if corrected else 0)
    return _z_test(difference, np.sign(difference) * np.maximum(distance, 0), share * rest * per_unit, alternative)


def unpooled_z(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    null: ArrayLike = 0.0,
    alternative: Alternative = "two-sided",
) -> ZTest:
    """The z test of difference = `null` with each arm's own variance (Wald), which agrees with the Wald interval.

    Refuses rows in which each arm has none or all converted.

    >>> round(float(unpooled_z(200, 1000, 250, 1000).p), 6)
    0.007314
    """
    arms = two_arms(x_c, n_c, x_t, n_t)
    difference = _difference(arms)
    distance = difference - np.asarray(null, dtype=np.float64)
    if not np.isfinite(distance).all():
        raise InsufficientData("The difference to test against is not a number.")
    return _z_test(difference, distance, _variance(arms), alternative)


def wilson(
    x: ArrayLike, n: ArrayLike, alpha: float = 0.05, alternative: Alternative = "two-sided", *, corrected: bool = False
) -> Bounds:
    """Score interval of one share (Wilson 1927); `corrected` for continuity as R's prop.test (Newcombe 1998a).

    A one-sided interval ends at 0 or 1. Any count of one unit or more will do.

    >>> found = wilson(81, 263)
    >>> round(float(found.lower), 4), round(float(found.upper), 4)
    (0.2553, 0.3662)
    """
    hits, units = counted(x, n)
    lower, upper = _wilson(hits, units, normal_critical(alpha, alternative), corrected)
    return one_sided(hits / units, lower, upper, alternative, 0.0, 1.0)


def interval(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    alpha: float = 0.05,
    method: Method = "newcombe",
    alternative: Alternative = "two-sided",
    *,
    corrected: bool = False,
) -> Bounds:
    """Interval of the difference of two shares; a one-sided interval has an infinite bound.

    `newcombe` joins two Wilson intervals (Newcombe 1998b, method 10; `corrected` 11): closed form and close to its
    level for any count, so the default. `score` (Mee 1984; 5) and `miettinen-nurminen` (1985; 6) invert
    `score.score_test` and agree with it. `agresti-caffo` (2000) is Wald after one more success and failure per arm.
    `wald` (1; `corrected` 2) is what many systems show; it refuses rows in which each arm has none or all converted.
    `corrected` is for continuity; only `newcombe` and `wald` know it.

    >>> found = interval(48, 80, 56, 70)
    >>> round(float(found.lower), 4), round(float(found.upper), 4)
    (0.0524, 0.3339)
    """
    if corrected and method not in ("newcombe", "wald"):
        raise InsufficientData("Only the Newcombe and Wald intervals have a continuity correction.")
    if method in ("score", "miettinen-nurminen"):
        return score_interval(x_c, n_c, x_t, n_t, alpha, alternative, corrected=method == "miettinen-nurminen")
    arms = two_arms(x_c, n_c, x_t, n_t)
    difference, z = _difference(arms), normal_critical(alpha, alternative)
    build = _newcombe if method == "newcombe" else _wald
    lower, upper = build(_one_more_of_each(arms) if method == "agresti-caffo" else arms, z, corrected)
    return one_sided(difference, np.maximum(lower, -1.0), np.minimum(upper, 1.0), alternative)


def non_inferiority(
    x_c: ArrayLike,
    n_c: ArrayLike,
    x_t: ArrayLike,
    n_t: ArrayLike,
    margin: ArrayLike,
    direction: Direction = "increase",
    alpha: float = 0.05,
    method: Literal["score", "wald"] = "score",
    *,
    relative: bool = False,
) -> NonInferiority:
    """Is treatment worse than control by less than `margin` (a share; a fraction of control's where `relative`)?

    The null is difference = −margin where an `increase` is good, +margin where a `decrease` is; one-sided at `alpha`,
    the bound of the other side infinite. `score` is Farrington & Manning's (1990) test, `wald` the unpooled z of
    Spotify's Confidence. A relative margin is read as fixed, without the noise of control's share, which
    `risk_ratio.ratio_test` counts. Refuses a negative margin and what the test refuses.

    >>> found = non_inferiority(960, 1000, 950, 1000, 0.02, method="wald", relative=True)
    >>> round(float(found.null), 6), round(float(found.p), 6), round(float(found.lower), 6), bool(found.passes)
    (-0.0192, 0.160443, -0.025245, False)
    """
    worst = np.asarray(margin, dtype=np.float64)
    if not (np.isfinite(worst).all() and (worst >= 0).all()):
        raise InsufficientData("A margin is a share that is not negative.")
    control, of_control, _, _ = two_arms(x_c, n_c, x_t, n_t)
    worst = worst * (control / of_control if relative else np.ones_like(control))
    good: Alternative = "greater" if direction == "increase" else "less"
    null = -worst if direction == "increase" else worst
    test = (score_test if method == "score" else unpooled_z)(x_c, n_c, x_t, n_t, null, good)
    bounds = interval(x_c, n_c, x_t, n_t, alpha, method, good)
    return NonInferiority(test.difference, null, test.z, test.p, bounds.lower, bounds.upper, test.p < alpha)


def _z_test(difference: Floats, distance: Floats, variance: Floats, alternative: Alternative) -> ZTest:
    if not (variance > 0).all():
        raise InsufficientData("None or all units of each arm converted, so nothing is known about the spread.")
    se = np.sqrt(variance)
    z = distance / se
    return ZTest(difference, se, z, normal_p(z, alternative))


def _difference(arms: Arms) -> Floats:
    control, of_control, treatment, of_treatment = arms
    return treatment / of_treatment - control / of_control


def _variance(arms: Arms) -> Floats:
    control, of_control, treatment, of_treatment = arms
    ours = control / of_control * ((of_control - control) / of_control) / of_control
    return ours + treatment / of_treatment * ((of_treatment - treatment) / of_treatment) / of_treatment


def _one_more_of_each(arms: Arms) -> Arms:
    control, of_control, treatment, of_treatment = arms
    return control + 1, of_control + 2, treatment + 1, of_treatment + 2


def _wald(arms: Arms, z: float, corrected: bool) -> tuple[Floats, Floats]:
    variance, difference = _variance(arms), _difference(arms)
    if not (variance > 0).all():
        raise InsufficientData("None or all units of each arm converted, so nothing is known about the spread.")
    slack = np.minimum((1 / arms[1] + 1 / arms[3]) / 2, np.abs(difference)) if corrected else 0.0
    reach = z * np.sqrt(variance) + slack
    return difference - reach, difference + reach


def _newcombe(arms: Arms, z: float, corrected: bool) -> tuple[Floats, Floats]:
    control, of_control, treatment, of_treatment = arms
    ours, theirs = control / of_control, treatment / of_treatment
    low_ours, high_ours = _wilson(control, of_control, z, corrected)
    low_theirs, high_theirs = _wilson(treatment, of_treatment, z, corrected)
    lower = theirs - ours - np.hypot(theirs - low_theirs, high_ours - ours)
    return lower, theirs - ours + np.hypot(high_theirs - theirs, ours - low_ours)


def _wilson(x: Floats, n: Floats, z: float, corrected: bool) -> tuple[Floats, Floats]:
    slack = 0.5 if corrected else 0.0
    misses = n - x
    below, above = np.maximum(x - slack, 0), np.minimum(x + slack, n)
    low = below + z * z / 2 - z * np.sqrt(z * z / 4 + below * ((n - below) / n))
    high = above + z * z / 2 + z * np.sqrt(z * z / 4 + above * ((n - above) / n))
    return np.where(x > 0, low / (n + z * z), 0.0), np.where(misses > 0, high / (n + z * z), 1.0)
